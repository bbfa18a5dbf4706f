//! Starts a worker process and ends it, with everything that it has started.
//!
//! Between the two stands a keeper, which does nothing but wait: a request that ends its parent, or stops its process group, meets
//! the keeper and not whoever judges it. The keeper is the leader of the worker's process group, so all of that is ended as a whole.
//! It ends with whoever started it, and the worker ends with the keeper.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::WORKER;
use super::channel::{Envelope, VARIABLE};
use super::printed::Printed;
use crate::pulse::{self, Pulse};

/// The longest answer, in bytes: the outcomes of a large program are some megabytes.
const ANSWER_MAX: usize = 256 << 20;

/// The longest head of an answer: its word and a number.
const HEAD_MAX: usize = 80;

/// After the last of the usual signals; those that come behind have no handlers of their own accord.
const LAST_SIGNAL: libc::c_int = 32;

/// How long a process may take to end after it has closed its channel.
const ENDING: Duration = Duration::from_secs(2);

/// A worker process and the ends of the pipes to it.
#[derive(Debug)]
pub(super) struct Launched {
    /// The keeper of the process.
    keeper: Child,
    jobs: Option<File>,
    /// What of the job is not yet written.
    unsent: Vec<u8>,
    answers: File,
    /// What has been read of the answer.
    received: Vec<u8>,
    output: Option<File>,
    printed: Printed,
    /// How it ended, once that is known.
    status: Option<ExitStatus>,
}

