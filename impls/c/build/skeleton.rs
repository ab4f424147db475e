//! A C skeleton of the BPF objects, as `bpftool gen skeleton` would make one: the compiler then knows programs, maps,
//! read-only data and layouts, and C looks nothing up by name.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt::Write as _;

use libbpf_rs::btf::types::{DataSec, MemberAttr, Struct, Var};
use libbpf_rs::{Btf, HasSize as _, ObjectBuilder, ReferencesType as _};

/// Structures of bench.h of which both sides must have the same idea.
const SHARED: [&str; 3] = ["event", "counters", "knobs"];

/// The map of what is set before loading.
const READ_ONLY: &str = ".rodata";

/// `skeleton.h` and `skeleton.c` of one object.
pub(crate) fn of(name: &str, object: &[u8]) -> Result<(String, String), Box<dyn Error>> {
    let opened = ObjectBuilder::default().open_memory(object)?;
    let btf = Btf::from_raw(name, object)?.ok_or("the object has no BTF")?;
    let text = |name: &OsStr| name.to_string_lossy().into_owned();
    let programs: Vec<String> = opened.progs().map(|program| text(program.name())).collect();
    // What libbpf calls `ringbuf_.rodata` it also finds as `.rodata`.
    let found = |name: String| name.find('.').map_or(name.clone(), |dot| name[dot..].to_owned());
    let maps: Vec<String> = opened.maps().map(|map| found(text(map.name()))).collect();

    let mut header = String::from("#pragma once\n#include <linux/types.h>\n#include \"bench.h\"\n");
    writeln!(header, "struct skeleton {{\n\tstruct bpf_object *object;\n\tstruct {{")?;
    maps.iter()
        .try_for_each(|map| writeln!(header, "\t\tstruct bpf_map *{};", map.trim_start_matches('.')))?;
    writeln!(header, "\t}} maps;\n\tstruct {{")?;
    programs.iter().try_for_each(|program| writeln!(header, "\t\tstruct bpf_program *{program};"))?;
    writeln!(header, "\t}} programs;\n\tstruct {{\n{}\t}} *rodata;\n}};", read_only(&btf)?)?;
    writeln!(header, "int {name}__open(struct skeleton *skeleton);\n{}", layouts(&btf)?)?;

    let mut source = String::from("#include <bpf/libbpf.h>\n#include \"skeleton.h\"\n");
    // ELF headers are read in place, so they need the alignment of their widest field.
    writeln!(source, "static const unsigned char object[] __attribute__((aligned(8))) = {{")?;
    for line in object.chunks(20) {
        line.iter().try_for_each(|byte| write!(source, "{byte},"))?;
        source.push('\n');
    }
    writeln!(
        source,
        "}};\nint {name}__open(struct skeleton *skeleton)\n{{\n\tstruct bpf_map_skeleton maps[] = {{"
    )?;
    for map in &maps {
        let field = map.trim_start_matches('.');
        let data = if map == READ_ONLY { ", .mmaped = (void **)&skeleton->rodata" } else { "" };
        writeln!(source, "\t\t{{.name = \"{map}\", .map = &skeleton->maps.{field}{data}}},")?;
    }
    writeln!(source, "\t}};\n\tstruct bpf_prog_skeleton programs[] = {{")?;
    for program in &programs {
        writeln!(source, "\t\t{{.name = \"{program}\", .prog = &skeleton->programs.{program}}},")?;
    }
    writeln!(
        source,
        "\t}};\n\tstruct bpf_object_skeleton all = {{
\t\t.sz = sizeof(all), .name = \"{name}\", .data = object, .data_sz = sizeof(object), .obj = &skeleton->object,
\t\t.map_cnt = {}, .map_skel_sz = sizeof(maps[0]), .maps = maps,
\t\t.prog_cnt = {}, .prog_skel_sz = sizeof(programs[0]), .progs = programs,
\t}};\n\treturn bpf_object__open_skeleton(&all, NULL);\n}}",
        maps.len(),
        programs.len()
    )?;
    Ok((header, source))
}

/// The variables of `.rodata` as fields. They are structures of bench.h.
fn read_only(btf: &Btf<'_>) -> Result<String, Box<dyn Error>> {
    let section: DataSec<'_> = btf.type_by_name(READ_ONLY).ok_or("the object has no read-only data")?;
    let mut fields = String::new();
    for member in section.iter() {
        let variable: Var<'_> = btf.type_by_id(member.ty).ok_or("read-only data without a variable")?;
        let kind = variable.referenced_type().skip_mods_and_typedefs();
        let (kind, name) = kind.name().zip(variable.name()).ok_or("read-only data without a name")?;
        writeln!(fields, "\t\tstruct {} {};", kind.display(), name.display())?;
    }
    Ok(fields)
}

/// Assertions that C lays structures out as the object does.
fn layouts(btf: &Btf<'_>) -> Result<String, Box<dyn Error>> {
    let mut assertions = String::new();
    for name in SHARED {
        let shared: Struct<'_> =
            btf.type_by_name(name).ok_or(format!("the object has no `struct {name}`"))?;
        writeln!(assertions, "_Static_assert(sizeof(struct {name}) == {}, \"{name}\");", shared.size())?;
        for member in shared.iter() {
            let (Some(field), MemberAttr::Normal { offset }) = (member.name, member.attr) else {
                return Err(format!("`struct {name}` has a member that is no plain field").into());
            };
            let field = field.display();
            writeln!(
                assertions,
                "_Static_assert(__builtin_offsetof(struct {name}, {field}) == {}, \"{name}.{field}\");",
                offset / 8
            )?;
        }
    }
    Ok(assertions)
}
