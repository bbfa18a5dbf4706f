//! `cancelproof orderings`: the weakest ordering at each place.

use std::io::{self, Write};
use std::time::Instant;

use super::arguments::Orderings;
use super::{Exit, UsageError, mutate, output, progress, table};
use crate::judge::{self, Engine, Settings};
use crate::mutation::{Alteration, Change, Survey};
use crate::orderings::{self, Adequacy, Advice};
use crate::report::Section;

pub(super) fn run(arguments: &Orderings) -> Result<Exit, UsageError> {
    let families = mutate::families(&arguments.request)?;
    let mut out = output::coloured();
    if let Err(blind) = judge::check_canary(Engine::Rc11, Settings::default()) {
        writeln!(out, "{blind}")?;
        return Ok(Exit::ToolFailure);
    }
    let mut exit = Exit::Proved;
    let mut all = Vec::new();
    for family in &families {
        let begin = Instant::now();
        let survey = mutate::survey(family, &orderings::scenarios(), Engine::Rc11);
        let bar = progress::bar(orderings::count(&survey) as u64);
        let advice = orderings::advise(family, &survey, |_| bar.inc(1));
        bar.finish_and_clear();
        exit = exit.max(exit_of(&advice));
        if !arguments.markdown {
            write(&mut out, &advice)?;
            writeln!(out, "in {:.1} s\n", begin.elapsed().as_secs_f64())?;
            if arguments.counterexamples {
                draw(&mut out, &survey, &advice)?;
            }
        }
        all.push(advice);
    }
    if arguments.markdown {
        write!(out, "{}", orderings::page(&all))?;
    }
    mutate::keep(arguments.keep.as_deref(), all.iter().map(section).collect())?;
    Ok(exit)
}

/// Draws the counterexample of each ordering that is too weak.
fn draw(out: &mut impl Write, survey: &Survey, advice: &Advice) -> io::Result<()> {
    for row in &advice.rows {
        for (weaker, kill) in &row.refuted {
            let alteration = Alteration { site: row.site, change: Change::Order(row.part, *weaker) };
            mutate::draw(out, survey, alteration, kill)?;
        }
    }
    Ok(())
}

fn section(advice: &Advice) -> Section {
    Section {
        title: advice.family.clone(),
        sentence: if advice.failing.is_empty() {
            format!("{}. The advice holds {}.", advice.verdict_together(), advice.holds_within())
        } else {
            format!("Refuted as it is, and by no single ordering mended: {}.", advice.failing.join("; "))
        },
        header: Advice::HEADER.map(str::to_owned).to_vec(),
        rows: advice.to_rows(),
    }
}

fn exit_of(advice: &Advice) -> Exit {
    let is_too_weak = advice.rows.iter().any(|row| row.verdict == Adequacy::TooWeak);
    if advice.rows.iter().any(|row| !row.unanswered.is_empty()) {
        Exit::ToolFailure
    } else if is_too_weak || !advice.failing.is_empty() {
        Exit::Refuted
    } else {
        Exit::Proved
    }
}

fn write(out: &mut impl Write, advice: &Advice) -> io::Result<()> {
    if !advice.failing.is_empty() {
        writeln!(out, "{}: refuted as it is, and by no single ordering mended:", advice.family)?;
        return advice.failing.iter().try_for_each(|failing| writeln!(out, "  {failing}"));
    }
    if !advice.rows.is_empty() {
        writeln!(out, "{}\n", table::plain(&Advice::HEADER, advice.to_rows()))?;
    }
    writeln!(out, "{}: {}", advice.family, advice.verdict_together())?;
    writeln!(out, "The advice holds {}.", advice.holds_within())
}
