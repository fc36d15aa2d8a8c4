//! The experiment: a candidate passes the stages one after the other, or is refused at the first that it does not pass.
//!
//! The machine has no clock, no randomness and no process of its own. A [`Driver`] runs programs, a [`Notary`] seals and
//! draws, and [`det::judge_exam`] decides. One [`step`](Experiment::step) is one stage.

mod asking;
mod growth;
mod severity;
mod stages;

use std::time::Duration;

use abi::{Digest, Value};
use det::{ExamTranscript, TrustRoot, judge_exam, subject_digest};

use crate::instances::Instances;
use crate::report::evidence_digest;
use crate::teller::Teller;
use crate::{
    Blame, Drawn, Driver, Executor, ExperimentError, Notary, Refusal, Report, Running, Share, Spec, Stage,
};

/// The drivers that run the programs of an experiment: the candidate's, and that of the specification.
#[derive(Clone, Copy)]
pub struct Laboratory<'a> {
    /// Runs the candidate and the wrong programs.
    pub candidate: &'a dyn Driver,
    /// Runs the Python code of the specification and the tool that makes wrong programs, by the machine's own Python.
    /// Needed for candidates in Python, and where the specification has code.
    pub helper: Option<&'a dyn Driver>,
}

impl std::fmt::Debug for Laboratory<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Laboratory").finish_non_exhaustive()
    }
}

/// The choices of one experiment that are not part of the specification.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The number of the attempt at one gap, from 1; alpha is halved for each. 0 for a candidate on its own.
    pub attempt: u32,
    /// The most changed copies of the candidate that are tried.
    pub most_mutants: u32,
    /// The further draws on which each surviving wrong program is compared with the candidate. A million without a
    /// difference show that it is no wrong program.
    pub further_draws: u32,
    /// True where the candidate may be the oracle's own code, because the gate itself is being evaluated.
    pub may_be_the_oracle: bool,
    /// True where an instance on which the oracle raises is left out, because the types were guessed from calls.
    pub leave_out_undefined: bool,
    /// The most time for all loads and calls of the candidate together, and once more for its wrong programs. Without it,
    /// a candidate that uses most of the limit of each call would hold up the gate for hours.
    pub most_time: Duration,
    /// True if the share of the development draws that a refused candidate gets wrong is measured too.
    pub measures_severity: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            attempt: 0,
            most_mutants: 60,
            further_draws: 0,
            may_be_the_oracle: false,
            leave_out_undefined: false,
            // Less than the processor time that a worker may use, so that the reason is named.
            most_time: Duration::from_secs(50),
            measures_severity: false,
        }
    }
}

/// The point that one step of an experiment has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The candidate passed this stage.
    Passed(Stage),
    /// Every stage was passed, or the candidate was refused; [`Experiment::conclude`] comes next.
    Ended,
}

/// An experiment with one candidate under one specification.
pub struct Experiment<'a, N> {
    spec: &'a Spec,
    candidate: &'a str,
    laboratory: Laboratory<'a>,
    options: Options,
    notary: N,
    stage: usize,
    refusal: Option<Refusal>,
    teller: Option<Teller>,
    source: Option<Instances>,
    running: Option<Box<dyn Running>>,
    executor: Option<Executor>,
    drawn: Option<Drawn>,
    transcript: ExamTranscript,
    /// The instances of the transcript: the fixed ones, then the draws.
    instances: Vec<Vec<Value>>,
    mutants: Vec<(String, String)>,
    possible_mutants: usize,
    /// True if the tool that makes wrong programs could read the candidate, or need not.
    is_read: bool,
    exhaustive: bool,
    undefined: u32,
    stalled: u32,
    slowest: Duration,
    growth: Option<f64>,
    severity: Option<Share>,
    /// The time of all loads and calls of the candidate so far.
    spent: Duration,
}

impl<N> std::fmt::Debug for Experiment<'_, N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Experiment").field("stage", &Stage::ALL.get(self.stage)).finish_non_exhaustive()
    }
}

