//! Reports: what an experiment found out.

use abi::{Digest, Value};
use det::{Admission, Fate, WrongProgram};

use crate::{Drawn, Executor, Share};

/// A stage of the experiment, in the order in which the stages are passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The candidate is code, and not that of the oracle.
    Code,
    /// The source loads and defines the function.
    Load,
    /// The samples of the specification pass.
    Samples,
    /// The development instances pass: boundaries, small domains, and draws under a public seed.
    Development,
    /// The draws of the exam pass, under a seed that was drawn after the candidate was sealed.
    Exam,
    /// The same instances have the same results in a fresh process and another order.
    Purity,
    /// Wrong programs fail where the candidate passed.
    WrongPrograms,
    /// The oracle's own code passes in the place of the candidate.
    RightProgram,
    /// The largest instances that the types declare pass too, and the time of a call grows no faster than the specification
    /// allows.
    Growth,
    /// The transcript is judged.
    Judgement,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 10] = [
        Self::Code,
        Self::Load,
        Self::Samples,
        Self::Development,
        Self::Exam,
        Self::Purity,
        Self::WrongPrograms,
        Self::RightProgram,
        Self::Growth,
        Self::Judgement,
    ];

    /// Returns the word that stands for the stage in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Load => "load",
            Self::Samples => "samples",
            Self::Development => "development",
            Self::Exam => "exam",
            Self::Purity => "purity",
            Self::WrongPrograms => "wrong_programs",
            Self::RightProgram => "right_program",
            Self::Growth => "growth",
            Self::Judgement => "judgement",
        }
    }
}

/// An instance that the candidate gets wrong. It never comes from the exam.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The arguments, made as simple as could be.
    pub arguments: Vec<Value>,
    /// The result of the candidate. None if it had none.
    pub got: Option<Value>,
    /// The right result. None where a verifier only says that the candidate's is wrong.
    pub expected: Option<Value>,
}

/// The one to whom a refusal is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The candidate is wrong, and another one may be admitted.
    Candidate,
    /// The specification cannot tell right from wrong, so no candidate is admitted under it.
    Specification,
}

impl Blame {
    /// Returns the word that stands for it in reports: `candidate` or `specification`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Specification => "specification",
        }
    }
}

/// The first thing that kept a candidate from being admitted.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The stage that was not passed.
    pub stage: Stage,
    /// The word that stands for the reason, for example `wrong` or `raised`.
    pub reason: &'static str,
    /// The reason in words for people.
    pub what: String,
    /// The one to whom the refusal is addressed.
    pub blame: Blame,
    /// An instance that the candidate gets wrong, where one may be shown.
    pub counterexample: Option<Counterexample>,
}

impl Refusal {
    /// Returns a refusal that is addressed to the candidate, without a counterexample.
    pub(crate) fn of_candidate(stage: Stage, reason: &'static str, what: impl Into<String>) -> Self {
        Self { stage, reason, what: what.into(), blame: Blame::Candidate, counterexample: None }
    }
}

/// Everything that an experiment found out about one candidate.
#[derive(Debug)]
pub struct Report {
    /// Digest of the candidate.
    pub candidate: Digest,
    /// Digest of the specification.
    pub specification: Digest,
    /// The admission. None if the candidate was refused.
    pub admission: Option<Admission>,
    /// The reason of the refusal. None if the candidate was admitted.
    pub refusal: Option<Refusal>,
    /// The number of independent draws that the candidate passed.
    pub draws: usize,
    /// The number of different instances among them.
    pub distinct: usize,
    /// The number of samples, boundaries and enumerated instances that it passed.
    pub fixed: usize,
    /// True if every instance of the domain was tried.
    pub exhaustive: bool,
    /// The number of instances that were left out, because the oracle raised on them.
    pub undefined: u32,
    /// The wrong programs that were put in its place.
    pub wrong: Vec<WrongProgram>,
    /// The number of wrong programs that changes of the syntax tree could make. Of more than the limit, some are taken.
    pub possible_mutants: usize,
    /// The exponent with which the time of a call grows, from instances of half the greatest size to those of the greatest.
    /// None where nothing was measured, or the calls were too short. A time is no evidence, and never repeats.
    pub growth: Option<f64>,
    /// The share of the development draws that a refused candidate gets wrong. None where that was not asked for, or
    /// where the candidate could not be asked or passed them all before.
    pub severity: Option<Share>,
    /// The chance, in parts per million, that a program above the bound passes by luck.
    pub alpha_ppm: u32,
    /// The executor that ran the candidate. None if nothing was run.
    pub executor: Option<Executor>,
    /// The randomness of the exam. None if no exam took place.
    pub drawn: Option<Drawn>,
    /// The gate's record of the experiment, by whose digest the admission names it.
    pub evidence: Value,
}

impl Report {
    /// Returns the share of wrong programs that failed, without those that are the same as the candidate. None if none
    /// were tried.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a count of programs is small")]
    pub fn kill_rate(&self) -> Option<f64> {
        let killed = self.wrong.iter().filter(|wrong| wrong.fate == Fate::Killed).count();
        let all = self.wrong.iter().filter(|wrong| wrong.fate != Fate::Equivalent).count();
        (all > 0).then(|| killed as f64 / all as f64)
    }

    /// Returns the digest of the evidence.
    #[must_use]
    pub fn evidence_digest(&self) -> Digest {
        evidence_digest(&self.evidence)
    }
}

/// Returns the digest by which an admission names its evidence.
#[must_use]
pub fn evidence_digest(evidence: &Value) -> Digest {
    Digest::hash_value("nmk.exam.evidence.v1", evidence)
}
