//! One worker process, from outside.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;

use super::WORKER;
use super::stuck::STUCK;
use super::watch::{INTERVAL, Watch};
use crate::counterexample::{Decisions, Token};
use crate::job::{Answer, Job, Task};
use crate::model::Rule;
use crate::pulse::{self, Pulse};

/// A running worker process.
pub(super) struct Worker {
    child: Child,
    input: ChildStdin,
    /// The lines that it answers with; read by a thread, so that one can wait for them for a while only.
    lines: Receiver<String>,
    /// The last line of its standard error that is not empty; read by a thread, so that the pipe never fills up.
    last_line: thread::JoinHandle<String>,
    pulse: Option<Pulse>,
}

/// Why a worker process gave no answer.
enum Silence {
    /// It has ended.
    Ended,
    /// It was ended, because of this.
    Killed(String),
}

impl Worker {
    pub(super) fn start(program: &Path) -> io::Result<Self> {
        // Without its file a crash is still told, only not where.
        let pulse = Pulse::create().ok();
        let mut command = Command::new(program);
        command.arg(WORKER).env("RUST_BACKTRACE", "0");
        match &pulse {
            Some(pulse) => pulse.give_to(&mut command),
            None => pulse::withhold(&mut command),
        }
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("a worker process has no pipes"));
        };
        let last_line = thread::spawn(move || {
            let lines = BufReader::new(errors).lines().map_while(Result::ok);
            lines.filter(|line| !line.trim().is_empty()).last().unwrap_or_else(|| "nothing".to_owned())
        });
        let (send, lines) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            // Who waits for the lines may have gone; then nobody needs them.
            lines.take_while(|line| send.send(line.clone()).is_ok()).for_each(drop);
        });
        Ok(Worker { child, input, lines, last_line, pulse })
    }

    fn ask(&mut self, job: &Job) -> Result<Answer, Silence> {
        let ended = |_| Silence::Ended;
        let text = serde_json::to_string(job).map_err(|_| Silence::Ended)?;
        writeln!(self.input, "{text}").and_then(|()| self.input.flush()).map_err(ended)?;
        let watch = Watch::new(self.child.id());
        loop {
            match self.lines.recv_timeout(INTERVAL) {
                Ok(line) => return serde_json::from_str(&line).map_err(|_| Silence::Ended),
                Err(RecvTimeoutError::Disconnected) => return Err(Silence::Ended),
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(mebibytes) = watch.exhausted() {
                        // It may have ended by itself just now, which is as good.
                        let _ = self.child.kill();
                        let begun = self.pulse.as_mut().map_or(0, Pulse::begun);
                        return Err(Silence::Killed(format!(
                            "the process used {mebibytes} MiB by execution {begun}: the request leaks or exhausts memory"
                        )));
                    }
                }
            }
        }
    }

    /// What became of the process, and how that is brought about again.
    fn last_words(self, job: &Job, silence: Silence) -> String {
        let Worker { mut child, input, lines, last_line, mut pulse } = self;
        drop((input, lines));
        let status = child.wait();
        let line = last_line.join().unwrap_or_default();
        let begun = pulse.as_mut().map_or(0, Pulse::begun);
        let what = match (silence, status) {
            (Silence::Killed(words), _) => words,
            (Silence::Ended, Ok(status)) if status.code() == Some(STUCK) => line,
            (Silence::Ended, Ok(status)) => format!("{}; it last said: {line}", ending(status, &line, begun)),
            (Silence::Ended, Err(error)) => error.to_string(),
        };
        match token(job, begun) {
            Some(token) => format!("{what}; replay: cancelproof replay {token}"),
            None => what,
        }
    }

    /// Lets an idle process end: its input is closed.
    pub(super) fn dismiss(self) {
        drop((self.input, self.lines));
        let mut child = self.child;
        // Nothing depends on how an idle worker ends.
        let _ = child.wait();
    }
}

/// Has a worker do a job; a new one if there is none.
pub(super) fn ask(worker: &mut Option<Worker>, program: &Path, job: &Job) -> io::Result<Answer> {
    let mut running = match worker.take() {
        Some(running) => running,
        None => Worker::start(program)?,
    };
    match running.ask(job) {
        Ok(answer) => {
            *worker = Some(running);
            Ok(answer)
        }
        Err(silence) => Ok(Answer::Crashed(running.last_words(job, silence))),
    }
}

/// How a process ended.
fn ending(status: ExitStatus, last_line: &str, begun: u64) -> String {
    let during = if begun == 0 { "before any execution".to_owned() } else { format!("in execution {begun}") };
    if last_line.contains("used up its stack") || last_line.contains("overflowed its stack") {
        return format!("{during} the request overflowed its stack ({status})");
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if status.signal() == Some(libc::SIGABRT) {
            return format!("{during} the request aborted its process ({status})");
        }
    }
    format!("{during} the worker process ended with {status}")
}

/// The token of the execution that was begun last, where the engine comes to it again.
fn token(job: &Job, begun: u64) -> Option<Token> {
    if let Task::Kept { token, .. } = &job.task {
        return token.parse().ok();
    }
    let (request, scenario) = job.task.judged()?;
    (begun > 0 && job.engine.is_repeatable()).then(|| Token {
        request: request.to_owned(),
        program: scenario.program,
        scope: scenario.scope,
        rule: Rule::BoundedSteps,
        decisions: Decisions::Numbered { engine: job.engine, execution: begun, seed: job.seed },
    })
}