impl<'a, N: Notary> Experiment<'a, N> {
    /// Returns an experiment that has not begun.
    #[must_use]
    pub fn new(
        spec: &'a Spec,
        candidate: &'a str,
        laboratory: Laboratory<'a>,
        options: Options,
        notary: N,
    ) -> Self {
        Self {
            spec,
            candidate,
            laboratory,
            options,
            notary,
            stage: 0,
            refusal: None,
            teller: None,
            source: None,
            running: None,
            executor: None,
            drawn: None,
            transcript: ExamTranscript::default(),
            instances: Vec::new(),
            mutants: Vec::new(),
            possible_mutants: 0,
            is_read: true,
            exhaustive: false,
            undefined: 0,
            stalled: 0,
            slowest: Duration::ZERO,
            growth: None,
            severity: None,
            spent: Duration::ZERO,
        }
    }

    /// Makes all steps, and concludes.
    ///
    /// # Errors
    /// [`ExperimentError`] if the experiment says nothing about the candidate.
    pub fn run(mut self, root: &impl TrustRoot) -> Result<Report, ExperimentError> {
        while self.step()? != Progress::Ended {}
        Ok(self.conclude(root))
    }

    /// Returns the stage that comes next. None if none does.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        Stage::ALL
            .get(self.stage)
            .copied()
            .filter(|stage| *stage != Stage::Judgement && self.refusal.is_none())
    }

    /// Runs the next stage.
    ///
    /// # Errors
    /// [`ExperimentError`] if the experiment says nothing about the candidate.
    pub fn step(&mut self) -> Result<Progress, ExperimentError> {
        let Some(stage) = self.stage() else { return Ok(Progress::Ended) };
        let refusal = match stage {
            Stage::Code => self.code()?,
            Stage::Load => self.load()?,
            Stage::Samples => self.samples()?,
            Stage::Development => self.development()?,
            Stage::Exam => self.exam()?,
            Stage::Purity => self.purity()?,
            Stage::WrongPrograms => self.wrong_programs()?,
            Stage::RightProgram => self.right_program()?,
            Stage::Growth => self.growth()?,
            Stage::Judgement => None,
        };
        self.stage += 1;
        self.refusal = refusal.map(|mut refusal| {
            if refusal.reason == "no_entry" {
                refusal.what = format!("the source defines no function {}", self.spec.entry());
            }
            if ["raised", "unsupported"].contains(&refusal.reason) {
                refusal.what.push_str(self.laboratory.candidate.hint());
            }
            refusal
        });
        if let Some(refusal) = self.refusal.as_ref().filter(|_| self.options.measures_severity) {
            self.severity = self.severity(refusal.stage)?;
        }
        Ok(if self.refusal.is_some() { Progress::Ended } else { Progress::Passed(stage) })
    }

    /// Has the transcript judged, and reports. A candidate that has not passed every stage is refused.
    #[must_use]
    pub fn conclude(mut self, root: &impl TrustRoot) -> Report {
        let candidate = subject_digest(&Value::text(self.candidate));
        let alpha_ppm = self.alpha_ppm();
        let evidence = self.evidence(candidate, alpha_ppm);
        let mut admission = None;
        if self.refusal.is_none() {
            let mut terms = *self.spec.terms();
            terms.alpha_ppm = alpha_ppm;
            // A small domain has no more instances than it has.
            let domain = self.source.as_ref().and_then(Instances::domain);
            terms.min_distinct = domain.map_or(terms.min_distinct, |count| {
                terms.min_distinct.min(u32::try_from(count / 2).unwrap_or(u32::MAX).max(1))
            });
            let evidence = evidence_digest(&evidence);
            match judge_exam(candidate, &self.spec.contract(), &terms, &self.transcript, evidence, root) {
                Ok(admitted) => admission = Some(admitted),
                Err(fault) => self.refusal = Some(judged(&fault)),
            }
        }
        Report {
            candidate,
            specification: self.spec.digest(),
            admission,
            refusal: self.refusal,
            draws: self.transcript.draws.len(),
            distinct: distinct(&self.transcript),
            fixed: self.transcript.fixed.len(),
            exhaustive: self.exhaustive,
            undefined: self.undefined,
            wrong: self.transcript.wrong,
            possible_mutants: self.possible_mutants,
            growth: self.growth,
            severity: self.severity,
            alpha_ppm,
            executor: self.executor,
            drawn: self.drawn,
            evidence,
        }
    }

    /// Returns alpha for the attempt: that of the specification over 2^attempt, in parts per million, and at least one part.
    fn alpha_ppm(&self) -> u32 {
        self.spec.terms().alpha_ppm.checked_shr(self.options.attempt).unwrap_or(0).max(1)
    }

    /// Returns everything that a later experiment with the same seed must repeat.
    fn evidence(&self, candidate: Digest, alpha_ppm: u32) -> Value {
        let count = |count: usize| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
        let wrong = self.transcript.wrong.iter().map(|wrong| {
            let fate = match wrong.fate {
                det::Fate::Killed => "killed",
                det::Fate::Equivalent => "equivalent",
                det::Fate::Survived => "survived",
            };
            Value::List(vec![Value::text(wrong.name.as_str()), Value::text(fate)])
        });
        let stage = self.refusal.as_ref().map_or("admitted", |refusal| refusal.stage.word());
        let executor = self.executor.as_ref().map_or(Value::Null, |executor| {
            Value::map([
                ("name", Value::text(executor.name)),
                ("version", Value::text(executor.version.as_str())),
                ("isolation", Value::text(executor.isolation.as_str())),
            ])
        });
        let drawn = self.drawn.map_or(Value::Null, |drawn| {
            Value::map([("head", drawn.head.to_value()), ("entropy", Value::Bytes(drawn.entropy.to_vec()))])
        });
        Value::map([
            ("gate", Value::text(concat!("nmk-holdout ", env!("CARGO_PKG_VERSION")))),
            ("candidate", candidate.to_value()),
            ("specification", self.spec.digest().to_value()),
            ("oracle", Value::text(self.spec.oracle().word())),
            ("attempt", Value::Int(i64::from(self.options.attempt))),
            ("most_mutants", Value::Int(i64::from(self.options.most_mutants))),
            ("further_draws", Value::Int(i64::from(self.options.further_draws))),
            ("alpha_ppm", Value::Int(i64::from(alpha_ppm))),
            ("stage", Value::text(stage)),
            ("drawn", drawn),
            ("executor", executor),
            ("draws", count(self.transcript.draws.len())),
            ("distinct", count(distinct(&self.transcript))),
            ("fixed", count(self.transcript.fixed.len())),
            ("undefined", Value::Int(i64::from(self.undefined))),
            ("possible_mutants", count(self.possible_mutants)),
            ("exhaustive", Value::Bool(self.exhaustive)),
            ("answers", answers_digest(&self.transcript).to_value()),
            ("wrong", Value::List(wrong.collect())),
        ])
    }
}

