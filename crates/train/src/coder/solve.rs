//! The measurement of the coder: the ladder climbs each held-out gap, and the hold-out gate judges every attempt.

use super::gaps::{self, Set};
use super::item::Item;
use super::specification::specification;
use crate::TrainError;
use abi::{Decoding, Digest, Proposer, Request};
use backend_cpu::CpuBackend;
use det::TrustRoot;
use escalate::{Attempt, Ended, Fault, Ladder, Outcome, Rung, Step, Width, fault_of};
use holdout::{
    Blame, Confined, Drawn, Experiment, Laboratory, Notary, NotaryError, Options, Report, Sealed, Share, Spec,
};
use kpolicy::Unit;
use proposer::LocalModel;
use sandbox::{Launcher, Limits, Pool, Python};
use std::path::Path;

/// The number of attempts at a temperature.
const WIDTH: u32 = 3;
/// The most tokens of one attempt.
const MAX_NEW: u32 = 256;
/// The most changed copies of a candidate that the gate tries.
const MUTANTS: u32 = 20;

/// The outcome of one gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Solved {
    /// The rung whose attempt the gate admitted. `None` if it admitted none.
    pub rung: Option<Rung>,
    /// True if the first attempt is the corpus' own function, byte for byte.
    pub is_exact: bool,
    /// True if the gate refused the specification of the gap, and not the code.
    pub is_unsound: bool,
    /// The number of attempts.
    pub attempts: u32,
    /// The number of tokens that the attempts took.
    pub tokens: u64,
}

/// The outcomes of one set of gaps.
#[derive(Debug, Clone)]
pub struct Row {
    /// The set.
    pub set: Set,
    /// The outcome of each gap.
    pub solved: Vec<Solved>,
}

impl Row {
    /// Returns the share of gaps for which `is` holds.
    pub fn share(&self, is: impl Fn(&Solved) -> bool) -> Share {
        Share::from_outcomes(&self.solved.iter().map(is).collect::<Vec<_>>())
    }
}

/// Measures the model in a folder on `count` gaps of every set, on `threads` threads.
///
/// # Errors
/// [`TrainError`] if a file is missing, the machine cannot isolate candidates, or the model refuses a prompt.
pub fn table(
    folder: &Path,
    count: usize,
    threads: usize,
    root: &(impl TrustRoot + Sync),
    tell: &dyn Fn(&Row),
) -> Result<Vec<Row>, TrainError> {
    let mut rows = Vec::new();
    for set in Set::ALL {
        let items = gaps::held_out(set, count);
        let size = items.len().div_ceil(threads).max(1);
        let parts: Vec<Result<Vec<Solved>, TrainError>> = std::thread::scope(|scope| {
            let work = |part| scope.spawn(move || solve(folder, part, root));
            let workers: Vec<_> = items.chunks(size).map(work).collect();
            let join = |worker: std::thread::ScopedJoinHandle<'_, _>| {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            workers.into_iter().map(join).collect()
        });
        let mut solved = Vec::new();
        for part in parts {
            solved.extend(part?);
        }
        let row = Row { set, solved };
        tell(&row);
        rows.push(row);
    }
    Ok(rows)
}

fn solve(folder: &Path, items: &[Item], root: &impl TrustRoot) -> Result<Vec<Solved>, TrainError> {
    let model = LocalModel::from_dir(folder, CpuBackend::best()?)?;
    let launcher = Launcher::from_this_program(Python::find("python3")?, Limits::DEFAULT)?;
    let python = Confined::new(Pool::new(launcher, 2));
    let mut bench = Bench { model, python, root };
    items.iter().map(|item| bench.solve(item)).collect()
}

/// A model, an interpreter and a root, with which gaps are solved one after the other.
struct Bench<'a, R> {
    model: LocalModel<CpuBackend>,
    python: Confined,
    root: &'a R,
}

