//! The executions that are filmed.

use cancelproof::counterexample;
use cancelproof::registry::{self, FaultyRequest};
use cancelproof::scenario::catalogue;
use cancelproof::system;
use cancelproof::trace::{
    Access, Lane, Object, ObjectKind, ReadFrom, Step, Switch, SwitchReason, Trace, What,
};

/// A name that would run if it were not escaped.
pub(crate) const HOSTILE: &str =
    "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">{{ title }}";

/// The execution in which a fault is shown.
pub(crate) fn of(fault: &FaultyRequest) -> Option<Trace> {
    let scenario = catalogue::named(fault.about.scenario).expect("every fault names a scenario");
    counterexample::find(fault.subject, &scenario, Some(fault.about.breaks)).map(|found| found.trace)
}

/// Two cancelers both call the callback back.
pub(crate) fn double_fire() -> Trace {
    of(registry::fault("locked-fires-twice").expect("it is registered")).expect("it is refuted")
}

/// Two requests of one queue, which are called back in the wrong order.
pub(crate) fn last_come_first_served() -> Trace {
    let fault = system::registry::fault("queue-last-come-first-served").expect("it is registered");
    let scenario = system::matrix::scenario_of(fault);
    let found = system::counterexample::find(&fault.system, &scenario, Some(fault.about.breaks));
    found.expect("it is refuted").trace
}

/// The double fire of a request that wants to run as a script wherever its texts are shown.
pub(crate) fn hostile() -> Trace {
    let mut trace = double_fire();
    let hostile = || HOSTILE.to_owned();
    trace.header.request = hostile();
    trace.header.program = hostile();
    trace.header.token = Some(hostile());
    if let Some(broken) = &mut trace.header.broken {
        broken.explanation = hostile();
    }
    if let Some(why) = &mut trace.why {
        why.sentences = vec![hostile()];
    }
    for lane in &mut trace.lanes {
        lane.title = hostile();
    }
    for object in &mut trace.objects {
        object.name = hostile();
    }
    for step in &mut trace.steps {
        step.states = vec![hostile()];
        if let Some(place) = &mut step.place {
            place.file = hostile();
        }
        match &mut step.what {
            What::Call { call, .. } => *call = hostile(),
            What::Answer { reply, .. } => *reply = hostile(),
            What::Operation(access) => access.name = hostile(),
            _ => {}
        }
    }
    trace
}

/// Some threads that hand a value on to each other, far more often than any counterexample does.
pub(crate) fn crowded(lanes: usize, steps: usize) -> Trace {
    let mut trace = double_fire();
    trace.lanes = (0..lanes)
        .map(|lane| Lane { title: format!("thread {lane}"), program: "mark finish".to_owned() })
        .collect();
    trace.objects = vec![Object {
        kind: ObjectKind::Atomic,
        name: "atomic 0".to_owned(),
        initial: Some(0),
        is_of_harness: false,
    }];
    let place = trace.steps.iter().find_map(|step| step.place.clone());
    trace.steps = (0..steps)
        .map(|number| {
            let lane = number * 7 / 3 % lanes;
            let from = number.checked_sub(1 + number % 5);
            Step {
                lane,
                depth: number % 3,
                what: What::Operation(Access {
                    name: "compare_exchange".to_owned(),
                    object: Some(0),
                    ordering: "AcqRel, Acquire".to_owned(),
                    operand: Some(number as u64),
                    read: Some(number as u64),
                    read_from: Some(from.map_or(ReadFrom::Initial, ReadFrom::Step)),
                    written: Some(number as u64 + 1),
                    other: None,
                }),
                place: place.clone(),
                switch: (number % 4 == 3)
                    .then_some(Switch { from: (lane + 1) % lanes, reason: SwitchReason::Preempted }),
                ordered_after: from
                    .filter(|_| number % 2 == 0)
                    .into_iter()
                    .chain(number.checked_sub(9))
                    .collect(),
                states: vec!["canceled, callback not started".to_owned(), "cancelable".to_owned()],
                is_explained: true,
            }
        })
        .collect();
    trace.violation = Some(steps - 1);
    trace.why = None;
    trace
}
