//! What a runner says: messages on standard output for a supervisor, or a report for a person.

use crate::args::Output;
use crate::histogram::Histogram;
use crate::identity::Identity;
use crate::protocol::{Message, Summary, VERSION};
use crate::tally::Totals;
use crate::{Args, Failure, Ready, report};
use std::io::{self, Write as _};

/// Speaks for one runner.
#[derive(Debug)]
pub struct Emitter {
    identity: Identity,
    output: Output,
    verbose: bool,
}

impl Emitter {
    /// An emitter for this output; quiet on standard error until [`Emitter::be_verbose`].
    #[must_use]
    pub fn new(identity: Identity, output: Output) -> Self {
        Self { identity, output, verbose: false }
    }

    /// Shows progress on standard error from now on.
    pub fn be_verbose(&mut self) {
        self.verbose = true;
    }

    /// Prints text as it is: the help or the versions.
    pub fn text(&self, text: &str) -> Result<(), Failure> {
        self.write(text)
    }

    /// Says who this is.
    pub fn hello(&self) -> Result<(), Failure> {
        let Identity { implementation, framework, framework_version } = self.identity;
        let pid = std::process::id();
        self.message(&Message::Hello {
            protocol_version: VERSION,
            implementation,
            framework,
            framework_version,
            pid,
        })
    }

    /// Says that the program is attached and reading begins.
    pub fn ready(&self, args: &Args, ready: &Ready) -> Result<(), Failure> {
        let (program_type, attach_target) = report::program(args);
        self.progress(format_args!(
            "{program_type} {attach_target}: loaded in {} us, attached in {} us",
            ready.load_ns / 1000,
            ready.attach_ns / 1000
        ));
        self.message(&Message::Ready {
            program_ids: &ready.program_ids,
            map_ids: &ready.map_ids,
            load_ns: ready.load_ns,
            attach_ns: ready.attach_ns,
            program_type: program_type.as_str(),
            attach_target,
        })
    }

    /// Says how far it is.
    pub fn counters(&self, t_ns: u64, totals: Totals, wakeups: u64) -> Result<(), Failure> {
        let Totals { received, bytes, .. } = totals;
        self.progress(format_args!("{received} events received, {wakeups} wakeups"));
        self.message(&Message::Counters { t_ns, received, bytes, wakeups })
    }

    /// Says what was measured.
    pub fn summary(
        &self,
        args: &Args,
        mut summary: Summary,
        delays: Option<&Histogram>,
    ) -> Result<(), Failure> {
        match self.output {
            Output::Jsonl => {
                summary.latency = delays.map(Histogram::encode).transpose()?;
                self.message(&Message::Summary(summary))
            }
            Output::Text => {
                let percentiles = delays.and_then(Histogram::percentiles);
                self.write(&report::render(&self.identity, report::program(args), &summary, percentiles))
            }
        }
    }

    /// Says why nothing was measured, on standard error too.
    pub fn failure(&self, failure: &Failure) {
        self.complain(format_args!("{failure}"));
        // The exit status still tells when not even this can be written.
        self.message(&Message::from(failure)).ok();
    }

    fn message(&self, message: &Message<'_>) -> Result<(), Failure> {
        if self.output == Output::Text {
            return Ok(());
        }
        let mut line = serde_json::to_string(message)
            .map_err(|error| Failure::internal(format!("cannot encode a message: {error}")))?;
        line.push('\n');
        self.write(&line)
    }

    /// Writes and flushes, so that a supervisor sees every line at once.
    #[expect(clippy::unused_self, reason = "everything that a runner says goes through its emitter")]
    fn write(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        written.map_err(|error| Failure::output(&error))
    }

    fn progress(&self, text: std::fmt::Arguments<'_>) {
        if self.verbose {
            self.complain(format_args!("{text}\n"));
        }
    }

    #[expect(clippy::unused_self, reason = "everything that a runner says goes through its emitter")]
    fn complain(&self, text: std::fmt::Arguments<'_>) {
        // There is nowhere left to tell that standard error is closed.
        io::stderr().write_fmt(text).ok();
    }
}
