//! Exams: the judgement of what the hold-out gate saw when it ran a program.
//!
//! The gate runs programs and believes none of them. It writes down what was asked, what came back and what is true,
//! and [`judge_exam`] alone decides whether that admits the program, and up to what bound.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use abi::{Digest, Value};

use crate::admission::CERTAIN_PPM;
use crate::{AdmissionRecord, Contract, ContractOrigin, Expectation, Tolerance, TrustRoot, agrees};

/// The least number of different results that the truth must have over an exam, so that a constant shows nothing.
const MIN_TRUTHS: usize = 2;

/// The conditions under which an exam admits a program. They belong to the specification.
#[derive(Clone, Copy, Debug)]
pub struct ExamTerms {
    /// The number of independent draws that the program must pass; at least 1.
    pub draws: u32,
    /// The chance, in parts per million, that a program which fails more often than the bound passes by luck.
    pub alpha_ppm: u32,
    /// The least number of different instances among the draws.
    pub min_distinct: u32,
    /// The least share of wrong programs that must fail, in parts per million.
    pub min_kill_ppm: u32,
    /// The difference up to which two floats count as one number.
    pub tolerance: Tolerance,
}

/// The truth about one instance: the right result, or a word about the program's.
#[derive(Clone, Debug)]
pub enum Truth {
    /// The oracle's result, which the program's result must agree with.
    Is(Value),
    /// The verifier's word about the program's result.
    Verified(bool),
}

/// One instance of an exam, with the result of the program and the truth.
#[derive(Clone, Debug)]
pub struct ExamAnswer {
    /// Digest of the arguments.
    pub instance: Digest,
    /// The result of the program.
    pub got: Value,
    /// The truth about the instance.
    pub truth: Truth,
}

impl ExamAnswer {
    /// Returns true if the program's result is right, up to `tolerance`.
    #[must_use]
    pub fn is_right(&self, tolerance: Tolerance) -> bool {
        match &self.truth {
            Truth::Is(truth) => agrees(truth, &self.got, tolerance),
            Truth::Verified(accepted) => *accepted,
        }
    }
}

/// The fate of a wrong program that was put in the place of the candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The program failed, as it must.
    Killed,
    /// The program passed, and no instance of the whole domain or of a million further draws tells it from the candidate.
    Equivalent,
    /// The program passed, and may be wrong all the same.
    Survived,
}

/// A wrong program and what became of it.
#[derive(Clone, Debug)]
pub struct WrongProgram {
    /// The name of the program, for example `returns its first argument`.
    pub name: String,
    /// True for the plainest programs (constants, the identity, a table of the samples), all of which must fail.
    pub is_plain: bool,
    /// The fate of the program.
    pub fate: Fate,
}

/// Everything that the gate saw in one exam. It is plain data, and proves nothing by itself.
#[derive(Clone, Debug, Default)]
pub struct ExamTranscript {
    /// Samples, boundaries and enumerated instances. They must pass, and count as no draws.
    pub fixed: Vec<ExamAnswer>,
    /// The independent draws.
    pub draws: Vec<ExamAnswer>,
    /// The results of the same instances in a fresh process and another order, each with the first result.
    pub repeats: Vec<(Value, Value)>,
    /// The wrong programs.
    pub wrong: Vec<WrongProgram>,
    /// True if a right program passed in the place of the candidate. None where there is no code of one.
    pub right_passed: Option<bool>,
}

