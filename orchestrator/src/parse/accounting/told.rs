//! Whether the runner is who it should be, and did what it was told: by what the kernel knows of the program that it attached.

use std::collections::BTreeSet;

use super::equation::{Equation, equal, same, unknown};
use super::evidence::Evidence;
use crate::facts::MechanismFacts;
use crate::plan::{Benchmark, Rings, RunnerSettings, Wakeup};
use crate::supervise::{KernelFacts, Knobs, MapFacts, RecordFacts, TrialRecord};

/// The kind of the map that holds the rings of the CPUs.
const ARRAY_OF_MAPS: &str = "array_of_maps";
/// Elements of the map in which a program looks things up (docs/PROTOCOL.md, In the kernel).
const TABLE_ENTRIES: u64 = 1024;
/// `enum bench_wakeup` of impls/bpf/bench.h.
const WAKEUPS: [&str; 3] = ["adaptive", "sampled", "timer"];

pub(super) fn equations(evidence: &Evidence<'_>) -> Vec<Equation> {
    let (record, benchmark) = (evidence.record, evidence.benchmark);
    let mut equations = identity(evidence);
    // Without privileges nobody could ask the kernel, and the equations about what was counted are unknown already.
    if record.kernel.available {
        equations.extend(program(evidence));
        equations.extend(maps(&record.kernel, benchmark));
        equations.extend(table(&record.kernel, &benchmark.runner));
        equations.extend(settings(record, benchmark));
        equations.extend(record.kernel.knobs.iter().flat_map(|knobs| read_only(knobs, record, benchmark)));
    }
    equations
}

/// Who was started, and who says it was.
fn identity(evidence: &Evidence<'_>) -> Vec<Equation> {
    let Some(program) = &evidence.record.program else { return Vec::new() };
    let mut equations = Vec::new();
    if let Some(started) = program.implementation.as_deref() {
        let said = evidence.transcript.and_then(|transcript| transcript.hello.implementation.as_deref());
        let name = |name: &str| format!("`{name}`");
        equations.push(same(
            "implementation",
            ("the runner calls itself", said.map(name)),
            ("started was", Some(name(started))),
        ));
    }
    if let Some(at_start) = program.sha256_at_start.as_deref() {
        equations.push(same(
            "program_file",
            ("SHA-256 of the program file", program.sha256.as_deref()),
            ("when the run began", Some(at_start)),
        ));
    }
    equations
}

/// One program, the runner's own, of the kind and at the place that was asked for.
fn program(evidence: &Evidence<'_>) -> Vec<Equation> {
    let (kernel, benchmark) = (&evidence.record.kernel, evidence.benchmark);
    let ready = evidence.transcript.and_then(|transcript| transcript.ready.as_ref());
    let (program_ids, map_ids) =
        ready.map_or((&[][..], &[][..]), |ready| (&ready.program_ids, &ready.map_ids));
    let own = |id: &u64| kernel.maps.iter().any(|map| u64::from(map.id) == *id);
    let programs = usize::try_from(benchmark.runner.programs).unwrap_or(usize::MAX);
    let mut own_named: Vec<u64> = map_ids.iter().copied().filter(own).collect();
    own_named.sort_unstable();
    own_named.dedup();
    let mut equations = vec![
        count("program_ids", "programs named in `ready`", program_ids.len(), programs),
        same(
            "map_ids",
            ("maps named in `ready`", Some(map_ids.len())),
            ("different ones among them that the program uses", Some(own_named.len())),
        ),
    ];
    // The measured one is named first; others see nothing.
    let is_measured = |id: u32| program_ids.first().is_none_or(|first| *first == u64::from(id));
    let Some(program) = kernel.programs.iter().find(|program| is_measured(program.id)) else {
        equations.push(unknown("program", "the program named in `ready`", "one that the kernel knows"));
        return equations;
    };
    let older = kernel.programs.iter().filter_map(|program| program.older_than_runner);
    let older = older.chain(kernel.maps.iter().filter_map(|map| map.older_than_runner));
    equations.push(count(
        "own_objects",
        "programs and maps that were there before the runner was",
        older.filter(|older| *older).count(),
        0,
    ));
    let kind = benchmark.program_type.facts().kernel_kind;
    equations.push(
        same("program_type", ("kind of the program", program.kind.as_deref()), ("asked for", Some(kind)))
            .optional(),
    );
    let others = kernel.other_programs.as_ref().map_or(0, BTreeSet::len);
    if others > 0 {
        let noun = benchmark.mechanism.facts().noun;
        let right = format!("what is in the {noun} (the runner also holds {others} other BPF programs)");
        equations.push(unknown("other_program", "what the consumer knows", right));
    }
    let all = kernel.attached.as_deref().unwrap_or_default();
    if programs > 1 {
        let mut others: Vec<u32> =
            all.iter().map(|attached| attached.program_id).filter(|id| !is_measured(*id)).collect();
        others.sort_unstable();
        others.dedup();
        equations.push(count(
            "further_programs",
            "further programs that are attached",
            others.len(),
            programs - 1,
        ));
    }
    let attached: Vec<_> = all.iter().filter(|attached| is_measured(attached.program_id)).collect();
    if attached.is_empty() {
        equations.push(unknown("attached", "what the runner attached the program to", "anything"));
    }
    let asked = benchmark.attach_target.as_deref().unwrap_or(benchmark.program_type.facts().default_target);
    for target in attached.iter().filter_map(|attached| attached.target.as_deref()) {
        equations.push(Equation {
            holds: Some(benchmark.program_type.is_target(target, benchmark.attach_target.as_deref())),
            ..equal(
                "attach_target",
                (format!("attached to `{target}`"), Some(0)),
                (format!("asked for `{asked}`"), Some(0)),
            )
        });
    }
    equations
}

