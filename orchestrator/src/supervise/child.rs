//! One child process: own process group, bounded output, dies with its parent.

use std::ffi::OsStr;
use std::io;
use std::process::{ExitStatus as StdExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use procfs::FromRead as _;
use procfs::process::Stat;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child as TokioChild, ChildStdin, Command};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::launch::{FOLDER, Launch, environment};
use super::record::{ExitStatus, TimedLine};
use crate::sample::monotonic_ns;

/// Longest line of standard output that is read (docs/PROTOCOL.md: under 64 KiB, and as much more for each ring of which the last tells).
const LINE_MAX: usize = 64 * 1024;
/// Most standard output of one trial that is read.
const TOTAL_MAX: usize = 4 * 1024 * 1024;
/// Most lines of it: an empty one costs memory too. A runner that says its counters ten times a second takes hours to get there, and
/// the total is exceeded before.
const LINES_MAX: usize = 64 * 1024;
/// How long an open pipe of a process that has ended is waited for: a grandchild may hold it.
const PIPE_PATIENCE: Duration = Duration::from_millis(200);
/// How much of standard error is kept: its end.
const STDERR_TAIL: usize = 8 * 1024;

/// Something that a child's standard output did.
#[derive(Debug)]
pub(super) enum Output {
    Line(TimedLine),
    TooMuch,
}

/// Something that a child did.
#[derive(Debug)]
pub(super) enum ChildEvent {
    Output(Output),
    /// It ended, and everything that it wrote has been reported.
    Exited(Option<ExitStatus>),
}

/// A running child and its pipes.
#[derive(Debug)]
pub(super) struct Child {
    process: TokioChild,
    group: Pid,
    /// Kept open: its end tells the child that we are gone.
    pub(super) stdin: Option<ChildStdin>,
    output: mpsc::UnboundedReceiver<Output>,
    stderr: tokio::task::JoinHandle<String>,
    /// Set before the many lines of a flood are worked off, so that it is seen at once.
    flooded: Arc<AtomicBool>,
    /// Set when the process has ended: until then what it wrote is still read.
    pipe_deadline: Option<Instant>,
    ended: bool,
}

