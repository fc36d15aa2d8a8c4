//! The jobs of a ledger for people.

use std::path::Path;

use abi::counted;

use super::view::{State, Sums, Templates, View};
use crate::excerpt;
use crate::jobs::{End, Line};
use crate::utc::time;

/// The most characters of a reason.
const MOST_REASON: usize = 120;

/// Returns the lines of the dashboard.
pub(super) fn lines(folder: &Path, view: &View<'_>) -> Vec<String> {
    let mut lines = vec![totals(&view.sums)];
    let folder = folder.display();
    lines.push(format!("{}, whose chain and signature hold ({folder})", counted(view.entries, "entry")));
    if !view.kinds.is_empty() {
        lines.push(String::new());
        lines.extend(table(kinds(view)));
    }
    section(&mut lines, "templates", view.templates.iter().map(template));
    section(
        &mut lines,
        "learnings",
        view.learnings.iter().map(|(kind, learning)| {
            let last = learning.last_ms.map(|at| format!(", last {}", time(at))).unwrap_or_default();
            let jobs = counted(learning.count, "job");
            format!("{kind} · {} failed at {} in {jobs}{last}", learning.task, learning.check)
        }),
    );
    section(&mut lines, "open", view.open.iter().map(|(line, state)| job(line, *state)));
    section(&mut lines, "recent", view.recent.iter().map(|(line, state)| job(line, *state)));
    lines
}

/// Adds the lines of a section under its title, unless there are none.
fn section(lines: &mut Vec<String>, title: &str, rows: impl Iterator<Item = String>) {
    let rows: Vec<String> = rows.map(|row| format!("  {row}")).collect();
    if !rows.is_empty() {
        lines.extend([String::new(), title.to_owned()]);
        lines.extend(rows);
    }
}

fn totals(sums: &Sums) -> String {
    let Sums { jobs, committed, abstained, interrupted, open, generations, tokens, .. } = sums;
    let looked_up = match sums.looked_up {
        0 => String::new(),
        looked_up => format!(", {}", counted(looked_up, "look-up")),
    };
    format!(
        "{}: {committed} committed, {abstained} abstained, {interrupted} interrupted, {open} open{looked_up} · {}, {}, {}",
        counted(*jobs, "job"),
        counted(*generations, "generation"),
        counted(*tokens, "token"),
        with_unit(sums.wall_ms)
    )
}

fn kinds(view: &View<'_>) -> Vec<[String; 9]> {
    let title =
        ["kind", "jobs", "committed", "unchecked", "success", "levels", "generations", "tokens", "seconds"];
    let row = |(kind, sums): (&&str, &Sums)| {
        let levels: Vec<String> =
            sums.levels.iter().rev().map(|(level, count)| format!("{level} {count}")).collect();
        [
            excerpt::from_text(kind),
            sums.jobs.to_string(),
            sums.committed.to_string(),
            sums.unchecked.to_string(),
            sums.success().to_string(),
            if levels.is_empty() { "-".to_owned() } else { levels.join(", ") },
            sums.generations.to_string(),
            sums.tokens.to_string(),
            sums.wall_ms.map_or_else(|| "-".to_owned(), seconds),
        ]
    };
    [title.map(str::to_owned)].into_iter().chain(view.kinds.iter().map(row)).collect()
}

/// Returns rows with their columns below each other. The first column and the sixth begin at their left, the others end at
/// their right.
fn table<const N: usize>(rows: Vec<[String; N]>) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| match column {
            0 | 5 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<String>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn template(Templates { choice, is_chosen }: &Templates) -> String {
    let runs = choice.candidates.iter().map(|(name, tally)| {
        let [low, high] = tally.interval().map(|end| 100.0 * end);
        let (passes, runs) = (tally.passes, tally.runs());
        format!("{} {passes} of {runs} [{low:.1}, {high:.1}] %", excerpt::from_text(name))
    });
    let runs: Vec<String> = runs.collect();
    let planner = if choice.planner { " with --planner" } else { "" };
    let model: String = excerpt::from_text(&choice.model).chars().take(24).collect();
    let kind = excerpt::from_text(&choice.kind);
    let next = match is_chosen {
        true => format!("next: {} ({})", excerpt::from_text(&choice.template), choice.by.word()),
        false => "never chosen by its record".to_owned(),
    };
    format!("{kind}{planner} · {} · {next} · model {model}", runs.join(", "))
}

fn job(line: &Line, state: State) -> String {
    let time = line.at.map_or_else(|| "at no stated time".to_owned(), time);
    let state = match state {
        State::Committed(level) => format!("committed at {level}"),
        State::Abstained => "abstained".to_owned(),
        State::LookedUp => "looked up".to_owned(),
        State::Interrupted => "interrupted, its process ended".to_owned(),
        State::Running => "running".to_owned(),
        State::LeftOpen => "left open, its process ended".to_owned(),
    };
    let template =
        line.planned.as_ref().map(|planned| format!(" ({})", excerpt::from_text(&planned.template)));
    let reason = match &line.end {
        Some(End::Abstained(reason)) => {
            let reason: String = excerpt::one_line(reason).chars().take(MOST_REASON).collect();
            format!(" · {reason}")
        }
        _ => String::new(),
    };
    format!(
        "{time} · {} · {}{} · {state} · {}, {}, {}{reason}",
        line.id,
        excerpt::from_text(line.kind()),
        template.unwrap_or_default(),
        counted(line.generations, "generation"),
        counted(line.tokens, "token"),
        with_unit(line.wall_ms())
    )
}

/// Returns the seconds with their unit. A time that is not known is no time of zero.
fn with_unit(milliseconds: Option<u64>) -> String {
    milliseconds
        .map_or_else(|| "time not known".to_owned(), |milliseconds| format!("{} s", seconds(milliseconds)))
}

fn seconds(milliseconds: u64) -> String {
    if milliseconds < 10 {
        return "<0.01".to_owned();
    }
    format!("{}.{:02}", milliseconds / 1000, milliseconds % 1000 / 10)
}
