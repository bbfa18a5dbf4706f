//! measure
use cancelproof::engine::dpor;
use cancelproof::executor::Controlled;
use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::model::requests::{Word, word};
use cancelproof::model::runtime::{JoinHandle, Runtime};
use cancelproof::model::*;
use cancelproof::{job, registry};
use std::sync::Arc;
use std::time::Instant;

fn bare(cancelers: usize) {
    type W = Word<Controlled, word::Reference>;
    let request: Arc<W> = Arc::new(<W as CancelableRequest<Controlled>>::new());
    let handles: Vec<_> = (0..cancelers)
        .map(|_| {
            let r = Arc::clone(&request);
            Controlled::spawn(move || {
                let _ = r.cancel();
            })
        })
        .collect();
    let weak = Arc::downgrade(&request);
    let _ = request.mark(Callback::new(move || {
        let _ = weak.upgrade().unwrap().complete(Status::Canceled);
    }));
    if request.unmark() == Unmark::Unmarked {
        let _ = request.complete(Status::Success);
    }
    for h in handles {
        h.join();
    }
}
fn main() {
    for cancelers in [2usize, 3, 4] {
        for _ in 0..3 {
            let t = Instant::now();
            let e = dpor::explore(&dpor::Options::default(), move || bare(cancelers));
            let bare_time = t.elapsed();
            let program = format!("mark finish {}", "| cancel ".repeat(cancelers)).parse().unwrap();
            let t = Instant::now();
            let j = judge(
                registry::subject("word").unwrap(),
                &job::ad_hoc(program),
                Engine::Dpor,
                Settings::default(),
            )
            .unwrap();
            let judged = t.elapsed();
            println!("unjudged {:?}", unjudged(cancelers));
            println!(
                "{cancelers}: bare {} {:?} judged {} {:?} ratio {:.2}",
                e.executions,
                bare_time,
                j.executions,
                judged,
                (judged.as_secs_f64() / j.executions as f64)
                    / (bare_time.as_secs_f64() / e.executions as f64)
            );
        }
    }
}
fn unjudged(cancelers: usize) -> std::time::Duration {
    use cancelproof::{execution, scenario::Program};
    let program: Arc<Program> =
        Arc::new(format!("mark finish {}", "| cancel ".repeat(cancelers)).parse().unwrap());
    let s = registry::subject("word").unwrap();
    let t = Instant::now();
    dpor::explore(&dpor::Options::default(), move || execution::run(&program, || s.on_controlled().unwrap()));
    t.elapsed()
}
