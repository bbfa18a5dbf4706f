//! You are the scheduler. A request calls its callback twice, but only if its threads take their steps in the right order:
//! which thread goes next is yours to say. Afterwards the suite shows the shortest way there is.
//!
//! Type the number of the thread that takes the next step; `r` to let the one that is running go on until it ends or waits;
//! `u` to take a step back; `q` to give up and be shown. Reads standard input, so that a script can play as well.

use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};

use cancelproof::counterexample;
use cancelproof::execution::{self, Record};
use cancelproof::executor::{
    Choice, Controlled, Controller, Ending, Executor, ObjectKind, STACK_BYTES_DEFAULT, View,
};
use cancelproof::history::Order;
use cancelproof::model::Rule;
use cancelproof::operation::{ObjectId, Operation, TaskId};
use cancelproof::registry;
use cancelproof::rules::{self, Evidence};
use cancelproof::scenario::{Program, Scope, catalogue};
use cancelproof::trace::table::{Look, render};

const FAULT: &str = "locked-fires-twice";
const PROGRAM: &str = "mark cancel | cancel ; callback returns";

fn main() -> io::Result<()> {
    let fault = registry::fault(FAULT).expect("the suite has this fault");
    let program: Arc<Program> = Arc::new(PROGRAM.parse().expect("the program is one"));
    println!("{FAULT}: {}\nthread 0 does: mark cancel\nthread 1 does: cancel\n", fault.about.edit);
    println!(
        "Get the callback called twice. Type a thread's number, r to run on, u to undo, q to give up.\n"
    );
    let game = Arc::new(Mutex::new(Game::default()));
    let (subject, played) = (fault.subject, Arc::clone(&program));
    let body: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
        execution::run::<Controlled>(&played, || subject.on_controlled().expect("it runs on our executor"));
    });
    Executor::new(STACK_BYTES_DEFAULT).run(&mut Reader { game: Arc::clone(&game) }, &body);
    let steps = lock(&game).steps.len();
    match lock(&game).broken.take() {
        Some(broken) => println!("\nYou broke it in {steps} steps. {broken}\n"),
        None => println!("\nNot broken this time.\n"),
    }
    println!("The suite's own way:\n");
    let scenario = catalogue::named(fault.about.scenario).expect("the catalogue has it");
    if let Some(found) = counterexample::find(fault.subject, &scenario, Some(Rule::ExactlyOnce)) {
        println!("{}", render(&found.trace, &Look::plain()));
    }
    io::stdout().flush()
}

/// What has been played.
#[derive(Default)]
struct Game {
    /// The threads that took a step, in order.
    steps: Vec<TaskId>,
    /// How many of them have been taken again after an undo.
    taken: usize,
    is_over: bool,
    /// Whether the running thread goes on by itself.
    runs_on: bool,
    told: usize,
    broken: Option<String>,
}

/// Asks the reader which thread goes next.
struct Reader {
    game: Arc<Mutex<Game>>,
}

fn lock(game: &Mutex<Game>) -> std::sync::MutexGuard<'_, Game> {
    game.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says what has happened outside of the request since the last time.
fn tell(game: &mut Game) {
    let history = Record::of_this_thread().history(Order::RealTime);
    for event in history.events.iter().skip(game.told) {
        println!("      {event}");
    }
    game.told = history.events.len();
}

impl Controller for Reader {
    fn begin(&mut self) -> bool {
        let mut game = lock(&self.game);
        (game.taken, game.told) = (0, 0);
        !game.is_over
    }

    fn created(&mut self, _task: TaskId, _object: ObjectId, _kind: ObjectKind) {}

    fn observe(&mut self, _task: TaskId, _operation: &Operation) {}

    fn ended(&mut self, _task: TaskId) {}

    fn choose(&mut self, view: &View<'_>) -> Choice {
        let mut game = lock(&self.game);
        if let Some(&task) = game.steps.get(game.taken) {
            game.taken += 1;
            return Choice::Perform(task);
        }
        tell(&mut game);
        let running = view.last().filter(|&task| game.runs_on && view.enabled().contains(task));
        game.runs_on = running.is_some();
        let task = match running {
            Some(task) => Some(task),
            None => ask(&mut game, view),
        };
        let Some(task) = task else { return Choice::Abandon };
        game.steps.push(task);
        game.taken += 1;
        Choice::Perform(task)
    }

    /// The faulty request has locks only, and those are the executor's: there is no value to keep.
    fn perform(&mut self, task: TaskId, operation: &Operation) -> Result<u64, u64> {
        let game = lock(&self.game);
        if game.taken == game.steps.len() {
            println!("    thread {}: {operation}", task.0);
        }
        Ok(0)
    }

    fn end(&mut self, ending: Ending<'_>) {
        let mut game = lock(&self.game);
        if matches!(ending, Ending::Abandoned) {
            return;
        }
        tell(&mut game);
        let history = Record::of_this_thread().history(Order::RealTime);
        let contract = registry::fault(FAULT).map(|fault| fault.about.contract).unwrap_or_default();
        let failure = ending.failure();
        let evidence = Evidence::new(&history, &contract, Scope::Lawful, failure.as_ref(), None);
        game.broken = rules::judge(&evidence).map(|violation| violation.to_string());
        if game.broken.is_some() {
            game.is_over = true;
            return;
        }
        println!("\nAll threads have ended and every rule was kept. Once more from the beginning:\n");
        game.steps.clear();
    }
}

/// The reader's choice; nothing if the execution is to be begun again, or is over.
fn ask(game: &mut Game, view: &View<'_>) -> Option<TaskId> {
    loop {
        println!();
        for task in view.unfinished().iter() {
            let operation = &view.pending()[usize::from(task.0)];
            let state = if view.enabled().contains(task) { "" } else { " (waits)" };
            let place = operation.location;
            println!("  {}) {operation} at {}:{}{state}", task.0, file_name(place.file()), place.line());
        }
        print!("> ");
        // A prompt that cannot be shown is no reason to stop.
        let _ = io::stdout().flush();
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line).map_or(true, |read| read == 0) {
            game.is_over = true;
            return None;
        }
        match line.trim() {
            "q" => {
                game.is_over = true;
                return None;
            }
            "u" => {
                game.steps.pop();
                return None;
            }
            "r" if view.last().is_some_and(|task| view.enabled().contains(task)) => {
                game.runs_on = true;
                return view.last();
            }
            text => match text.parse().map(TaskId) {
                Ok(task) if view.enabled().contains(task) => return Some(task),
                _ => println!("\"{text}\" is no thread that can go now; type one of the numbers, r, u or q"),
            },
        }
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
