//! Test: histories that the harness takes for alike are judged alike, so that one of them stands for all.

use cancelproof_machine::Contract;
use cancelproof_machine::machine::{Call, State, step};
use quickcheck::{Arbitrary, Gen, QuickCheck, TestResult};

use super::{Evidence, judge};
use crate::history::code::{self, Code};
use crate::history::form::Forms;
use crate::history::{Event, History, Order, Thread, Title};
use crate::scenario::Scope;

const THREADS: Thread = 4;

/// A history of any kind, likely or not, and the same under other names with cancels moved about.
#[derive(Clone, Debug)]
struct Alike {
    contract: Contract,
    order: Order,
    scope: Scope,
    events: [Vec<Event>; 2],
}

impl Arbitrary for Alike {
    fn arbitrary(g: &mut Gen) -> Self {
        let contract = *g.choose(&Contract::PRESETS).unwrap();
        let length = *g.choose(&[6, 10, 14, 18]).unwrap();
        let mut open: [Option<Call>; THREADS as usize] = [None; THREADS as usize];
        let mut one: Vec<Event> = (0..length).map(|_| event(g, &contract, &mut open)).collect();
        if bool::arbitrary(g) {
            one.push(Event::Settled);
        }
        let mut other = one.clone();
        for _ in 0..8 {
            let place = usize::arbitrary(g) % (other.len().max(2) - 1);
            if let [Event::Called { thread: a, .. }, Event::Called { thread: b, .. }] =
                other[place..place + 2]
                && a != b
                && other[place..place + 2].iter().any(is_free_cancel)
            {
                other.swap(place, place + 1);
            }
        }
        let shift = *g.choose(&[0, 1, 2, 3]).unwrap();
        for event in &mut other {
            rename(event, shift);
        }
        let order = *g.choose(&[Order::RealTime, Order::WithinThreads]).unwrap();
        let scope = *g.choose(&[Scope::Lawful, Scope::Misuse, Scope::DriversRace]).unwrap();
        Alike { contract, order, scope, events: [one, other] }
    }
}

fn event(g: &mut Gen, contract: &Contract, open: &mut [Option<Call>; THREADS as usize]) -> Event {
    let thread = *g.choose(&[0, 1, 2, 3]).unwrap();
    let arming = *g.choose(&[0, 1]).unwrap();
    // A thread that waits for an answer makes no call.
    match (open[usize::from(thread)].take(), u8::arbitrary(g) % 8) {
        (Some(call), 3..) => {
            let state = *g.choose(&State::ALL).unwrap();
            let reply = step(contract, state, call).iter().next().map(|outcome| outcome.reply);
            reply.map_or(Event::Released { arming }, |reply| Event::Answered { thread, reply })
        }
        (waits, what @ 0..3) => {
            open[usize::from(thread)] = waits;
            match what {
                0 => Event::CallbackStarted { thread, arming },
                1 => Event::CallbackReturned { thread, arming },
                _ => Event::Released { arming },
            }
        }
        (None, 3..) => {
            let call =
                *g.choose(&[Call::Mark, Call::Unmark, Call::Cancel, Call::Cancel, Call::Complete]).unwrap();
            let title = *g.choose(&[Title::Entitled, Title::Raw]).unwrap();
            open[usize::from(thread)] = Some(call);
            let arming = (call == Call::Mark).then_some(arming);
            Event::Called { thread, call, title, arming }
        }
    }
}

fn is_free_cancel(event: &Event) -> bool {
    matches!(event, Event::Called { call: Call::Cancel, arming: None, .. })
}

fn rename(event: &mut Event, shift: Thread) {
    match event {
        Event::Called { thread, .. }
        | Event::Answered { thread, .. }
        | Event::CallbackStarted { thread, .. }
        | Event::CallbackReturned { thread, .. } => *thread = (*thread + shift) % THREADS,
        Event::Released { .. } | Event::Settled => {}
    }
}

#[test]
fn histories_of_one_form_are_judged_alike() {
    #[allow(clippy::needless_pass_by_value, reason = "quickcheck hands values over")]
    fn holds(alike: Alike) -> TestResult {
        let Alike { contract, order, scope, events } = alike;
        let shown = format!("{contract} {order:?} {scope:?}\n{events:?}");
        let [one, other] = events.map(|events| {
            let codes: Vec<Code> = events.iter().map(code::of).collect();
            let form = Forms::default().take_apart(&codes).0.to_vec();
            let history = History { events, order };
            let violation = judge(&Evidence::new(&history, &contract, scope, None, None));
            (form, violation.map(|violation| violation.rule))
        });
        if one.0 != other.0 {
            return TestResult::discard();
        }
        assert_eq!(one.1, other.1, "{shown}");
        TestResult::passed()
    }
    // Names of threads that were never answered may differ, and such pairs say nothing; most are of one form.
    QuickCheck::new()
        .tests(10_000)
        .max_tests(20_000)
        .min_tests_passed(10_000)
        .quickcheck(holds as fn(Alike) -> TestResult);
}