impl<R: TrustRoot> Bench<'_, R> {
    /// Climbs the ladder of a gap. A prompt that shows failing code is one greedy attempt of the rung of repairs.
    fn solve(&mut self, item: &Item) -> Result<Solved, TrainError> {
        let spec = specification(item)?;
        let mut solved = Solved { rung: None, is_exact: false, is_unsound: false, attempts: 0, tokens: 0 };
        if item.failing.is_some() {
            let attempt = Attempt {
                number: 1,
                rung: Rung::Repair,
                prompt: item.prompt.clone(),
                sampling: None,
                recalled: None,
            };
            match self.attempt(&spec, item, &attempt, &mut solved)? {
                Outcome::Admitted { .. } => solved.rung = Some(Rung::Repair),
                Outcome::Unsound { .. } => solved.is_unsound = true,
                _ => {}
            }
            return Ok(solved);
        }
        let mut ladder = Ladder::new(item.gap.clone(), Width::Fixed(WIDTH), false);
        loop {
            match ladder.step().clone() {
                Step::LookUp => ladder.looked_up(escalate::LookedUp::NOTHING),
                Step::Research { .. } => ladder.researched(String::new()),
                Step::Attempt(attempt) => {
                    let outcome = self.attempt(&spec, item, &attempt, &mut solved)?;
                    ladder.attempted(outcome);
                }
                Step::Ended(Ended::Admitted { rung, .. }) => {
                    return Ok(Solved { rung: Some(rung), ..solved });
                }
                Step::Ended(Ended::Unsound { .. }) => return Ok(Solved { is_unsound: true, ..solved }),
                Step::Ended(_) => return Ok(solved),
            }
        }
    }

    fn attempt(
        &mut self,
        spec: &Spec,
        item: &Item,
        attempt: &Attempt,
        solved: &mut Solved,
    ) -> Result<Outcome, TrainError> {
        let decoding = attempt.sampling.map_or(Decoding::Greedy, |sampling| Decoding::Sampled {
            temperature_ppm: sampling.temperature_ppm,
            seed: sampling.seed,
        });
        let request =
            Request { prompt: &attempt.prompt, facts: "", schema: None, max_new: MAX_NEW, decoding };
        // A repair shows code of the model, so its prompt may be longer than the context.
        let Ok(proposal) = self.model.propose(&request, &mut |_| {}) else {
            return Ok(Outcome::NoCode { why: "the prompt does not fit".to_owned() });
        };
        let code = proposal.value.text;
        solved.attempts += 1;
        solved.tokens += proposal.value.tokens.len() as u64;
        if attempt.number == 1 {
            solved.is_exact = code.trim_end() == item.answer;
        }
        let laboratory = Laboratory { candidate: &self.python, helper: Some(&self.python) };
        let options = Options {
            attempt: attempt.number,
            most_mutants: MUTANTS,
            may_be_the_oracle: true,
            ..Options::default()
        };
        let report = Experiment::new(spec, &code, laboratory, options, Repeated).run(self.root);
        let report = report.map_err(Box::new)?;
        Ok(outcome(spec.entry(), code, &report))
    }
}

fn outcome(entry: &str, code: String, report: &Report) -> Outcome {
    let Some(refusal) = &report.refusal else { return Outcome::Admitted { code } };
    if refusal.blame == Blame::Specification {
        return Outcome::Unsound { why: refusal.what.clone() };
    }
    let shown = refusal.counterexample.as_ref();
    let got = shown.and_then(|shown| Some((shown.arguments.as_slice(), shown.got.as_ref()?)));
    let expected = shown.and_then(|shown| shown.expected.as_ref());
    let fault = fault_of(entry, &Fault { what: &refusal.what, got, expected });
    Outcome::Refused { code, fault, severity: Some(Unit::ONE) }
}

/// A notary of measurements: nothing is kept, and exams repeat.
struct Repeated;

impl Notary for Repeated {
    fn seal(&mut self, sealed: &Sealed) -> Result<Drawn, NotaryError> {
        Ok(Drawn { head: sealed.candidate, entropy: *Digest::hash_blob(b"coder").as_bytes() })
    }
}
