//! The BPF program: loading, attaching, detaching, and its counters.

use crate::failure::{attach_refused, internal, load_refused, object_refused};
use aya::maps::{Map, MapData, PerCpuArray, RingBuf};
use aya::programs::{FEntry, KProbe, Program, ProgramError, RawTracePoint, TracePoint};
use aya::{Btf, Ebpf, EbpfLoader, include_bytes_aligned};
use runner_common::{Counters, Knobs, SYS_OPENAT2};
use runner_kit::{Args, Cookie, Failure, KernelCounters, ProgramType};
use std::error::Error;

static OBJECT: &[u8] = include_bytes_aligned!(concat!(env!("OUT_DIR"), "/ringbuf_throughput"));

/// The loaded object, with the one program of it that is used.
pub(crate) struct Producer {
    ebpf: Ebpf,
    name: &'static str,
    counters: PerCpuArray<MapData, Counters>,
}

impl Producer {
    /// Creates the maps and loads the program that the flags ask for; the others stay out of the kernel.
    pub(crate) fn load(args: &Args) -> Result<Self, Failure> {
        let knobs = knobs(args, Cookie::of(args));
        // Nothing in the object is relocated by the kernel's types. The loader has read them when it was made, all the same.
        let mut ebpf = EbpfLoader::new()
            .btf(None)
            .override_global("KNOBS", &knobs, true)
            .map_max_entries("events", args.ring_size)
            .load(OBJECT)
            .map_err(|error| object_refused(args, &error))?;
        load_program(&mut ebpf, args).map_err(|error| load_refused(args, error.as_ref()))?;
        let counters = PerCpuArray::try_from(take_map(&mut ebpf, "counters")?)
            .map_err(|error| internal("cannot open the counters", &error))?;
        Ok(Self { ebpf, name: name(args.program_type), counters })
    }

    /// Hands out the ring buffer, which can be had once.
    pub(crate) fn take_ring(&mut self) -> Result<RingBuf<MapData>, Failure> {
        RingBuf::try_from(take_map(&mut self.ebpf, "events")?)
            .map_err(|error| internal("cannot map the ring buffer", &error))
    }

    /// Attaches the program.
    pub(crate) fn attach(&mut self, args: &Args) -> Result<(), Failure> {
        let target = args.attach_target.as_str();
        let attached = match self.program()? {
            Program::TracePoint(program) => {
                let (category, name) = target.split_once('/').unwrap_or_default();
                program.attach(category, name).map(drop)
            }
            Program::RawTracePoint(program) => program.attach(target).map(drop),
            Program::KProbe(program) => program.attach(target, 0).map(drop),
            Program::FEntry(program) => program.attach().map(drop),
            _ => Err(ProgramError::UnexpectedProgramType),
        };
        attached.map_err(|error| attach_refused(args, &error))
    }

    /// Detaches the program by unloading it; the maps stay.
    pub(crate) fn detach(&mut self) -> Result<(), Failure> {
        match self.program()? {
            Program::TracePoint(program) => program.unload(),
            Program::RawTracePoint(program) => program.unload(),
            Program::KProbe(program) => program.unload(),
            Program::FEntry(program) => program.unload(),
            _ => Err(ProgramError::UnexpectedProgramType),
        }
        .map_err(|error| internal("cannot detach the program", &error))
    }

    /// The kernel's ids of the program and of the maps that it uses.
    pub(crate) fn ids(&mut self) -> Result<(u32, Vec<u32>), Failure> {
        let info = self.program()?.info();
        info.and_then(|info| Ok((info.id(), info.map_ids()?.unwrap_or_default())))
            .map_err(|error| internal("cannot read the program's ids", &error))
    }

    /// The program's counters, summed over CPUs.
    pub(crate) fn counters(&self) -> Result<KernelCounters, Failure> {
        let cpus = self.counters.get(&0, 0).map_err(|error| internal("cannot read the counters", &error))?;
        let cpus = cpus.iter().map(|&Counters { attempted, submitted, dropped, dropped_marks }| {
            KernelCounters { attempted, submitted, dropped, dropped_marks }
        });
        Ok(cpus.sum())
    }