/// One map through which the records go, one map of counters, and nothing else by which the program could tell the consumer what it did not read.
fn maps(kernel: &KernelFacts, benchmark: &Benchmark) -> Vec<Equation> {
    let MechanismFacts { map_kind, noun, in_full, .. } = benchmark.mechanism.facts();
    if kernel.programs.is_empty() {
        return Vec::new();
    }
    let (buffers, others): (Vec<&MapFacts>, _) =
        kernel.maps.iter().partition(|map| map.kind.as_deref() == Some(*map_kind));
    let (counters, others): (Vec<&MapFacts>, _) = others.into_iter().partition(|map| is_counters(map));
    let (arrays, others): (Vec<&MapFacts>, _) =
        others.into_iter().partition(|map| map.kind.as_deref() == Some(ARRAY_OF_MAPS));
    let number = |what: &str, found: usize, expected: Option<usize>| {
        equal(what, (format!("{in_full}s that the program uses {found}"), Some(found)), {
            let text = match benchmark.runner.rings {
                Rings::One => "1".to_owned(),
                Rings::Cpu => format!("CPUs that are online {}", term_of(expected)),
            };
            (text, expected)
        })
    };
    let one_a_cpu = benchmark.runner.rings == Rings::Cpu;
    let online = kernel.online_cpus.and_then(|cpus| usize::try_from(cpus).ok());
    let mut equations = vec![
        number(&format!("{noun}s"), buffers.len(), if one_a_cpu { online } else { Some(1) }),
        count("counters_map", "maps `counters` of one element of 32 bytes a CPU", counters.len(), 1),
    ];
    if one_a_cpu || !arrays.is_empty() {
        equations.push(count("rings_map", "arrays of maps by CPU", arrays.len(), usize::from(one_a_cpu)));
    }
    if kernel.counters_frozen != Some(true) && counters.len() == 1 {
        equations.push(unknown("counters_frozen", "what is in `counters`", "what the program alone wrote"));
    }
    for map in others.into_iter().filter(|map| !is_harmless(map)) {
        let right = format!("what is in the {noun} (the program also uses the map `{}`)", map.name);
        equations.push(unknown("other_map", "what the consumer knows", right));
    }
    equations
}

/// Whether a program has nothing to say through it: nobody writes to it any more, or programs cannot.
fn is_harmless(map: &MapFacts) -> bool {
    map.frozen == Some(true) || map.read_only_to_programs == Some(true)
}

/// Who was told to look things up has a table to do it in.
fn table(kernel: &KernelFacts, told: &RunnerSettings) -> Option<Equation> {
    if told.lookups == 0 || kernel.programs.is_empty() {
        return None;
    }
    let is_table = |map: &&MapFacts| {
        map.kind.as_deref() == Some("hash")
            && map.max_entries == Some(TABLE_ENTRIES)
            && map.read_only_to_programs == Some(true)
    };
    let what = format!("tables of {TABLE_ENTRIES} elements to look up in");
    Some(count("table", &what, kernel.maps.iter().filter(is_table).count(), 1))
}