/// The reason why an exam does not admit its program.
#[derive(Clone, Debug, PartialEq)]
pub enum ExamFault {
    /// The contract is not one of an exam, or a proposer wrote it.
    NotAnExam,
    /// The terms bound nothing: no draws, or alpha outside (0, 1).
    NoBound,
    /// Fewer independent draws than the terms demand.
    TooFewDraws {
        /// The number of draws.
        found: usize,
        /// The number that the terms demand.
        demanded: u32,
    },
    /// A result is wrong.
    Wrong,
    /// Too few of the draws differ from each other.
    FewDistinct {
        /// The number of different instances.
        found: usize,
        /// The number that the terms demand.
        demanded: u32,
    },
    /// The truth is the same for every instance, so that a constant would pass.
    TruthsAlike,
    /// An instance had another result in a fresh process, in another order, or the second time.
    Impure,
    /// A plain wrong program passed.
    PlainProgramPassed {
        /// The name of the program.
        name: String,
    },
    /// Too few of the wrong programs failed.
    KillRate {
        /// The number of wrong programs that failed.
        killed: usize,
        /// The number of wrong programs.
        all: usize,
    },
    /// No wrong program was tried.
    NoWrongPrograms,
    /// The right program failed in the place of the candidate.
    RightProgramFailed,
}

impl ExamFault {
    /// Returns the word that stands for the fault in reports.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotAnExam => "not_an_exam",
            Self::NoBound => "no_bound",
            Self::TooFewDraws { .. } => "too_few_draws",
            Self::Wrong => "wrong",
            Self::FewDistinct { .. } => "few_distinct",
            Self::TruthsAlike => "truths_alike",
            Self::Impure => "impure",
            Self::PlainProgramPassed { .. } => "plain_program_passed",
            Self::KillRate { .. } => "kill_rate",
            Self::NoWrongPrograms => "no_wrong_programs",
            Self::RightProgramFailed => "right_program_failed",
        }
    }
}

impl fmt::Display for ExamFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnExam => f.write_str("the contract is not one of an exam"),
            Self::NoBound => f.write_str("the terms bound nothing: no draws, or alpha not inside (0, 1)"),
            Self::TooFewDraws { found, demanded } => write!(f, "{found} of {demanded} draws were made"),
            Self::Wrong => f.write_str("a result is wrong"),
            Self::FewDistinct { found, demanded } => {
                write!(f, "the draws have {found} different instances and {demanded} are demanded")
            }
            Self::TruthsAlike => f.write_str("the oracle has the same result for every instance"),
            Self::Impure => f.write_str("the same instance had two results"),
            Self::PlainProgramPassed { name } => write!(f, "a program that {name} passes the exam too"),
            Self::KillRate { killed, all } => write!(f, "{killed} of {all} wrong programs failed"),
            Self::NoWrongPrograms => f.write_str("no wrong program was tried"),
            Self::RightProgramFailed => {
                f.write_str("the oracle's own code fails in the place of the candidate")
            }
        }
    }
}

impl core::error::Error for ExamFault {}

/// The admission of a program by an exam.
///
/// Holding one proves that [`judge_exam`] found nothing against the program in a transcript for which the holder of
/// the root vouched. It says nothing about instances that the generator cannot draw.
#[derive(Debug)]
pub struct Admission {
    subject: Digest,
    contract: Digest,
    evidence: Digest,
    draws: u64,
    alpha_ppm: u32,
}

impl Admission {
    /// Returns the record of the admission, for `signer` to sign.
    #[must_use]
    pub fn record(&self, signer: [u8; 32]) -> AdmissionRecord {
        AdmissionRecord {
            subject: self.subject,
            contract: self.contract,
            draws: self.draws,
            alpha_ppm: self.alpha_ppm,
            evidence: self.evidence,
            signer,
        }
    }

    /// Returns the rate of failures that the exam excludes, as [`failure_bound`] computes it.
    #[must_use]
    pub fn bound(&self) -> f64 {
        failure_bound(self.draws, self.alpha_ppm)
    }
}

