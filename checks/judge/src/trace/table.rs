//! A trace on one screen: a column a thread, the place in the code, the state down the right side.

mod line;
mod rows;

use self::line::{Line, Style, fit, fit_place, wrap};
use self::rows::{Row, Rows};
use super::data::{Header, Trace};

/// How a trace is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// The most lines; steps that matter least are left out until it fits.
    pub lines: usize,
    /// Whether every step is shown, however many lines that takes.
    pub is_full: bool,
    /// Whether parts are coloured, by escape sequences.
    pub has_colour: bool,
    /// How the reader can run the execution again.
    pub replay_by: ReplayBy,
}

/// How an execution is run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayBy {
    /// By the command line of this suite, which knows the request.
    CommandLine,
    /// By the test target that judges the request.
    Test,
}

/// The most lines by default: one screen.
pub const LINES: usize = 40;

/// The width where there is no terminal.
pub const WIDTH: usize = 100;

impl Look {
    /// For a file, a panic message or a snapshot.
    #[must_use]
    pub const fn plain() -> Self {
        Look {
            width: WIDTH,
            lines: LINES,
            is_full: false,
            has_colour: false,
            replay_by: ReplayBy::CommandLine,
        }
    }

    /// The same at another width.
    #[must_use]
    pub const fn with_width(self, width: usize) -> Self {
        Look { width, ..self }
    }
}

/// The table, one line after another, without a line break at the end.
#[must_use]
pub fn render(trace: &Trace, look: &Look) -> String {
    let mut most = if look.is_full { usize::MAX } else { look.lines };
    let lines = loop {
        let lines = lines(trace, look, most);
        let excess = lines.len().saturating_sub(look.lines);
        // How many lines the rows take depends on what stands in them, so it is tried.
        if excess == 0 || look.is_full || most == 1 {
            break lines;
        }
        most = most.saturating_sub(excess).max(1);
    };
    let lines: Vec<String> = lines.iter().map(|line| line.to_text(look.has_colour)).collect();
    lines.join("\n")
}

/// All lines, with at most this many rows of steps.
fn lines(trace: &Trace, look: &Look, most: usize) -> Vec<Line> {
    let mut lines = head(&trace.header, look);
    if !trace.steps.is_empty() {
        let rows = Rows::of(trace, most, look.is_full);
        lines.push(Line::default());
        lines.extend(steps(trace, &rows, look));
        lines.extend(left_out(&rows));
        lines.push(Line::default());
    }
    lines.extend(foot(trace, look));
    lines
}

fn head(header: &Header, look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(broken) = &header.broken {
        let mut first = Line::default();
        first.push(&format!("{} is broken", broken.rule), Style::Broken);
        first.push(&format!(": {}", broken.meaning), Style::Plain);
        lines.extend(first.wrapped(look.width));
        lines.extend(wrap(&broken.explanation, look.width, "  ", Style::Bold));
    }
    let scenario = match header.scenario.as_str() {
        "program" => String::new(),
        name => format!("{name}: "),
    };
    let what = if header.program.is_empty() && header.contract.is_empty() {
        header.request.clone()
    } else {
        format!("{} ({}) in {scenario}{}", header.request, header.contract, header.program)
    };
    lines.extend(wrap(&what, look.width, "", Style::Plain));
    let preemptions = match header.preemptions {
        0 => "no preemption".to_owned(),
        1 => "1 preemption".to_owned(),
        more => format!("{more} preemptions"),
    };
    lines.extend(wrap(
        &format!("{}, execution {}, {preemptions}", header.engine, header.execution),
        look.width,
        "",
        Style::Dim,
    ));
    lines
}

fn foot(trace: &Trace, look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(why) = &trace.why {
        for (place, sentence) in why.sentences.iter().enumerate() {
            let text = format!("{} {sentence}", if place == 0 { "why:" } else { "and:" });
            lines.extend(wrap(&text, look.width, "", Style::Telling));
        }
    }
    if let Some(token) = &trace.header.token {
        // Never wrapped: it is there to be copied.
        let mut line = Line::default();
        line.push("replay: ", Style::Dim);
        let command = match look.replay_by {
            ReplayBy::CommandLine => format!("cancelproof replay {token}"),
            ReplayBy::Test => format!("CANCELPROOF_REPLAY={token} cargo test"),
        };
        line.push(&command, Style::Bold);
        lines.push(line);
    }
    lines
}

