//! Whether a program is whole: its size, the threads that it starts, the handlers that it ends, and what its numbers name.

use super::{MAX_LETTERS, MAX_THREADS, Program, ProgramError, Step, Verb};

/// Handles that an application has.
pub(in crate::system) const HANDLES: usize = 3;

/// Interfaces that a callback object may be asked for.
const INTERFACES: usize = 3;

/// Refuses a program that no system could run as it is written.
///
/// # Errors
///
/// Returns the first thing that is wrong with it.
pub(super) fn check(program: &Program) -> Result<(), ProgramError> {
    let threads = program.threads.len();
    if threads > MAX_THREADS {
        return Err(ProgramError::Threads(threads));
    }
    let letters = program.to_string().len();
    if letters > MAX_LETTERS {
        return Err(ProgramError::Letters { found: letters });
    }
    let mut started = Vec::new();
    for (thread, steps) in program.threads.iter().enumerate() {
        check_sections(thread, steps)?;
        for &step in steps {
            check_number(program, step)?;
            if step.verb == Verb::Start {
                let (target, last) = (step.number(0), threads - 1);
                let fits = thread == 0 && (1..=last).contains(&usize::from(target));
                if !fits || started.contains(&target) {
                    return Err(ProgramError::Start { thread, target, last });
                }
                started.push(target);
            }
        }
    }
    Ok(())
}

/// A handler or a synchronized callback lasts up to its end or that of its thread; none begins in another.
fn check_sections(thread: usize, steps: &[Step]) -> Result<(), ProgramError> {
    let mut is_inside = false;
    for step in steps {
        match step.verb {
            Verb::Handler | Verb::Synchronized if !is_inside => is_inside = true,
            Verb::End if is_inside => is_inside = false,
            Verb::Handler | Verb::Synchronized | Verb::End => {
                return Err(ProgramError::Section { thread, step: step.to_string() });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Numbers name a request, a thread, a handle, a queue or an interface that there is. Requests are looked at where a step is read.
fn check_number(program: &Program, step: Step) -> Result<(), ProgramError> {
    let (what, place, count) = match step.verb {
        Verb::Serve => ("queue", 0, program.queues()),
        Verb::Query => ("interface", 0, INTERFACES),
        Verb::CancelSynchronousIo | Verb::CancelSynchronousIoDenied => ("thread", 0, program.threads.len()),
        Verb::CancelIo | Verb::CancelIoEx | Verb::Close => ("handle", 0, HANDLES),
        Verb::Issue | Verb::Block => ("handle", 1, HANDLES),
        _ => return Ok(()),
    };
    if usize::from(step.number(place)) < count {
        Ok(())
    } else {
        Err(ProgramError::Unknown { what, last: count - 1, step: step.to_string() })
    }
}
