//! Starts a worker process where there are no descriptors to pass on: its standard streams are its channel.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::WORKER;
use super::channel::Envelope;
use super::printed::Printed;
use crate::pulse::{self, Pulse};

/// A worker process and the ends of the pipes to it.
#[derive(Debug)]
pub(super) struct Launched {
    child: Child,
    jobs: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Its standard error; read by a thread, so that the pipe never fills up.
    errors: Arc<Mutex<Printed>>,
    printed: Printed,
}

/// What comes of waiting for an answer.
pub(super) enum Event {
    /// The answer, in bytes.
    Answer(Vec<u8>),
    /// Something else was written where answers are expected.
    #[allow(dead_code, reason = "a line that is no answer is told by whoever reads it")]
    Foreign,
    /// There will be no answer.
    Closed,
    /// Nothing yet.
    Nothing,
}

impl Launched {
    /// Starts `program` as a worker, whose pulse goes to `pulse`.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be started.
    pub(super) fn start(program: &Path, pulse: Option<&Pulse>) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg(WORKER).env("RUST_BACKTRACE", "0");
        match pulse {
            Some(pulse) => pulse.give_to(&mut command),
            None => pulse::withhold(&mut command),
        }
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let (Some(output), Some(mut stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(io::Error::other("a worker process has no pipes"));
        };
        let errors = Arc::<Mutex<Printed>>::default();
        let kept = Arc::clone(&errors);
        thread::spawn(move || {
            let mut room = [0; 1 << 12];
            while let Ok(count @ 1..) = stderr.read(&mut room) {
                kept.lock().unwrap_or_else(PoisonError::into_inner).add(&room[..count]);
            }
        });
        let (send, lines) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            // Who waits for the lines may have gone; then nobody needs them.
            lines.take_while(|line| send.send(line.clone()).is_ok()).for_each(drop);
        });
        let jobs = child.stdin.take();
        Ok(Launched { child, jobs, lines, errors, printed: Printed::default() })
    }

    /// Sends a job, as the worker takes it.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be sent.
    pub(super) fn send(&mut self, envelope: &Envelope) -> io::Result<()> {
        let Some(jobs) = &mut self.jobs else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let mut line = serde_json::to_vec(&envelope.job)?;
        line.push(b'\n');
        jobs.write_all(&line).and_then(|()| jobs.flush())
    }

    /// What the worker has printed on standard error.
    pub(super) fn printed(&self) -> &Printed {
        &self.printed
    }

    /// Waits for an answer, for a while.
    pub(super) fn wait(&mut self, _word: &str, patience: Duration) -> Event {
        let event = match self.lines.recv_timeout(patience) {
            Ok(line) => Event::Answer(line.into_bytes()),
            Err(RecvTimeoutError::Disconnected) => Event::Closed,
            Err(RecvTimeoutError::Timeout) => Event::Nothing,
        };
        self.printed = self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone();
        event
    }

    /// Waits until the process has ended by itself; how it ended.
    pub(super) fn end_by_itself(&mut self) -> Option<ExitStatus> {
        self.jobs = None;
        let status = self.child.wait().ok();
        self.printed = self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone();
        status
    }

    /// Whether the process has ended.
    #[allow(clippy::unused_self, reason = "its output ends with it")]
    pub(super) fn has_ended(&self) -> bool {
        false
    }

    /// Ends the process.
    pub(super) fn end(&mut self) {
        // It may have ended by itself just now, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Launched {
    fn drop(&mut self) {
        self.end();
    }
}
