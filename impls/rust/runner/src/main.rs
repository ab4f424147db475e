//! The Aya runner: the user side.

mod consumer;
mod failure;
mod log;
mod producer;

use consumer::RingConsumer;
use producer::Producer;
use runner_kit::clock::now_ns;
use runner_kit::{Delays, Failure, Identity, Ready, Runner, Session, runner};
use std::process::ExitCode;

struct AyaRunner;

impl Runner for AyaRunner {
    fn identity() -> Identity {
        Identity { implementation: "rust", framework: "aya", framework_version: env!("AYA_VERSION") }
    }

    fn run<D: Delays>(session: &mut Session, delays: D) -> Result<(), Failure> {
        let args = session.args().clone();
        if args.verbose {
            log::install();
        }
        let start_ns = now_ns();
        let mut producer = Producer::load(&args)?;
        let load_ns = now_ns() - start_ns;
        // The ring can be read before the first record is written.
        let ring = producer.take_ring()?;
        let start_ns = now_ns();
        producer.attach(&args)?;
        let attach_ns = now_ns() - start_ns;
        let (program_id, map_ids) = producer.ids()?;
        let ready = Ready { program_ids: vec![program_id], map_ids, load_ns, attach_ns };
        session.measure(&ready, &mut RingConsumer::new(ring, producer, delays)?)
    }
}

fn main() -> ExitCode {
    runner::main::<AyaRunner>()
}