fn distinct(transcript: &ExamTranscript) -> usize {
    let instances = transcript.draws.iter().map(|answer| answer.instance);
    instances.collect::<std::collections::BTreeSet<Digest>>().len()
}

/// Returns the digest of every instance, result and truth, in order.
fn answers_digest(transcript: &ExamTranscript) -> Digest {
    let answers = transcript.fixed.iter().chain(&transcript.draws).map(|answer| {
        let truth = match &answer.truth {
            det::Truth::Is(truth) => subject_digest(truth),
            det::Truth::Verified(accepted) => subject_digest(&Value::Bool(*accepted)),
        };
        Value::List(vec![
            answer.instance.to_value(),
            subject_digest(&answer.got).to_value(),
            truth.to_value(),
        ])
    });
    Digest::hash_value("nmk.exam.answers.v1", &Value::List(answers.collect()))
}

/// Returns the refusal that follows from the judgement.
fn judged(fault: &det::ExamFault) -> Refusal {
    use det::ExamFault as Fault;
    let blame = match fault {
        Fault::Wrong | Fault::Impure | Fault::KillRate { .. } => Blame::Candidate,
        _ => Blame::Specification,
    };
    let stage = match fault {
        Fault::PlainProgramPassed { .. } | Fault::KillRate { .. } | Fault::NoWrongPrograms => {
            Stage::WrongPrograms
        }
        Fault::RightProgramFailed => Stage::RightProgram,
        Fault::Impure => Stage::Purity,
        Fault::NotAnExam | Fault::NoBound => Stage::Judgement,
        Fault::Wrong | Fault::TooFewDraws { .. } | Fault::FewDistinct { .. } | Fault::TruthsAlike => {
            Stage::Exam
        }
    };
    Refusal { stage, reason: fault.word(), what: fault.to_string(), blame, counterexample: None }
}
