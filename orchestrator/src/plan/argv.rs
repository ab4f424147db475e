//! The command line of a runner.

use std::path::Path;
use std::time::Duration;

use super::spec::{Benchmark, Placement};
use crate::config::Program;

/// The executable and its arguments. Every flag of docs/PROTOCOL.md that matters is given, so that a runner's own defaults
/// never decide a result. `{target_pid}` stands for the load generator's pid, which is not known yet.
///
/// A program that does not speak the protocol gets the arguments of its manifest and nothing else.
#[must_use]
pub fn runner_argv(
    executable: &Path,
    program: &Program,
    benchmark: &Benchmark,
    placement: &Placement,
    duration: Duration,
) -> Vec<String> {
    let settings = &benchmark.runner;
    let duration = format!("{}", duration.as_secs_f64());
    let cpu = placement.runner.map(|cpu| cpu.to_string());
    let mut argv = vec![executable.display().to_string()];
    let values = [
        ("duration", duration),
        ("program-type", benchmark.program_type.to_string()),
        ("target-pid", "{target_pid}".to_owned()),
        ("ring-size", settings.ring_size.to_string()),
        ("record-size", settings.record_size.to_string()),
        ("batch", settings.batch.to_string()),
        ("wakeup", settings.wakeup.to_string()),
        ("work", settings.work.to_string()),
    ];
    if !program.speaks_protocol() {
        argv.extend(program.args.iter().map(|argument| {
            let cpu = ("cpu", cpu.clone().unwrap_or_default());
            values.iter().chain([&cpu]).fold(argument.clone(), |argument, (flag, value)| {
                argument.replace(&format!("{{{}}}", flag.replace('-', "_")), value)
            })
        }));
        return argv;
    }
    // The last of a repeated flag counts, so what the contract wants comes last.
    argv.extend(program.args.iter().cloned());
    argv.extend(["--output".to_owned(), "jsonl".to_owned()]);
    for (flag, value) in values.into_iter().chain(settings.further_flags()) {
        argv.extend([format!("--{flag}"), value]);
    }
    if let Some(target) = &benchmark.attach_target {
        argv.extend(["--attach-target".to_owned(), target.clone()]);
    }
    if settings.latency {
        argv.push("--latency".to_owned());
    }
    if let Some(cpu) = cpu {
        argv.extend(["--cpu".to_owned(), cpu]);
    }
    argv
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Mechanism, Overrides, ProgramType, Question, builtin_entries, resolve};
    use super::*;
    use crate::config::{Output, OutputProtocol, Processes, Seconds};

    fn benchmark(question: Question) -> Benchmark {
        let entry = builtin_entries(&[question], Seconds(Duration::from_secs(10))).remove(0);
        resolve(&entry, &Overrides::default(), Vec::new()).expect("valid")
    }

    fn program(args: &[&str], output: Option<Output>) -> Program {
        Program {
            from: "x".into(),
            program_types: vec![ProgramType::Tracepoint],
            mechanisms: vec![Mechanism::RingBuffer],
            args: args.iter().map(ToString::to_string).collect(),
            processes: Processes::One,
            output,
        }
    }

    #[test]
    fn says_every_flag() {
        let placement = Placement { runner: Some(1), ..Placement::default() };
        let duration = Duration::from_millis(12_500);
        let benchmark = benchmark(Question::Latency);
        let argv = runner_argv(
            Path::new("/p/build/a/x"),
            &program(&["--more"], None),
            &benchmark,
            &placement,
            duration,
        );
        assert_eq!(
            argv.join(" "),
            "/p/build/a/x --more --output jsonl --duration 12.5 --program-type tracepoint --target-pid {target_pid} \
             --ring-size 16777216 --record-size 64 --batch 1 --wakeup adaptive --work 0 --latency --cpu 1"
        );
    }

    #[test]
    fn what_a_runner_need_not_know_is_said_only_where_it_is_not_the_usual() {
        let mut benchmark = benchmark(Question::Complexity);
        (benchmark.runner.keep_one_in, benchmark.runner.lookups) = (10, 3);
        let argv = runner_argv(
            Path::new("x"),
            &program(&[], None),
            &benchmark,
            &Placement::default(),
            Duration::from_secs(1),
        );
        assert!(argv.join(" ").ends_with("--work 0 --keep-one-in 10 --lookups 3"), "{argv:?}");
    }

    #[test]
    fn a_program_that_speaks_text_gets_its_own_arguments() {
        let output =
            Output { protocol: OutputProtocol::Text, ready: Some("x".into()), patterns: BTreeMap::default() };
        let program = program(&["--pid={target_pid}", "-t", "{duration}", "{ring_size}"], Some(output));
        let duration = Duration::from_secs(3);
        let benchmark = benchmark(Question::Saturation);
        let argv = runner_argv(Path::new("x"), &program, &benchmark, &Placement::default(), duration);
        assert_eq!(argv, ["x", "--pid={target_pid}", "-t", "3", "16777216"]);
    }
}
