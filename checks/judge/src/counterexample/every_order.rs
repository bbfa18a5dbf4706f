//! Why an execution fails that fails in every order of its threads: no switch is to blame, so what is told is what the thread that
//! cannot go on waits for, and what the thread that panics has read.

use crate::trace::{Access, ObjectKind, ReadFrom, Trace, What};

/// Sentences, each with the steps that it speaks of.
pub(super) fn explain(trace: &Trace) -> Vec<(String, Vec<usize>)> {
    let stuck: Vec<usize> =
        (0..trace.steps.len()).filter(|&step| matches!(trace.steps[step].what, What::Stuck { .. })).collect();
    let mut told: Vec<_> = stuck.iter().filter_map(|&step| about_waiting(trace, step)).collect();
    if told.is_empty() {
        told.extend(about_reading(trace));
    }
    told
}

/// What a thread waits for that cannot go on: a notification that came too early or never, or a lock that is held.
fn about_waiting(trace: &Trace, stuck: usize) -> Option<(String, Vec<usize>)> {
    let What::Stuck { waiting_for } = &trace.steps[stuck].what else { return None };
    let lane = trace.steps[stuck].lane;
    let is_meant = |name: &str| waiting_for == name || waiting_for.ends_with(&format!(" {name}"));
    let object = (0..trace.objects.len()).find(|&object| is_meant(&trace.objects[object].name))?;
    let who = &trace.lanes[lane].title;
    let name = &trace.objects[object].name;
    let of_object = || operations(trace, stuck).filter(|(_, access)| access.object == Some(object)).rev();
    match trace.objects[object].kind {
        ObjectKind::Condvar => {
            let mut before = operations(trace, stuck).rev();
            let (waits, _) = before.find(|(step, _)| trace.steps[*step].lane == lane)?;
            let at = trace.describe_operation(waits);
            let last = of_object().find(|(_, access)| access.name.starts_with("notify"));
            let Some((notifies, _)) = last else {
                let sentence = format!("{who} waits from {at} on, and nobody notifies {name}");
                return Some((sentence, vec![waits]));
            };
            let other = trace.describe_operation(notifies);
            let of_other = &trace.lanes[trace.steps[notifies].lane].title;
            let came = if notifies < waits { "came before that" } else { "did not bring what it waits for" };
            let sentence =
                format!("{who} waits from {at} on: the last notification, {other} of {of_other}, {came}");
            Some((sentence, vec![waits, notifies]))
        }
        ObjectKind::Lock => {
            let (locks, _) = of_object()
                .find(|(_, access)| access.name.contains("lock") && !access.name.contains("unlock"))?;
            let holder = &trace.lanes[trace.steps[locks].lane].title;
            let held = trace.describe_operation(locks);
            let sentence = format!("{who} waits for {name}, which {holder} has held since {held}");
            Some((sentence, vec![locks]))
        }
        ObjectKind::Atomic | ObjectKind::Cell | ObjectKind::Reference => None,
    }
}

/// What the thread that broke the rule had read last, and who had written it.
fn about_reading(trace: &Trace) -> Option<(String, Vec<usize>)> {
    let violation = trace.violation?;
    let lane = trace.steps[violation].lane;
    let is_of_lane = |(step, _): &(usize, &Access)| trace.steps[*step].lane == lane;
    let (reads, from) = operations(trace, violation + 1)
        .rev()
        .filter(is_of_lane)
        .find_map(|(step, access)| Some((step, access.read_from?)))?;
    let (who, at) = (&trace.lanes[lane].title, trace.describe_operation(reads));
    let ReadFrom::Step(writes) = from else {
        let sentence = format!("{at} of {who} finds what was there at the beginning");
        return Some((sentence, vec![reads]));
    };
    let (other, write) = (&trace.lanes[trace.steps[writes].lane].title, trace.describe_operation(writes));
    let sentence = format!("{at} of {who} finds what {write} of {other} wrote");
    Some((sentence, vec![writes, reads]))
}

/// The operations before `end`, each with its step.
fn operations(trace: &Trace, end: usize) -> impl DoubleEndedIterator<Item = (usize, &Access)> {
    trace.steps[..end.min(trace.steps.len())].iter().enumerate().filter_map(|(step, found)| {
        match &found.what {
            What::Operation(access) => Some((step, access)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Header, Lane, Object, Step};

    fn operation(name: &str, read_from: Option<ReadFrom>) -> What {
        let (ordering, object) = (String::new(), Some(0));
        let (operand, read, written, other) = (None, read_from.map(|_| 1), None, None);
        What::Operation(Access {
            name: name.to_owned(),
            object,
            ordering,
            operand,
            read,
            read_from,
            written,
            other,
        })
    }

    /// A trace over one object, of steps each with its lane.
    fn trace(kind: ObjectKind, name: &str, steps: Vec<(usize, What)>) -> Trace {
        let step = |(lane, what)| Step {
            lane,
            depth: 0,
            what,
            place: None,
            switch: None,
            ordered_after: Vec::new(),
            states: Vec::new(),
            is_explained: true,
        };
        let steps: Vec<Step> = steps.into_iter().map(step).collect();
        let lane = |title: &str| Lane { title: title.to_owned(), program: String::new() };
        Trace {
            header: Header::default(),
            lanes: vec![lane("main"), lane("thread 1")],
            objects: vec![Object { kind, name: name.to_owned(), initial: None, is_of_harness: false }],
            violation: Some(steps.len() - 1),
            steps,
            why: None,
        }
    }

    fn stuck(waiting_for: &str) -> What {
        What::Stuck { waiting_for: waiting_for.to_owned() }
    }

    fn told(trace: &Trace) -> Vec<String> {
        explain(trace).into_iter().map(|(sentence, _)| sentence).collect()
    }

    #[test]
    fn who_waits_is_told_with_the_last_notification_or_that_there_is_none() {
        let begin = || operation("begin wait", None);
        let never = trace(
            ObjectKind::Condvar,
            "condvar 0",
            vec![(0, begin()), (0, stuck("a notification of condvar 0"))],
        );
        assert_eq!(
            told(&never),
            ["main waits from begin wait of condvar 0 on, and nobody notifies condvar 0"]
        );
        let notify = operation("notify_all", None);
        let steps = vec![(1, notify), (0, begin()), (0, stuck("a notification of condvar 0"))];
        let early = trace(ObjectKind::Condvar, "condvar 0", steps);
        assert_eq!(
            told(&early),
            [
                "main waits from begin wait of condvar 0 on: the last notification, notify_all of condvar 0 of thread 1, came before that"
            ]
        );
    }

    #[test]
    fn who_holds_the_lock_is_told_and_who_waits_for_an_end_is_not() {
        let steps = |what| vec![(1, operation("lock", None)), (0, stuck(what))];
        let held = trace(ObjectKind::Lock, "mutex 0", steps("mutex 0"));
        assert_eq!(told(&held), ["main waits for mutex 0, which thread 1 has held since lock of mutex 0"]);
        let joins = trace(ObjectKind::Lock, "mutex 0", steps("the end of thread 1"));
        assert_eq!(told(&joins), Vec::<String>::new());
    }

    #[test]
    fn who_panics_is_told_by_what_it_has_read() {
        let reads = operation("load", Some(ReadFrom::Step(0)));
        let steps = vec![(1, operation("store", None)), (0, reads), (0, What::End)];
        let panics = trace(ObjectKind::Atomic, "atomic 0", steps);
        assert_eq!(told(&panics), ["load of main finds what store of atomic 0 of thread 1 wrote"]);
    }
}