/// Returns the largest rate of failures that `draws` passed draws do not exclude at `alpha_ppm` parts per million.
///
/// A program that fails at rate `p` passes `n` independent draws with probability `(1 - p)^n`, which is below `alpha`
/// for every `p` above `1 - alpha^(1/n)`. Without draws the bound is 1.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "a count of draws is far below 2^53")]
pub fn failure_bound(draws: u64, alpha_ppm: u32) -> f64 {
    if draws == 0 || alpha_ppm == 0 {
        return 1.0;
    }
    let alpha = f64::from(alpha_ppm) / f64::from(CERTAIN_PPM);
    -libm::expm1(libm::log(alpha) / draws as f64)
}

/// Judges the exam of `subject` under the contract of its specification. `evidence` is the digest of the gate's record.
///
/// # Errors
/// [`ExamFault`] names the first thing that does not admit the program.
pub fn judge_exam(
    subject: Digest,
    contract: &Contract,
    terms: &ExamTerms,
    transcript: &ExamTranscript,
    evidence: Digest,
    _root: &impl TrustRoot,
) -> Result<Admission, ExamFault> {
    let is_exam = matches!(contract.expectation(), Expectation::Exam { .. });
    if !is_exam || contract.origin() == ContractOrigin::Proposer {
        return Err(ExamFault::NotAnExam);
    }
    if terms.draws == 0 || !(1..CERTAIN_PPM).contains(&terms.alpha_ppm) {
        return Err(ExamFault::NoBound);
    }
    results(terms, transcript)?;
    if transcript.repeats.iter().any(|(first, again)| !crate::equal(first, again)) {
        return Err(ExamFault::Impure);
    }
    wrong_programs(terms, transcript)?;
    if transcript.right_passed == Some(false) {
        return Err(ExamFault::RightProgramFailed);
    }
    let draws = transcript.draws.len() as u64;
    Ok(Admission { subject, contract: contract.digest(), evidence, draws, alpha_ppm: terms.alpha_ppm })
}

fn results(terms: &ExamTerms, transcript: &ExamTranscript) -> Result<(), ExamFault> {
    let ExamTranscript { fixed, draws, .. } = transcript;
    if fixed.iter().chain(draws).any(|answer| !answer.is_right(terms.tolerance)) {
        return Err(ExamFault::Wrong);
    }
    if draws.len() < terms.draws as usize {
        return Err(ExamFault::TooFewDraws { found: draws.len(), demanded: terms.draws });
    }
    let distinct = different(draws.iter().map(|answer| answer.instance));
    if distinct < terms.min_distinct as usize {
        return Err(ExamFault::FewDistinct { found: distinct, demanded: terms.min_distinct });
    }
    // A verifier has no result of its own; the program's results stand for it.
    let truths = fixed.iter().chain(draws).map(|answer| match &answer.truth {
        Truth::Is(truth) => truth,
        Truth::Verified(_) => &answer.got,
    });
    match different(truths.map(crate::subject_digest)) {
        MIN_TRUTHS.. => Ok(()),
        _ => Err(ExamFault::TruthsAlike),
    }
}

fn wrong_programs(terms: &ExamTerms, transcript: &ExamTranscript) -> Result<(), ExamFault> {
    let wrong = &transcript.wrong;
    if wrong.is_empty() {
        return Err(ExamFault::NoWrongPrograms);
    }
    if let Some(passed) = wrong.iter().find(|wrong| wrong.is_plain && wrong.fate == Fate::Survived) {
        return Err(ExamFault::PlainProgramPassed { name: passed.name.clone() });
    }
    let killed = wrong.iter().filter(|wrong| wrong.fate == Fate::Killed).count();
    let all = wrong.iter().filter(|wrong| wrong.fate != Fate::Equivalent).count();
    let rate_is_met =
        killed as u64 * u64::from(CERTAIN_PPM) >= all as u64 * u64::from(terms.min_kill_ppm) && killed > 0;
    if rate_is_met { Ok(()) } else { Err(ExamFault::KillRate { killed, all }) }
}

fn different(digests: impl Iterator<Item = Digest>) -> usize {
    digests.collect::<alloc::collections::BTreeSet<Digest>>().len()
}