impl Child {
    /// Starts `argv` as `launch` wants it.
    pub(super) fn spawn<S: AsRef<OsStr>>(argv: &[S], launch: Launch) -> io::Result<Self> {
        let rings = launch.rings;
        let (program, arguments) =
            argv.split_first().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "empty command"))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(environment(&launch.environment))
            .current_dir(FOLDER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let parent = nix::unistd::getpid();
        // SAFETY: only async-signal-safe system calls between fork and exec, and no allocation.
        unsafe { command.pre_exec(move || launch.prepare(parent)) };
        let mut process = command.spawn()?;
        let pid = process.id().ok_or_else(|| io::Error::other("it ended before it started"))?;
        let (sender, output) = mpsc::unbounded_channel();
        let flooded = Arc::new(AtomicBool::new(false));
        if let Some(stdout) = process.stdout.take() {
            tokio::spawn(forward_lines(stdout, sender, Arc::clone(&flooded), rings));
        }
        let stderr = process.stderr.take();
        Ok(Self {
            group: Pid::from_raw(i32::try_from(pid).unwrap_or(i32::MAX)),
            stdin: process.stdin.take(),
            process,
            output,
            flooded,
            pipe_deadline: None,
            ended: false,
            stderr: tokio::spawn(async move {
                match stderr {
                    Some(pipe) => keep_tail(pipe).await,
                    None => String::new(),
                }
            }),
        })
    }

    pub(super) fn pid(&self) -> u32 {
        u32::try_from(self.group.as_raw()).unwrap_or(0)
    }

    /// Waits for the process itself (not for its pipes). Safe to cancel and to call again.
    pub(super) async fn exited(&mut self) -> Option<ExitStatus> {
        self.process.wait().await.ok().and_then(exit_status)
    }

    /// Whatever the child does next; its exit comes after all that it wrote. Safe to cancel. After `Exited` it never
    /// returns.
    pub(super) async fn next(&mut self) -> ChildEvent {
        if self.ended {
            return std::future::pending().await;
        }
        if self.flooded.swap(false, Ordering::Relaxed) {
            return ChildEvent::Output(Output::TooMuch);
        }
        if self.pipe_deadline.is_none() {
            tokio::select! {
                biased;
                Some(output) = self.output.recv() => return ChildEvent::Output(output),
                // Whatever the status is, `exited` reads it again below.
                _ = self.process.wait() => self.pipe_deadline = Some(Instant::now() + PIPE_PATIENCE),
            }
        }
        let deadline = self.pipe_deadline.unwrap_or_else(Instant::now);
        if let Ok(Some(output)) = timeout_at(deadline, self.output.recv()).await {
            return ChildEvent::Output(output);
        }
        self.ended = true;
        ChildEvent::Exited(self.exited().await)
    }

    /// Writes to its standard input, unless that was closed.
    pub(super) async fn tell(&mut self, line: &str) -> io::Result<()> {
        let Some(stdin) = &mut self.stdin else { return Ok(()) };
        stdin.write_all(line.as_bytes()).await?;
        stdin.flush().await
    }

    /// Asks the process to stop.
    pub(super) fn terminate(&self) {
        // Fails only when it is gone already.
        let _gone = kill(self.group, Signal::SIGTERM);
    }

    /// Holds the process (SIGSTOP); returns once the kernel says that it stands still.
    pub(super) async fn hold(&self) {
        let _gone = kill(self.group, Signal::SIGSTOP);
        for _ in 0..1000 {
            let stat = Stat::from_file(format!("/proc/{}/stat", self.pid()));
            if stat.is_ok_and(|stat| stat.state == 'T') {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Lets a held process go on.
    pub(super) fn resume(&self) {
        let _gone = kill(self.group, Signal::SIGCONT);
    }

    /// Kills the whole process group.
    pub(super) fn kill(&self) {
        let _gone = killpg(self.group, Signal::SIGKILL);
    }

    /// The end of standard error, as far as it is there within [`PIPE_PATIENCE`].
    pub(super) async fn stderr_tail(&mut self) -> String {
        if let Ok(Ok(tail)) = tokio::time::timeout(PIPE_PATIENCE, &mut self.stderr).await {
            return tail;
        }
        self.stderr.abort();
        String::new()
    }
}

fn exit_status(status: StdExitStatus) -> Option<ExitStatus> {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().map(ExitStatus::Code).or_else(|| status.signal().map(ExitStatus::Signal))
}

/// Forwards whole lines. Past the bounds it keeps reading, so that the child never blocks, but forwards nothing more.
async fn forward_lines<R: AsyncRead + Unpin>(
    mut pipe: R,
    sender: mpsc::UnboundedSender<Output>,
    flooded: Arc<AtomicBool>,
    rings: u32,
) {
    let more = LINE_MAX.saturating_mul(usize::try_from(rings).unwrap_or(usize::MAX));
    let (line_max, total_max) = (LINE_MAX.saturating_add(more), TOTAL_MAX.saturating_add(more));
    let mut buffer = vec![0; 64 * 1024];
    let mut line = Vec::new();
    let (mut total, mut lines) = (0, 0);
    let mut over = false;
    while let Ok(read) = pipe.read(&mut buffer).await {
        if read == 0 {
            break;
        }
        if over {
            continue;
        }
        total += read;
        let t_ns = monotonic_ns();
        for piece in buffer[..read].split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(piece);
            if line.last() == Some(&b'\n') {
                line.pop();
                lines += 1;
                if line.len() < line_max && lines <= LINES_MAX && !send(&sender, t_ns, &line) {
                    return;
                }
                over |= line.len() >= line_max;
                line.clear();
            }
            over |= line.len() >= line_max;
        }
        over |= total > total_max || lines > LINES_MAX;
        flooded.store(over, Ordering::Relaxed);
        if over && sender.send(Output::TooMuch).is_err() {
            return;
        }
    }
    if !line.is_empty() && !over {
        send(&sender, monotonic_ns(), &line);
    }
}

fn send(sender: &mpsc::UnboundedSender<Output>, t_ns: u64, line: &[u8]) -> bool {
    sender.send(Output::Line(TimedLine { t_ns, line: String::from_utf8_lossy(line).into_owned() })).is_ok()
}

async fn keep_tail<R: AsyncRead + Unpin>(mut pipe: R) -> String {
    let mut buffer = vec![0; 16 * 1024];
    let mut tail: Vec<u8> = Vec::new();
    while let Ok(read @ 1..) = pipe.read(&mut buffer).await {
        tail.extend_from_slice(&buffer[..read]);
        if tail.len() > STDERR_TAIL {
            tail.drain(..tail.len() - STDERR_TAIL);
        }
    }
    String::from_utf8_lossy(&tail).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines_of(input: &[u8]) -> (Vec<String>, bool) {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        forward_lines(input, sender, Arc::default(), 0).await;
        let (mut lines, mut too_much) = (Vec::new(), false);
        while let Some(output) = receiver.recv().await {
            match output {
                Output::Line(line) => lines.push(line.line),
                Output::TooMuch => too_much = true,
            }
        }
        (lines, too_much)
    }

    #[tokio::test]
    async fn forwards_the_last_line_without_its_end() {
        assert_eq!(lines_of(b"a\n\nb").await, (vec!["a".into(), String::new(), "b".into()], false));
    }

    #[tokio::test]
    async fn replaces_what_is_not_utf8() {
        assert_eq!(lines_of(b"\xff\n").await, (vec!["\u{fffd}".into()], false));
    }

    #[tokio::test]
    async fn line_of_64_kib_is_too_much() {
        let (lines, too_much) = lines_of(&vec![b'x'; LINE_MAX]).await;
        assert!(lines.is_empty() && too_much);
        let (lines, too_much) = lines_of(&vec![b'x'; LINE_MAX - 1]).await;
        assert!(lines.len() == 1 && !too_much);
    }

    #[tokio::test]
    async fn total_is_bounded() {
        let (_, too_much) = lines_of(&b"0123456789abcde\n".repeat(TOTAL_MAX / 16 + 1)).await;
        assert!(too_much);
    }

    #[tokio::test]
    async fn lines_of_nothing_are_bounded() {
        let (lines, too_much) = lines_of(&vec![b'\n'; LINES_MAX]).await;
        assert!(lines.len() == LINES_MAX && !too_much);
        let (lines, too_much) = lines_of(&vec![b'\n'; TOTAL_MAX]).await;
        assert!(lines.len() == LINES_MAX && too_much, "{}", lines.len());
    }

    #[tokio::test]
    async fn keeps_the_end_of_standard_error() {
        let text = [vec![b'a'; STDERR_TAIL], b"the end".to_vec()].concat();
        let tail = keep_tail(&text[..]).await;
        assert_eq!(tail.len(), STDERR_TAIL);
        assert!(tail.ends_with("the end"));
    }
}
