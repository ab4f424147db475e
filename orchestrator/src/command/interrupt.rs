//! Ctrl-C and SIGTERM: the first asks the running trial to stop politely, the second kills it.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::supervise::TrialEnd;

/// Receives what the user asks for, and remembers that it was asked.
#[derive(Debug)]
pub(super) struct Interrupts {
    pub(super) ends: mpsc::UnboundedReceiver<TrialEnd>,
    first: std::sync::Arc<std::sync::atomic::AtomicI32>,
}

impl Interrupts {
    /// Takes over SIGINT and SIGTERM for the rest of the process.
    pub(super) fn listen() -> std::io::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let (sender, ends) = mpsc::unbounded_channel();
        let first = std::sync::Arc::new(std::sync::atomic::AtomicI32::new(0));
        let remember = std::sync::Arc::clone(&first);
        tokio::spawn(async move {
            let mut asked = false;
            loop {
                let number = tokio::select! {
                    _ = interrupt.recv() => libc::SIGINT,
                    _ = terminate.recv() => libc::SIGTERM,
                };
                let end = if asked { TrialEnd::Kill } else { TrialEnd::Stop };
                if !asked {
                    remember.store(number, std::sync::atomic::Ordering::Relaxed);
                }
                asked = true;
                if sender.send(end).is_err() {
                    return;
                }
            }
        });
        Ok(Self { ends, first })
    }

    /// The signal that asked for the end of the run, if any did.
    pub(super) fn signal(&self) -> Option<i32> {
        Some(self.first.load(std::sync::atomic::Ordering::Relaxed)).filter(|number| *number != 0)
    }
}
