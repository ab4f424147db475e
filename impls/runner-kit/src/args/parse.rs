//! The command line, in exactly the forms and with exactly the complaints of docs/PROTOCOL.md.

use super::flags::{Args, Output, ProgramType, Wakeup};
use super::value;
use crate::Failure;
use std::time::Duration;

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub enum Command {
    /// Measure.
    Run(Args),
    /// Print the versions.
    Version,
    /// Print the help.
    Help,
}

/// Reads the arguments after the program's name.
///
/// The output that was asked for is answered besides, since a bad flag must be reported in that form too.
pub fn parse<I: IntoIterator<Item = String>>(words: I) -> (Output, Result<Command, Failure>) {
    let mut typed = Typed::default();
    let mut words = words.into_iter();
    let mut first_failure = None;
    while let Some(word) = words.next() {
        match typed.read(&word, &mut words) {
            Ok(Next::Flag) => {}
            Ok(Next::Stop(command)) if first_failure.is_none() => return (typed.output, Ok(command)),
            Ok(Next::Stop(_)) => break,
            // Reading on tells whether `--output jsonl` follows.
            Err(failure) => first_failure = first_failure.or(Some(failure)),
        }
    }
    let output = typed.output;
    (output, first_failure.map_or_else(|| typed.check().map(Command::Run), Err))
}

enum Next {
    Flag,
    Stop(Command),
}

/// The flags as they were typed, before what depends on two of them is checked.
struct Typed {
    duration: Duration,
    verbose: bool,
    output: Output,
    program_type: ProgramType,
    attach_target: Option<String>,
    target_pid: u32,
    ring_size: u32,
    record_size: u32,
    batch: u32,
    wakeup: Wakeup,
    work: u32,
    latency: bool,
    cpu: Option<u32>,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            duration: Duration::from_secs(10),
            verbose: false,
            output: Output::Text,
            program_type: ProgramType::Tracepoint,
            attach_target: None,
            target_pid: 0,
            ring_size: 16 * 1024 * 1024,
            record_size: 64,
            batch: 1,
            wakeup: Wakeup::Adaptive,
            work: 0,
            latency: false,
            cpu: None,
        }
    }
}

impl Typed {
    /// Reads one flag, and its value from the same word or the next one.
    fn read(&mut self, word: &str, rest: &mut dyn Iterator<Item = String>) -> Result<Next, Failure> {
        let (flag, attached) = split(word)?;
        let bare = || match attached {
            None => Ok(()),
            Some(_) => Err(Failure::usage(format!("`{flag}` takes no value"))),
        };
        match flag {
            "-v" | "--verbose" => bare().map(|()| self.verbose = true)?,
            "--latency" => bare().map(|()| self.latency = true)?,
            "-V" | "--version" => return bare().map(|()| Next::Stop(Command::Version)),
            "-h" | "--help" => return bare().map(|()| Next::Stop(Command::Help)),
            "-d" | "--duration" | "--output" | "--program-type" | "--attach-target" | "--target-pid"
            | "--ring-size" | "--record-size" | "--batch" | "--wakeup" | "--work" | "--cpu" => {
                let text = attached
                    .map(str::to_owned)
                    .or_else(|| rest.next())
                    .ok_or_else(|| Failure::usage(format!("`{flag}` needs a value")))?;
                let flag = if flag == "-d" { "--duration" } else { flag };
                self.set(flag, &text).map_err(|complaint| invalid(&text, flag, &complaint))?;
            }
            _ => return Err(Failure::usage(format!("unknown flag `{flag}`"))),
        }
        Ok(Next::Flag)
    }

    fn set(&mut self, flag: &str, text: &str) -> Result<(), value::Complaint> {
        match flag {
            "--duration" => self.duration = value::duration(text)?,
            "--output" => self.output = value::output(text)?,
            "--program-type" => self.program_type = value::program_type(text)?,
            "--attach-target" => self.attach_target = Some(text.to_owned()),
            "--target-pid" => self.target_pid = value::whole(text, "a process id", 0, 4_194_304)?,
            "--ring-size" => self.ring_size = value::ring_size(text)?,
            "--record-size" => self.record_size = value::record_size(text)?,
            "--batch" => self.batch = value::whole(text, "a whole number", 1, 1000)?,
            "--wakeup" => self.wakeup = value::wakeup(text)?,
            "--work" => self.work = value::whole(text, "a whole number", 0, 10_000)?,
            "--cpu" => self.cpu = Some(value::cpu(text)?),
            _ => unreachable!("`read` passes only the flags above"),
        }
        Ok(())
    }

    fn check(self) -> Result<Args, Failure> {
        if let Some(target) = &self.attach_target {
            value::attach_target(target, self.program_type)
                .map_err(|complaint| invalid(target, "--attach-target", &complaint))?;
        }
        Ok(Args {
            duration: self.duration,
            verbose: self.verbose,
            output: self.output,
            program_type: self.program_type,
            attach_target: self
                .attach_target
                .unwrap_or_else(|| self.program_type.default_target().to_owned()),
            target_pid: self.target_pid,
            ring_size: self.ring_size,
            record_size: self.record_size,
            batch: self.batch,
            wakeup: self.wakeup,
            work: self.work,
            latency: self.latency || self.output == Output::Text,
            cpu: self.cpu,
        })
    }
}

