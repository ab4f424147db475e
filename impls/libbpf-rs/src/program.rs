//! The BPF program's way into the kernel: open, set, load, attach.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, AsRawFd as _};

use libbpf_rs::libbpf_sys::{bpf_prog_get_info_by_fd, bpf_prog_info};
use libbpf_rs::skel::{OpenSkel as _, SkelBuilder as _};
use libbpf_rs::{Link, OpenObject, TracepointCategory};
use runner_kit::failure::reason;
use runner_kit::{Args, Delays, Failure, ProgramType, Ready, Session, clock};

use crate::abi;
use crate::consumer::{RingConsumer, SharedTally, internal};
use crate::log;
use crate::reason::root_cause;
use crate::skel::{
    OpenRingbufThroughputProgs, OpenRingbufThroughputSkel, RingbufThroughputProgs, RingbufThroughputSkel,
    RingbufThroughputSkelBuilder,
};

/// Loads, attaches and measures.
pub(crate) fn run<D: Delays>(session: &mut Session, delays: D) -> Result<(), Failure> {
    let mut storage = MaybeUninit::uninit();
    let mut tally = SharedTally::new(delays);

    let start_ns = clock::now_ns();
    let skel = load(&mut storage, session.args())?;
    let load_ns = clock::now_ns() - start_ns;

    // Mapped before attaching, so that nothing has to wait for its reader.
    let mut consumer = RingConsumer::new(&skel.maps.events, &skel.maps.counters, &mut tally)?;
    let start_ns = clock::now_ns();
    consumer.hold(attach(&skel.progs, session.args())?);
    let attach_ns = clock::now_ns() - start_ns;

    let (program_id, map_ids) = ids(&skel.progs, session.args().program_type)
        .map_err(|error| Failure::internal(format!("cannot read the program's ids: {}", reason(&error))))?;
    session.measure(&Ready { program_ids: vec![program_id], map_ids, load_ns, attach_ns }, &mut consumer)
}

fn load<'a>(
    storage: &'a mut MaybeUninit<OpenObject>,
    args: &Args,
) -> Result<RingbufThroughputSkel<'a>, Failure> {
    let mut skel = RingbufThroughputSkelBuilder::default()
        .open(storage)
        .map_err(|error| internal("cannot open the BPF object", &error))?;
    set(&mut skel, args)?;
    skel.load().map_err(|error| {
        if log::has_verdict() {
            return Failure::verifier_refused(args.program_type.as_str(), &root_cause(&error));
        }
        refused(args, &error)
    })
}

/// Ring size, knobs, and which program to load: what has to be settled before the verifier sees it.
fn set(skel: &mut OpenRingbufThroughputSkel<'_>, args: &Args) -> Result<(), Failure> {
    skel.maps
        .events
        .set_max_entries(args.ring_size)
        .map_err(|error| internal("cannot set the ring buffer's size", &error))?;
    skel.maps.rodata_data.as_mut().expect("the object has read-only data: the knobs").knobs =
        abi::knobs(args);

    let OpenRingbufThroughputProgs { on_tracepoint, on_raw_tp, on_kprobe, on_fentry, .. } = &mut skel.progs;
    on_tracepoint.set_autoload(args.program_type == ProgramType::Tracepoint);
    on_raw_tp.set_autoload(args.program_type == ProgramType::RawTracepoint);
    on_kprobe.set_autoload(args.program_type == ProgramType::Kprobe);
    on_fentry.set_autoload(args.program_type == ProgramType::Fentry);
    if args.program_type == ProgramType::Fentry {
        // Looks the function up in the kernel's BTF.
        on_fentry
            .set_attach_target(0, Some(args.attach_target.clone()))
            .map_err(|error| refused(args, &error))?;
    }
    Ok(())
}

fn attach(progs: &RingbufThroughputProgs<'_>, args: &Args) -> Result<Link, Failure> {
    let target = &args.attach_target;
    match args.program_type {
        ProgramType::Tracepoint => {
            let (category, name) = target.split_once('/').expect("the flags were checked: CATEGORY/NAME");
            progs.on_tracepoint.attach_tracepoint(TracepointCategory::Custom(category.to_owned()), name)
        }
        ProgramType::RawTracepoint => progs.on_raw_tp.attach_raw_tracepoint(target),
        ProgramType::Kprobe => {
            return progs
                .on_kprobe
                .attach_kprobe(false, target)
                .map_err(|error| Failure::kprobe_refused(target, &root_cause(&error)));
        }
        ProgramType::Fentry => progs.on_fentry.attach_trace(),
    }
    .map_err(|error| refused(args, &error))
}

fn refused(args: &Args, error: &libbpf_rs::Error) -> Failure {
    let reason = root_cause(error);
    match args.program_type {
        ProgramType::Fentry => Failure::fentry_refused(&args.attach_target, &reason),
        other => Failure::program_refused(other.as_str(), &reason),
    }
}

/// The kernel's ids of the attached program and of all the maps that it uses. The object has one more map, which no program
/// touches.
fn ids(progs: &RingbufThroughputProgs<'_>, program_type: ProgramType) -> io::Result<(u32, Vec<u32>)> {
    /// More than the program can have: the ring, the counters and its read-only data.
    const MAX_MAPS: u32 = 16;
    let program = match program_type {
        ProgramType::Tracepoint => progs.on_tracepoint.as_fd(),
        ProgramType::RawTracepoint => progs.on_raw_tp.as_fd(),
        ProgramType::Kprobe => progs.on_kprobe.as_fd(),
        ProgramType::Fentry => progs.on_fentry.as_fd(),
    };
    let mut map_ids = vec![0_u32; MAX_MAPS as usize];
    let mut info = bpf_prog_info {
        nr_map_ids: MAX_MAPS,
        map_ids: map_ids.as_mut_ptr().expose_provenance() as u64,
        ..bpf_prog_info::default()
    };
    let mut size = u32::try_from(size_of_val(&info)).expect("it is small");
    // SAFETY: the kernel writes at most `size` bytes of `info`, and at most as many ids as it says there is room for.
    let done = unsafe { bpf_prog_get_info_by_fd(program.as_raw_fd(), &raw mut info, &raw mut size) };
    if done != 0 {
        return Err(io::Error::from_raw_os_error(-done));
    }
    map_ids.truncate(info.nr_map_ids as usize);
    Ok((info.id, map_ids))
}
