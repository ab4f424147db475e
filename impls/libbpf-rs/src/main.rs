//! The libbpf-rs runner of `ringbuf_throughput`: the BPF object of the C runner, read with libbpf-rs.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::process::ExitCode;

use libbpf_rs::libbpf_sys::{bpf_prog_get_info_by_fd, bpf_prog_info};
use libbpf_rs::skel::{OpenSkel as _, SkelBuilder as _};
use libbpf_rs::{MapCore, MapFlags, OpenObject, ProgramMut, num_possible_cpus};
use runner_kit::clock::timed;
use runner_kit::failure::reason;
use runner_kit::{Args, Failure, Identity, Ready, Runner, Session, Single, rings};

mod log;
mod mechanism;
mod row;
#[expect(
    unreachable_pub,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    clippy::undocumented_unsafe_blocks,
    clippy::unwrap_used,
    reason = "generated code"
)]
mod skel;
mod types;

use mechanism::ringbuf::{Attached, RingReader};
use mechanism::rings::OwnRings;
use row::Row;

/// libbpf-rs's version; it does not tell itself. A test compares it with Cargo.lock.
const LIBBPF_RS_VERSION: &str = "0.27.2";

/// Elements of the map `table`.
const TABLE_SIZE: u32 = 1024;

/// The system call that the raw tracepoint program counts.
const OPENAT2: u32 = 437;

struct LibbpfRs;

impl Runner for LibbpfRs {
    const IDENTITY: Identity = Identity {
        implementation: "libbpf-rs",
        framework: "libbpf-rs",
        framework_version: LIBBPF_RS_VERSION,
    };

    fn run<const DELAYS: bool>(session: &Session<DELAYS>) -> Result<(), Failure> {
        let args = &session.args;
        let row = types::row(args.program_type);
        log::listen(args.verbose);
        let mut storage = MaybeUninit::uninit();
        let cpus = if args.own_rings { rings::online_cpus()? } else { Vec::new() };
        let (loaded, load_ns) = timed(|| load(&mut storage, row, args, &cpus));
        let (object, own) = loaded?;
        let program = (row.loaded)(&object.progs, args.more());
        let attach = |mut map_ids: Vec<u32>| {
            let (link, attach_ns) = timed(|| (row.attach)(program, &args.attach_target));
            let link = Some(link.map_err(|error| args.refused(false, &reason(&error)))?);
            let program_id = ids(program, &mut map_ids)
                .map_err(|error| Failure::internal("cannot read the program's ids", &error))?;
            let ready = Ready { program_ids: vec![program_id], map_ids, load_ns, attach_ns };
            Ok::<_, Failure>((ready, Attached { counters: &object.maps.counters, link }))
        };
        if let Some(own) = own {
            let (ready, program) =
                attach(own.ids().map_err(|error| Failure::internal("cannot read the ids of maps", &error))?)?;
            return rings::measure(session, &ready, &cpus, &own, program);
        }
        // Mapped before attaching, so that nothing has to wait for its reader.
        let reader = RingReader::new(&object.maps.events, &session.tally)?;
        let (ready, program) = attach(Vec::new())?;
        session.measure(&ready, &mut Single { reader, program })
    }
}

