//! The report about a graph that was run, and the tasks of one that is only shown.

use std::path::Path;

use det::Form;
use factloop::{Generated, JobReport};
use sched::Role;
use serde_json::json;

use super::Arguments;
use crate::cli::Outcome;
use crate::command::ask::{kept_in, show_recalled};
use crate::console::Console;
use crate::graph::Graph;
use crate::jobs::Planned;
use crate::json::Shown;
use crate::notes::Note;
use crate::{Error, ErrorCode, excerpt, json, thoughts};

/// Everything that is told of a run.
pub(super) struct Told<'a> {
    pub(super) report: &'a JobReport,
    /// The choice of the template, if the graph was laid out for a request.
    pub(super) planned: Option<&'a Planned>,
    /// The words for whoever vouches for the contract's expected values.
    pub(super) voucher: Option<&'a str>,
    pub(super) form: Form,
    pub(super) ledger: Option<&'a Path>,
    /// The code of the failure because of which nothing is committed.
    pub(super) broken: Option<ErrorCode>,
    pub(super) notes: &'a [Note],
}

/// Tells the report, as one JSON object or in words. The choice of a template is told unless it is the default one.
pub(super) fn tell(told: &Told<'_>, arguments: &Arguments, console: &mut Console<'_>) -> Result<(), Error> {
    let Told { report, planned, form, ledger, broken, notes, .. } = told;
    if !arguments.json {
        show(told, arguments.thoughts.show_thinking, console)?;
        notes.iter().filter(|note| !note.is_told_elsewhere()).for_each(|note| console.note(&note.line()));
        return Ok(());
    }
    let shown = Shown { thinking: arguments.thoughts.show_thinking, ..Shown::default() };
    let mut object = json::report(report, Some(*form), *ledger, shown, notes);
    if let Some(code) = broken {
        object["code"] = json!(code.word());
    }
    if let Some(planned) = planned.filter(|planned| planned.why().is_some()) {
        object["template"] = factloop::to_json(&planned.to_value());
    }
    Ok(console.result(&object.to_string())?)
}

/// Shows the tasks of a graph without running them.
pub(super) fn tasks(
    graph: &Graph,
    kind: Option<&str>,
    as_json: bool,
    console: &mut Console<'_>,
) -> Result<Outcome, Error> {
    if as_json {
        let tasks = graph.tasks.iter().map(|task| {
            let contract = factloop::to_json(&task.contract.to_value());
            let (level, after) = (task.at_least.word(), &task.after);
            json!({
                "name": task.name, "operation": task.operation, "after": after, "at_least": level,
                "answer": task.role == Role::Answer, "contract": contract,
            })
        });
        console.result(&json!({"kind": kind, "tasks": tasks.collect::<Vec<_>>()}).to_string())?;
        return Ok(Outcome::Done);
    }
    if let Some(kind) = kind {
        console.prose(&format!("kind: {kind}"))?;
    }
    for task in &graph.tasks {
        let after = if task.after.is_empty() {
            String::new()
        } else {
            format!(" · after {}", task.after.join(", "))
        };
        let (name, operation, level) = (&task.name, &task.operation, task.at_least);
        console.prose(&format!("{name} · {operation} · at least {level}{after}"))?;
    }
    Ok(Outcome::Done)
}

/// Shows a report to a person: the value on standard output, the tasks on standard error.
fn show(told: &Told<'_>, with_thoughts: bool, console: &mut Console<'_>) -> Result<(), Error> {
    let Told { report, planned, voucher, ledger, .. } = told;
    if let Some(answer) = report.answer() {
        console.result(&answer)?;
    }
    if with_thoughts {
        thoughts::show(&report.generated, console);
    }
    if let Some(reading) = &report.reading {
        console.note(&format!("read as: {reading}"));
    }
    show_recalled(report, console);
    if let Some(kind) = &report.kind {
        console.note(&format!("kind: {kind}"));
    }
    if let Some(why) = planned.and_then(Planned::why) {
        console.note(&why);
    }
    if let Some(planned) = &report.planned {
        for (step, why) in &planned.dropped {
            let (step, why) = (excerpt::from_text(step), excerpt::from_text(why));
            console.note(&format!("the model's plan: {step} was left out: {why}"));
        }
        if let Some(why) = &planned.fallback {
            console.note(&format!("the template's own plan ran: {why}"));
        }
    }
    for task in &report.tasks {
        let (name, operation) = (excerpt::from_text(&task.name), excerpt::from_text(&task.operation));
        let (owner, state) = (json::owner(task), task.state.word());
        let cause = task.cause.as_deref().map(|cause| format!(" · {}", excerpt::from_text(cause)));
        let (level, word) = (task.level, task.verification.word());
        let last = report.generated.iter().rev().find(|generated| generated.task == task.name);
        let cut = last.and_then(Generated::cut).map(|cut| format!(" · {cut}"));
        console.note(&format!(
            "{name} · {operation} · {owner} · {state} · {level} ({word}){}{}",
            cause.unwrap_or_default(),
            cut.unwrap_or_default()
        ));
    }
    if let Some(executor) = &report.executor {
        console.note(&format!("programs run in {executor}"));
    }
    match &report.abstained {
        None => {
            let voucher = voucher.map(|voucher| format!(" ({voucher})")).unwrap_or_default();
            console.note(&format!("committed at {}{voucher} for {}", report.level, report.job));
        }
        Some(abstention) => console.note(&format!(
            "not committed at {}: {}",
            report.required,
            excerpt::one_line(&abstention.to_string())
        )),
    }
    console.note(&kept_in(*ledger, &report.receipt));
    Ok(())
}