/// The widths of the columns.
struct Columns {
    lane: usize,
    place: usize,
    state: usize,
}

/// The columns before the first lane: the marker.
const MARKER: usize = 2;

fn columns(trace: &Trace, rows: &Rows, look: &Look) -> Columns {
    // One more than the longest: a column ends with a space.
    let place = rows.shown.iter().map(|row| row.place.chars().count() + 1).max().unwrap_or(0).clamp(6, 21);
    let longest = rows.shown.iter().map(|row| row.state.chars().count()).max().unwrap_or(0);
    let state = longest.clamp(5, if look.width >= 110 { 30 } else { 16 });
    let lanes = trace.lanes.len().max(1);
    let rest = look.width.saturating_sub(MARKER + place + state + 1);
    Columns { lane: (rest / lanes).clamp(8, 40), place, state }
}

fn steps(trace: &Trace, rows: &Rows, look: &Look) -> Vec<Line> {
    let columns = columns(trace, rows, look);
    let mut title = Line::default();
    title.push(&" ".repeat(MARKER), Style::Plain);
    for lane in &trace.lanes {
        title.push(&fit(&lane.title, columns.lane), Style::Bold);
    }
    title.push(&fit("where", columns.place), Style::Bold);
    title.push("state", Style::Bold);
    let mut lines = vec![title];
    // A state that is longer than its column goes on beside the rows that follow.
    let mut state: Vec<String> = Vec::new();
    for row in &rows.shown {
        if !row.state.is_empty() {
            state = line::words(&row.state, columns.state);
            state.reverse();
        }
        let style = if row.breaks { Style::Broken } else { Style::State };
        lines.push(step_line(trace, row, &columns, state.pop().as_deref().unwrap_or(""), style));
    }
    while let Some(rest) = state.pop() {
        let mut line = Line::default();
        line.push(&" ".repeat(MARKER + columns.lane * trace.lanes.len() + columns.place), Style::Plain);
        line.push(&rest, Style::State);
        lines.push(line);
    }
    lines
}

fn step_line(trace: &Trace, row: &Row, columns: &Columns, state: &str, state_style: Style) -> Line {
    let mut line = Line::default();
    let (marker, style) = match (row.breaks, row.is_telling, row.follows_gap) {
        (true, ..) => ("> ", Style::Broken),
        (_, true, _) => ("* ", Style::Telling),
        (_, _, true) => ("⋮ ", Style::Dim),
        _ => ("  ", Style::Plain),
    };
    line.push(marker, style);
    if row.is_sentence {
        let left = row.lane * columns.lane;
        let width = (trace.lanes.len() * columns.lane + columns.place).saturating_sub(left);
        line.push(&" ".repeat(left), Style::Plain);
        line.push(&fit(&row.text, width), style);
        line.push(state, state_style);
        return line;
    }
    for lane in 0..trace.lanes.len() {
        let (text, style) = if lane == row.lane {
            (row.text.as_str(), if row.is_outer { Style::Bold } else { style })
        } else if row.switch.is_some_and(|(from, _)| from == lane) {
            (row.switch.map_or("", |(_, reason)| reason), Style::Dim)
        } else {
            ("", Style::Plain)
        };
        line.push(&fit(text, columns.lane), style);
    }
    line.push(&fit_place(&row.place, columns.place), Style::Dim);
    line.push(state, state_style);
    line
}

fn left_out(rows: &Rows) -> Option<Line> {
    let text = match (rows.left_out, rows.after) {
        (0, 0) => return None,
        (0, after) => format!("{after} more steps follow; --full shows them"),
        (left_out, 0) => format!("{left_out} lesser steps are left out; --full shows them"),
        (left_out, after) => {
            format!("{left_out} lesser steps are left out, {after} follow; --full shows them")
        }
    };
    let mut line = Line::default();
    line.push(&format!("⋮ {text}"), Style::Dim);
    Some(line)
}