/// Opens the object, settles what has to be before the verifier sees it (ring size, knobs, and which program to load), and
/// loads it; then fills its maps.
fn load<'a>(
    storage: &'a mut MaybeUninit<OpenObject>,
    row: &Row,
    args: &Args,
    cpus: &[u32],
) -> Result<(skel::Object<'a>, Option<OwnRings>), Failure> {
    let mut object = skel::Builder::default()
        .open(storage)
        .map_err(|error| Failure::internal("cannot open the BPF object", &error))?;
    object
        .maps
        .events
        .set_max_entries(args.ring_size)
        .map_err(|error| Failure::internal("cannot set the ring buffer's size", &error))?;
    object.maps.rodata_data.as_mut().expect("the object has read-only data: the knobs").knobs = knobs(args);
    let maps = &mut object.maps;
    maps.table
        .set_autocreate(args.lookups > 0)
        .and_then(|()| maps.events.set_autocreate(!args.own_rings))
        .and_then(|()| maps.rings.set_autocreate(args.own_rings))
        .map_err(|error| Failure::internal("cannot leave out a map", &error))?;
    if args.own_rings {
        num_possible_cpus()
            .and_then(|cpus| maps.rings.set_max_entries(u32::try_from(cpus).unwrap_or(u32::MAX)))
            .map_err(|error| Failure::internal("cannot set the number of CPUs", &error))?;
    }
    for other in types::ROWS {
        for more in [false, true] {
            let chosen = std::ptr::eq(other, row) && more == args.more();
            (other.open)(&mut object.progs, more).set_autoload(chosen);
        }
    }
    (row.set)((row.open)(&mut object.progs, args.more()), &args.attach_target)
        .map_err(|error| args.refused(false, &reason(&error)))?;
    let object = object.load().map_err(|error| args.refused(log::has_verdict(), &reason(&error)))?;
    if args.lookups > 0 {
        fill(&object.maps.table).map_err(|error| args.refused(false, &reason(&error)))?;
    }
    let create = || OwnRings::create(&object.maps.rings, cpus, args.ring_size);
    let own =
        args.own_rings.then(create).transpose().map_err(|error| args.refused(false, &reason(&error)))?;
    Ok((object, own))
}

/// Puts each key into the table with itself as the value.
fn fill(table: &impl MapCore) -> libbpf_rs::Result<()> {
    (0..TABLE_SIZE)
        .try_for_each(|key| table.update(&key.to_ne_bytes(), &u64::from(key).to_ne_bytes(), MapFlags::ANY))
}

/// The program's knobs for these flags.
fn knobs(args: &Args) -> skel::types::knobs {
    let (wakeup, wakeup_bytes) = args.wakeup.knobs();
    let (cookie, cookie_offset) = args.cookie();
    skel::types::knobs {
        target_pid: args.target_pid,
        record_size: args.record_size,
        batch: args.batch,
        wakeup,
        wakeup_bytes,
        work: args.work,
        syscall_nr: OPENAT2,
        cookie,
        cookie_offset,
        keep_one_in: args.keep_one_in,
        lookups: args.lookups,
        rings: args.own_rings.into(),
        ..Default::default()
    }
}

/// The kernel's id of the attached program. Those of all the maps that it uses are added; the object may have more.
fn ids(program: &ProgramMut<'_>, map_ids: &mut Vec<u32>) -> io::Result<u32> {
    /// More than the program can have: the ring, the counters and its read-only data.
    const MAX_MAPS: u32 = 16;
    let mut used = [0_u32; MAX_MAPS as usize];
    let mut info = bpf_prog_info {
        nr_map_ids: MAX_MAPS,
        map_ids: used.as_mut_ptr().expose_provenance() as u64,
        ..bpf_prog_info::default()
    };
    let mut size = u32::try_from(size_of_val(&info)).expect("it is small");
    let fd = program.as_fd().as_raw_fd();
    // SAFETY: the kernel writes at most `size` bytes of `info`, and at most as many ids as it says there is room for.
    let done = unsafe { bpf_prog_get_info_by_fd(fd, &raw mut info, &raw mut size) };
    if done != 0 {
        return Err(io::Error::from_raw_os_error(-done));
    }
    map_ids.extend(used.iter().take(info.nr_map_ids as usize));
    Ok(info.id)
}

fn main() -> ExitCode {
    runner_kit::runner::main::<LibbpfRs>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_version_that_it_is_built_with() {
        let lock = include_str!("../../../Cargo.lock");
        let entry = format!("name = \"libbpf-rs\"\nversion = \"{LIBBPF_RS_VERSION}\"\n");
        assert!(lock.contains(&entry));
    }

    #[test]
    fn is_built_with_the_flags_of_the_other_runner_in_rust() {
        let other = include_str!("../../rust/Cargo.toml");
        assert!(other.contains("\ncodegen-units = 1\nlto = \"thin\""), "{other}");
        assert!(include_str!("../impl.yaml").contains(r#"'profile.release.lto="thin"'"#));
        let own = include_str!("../../../Cargo.toml");
        for package in ["impl-libbpf-rs", "runner-kit", "libbpf-rs", "hdrhistogram"] {
            assert!(own.contains(&format!("\n{package}.codegen-units = 1\n")), "{package}");
        }
    }
}
