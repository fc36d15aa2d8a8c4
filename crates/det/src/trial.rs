//! Trials: a program is run on the cases of its contract, and what it did is compared with them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::fuel::Fuel;
use crate::{
    CallEnd, Case, Executor, Finding, JudgeError, Level, Outcome, ProgramFault, ProgramProcess,
    ProgramRunner, StatedProgram, equal, measure, stated_program,
};

/// The result of a trial: the level that the program reached, the outcome, and what ran it. Nothing ran a text that is
/// no program.
pub(crate) type Tried = (Level, Outcome, Option<Executor>);

/// A program that is to be tried.
pub(crate) struct Candidate<'a> {
    pub(crate) language: &'a str,
    pub(crate) entry: &'a str,
    pub(crate) source: &'a str,
}

/// Runs a program on the cases: those that are shown, in their order, and then those that are held out. A program that
/// holds all of them is run a second time, in another process and in the opposite order, and must do the same again.
///
/// The process is given one call at a time, and never an expected value.
///
/// # Errors
/// Nothing could be run, or the fuel of the judgement ends.
pub(crate) fn tried(
    runner: &dyn ProgramRunner,
    candidate: &Candidate<'_>,
    cases: &[Case],
    fuel: &mut Fuel,
) -> Result<Tried, JudgeError> {
    if stated_program(candidate.source, candidate.language) != StatedProgram::Whole {
        return Ok((Level::None, Outcome::Refuted(Finding::NotAProgram), None));
    }
    let (mut process, loaded) = load(runner, candidate)?;
    let executor = Some(process.executor());
    if let Err(fault) = loaded {
        return Ok((Level::None, Outcome::Refuted(Finding::NotLoaded { fault }), executor));
    }
    if cases.is_empty() {
        return Ok((Level::Syntax, Outcome::Satisfied, executor));
    }
    let refuted = |finding, executor| Ok((Level::Syntax, Outcome::Refuted(finding), executor));
    let mut ends = Vec::with_capacity(cases.len());
    for case in cases.iter().filter(|case| !case.is_held_out) {
        let end = call(process.as_mut(), case);
        if !case.holds(&end, fuel)? {
            let failed = Finding::CaseFails { case: case.shown(candidate.entry), end };
            return refuted(failed, executor);
        }
        ends.push((case, end));
    }
    let (mut failed, mut held_out) = (0, 0);
    for case in cases.iter().filter(|case| case.is_held_out) {
        let end = call(process.as_mut(), case);
        held_out += 1;
        failed += usize::from(!case.holds(&end, fuel)?);
        ends.push((case, end));
    }
    if failed > 0 {
        return refuted(Finding::HeldOutFail { failed, all: held_out }, executor);
    }
    match changed(runner, candidate, &ends, fuel)? {
        None => Ok((Level::Property, Outcome::Satisfied, executor)),
        Some(finding) => refuted(finding, executor),
    }
}

/// A process, and the outcome of loading the program in it.
type Loading = (Box<dyn ProgramProcess>, Result<(), ProgramFault>);

/// Starts a process and loads the program in it.
fn load(runner: &dyn ProgramRunner, candidate: &Candidate<'_>) -> Result<Loading, JudgeError> {
    let mut process = runner.start().map_err(JudgeError::NotRun)?;
    let loaded = process.load(candidate.source, candidate.entry);
    Ok((process, loaded))
}

/// Makes the calls again, the last one first. Returns a finding if one of them ends in another way.
fn changed(
    runner: &dyn ProgramRunner,
    candidate: &Candidate<'_>,
    ends: &[(&Case, CallEnd)],
    fuel: &mut Fuel,
) -> Result<Option<Finding>, JudgeError> {
    let (mut process, loaded) = load(runner, candidate)?;
    let impure = |case: &Case| {
        let shown = (!case.is_held_out).then(|| case.shown(candidate.entry));
        Finding::Impure { case: shown }
    };
    if loaded.is_err() {
        return Ok(Some(Finding::Impure { case: None }));
    }
    for (case, first) in ends.iter().rev() {
        let again = call(process.as_mut(), case);
        let is_the_same = match (first, &again) {
            (Ok(first), Ok(again)) => {
                fuel.spend_for(measure(first).bytes.saturating_add(measure(again).bytes), 1)?;
                equal(first, again)
            }
            (
                Err(ProgramFault::Raised { kind: first, .. }),
                Err(ProgramFault::Raised { kind: again, .. }),
            ) => first == again,
            _ => false,
        };
        if !is_the_same {
            return Ok(Some(impure(case)));
        }
    }
    Ok(None)
}

/// Makes the call of a case. A result that nests too deeply for the walks over it is a fault.
fn call(process: &mut dyn ProgramProcess, case: &Case) -> CallEnd {
    let end = process.call(&case.arguments)?;
    if measure(&end).depth > abi::MAX_DEPTH {
        return Err(ProgramFault::Other { what: "the result nests too deeply".into() });
    }
    Ok(end)
}