    fn program(&mut self) -> Result<&mut Program, Failure> {
        let name = self.name;
        self.ebpf
            .program_mut(name)
            .ok_or_else(|| Failure::internal(format!("the object has no program `{name}`")))
    }
}

/// The names in runner-ebpf.
fn name(program_type: ProgramType) -> &'static str {
    match program_type {
        ProgramType::Tracepoint => "on_tracepoint",
        ProgramType::RawTracepoint => "on_raw_tp",
        ProgramType::Kprobe => "on_kprobe",
        ProgramType::Fentry => "on_fentry",
    }
}

fn knobs(args: &Args, cookie: Cookie) -> Knobs {
    Knobs {
        target_pid: args.target_pid,
        record_size: args.record_size,
        batch: args.batch,
        wakeup: args.wakeup.number(),
        wakeup_bytes: args.wakeup.bytes(),
        work: args.work,
        syscall_nr: SYS_OPENAT2,
        cookie: cookie.place,
        cookie_offset: cookie.register_offset,
    }
}

fn load_program(ebpf: &mut Ebpf, args: &Args) -> Result<(), Box<dyn Error>> {
    let program = ebpf.program_mut(name(args.program_type)).ok_or(ProgramError::UnexpectedProgramType)?;
    match args.program_type {
        ProgramType::Tracepoint => <&mut TracePoint>::try_from(program)?.load()?,
        ProgramType::RawTracepoint => <&mut RawTracePoint>::try_from(program)?.load()?,
        ProgramType::Kprobe => <&mut KProbe>::try_from(program)?.load()?,
        ProgramType::Fentry => {
            <&mut FEntry>::try_from(program)?.load(&args.attach_target, &Btf::from_sys_fs()?)?;
        }
    }
    Ok(())
}

fn take_map(ebpf: &mut Ebpf, name: &str) -> Result<Map, Failure> {
    ebpf.take_map(name).ok_or_else(|| Failure::internal(format!("the object has no map `{name}`")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use runner_common::{cookie, wakeup};
    use runner_kit::Wakeup;
    use runner_kit::args::{Command, parse};
    use std::time::Duration;

    fn args(words: &[&str]) -> Args {
        match parse(words.iter().map(|&word| word.to_owned())).1 {
            Ok(Command::Run(args)) => args,
            other => panic!("{words:?} gave {other:?}"),
        }
    }

    #[test]
    fn knobs_carry_the_flags() {
        let flags =
            ["--target-pid=7", "--record-size=128", "--batch=10", "--wakeup=sampled:4096", "--work=3"];
        let expected = Knobs {
            target_pid: 7,
            record_size: 128,
            batch: 10,
            wakeup: wakeup::SAMPLED,
            wakeup_bytes: 4096,
            work: 3,
            syscall_nr: SYS_OPENAT2,
            cookie: 1,
            cookie_offset: 112,
        };
        let cookie = Cookie { place: 1, register_offset: 112 };
        assert_eq!(knobs(&args(&flags), cookie), expected);
        let nowhere = Cookie { place: Cookie::NONE, register_offset: 0 };
        assert_eq!(knobs(&args(&[]), nowhere), Knobs::DEFAULT);
    }

    #[test]
    fn both_sides_number_the_wakeup_policies_alike() {
        assert_eq!(Wakeup::Adaptive.number(), wakeup::ADAPTIVE);
        assert_eq!(Wakeup::Sampled(1).number(), wakeup::SAMPLED);
        assert_eq!(Wakeup::Timer(Duration::from_millis(1)).number(), wakeup::TIMER);
    }

    #[test]
    fn both_sides_number_the_places_of_the_cookie_alike() {
        assert_eq!(Cookie::NONE, cookie::NONE);
        assert_eq!(Cookie::SYSCALL, cookie::SYSCALL);
        assert_eq!(Cookie::FUNCTION, cookie::FUNCTION);
    }

    #[test]
    fn names_fit_into_the_kernels_fifteen_characters() {
        use ProgramType::{Fentry, Kprobe, RawTracepoint, Tracepoint};
        for program_type in [Tracepoint, RawTracepoint, Kprobe, Fentry] {
            assert!(name(program_type).len() <= 15);
        }
    }
}
