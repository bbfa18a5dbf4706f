//! One worker process, from outside.

use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use super::channel::{Envelope, Patience, fresh_word};
use super::launch::{Event, Launched};
use super::printed::Printed;
use super::stuck::STUCK;
use super::watch::{INTERVAL, Watch};
use crate::counterexample::{Decisions, Token};
use crate::job::{Answer, Job, Task};
use crate::model::Rule;
use crate::pulse::Pulse;

/// A running worker process.
pub(super) struct Worker {
    launched: Launched,
    pulse: Option<Pulse>,
}

/// What came of a job.
pub(crate) struct Done {
    /// The answer.
    pub(crate) answer: Answer,
    /// What the request has printed meanwhile.
    pub(crate) printed: Printed,
    /// How long the process was waited for that had to be ended, or that ended itself for want of progress.
    pub(crate) lost: Duration,
}

/// Why a worker process gave no answer.
enum Silence {
    /// It has closed its channel, as it does when it ends.
    Closed,
    /// It has written something that is no answer.
    Foreign,
    /// It was ended, because of this.
    Killed(String),
    /// It was stuck, and has said how.
    Stuck(String),
    /// The job was given up in it, because of this.
    GivenUp(String),
}

impl Worker {
    pub(super) fn start(program: &Path) -> io::Result<Self> {
        // Without its file a crash is still told, only not where.
        let pulse = Pulse::create().ok();
        Ok(Worker { launched: Launched::start(program, pulse.as_ref())?, pulse })
    }

    fn ask(&mut self, job: &Job, patience: Patience, most: Option<Duration>) -> Result<Answer, Silence> {
        let begun = Instant::now();
        let envelope = Envelope { word: fresh_word(), patience, job: job.clone() };
        self.launched.send(&envelope).map_err(|_| Silence::Closed)?;
        let mut watch = Watch::new(patience);
        loop {
            match self.launched.wait(&envelope.word, INTERVAL) {
                Event::Answer(bytes) => return read(&bytes, job),
                Event::Foreign => return Err(Silence::Foreign),
                Event::Closed => return Err(Silence::Closed),
                Event::Nothing if self.launched.has_ended() => return Err(Silence::Closed),
                Event::Nothing => {}
            }
            if most.is_some_and(|most| begun.elapsed() >= most) {
                return Err(Silence::Killed(format!("{} s were not enough", begun.elapsed().as_secs())));
            }
            let printed = self.launched.printed().bytes();
            if let Some(words) = self.pulse.as_mut().and_then(|pulse| watch.trouble(pulse, printed)) {
                return Err(Silence::Killed(words));
            }
        }
    }

    /// What became of the process, and how that is brought about again. The process has ended afterwards.
    fn last_words(&mut self, job: &Job, silence: &Silence) -> String {
        let status = match silence {
            Silence::Closed => self.launched.end_by_itself(),
            Silence::Foreign | Silence::Killed(_) | Silence::Stuck(_) | Silence::GivenUp(_) => {
                self.launched.end();
                None
            }
        };
        let begun = self.pulse.as_mut().map_or(0, Pulse::begun);
        let printed = self.launched.printed();
        let what = match (silence, status) {
            (Silence::Killed(words) | Silence::Stuck(words) | Silence::GivenUp(words), _) => words.clone(),
            (Silence::Foreign, _) => format!(
                "{} the request wrote where its worker process answers, so nothing of that is believed",
                during(begun)
            ),
            (Silence::Closed, None) => format!(
                "{} the request closed the channel of its worker process, so there is no answer",
                during(begun)
            ),
            (Silence::Closed, Some(status)) => {
                format!("{}; it last said: {}", ending(status, printed, begun), printed.last_line())
            }
        };
        match token(job, begun) {
            Some(token) => format!("{what}; replay: cancelproof replay {token}"),
            None => what,
        }
    }

    /// Lets an idle process end: its channel is closed.
    pub(super) fn dismiss(mut self) {
        // Nothing depends on how an idle worker ends.
        let _ = self.launched.end_by_itself();
    }
}

/// The answer that these bytes are. One that says why there is none was given by whoever watches the process from inside.
fn read(bytes: &[u8], job: &Job) -> Result<Answer, Silence> {
    match serde_json::from_slice(bytes) {
        Ok(Answer::Crashed(words)) if words.starts_with(GIVEN_UP) => Err(Silence::GivenUp(words)),
        Ok(Answer::Crashed(words)) => Err(Silence::Stuck(words)),
        Ok(answer) => Ok(answer),
        Err(error) => Err(Silence::GivenUp(format!("the answer to {} cannot be read: {error}", job.title()))),
    }
}

/// What the words of a job begin with that panicked past every engine.
pub(super) const GIVEN_UP: &str = "the worker process panicked: ";

/// Has a worker do a job, for as long as `most` at most if that is given; a new worker if there is none.
pub(super) fn ask(
    worker: &mut Option<Worker>,
    program: &Path,
    job: &Job,
    patience: Patience,
    most: Option<Duration>,
) -> io::Result<Done> {
    let mut running = match worker.take() {
        Some(running) => running,
        None => Worker::start(program)?,
    };
    let begun = Instant::now();
    match running.ask(job, patience, most) {
        Ok(answer) => {
            let printed = running.launched.printed().clone();
            *worker = Some(running);
            Ok(Done { answer, printed, lost: Duration::ZERO })
        }
        Err(silence) => {
            let words = running.last_words(job, &silence);
            let is_lost = matches!(silence, Silence::Killed(_) | Silence::Stuck(_));
            Ok(Done {
                answer: Answer::Crashed(words),
                printed: running.launched.printed().clone(),
                lost: if is_lost { begun.elapsed() } else { Duration::ZERO },
            })
        }
    }
}

fn during(begun: u64) -> String {
    if begun == 0 { "before any execution".to_owned() } else { format!("in execution {begun}") }
}

/// How a process ended.
fn ending(status: ExitStatus, printed: &Printed, begun: u64) -> String {
    let during = during(begun);
    let has_overflowed = ["used up its stack", "overflowed its stack"];
    if has_overflowed.iter().any(|words| printed.ends_with_words(words)) {
        return format!("{during} the request overflowed its stack ({status})");
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if status.signal() == Some(libc::SIGABRT) {
            return format!("{during} the request aborted its process ({status})");
        }
    }
    if status.code().is_some_and(|code| code != STUCK) {
        return format!("{during} the request ended its process ({status})");
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