/// What comes of waiting for an answer.
pub(super) enum Event {
    /// The answer, in bytes.
    Answer(Vec<u8>),
    /// Something else was written where answers are expected.
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
        let (jobs, to_worker) = io::pipe()?;
        let (from_worker, answers) = io::pipe()?;
        let (output, printing) = io::pipe()?;
        let mut command = Command::new(program);
        command.arg(WORKER).env("RUST_BACKTRACE", "0");
        command.env(VARIABLE, format!("{}:{}", jobs.as_raw_fd(), answers.as_raw_fd()));
        command.stdin(Stdio::null()).stdout(printing.try_clone()?).stderr(printing);
        match pulse {
            Some(pulse) => pulse.give_to(&mut command),
            None => pulse::withhold(&mut command),
        }
        let (passed, starter) = ([jobs.as_raw_fd(), answers.as_raw_fd()], std::process::id());
        // SAFETY: between fork and exec the closure makes system calls only and allocates nothing.
        unsafe { command.pre_exec(move || keep(passed, starter)) };
        let keeper = command.spawn()?;
        let to_worker = File::from(std::os::fd::OwnedFd::from(to_worker));
        do_not_block(&to_worker)?;
        Ok(Launched {
            keeper,
            jobs: Some(to_worker),
            unsent: Vec::new(),
            answers: File::from(std::os::fd::OwnedFd::from(from_worker)),
            received: Vec::new(),
            output: Some(File::from(std::os::fd::OwnedFd::from(output))),
            printed: Printed::default(),
            status: None,
        })
    }

    /// Sends a job, as the worker takes it; what was printed before is forgotten.
    ///
    /// # Errors
    ///
    /// Returns why the job has no text.
    pub(super) fn send(&mut self, envelope: &Envelope) -> io::Result<()> {
        self.unsent = serde_json::to_vec(envelope)?;
        self.unsent.push(b'\n');
        self.printed = Printed::default();
        Ok(())
    }

    /// What the worker has printed since its job was sent.
    pub(super) fn printed(&self) -> &Printed {
        &self.printed
    }

    /// Waits for the answer that begins with `word`, for a while.
    pub(super) fn wait(&mut self, word: &str, patience: Duration) -> Event {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.step(left) {
                Ok(true) => {}
                Ok(false) | Err(_) => return self.answer(word).unwrap_or(Event::Closed),
            }
            if let Some(event) = self.answer(word) {
                return event;
            }
            if left.is_zero() {
                return Event::Nothing;
            }
        }
    }

    /// Moves what can be moved through the pipes within `patience`; `false` if no answer will come any more.
    fn step(&mut self, patience: Duration) -> io::Result<bool> {
        let interest = |file: Option<&File>, events| libc::pollfd {
            fd: file.map_or(-1, AsRawFd::as_raw_fd),
            events,
            revents: 0,
        };
        let jobs = self.jobs.as_ref().filter(|_| !self.unsent.is_empty());
        let mut polled = [
            interest(Some(&self.answers), libc::POLLIN),
            interest(self.output.as_ref(), libc::POLLIN),
            interest(jobs, libc::POLLOUT),
        ];
        poll(&mut polled, patience)?;
        let [answers, output, jobs] = polled.map(|polled| polled.revents != 0);
        if jobs {
            self.write_on()?;
        }
        if output {
            self.read_output();
        }
        if !answers {
            return Ok(true);
        }
        let mut room = [0; 1 << 14];
        let count = self.answers.read(&mut room)?;
        self.received.extend(&room[..count]);
        if count == 0 {
            // What was printed before is there by now.
            self.drain();
        }
        Ok(count > 0)
    }

    fn write_on(&mut self) -> io::Result<()> {
        let Some(jobs) = &mut self.jobs else { return Ok(()) };
        match jobs.write(&self.unsent) {
            Ok(count) => {
                self.unsent.drain(..count);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn read_output(&mut self) {
        let mut room = [0; 1 << 14];
        match self.output.as_mut().map(|output| output.read(&mut room)) {
            Some(Ok(count)) if count > 0 => self.printed.add(&room[..count]),
            _ => self.output = None,
        }
    }

    /// Reads what has been printed up to now.
    fn drain(&mut self) {
        while let Some(output) = &self.output {
            let mut polled = [libc::pollfd { fd: output.as_raw_fd(), events: libc::POLLIN, revents: 0 }];
            match poll(&mut polled, Duration::ZERO) {
                Ok(()) if polled[0].revents != 0 => self.read_output(),
                _ => return,
            }
        }
    }

    /// The answer, if it is complete, or what else stands in its place.
    fn answer(&mut self, word: &str) -> Option<Event> {
        let Some(end) = self.received.iter().position(|&byte| byte == b'\n') else {
            return (self.received.len() > HEAD_MAX).then_some(Event::Foreign);
        };
        let head = std::str::from_utf8(&self.received[..end]).unwrap_or_default();
        let length = head.strip_prefix(word).and_then(|rest| rest.strip_prefix(' ')?.parse::<usize>().ok());
        let Some(length) = length.filter(|&length| length <= ANSWER_MAX) else { return Some(Event::Foreign) };
        if self.received.len() < end + 1 + length {
            return None;
        }
        self.drain();
        let answer = self.received[end + 1..end + 1 + length].to_vec();
        self.received.drain(..end + 1 + length);
        Some(Event::Answer(answer))
    }

    /// Waits until the process has ended by itself, for a while, and ends the rest of its group; how it ended, or `None` if it
    /// had to be ended.
    pub(super) fn end_by_itself(&mut self) -> Option<ExitStatus> {
        self.jobs = None;
        let until = Instant::now() + ENDING;
        while !self.has_ended() && Instant::now() < until {
            // What nobody reads would hold it up.
            self.drain();
            std::thread::sleep(Duration::from_millis(1));
        }
        let has_ended = self.has_ended();
        self.end();
        self.status.filter(|_| has_ended)
    }

    /// Whether the keeper has ended, and with it the process. It stays a zombie, so its number still names its group.
    pub(super) fn has_ended(&self) -> bool {
        if self.status.is_some() {
            return true;
        }
        // SAFETY: the structure is plain data, for which zeros are values.
        let mut found: libc::siginfo_t = unsafe { std::mem::zeroed() };
        let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        // SAFETY: the call writes to the structure that it is given, and to nothing else.
        let result = unsafe { libc::waitid(libc::P_PID, self.keeper.id(), &raw mut found, options) };
        // SAFETY: the call above has filled in what says whose state has changed, or left the zero.
        result == -1 || unsafe { found.si_pid() } != 0
    }

    /// Ends the keeper, the process, and what that has started.
    pub(super) fn end(&mut self) {
        if self.status.is_some() {
            return;
        }
        if let Ok(group) = libc::pid_t::try_from(self.keeper.id()) {
            // SAFETY: the call sends a signal; the keeper was not waited for, so the number is still that of its group.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
        // It may have ended before it had a group, or by itself just now, which is as good.
        let _ = self.keeper.kill();
        self.status = self.keeper.wait().ok();
        self.drain();
    }
}

impl Drop for Launched {
    fn drop(&mut self) {
        self.end();
    }
}

fn do_not_block(file: &File) -> io::Result<()> {
    // SAFETY: the call changes a flag of a descriptor and touches no memory.
    match unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn poll(polled: &mut [libc::pollfd], patience: Duration) -> io::Result<()> {
    // A moment more than nothing, so that nobody turns in circles for the last fraction of a millisecond.
    let milliseconds = patience.as_micros().div_ceil(1_000).try_into().unwrap_or(libc::c_int::MAX);
    // SAFETY: the call reads and writes the entries that it is given, and as many as there are.
    let result = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, milliseconds) };
    match result {
        -1 if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted => {
            Err(io::Error::last_os_error())
        }
        _ => Ok(()),
    }
}

/// Run in the process that was forked: becomes the keeper, of which the worker is forked once more and goes on to be executed.
fn keep(passed: [RawFd; 2], starter: u32) -> io::Result<()> {
    // SAFETY: all of these are system calls that touch no memory but a status on the stack. This process has one thread, and
    // nothing that another thread of the one before held is needed by them.
    unsafe {
        libc::setpgid(0, 0);
        end_with_parent();
        if u32::try_from(libc::getppid()) != Ok(starter) {
            // It ended before this process could be told.
            libc::_exit(1);
        }
        match libc::fork() {
            -1 => return Err(io::Error::last_os_error()),
            0 => {}
            worker => wait_for(worker),
        }
        end_with_parent();
        for descriptor in passed {
            if libc::fcntl(descriptor, libc::F_SETFD, 0) == -1 {
                return Err(io::Error::last_os_error());
            }
        }
    }
    Ok(())
}

/// Waits for the worker and ends as it does.
///
/// # Safety
///
/// This process must be a fork that has nothing else to do.
unsafe fn wait_for(worker: libc::pid_t) -> ! {
    // SAFETY: system calls only, in a process of one thread; every descriptor is closed, because whoever waits for the end of
    // a pipe would wait for this process too.
    unsafe {
        close_all();
        // Whoever was forked may have had handlers, which are of no use here and would keep a signal from ending this process.
        for signal in 1..LAST_SIGNAL {
            libc::signal(signal, libc::SIG_DFL);
        }
        let mut status = 0;
        while libc::waitpid(worker, &raw mut status, 0) == -1 {
            if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
                libc::_exit(1);
            }
        }
        if libc::WIFEXITED(status) {
            libc::_exit(libc::WEXITSTATUS(status));
        }
        let signal = libc::WTERMSIG(status);
        #[cfg(target_os = "linux")]
        // The worker has left a core, where that is wanted; one is enough.
        libc::prctl(libc::PR_SET_DUMPABLE, 0);
        libc::signal(signal, libc::SIG_DFL);
        libc::kill(libc::getpid(), signal);
        libc::_exit(128 + signal);
    }
}

/// Closes every descriptor of this process.
///
/// # Safety
///
/// Nobody may use one of them afterwards.
unsafe fn close_all() {
    #[cfg(target_os = "linux")]
    // SAFETY: the caller needs none of them.
    if unsafe { libc::syscall(libc::SYS_close_range, 0, libc::c_uint::MAX, 0) } == 0 {
        return;
    }
    // SAFETY: the caller needs none of them.
    let count = unsafe { libc::sysconf(libc::_SC_OPEN_MAX) }.clamp(256, 1 << 16);
    for descriptor in 0..count as RawFd {
        // SAFETY: the caller needs none of them.
        unsafe { libc::close(descriptor) };
    }
}

/// Has the system end this process when the one that started it ends: nobody would look after it then, and what it does
/// might never end.
pub(super) fn end_with_parent() {
    #[cfg(target_os = "linux")]
    // SAFETY: the call sets a property of this process and touches no memory.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
}