/// The flag in a word and the value attached to it: `--batch=10`, `-d10`, `-d=10`.
fn split(word: &str) -> Result<(&str, Option<&str>), Failure> {
    if word.starts_with("--") && word.len() > 2 {
        return Ok(word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value))));
    }
    let letter = word.strip_prefix('-').and_then(|rest| rest.chars().next()).filter(|letter| *letter != '-');
    let Some(letter) = letter else {
        return Err(Failure::usage(format!("unexpected argument `{word}`")));
    };
    let (flag, value) = word.split_at(1 + letter.len_utf8());
    Ok((flag, (!value.is_empty()).then(|| value.strip_prefix('=').unwrap_or(value))))
}

fn invalid(text: &str, flag: &str, complaint: &str) -> Failure {
    Failure::usage(format!("invalid value `{text}` for `{flag}`: {complaint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(words: &[&str]) -> Args {
        match parse(words.iter().map(|&word| word.to_owned())).1 {
            Ok(Command::Run(args)) => args,
            other => panic!("{words:?} gave {other:?}"),
        }
    }

    #[test]
    fn complains_in_the_shared_words_about_every_shared_case() {
        #[derive(serde::Deserialize)]
        struct Case {
            args: Vec<String>,
            message: String,
        }
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../../testdata/usage.json")).unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            let failure = parse(case.args.clone()).1.unwrap_err();
            assert_eq!(failure.message(), case.message, "{:?}", case.args);
            assert_eq!(failure.exit_status(), 64);
        }
    }

    #[test]
    fn fills_in_the_defaults() {
        let args = run(&[]);
        assert_eq!(args.duration, Duration::from_secs(10));
        assert_eq!(args.attach_target, "syscalls/sys_enter_openat2");
        assert_eq!((args.ring_size, args.record_size, args.batch, args.work), (16_777_216, 64, 1, 0));
        assert_eq!((args.wakeup, args.target_pid, args.cpu), (Wakeup::Adaptive, 0, None));
        assert!(args.latency, "always on with text output");
        assert!(!run(&["--output", "jsonl"]).latency);
    }

    #[test]
    fn takes_a_value_in_the_next_word_or_attached_to_the_flag() {
        for words in
            [&["-d", "2.5"][..], &["-d2.5"], &["-d=2.5"], &["--duration", "2.5"], &["--duration=2.5"]]
        {
            assert_eq!(run(words).duration, Duration::from_millis(2500), "{words:?}");
        }
        assert_eq!(run(&["--wakeup=sampled:14400000"]).wakeup, Wakeup::Sampled(14_400_000));
    }

    #[test]
    fn a_timer_has_a_unit_and_none_is_one_of_ten_milliseconds() {
        for (policy, micros) in
            [("timer:100us", 100), ("timer:1ms", 1000), ("timer:1s", 1_000_000), ("none", 10_000)]
        {
            assert_eq!(run(&["--wakeup", policy]).wakeup, Wakeup::Timer(Duration::from_micros(micros)));
        }
        for policy in ["timer:1001ms", "timer:ms", "timer:1 ms", "timer:18446744073709551616us", "none:1ms"] {
            assert!(parse(["--wakeup", policy].map(str::to_owned)).1.is_err(), "{policy}");
        }
    }

    #[test]
    fn the_last_of_a_repeated_flag_counts() {
        assert_eq!(run(&["--batch", "10", "--batch=100"]).batch, 100);
    }

    #[test]
    fn the_attach_target_may_come_before_its_program_type() {
        let args = run(&["--attach-target", "do_sys_openat2", "--program-type", "kprobe"]);
        assert_eq!((args.attach_target.as_str(), args.program_type), ("do_sys_openat2", ProgramType::Kprobe));
    }

    #[test]
    fn a_tracepoint_cannot_leave_the_folder_of_tracepoints() {
        assert!(value::attach_target("../x", ProgramType::Tracepoint).is_err());
        assert!(value::attach_target("syscalls/..", ProgramType::Tracepoint).is_err());
        assert!(value::attach_target("syscalls/a/b", ProgramType::Tracepoint).is_err());
    }

    #[test]
    fn finds_the_output_behind_a_bad_flag() {
        let (output, command) = parse(["--foo", "--output", "jsonl"].map(str::to_owned));
        assert_eq!(output, Output::Jsonl);
        assert_eq!(command.unwrap_err().message(), "unknown flag `--foo`");
    }

    #[test]
    fn help_and_version_end_the_reading() {
        assert_eq!(parse(["-h", "--foo"].map(str::to_owned)).1, Ok(Command::Help));
        assert_eq!(parse(["--version"].map(str::to_owned)).1, Ok(Command::Version));
    }
}
