//! The BPF program: loading, attaching, detaching, and its counters.

use crate::mechanism::rings::OwnRings;
use crate::row::Row;
use crate::types;
use aya::maps::{HashMap, Map, MapData, MapError, PerCpuArray};
use aya::programs::ProgramError;
use aya::util::nr_cpus;
use aya::{BtfError, Ebpf, EbpfError, EbpfLoader, include_bytes_aligned};
use runner_common::{Counters, Knobs, SYS_OPENAT2, TABLE_SIZE};
use runner_kit::failure::{is_verdict, reason};
use runner_kit::{Args, Failure, KernelCounters};
use std::error::Error;

/// The object that was built with these features of the kernel side: `build.rs`.
macro_rules! object {
    ($features:literal) => {
        include_bytes_aligned!(concat!(env!("OUT_DIR"), "/ringbuf_throughput,", $features))
    };
}

/// The object that has what the flags ask for, and no more.
fn object(args: &Args) -> &'static [u8] {
    match (args.more(), args.lookups > 0, args.own_rings) {
        (false, ..) => object!(""),
        (true, false, false) => object!("filter"),
        (true, true, false) => object!("filter,lookups"),
        (true, false, true) => object!("filter,rings"),
        (true, true, true) => object!("filter,lookups,rings"),
    }
}

/// The loaded object, with the one program of it that is used.
pub(crate) struct Program {
    /// `None` once it is detached.
    ebpf: Option<Ebpf>,
    row: &'static Row,
    counters: PerCpuArray<MapData, Counters>,
}

impl Program {
    /// Creates the maps, with a ring buffer for each of these CPUs, and loads the program that the flags ask for; the others stay
    /// out of the kernel.
    pub(crate) fn load(args: &Args, cpus: &[u32]) -> Result<(Self, Option<OwnRings>), Failure> {
        let row = types::row(args.program_type);
        let knobs = knobs(args);
        // Nothing in the object is relocated by the kernel's types. The loader has read them when it was made, all the same.
        let mut loader = EbpfLoader::new();
        if args.own_rings {
            let cpus = nr_cpus().map_err(|(what, error)| Failure::internal(what, &error))?;
            loader.map_max_entries("rings", u32::try_from(cpus).unwrap_or(u32::MAX));
        }
        let mut ebpf = loader
            .btf(None)
            .override_global("KNOBS", &knobs, true)
            .map_max_entries("events", args.ring_size)
            .load(object(args))
            .map_err(|error| match error {
                EbpfError::MapError(_) | EbpfError::BtfError(BtfError::LoadError { .. }) => {
                    refused(args, &error)
                }
                _ => Failure::internal("cannot open the BPF object", &error),
            })?;
        if let Some(table) = ebpf.map_mut("table") {
            fill(table).map_err(|error| refused(args, &error))?;
        }
        let create = |rings| OwnRings::create(rings, cpus, args.ring_size);
        let own = ebpf.map_mut("rings").map(create).transpose().map_err(|error| refused(args, &error))?;
        let counters = ebpf.take_map("counters").ok_or_else(|| missing("map", "counters"))?;
        let counters = PerCpuArray::try_from(counters)
            .map_err(|error| Failure::internal("cannot open the counters", &error))?;
        let mut program = Self { ebpf: Some(ebpf), row, counters };
        (row.load)(program.inner()?, &args.attach_target).map_err(|error| refused(args, &error))?;
        Ok((program, own))
    }

    /// Hands out a map, which can be had once.
    pub(crate) fn take_map(&mut self, name: &str) -> Result<Map, Failure> {
        self.ebpf.as_mut().and_then(|ebpf| ebpf.take_map(name)).ok_or_else(|| missing("map", name))
    }

    /// Attaches the program.
    pub(crate) fn attach(&mut self, args: &Args) -> Result<(), Failure> {
        (self.row.attach)(self.inner()?, &args.attach_target).map_err(|error| refused(args, &error))
    }

    /// The kernel's ids of the program and of the maps that it uses.
    pub(crate) fn ids(&mut self) -> Result<(u32, Vec<u32>), Failure> {
        let info = self.inner()?.info();
        info.and_then(|info| Ok((info.id(), info.map_ids()?.unwrap_or_default())))
            .map_err(|error| Failure::internal("cannot read the program's ids", &error))
    }

    fn inner(&mut self) -> Result<&mut aya::programs::Program, Failure> {
        let name = self.row.name;
        self.ebpf.as_mut().and_then(|ebpf| ebpf.program_mut(name)).ok_or_else(|| missing("program", name))
    }
}

impl runner_kit::Program for Program {
    /// By dropping it; the maps that were taken stay.
    fn detach(&mut self) -> Result<(), Failure> {
        self.ebpf = None;
        Ok(())
    }

    fn counters(&self) -> Result<KernelCounters, Failure> {
        let cpus = self
            .counters
            .get(&0, 0)
            .map_err(|error| Failure::internal("cannot read the counters", &error))?;
        let cpus = cpus.iter().map(|&Counters { attempted, submitted, dropped, dropped_marks }| {
            KernelCounters { attempted, submitted, dropped, dropped_marks }
        });
        Ok(cpus.sum())
    }
}

/// Puts each key into the table with itself as the value.
fn fill(table: &mut Map) -> Result<(), MapError> {
    let mut table = HashMap::<_, u32, u64>::try_from(table)?;
    (0..TABLE_SIZE).try_for_each(|key| table.insert(key, u64::from(key), 0))
}

fn missing(what: &str, name: &str) -> Failure {
    Failure::bug(format!("the object has no {what} `{name}`"))
}

fn knobs(args: &Args) -> Knobs {
    let (wakeup, wakeup_bytes) = args.wakeup.knobs();
    let (cookie, cookie_offset) = args.cookie();
    Knobs {
        target_pid: args.target_pid,
        record_size: args.record_size,
        batch: args.batch,
        wakeup,
        wakeup_bytes,
        work: args.work,
        syscall_nr: SYS_OPENAT2,
        cookie,
        cookie_offset,
        keep_one_in: args.keep_one_in,
        lookups: args.lookups,
        rings: args.own_rings.into(),
        ..Knobs::DEFAULT
    }
}

/// The kernel refuses the program: by the verdict of its verifier, or for something that it lacks.
fn refused(args: &Args, error: &(dyn Error + 'static)) -> Failure {
    // With the verifier's log, where there is one.
    log::error!("{error}");
    let is_verdict = matches!(
        error.downcast_ref(),
        Some(ProgramError::LoadError { verifier_log, .. }) if is_verdict(&verifier_log.to_string())
    );
    args.refused(is_verdict, &reason(error))
}

#[cfg(test)]
mod tests {
    use runner_common::{cookie, wakeup};
    use runner_kit::args::Wakeup;
    use runner_kit::program_type::{COOKIE_FUNCTION, COOKIE_NONE, COOKIE_SYSCALL};
    use std::time::Duration;

    #[test]
    fn both_sides_number_the_wakeup_policies_and_the_places_of_the_cookie_alike() {
        assert_eq!(Wakeup::Adaptive.knobs().0, wakeup::ADAPTIVE);
        assert_eq!(Wakeup::Sampled(1).knobs().0, wakeup::SAMPLED);
        assert_eq!(Wakeup::Timer(Duration::from_millis(1)).knobs().0, wakeup::TIMER);
        assert_eq!(
            [COOKIE_NONE, COOKIE_SYSCALL, COOKIE_FUNCTION],
            [cookie::NONE, cookie::SYSCALL, cookie::FUNCTION]
        );
    }
}