fn term_of(value: Option<usize>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

fn is_counters(map: &MapFacts) -> bool {
    map.name == "counters"
        && map.kind.as_deref() == Some("percpu_array")
        && map.max_entries == Some(1)
        && map.value_bytes == Some(32)
}

/// What shows in the map itself.
fn settings(record: &TrialRecord, benchmark: &Benchmark) -> Vec<Equation> {
    let told = &benchmark.runner;
    let mut equations = Vec::new();
    let noun = benchmark.mechanism.facts().noun;
    // Of several the first that differs, if one does.
    let buffers = &record.kernel.buffers;
    let differs = buffers.iter().find(|buffer| buffer.size_bytes != told.ring_size);
    if let Some(buffer) = differs.or(buffers.first()) {
        let size = format!("size of the {noun}");
        let asked = ("asked for", Some(told.ring_size));
        equations.push(same(&format!("{noun}_size"), (&size, Some(buffer.size_bytes)), asked));
    }
    let last = format!("last records in the {noun}");
    equations.extend(record.kernel.last_records.iter().flat_map(|facts| records(&last, facts, told)));
    equations.extend(
        record.kernel.read_records.iter().flat_map(|read| records("records read meanwhile", read, told)),
    );
    equations
}

/// Records of the size that was told, each of a trigger of the load.
fn records(which: &str, found: &RecordFacts, told: &RunnerSettings) -> Vec<Equation> {
    let size = told.record_size;
    let all = found.looked_at;
    let of_size = equal(
        "record_size",
        (format!("of the {which} {} have {size} bytes", found.of_told_size), Some(found.of_told_size)),
        (format!("all {all}"), Some(all)),
    );
    let of_the_load = found.of_the_load.map(|of_the_load| {
        same(
            "record_process",
            ("of these in the load's name", Some(of_the_load)),
            ("of", Some(found.of_told_size)),
        )
    });
    [Some(of_size), of_the_load].into_iter().flatten().collect()
}

/// The program's frozen knobs, where the framework has them as one variable.
fn read_only(knobs: &Knobs, record: &TrialRecord, benchmark: &Benchmark) -> Vec<Equation> {
    let told = &benchmark.runner;
    let wakeup = usize::try_from(knobs.wakeup).ok().and_then(|number| WAKEUPS.get(number)).copied();
    let (policy, bytes) = match told.wakeup {
        Wakeup::Adaptive => ("adaptive", None),
        Wakeup::Sampled { bytes } => ("sampled", Some(bytes)),
        Wakeup::Timer { .. } | Wakeup::None => ("timer", None),
    };
    let number = |name: &str, knob: u64, told: u64| {
        let left = format!("the program's {name}");
        same(&format!("knob_{}", name.replace(' ', "_")), (&left, Some(knob)), ("told", Some(told)))
    };
    let mut equations = vec![
        number("record size", knobs.record_size.into(), told.record_size.into()),
        number("batch", knobs.batch.into(), told.batch.into()),
        number("work", knobs.work.into(), told.work.into()),
        same(
            "knob_wakeup",
            ("the program's wakeup policy", Some(wakeup.unwrap_or("unknown"))),
            ("told", Some(policy)),
        ),
    ];
    let one_in = knobs.keep_one_in.map(|one_in| one_in.max(1));
    equations.extend(one_in.map(|one_in| number("keep one in", one_in.into(), told.keep_one_in.into())));
    // Where the program's knobs end before that, a table that is there shows nothing.
    equations.extend(match knobs.lookups {
        None if told.lookups > 0 => Some(unknown("knob_lookups", "the program's lookups", "told")),
        lookups => lookups.map(|lookups| number("lookups", lookups.into(), told.lookups.into())),
    });
    let a_cpu = u64::from(told.rings == Rings::Cpu);
    equations.extend(knobs.rings.map(|rings| number("rings a CPU", rings.into(), a_cpu)));
    equations.extend(bytes.map(|bytes| number("wakeup bytes", knobs.wakeup_bytes, bytes)));
    // A program that counts every process counts the load's only as long as nobody else makes the same system call.
    equations.extend(record.target_pid.map(|pid| number("process", knobs.target_pid.into(), pid.into())));
    equations
}

fn count(name: &str, what: &str, found: usize, expected: usize) -> Equation {
    equal(name, (format!("{what} {found}"), Some(found)), (expected.to_string(), Some(expected)))
}
