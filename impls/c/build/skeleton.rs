//! A C skeleton of the BPF object, as `bpftool gen skeleton` would make one: the compiler then knows programs, maps,
//! read-only data and layouts, and C looks nothing up by name.

use std::error::Error;
use std::fmt::Write as _;

use libbpf_rs::btf::types::{DataSec, MemberAttr, Struct, Var};
use libbpf_rs::{Btf, HasSize as _, ObjectBuilder, ReferencesType as _};

/// Structures of bench.h of which both sides must have the same idea.
const SHARED: [&str; 3] = ["event", "counters", "knobs"];
/// The maps that C reads, of those that an object has, and the one among them that is set before loading.
const MAPS: [&str; 5] = ["events", "rings", "counters", "table", READ_ONLY];
const READ_ONLY: &str = ".rodata";

/// `struct skeleton`, which is the same for all objects with the same programs, and the function that opens this object as one.
pub(crate) fn of(name: &str, object: &[u8]) -> Result<(String, String), Box<dyn Error>> {
    let opened = ObjectBuilder::default().open_memory(object)?;
    let btf = Btf::from_raw(name, object)?.ok_or("the object has no BTF")?;
    let programs: Vec<String> =
        opened.progs().map(|program| program.name().to_string_lossy().into_owned()).collect();
    // What libbpf calls `ringbuf_.rodata` it also finds as `.rodata`.
    let has = |map: &str| opened.maps().any(|each| each.name().to_string_lossy().ends_with(map));
    if let Some(missing) = MAPS.iter().find(|map| !has(map)) {
        return Err(format!("{name} has no map `{missing}`").into());
    }

    let header = format!(
        r#"#pragma once
#include <linux/types.h>
#include "bench.h"
struct skeleton {{
	struct bpf_object *object;
	struct {{ {map_fields} }} maps;
	struct {{ {program_fields} }} programs;
	struct {{ {read_only} }} *rodata;
}};
{layouts}"#,
        map_fields = each(&MAPS, |map| format!("struct bpf_map *{};", map.trim_start_matches('.'))),
        program_fields = each(&programs, |program| format!("struct bpf_program *{program};")),
        read_only = read_only(&btf)?,
        layouts = layouts(&btf)?,
    );
    // ELF headers are read in place, so they need the alignment of their widest field.
    let source = format!(
        r#"#include <bpf/libbpf.h>
#include "skeleton.h"
static const unsigned char object[] __attribute__((aligned(8))) = {{ {bytes} }};
int {name}__open(struct skeleton *skeleton)
{{
	struct bpf_map_skeleton maps[] = {{ {maps} }};
	struct bpf_prog_skeleton programs[] = {{ {programs} }};
	struct bpf_object_skeleton all = {{
		.sz = sizeof(all), .name = "{name}", .data = object, .data_sz = sizeof(object), .obj = &skeleton->object,
		.map_cnt = sizeof(maps) / sizeof(maps[0]), .map_skel_sz = sizeof(maps[0]), .maps = maps,
		.prog_cnt = sizeof(programs) / sizeof(programs[0]), .prog_skel_sz = sizeof(programs[0]), .progs = programs,
	}};
	return bpf_object__open_skeleton(&all, NULL);
}}
"#,
        bytes = each(object, |byte| format!("{byte},\n")),
        maps = each(&MAPS, |map| {
            let data = if *map == READ_ONLY { ", .mmaped = (void **)&skeleton->rodata" } else { "" };
            format!("{{.name = \"{map}\", .map = &skeleton->maps.{}{data}}},", map.trim_start_matches('.'))
        }),
        programs = each(&programs, |program| {
            format!("{{.name = \"{program}\", .prog = &skeleton->programs.{program}}},")
        }),
    );
    Ok((header, source))
}

fn each<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    items.iter().map(text).collect()
}

/// The variables of the read-only data as fields. They are structures of bench.h.
fn read_only(btf: &Btf<'_>) -> Result<String, Box<dyn Error>> {
    let section: DataSec<'_> = btf.type_by_name(READ_ONLY).ok_or("the object has no read-only data")?;
    let mut fields = String::new();
    for member in section.iter() {
        let variable: Var<'_> = btf.type_by_id(member.ty).ok_or("read-only data without a variable")?;
        let kind = variable.referenced_type().skip_mods_and_typedefs();
        let (kind, name) = kind.name().zip(variable.name()).ok_or("read-only data without a name")?;
        write!(fields, "struct {} {};", kind.display(), name.display())?;
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
            let (field, bytes) = (field.display(), offset / 8);
            writeln!(
                assertions,
                "_Static_assert(__builtin_offsetof(struct {name}, {field}) == {bytes}, \"{name}.{field}\");"
            )?;
        }
    }
    Ok(assertions)
}
