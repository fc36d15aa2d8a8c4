//! The questions of an experiment: one instance is put to the candidate and to the oracle, and a wrong answer is made
//! simpler before it is shown.

use abi::{Digest, Value};
use det::{ExamAnswer, Truth};
use sandbox::Fault;

use super::Experiment;
use crate::shrink::shrunk;
use crate::teller::{Teller, shown};
use crate::{Counterexample, ExperimentError, Notary, Program, Refusal, Running, Stage};

/// The draws of the development split in which a counterexample is looked for after a failed exam, for each draw of it.
const FURTHER_SHARE: u32 = 4;
/// The most instances that are left out because the oracle has no result for them.
const MOST_UNDEFINED: u32 = 5_000;
/// The most instances that are left out because the oracle does not return for them in time, or ends its process.
const MOST_STALLED: u32 = 5;

/// The refusal with which a stage ends the experiment. None if the stage was passed.
pub(super) type Staged = Result<Option<Refusal>, ExperimentError>;

/// The outcome of one question to the candidate.
pub(super) enum Asked {
    Right(ExamAnswer),
    Wrong {
        got: Value,
        expected: Option<Value>,
    },
    Fault {
        fault: Fault,
        expected: Option<Value>,
    },
    /// Nothing was asked, because the candidate has used all its time.
    OutOfTime,
}

impl<N: Notary> Experiment<'_, N> {
    /// Starts a fresh process with the candidate. The inner error is the candidate's.
    pub(super) fn fresh(&mut self) -> Result<Result<Box<dyn Running>, Fault>, ExperimentError> {
        let mut running = self.laboratory.candidate.start()?;
        let executor = self.executor.insert(running.executor());
        if let Some(demanded) = self.spec.executor().filter(|demanded| !demanded.is(executor)) {
            let found = format!("{} {}", executor.name, executor.version);
            return Err(ExperimentError::Executor { demanded: demanded.to_string(), found });
        }
        let signature = self.spec.signature();
        let program = Program { source: self.candidate, entry: self.spec.entry(), signature: &signature };
        let loaded = running.load(program);
        self.spent += running.last_request();
        Ok(loaded.map(|()| running))
    }

    pub(super) fn development_seed(&self) -> [u8; 32] {
        let attempt = self.options.attempt.to_le_bytes();
        let parts = [self.spec.digest(), Digest::hash("nmk.exam.attempt.v1", &attempt)];
        *Digest::hash_parts("nmk.exam.development.v1", parts.iter().map(|part| part.as_bytes().as_slice()))
            .as_bytes()
    }

    /// Returns true if the oracle has a result for an instance, or if one without may not be left out.
    pub(super) fn is_defined(&mut self, instance: &[Value]) -> Result<bool, ExperimentError> {
        if !self.options.leave_out_undefined {
            return Ok(true);
        }
        let Some(ExperimentError::SpecificationFault { fault, .. }) = self.unanswered(instance)? else {
            return Ok(true);
        };
        self.undefined += 1;
        if self.undefined > MOST_UNDEFINED {
            let what = format!("its oracle has no result for {MOST_UNDEFINED} instances");
            return Err(ExperimentError::Specification { what });
        }
        if fault.ends_worker() {
            self.stalled += 1;
            if self.stalled > MOST_STALLED {
                let what = format!("its oracle does not end on {MOST_STALLED} instances");
                return Err(ExperimentError::Specification { what });
            }
        }
        Ok(false)
    }

    /// Returns the error of the oracle on an instance, after which it is ready again. None if it has a result.
    pub(super) fn unanswered(
        &mut self,
        instance: &[Value],
    ) -> Result<Option<ExperimentError>, ExperimentError> {
        let error = self.teller.as_mut().expect("loaded").truth(instance).err();
        if matches!(&error, Some(ExperimentError::SpecificationFault { fault, .. }) if fault.ends_worker()) {
            self.teller = Some(Teller::start(self.spec, self.laboratory.helper)?);
        }
        Ok(error)
    }

    /// Draws an instance that may be asked.
    pub(super) fn draw(&mut self) -> Result<Vec<Value>, ExperimentError> {
        loop {
            let instance = self.source.as_mut().expect("loaded").draw()?;
            if self.is_defined(&instance)? {
                return Ok(instance);
            }
        }
    }

    pub(super) fn is_out_of_time(&self) -> bool {
        self.spent > self.options.most_time
    }

    pub(super) fn too_slow(&self, stage: Stage) -> Refusal {
        let what = format!("its loads and calls take more than {:?} in all", self.options.most_time);
        Refusal::of_candidate(stage, "too_slow", what)
    }

    /// Asks the candidate and the oracle about an instance.
    pub(super) fn ask(&mut self, instance: &[Value]) -> Result<Asked, ExperimentError> {
        if self.is_out_of_time() {
            return Ok(Asked::OutOfTime);
        }
        let teller = self.teller.as_mut().expect("loaded");
        let expected = teller.truth(instance)?;
        let running = self.running.as_mut().expect("loaded");
        let got = running.call(instance);
        let took = running.last_request();
        self.slowest = self.slowest.max(took);
        self.spent += took;
        let got = match got {
            Ok(got) => got,
            Err(fault) => return Ok(Asked::Fault { fault, expected }),
        };
        let truth = teller.about(instance, expected, &got)?;
        let answer = ExamAnswer { instance: instance_digest(instance), got, truth };
        if answer.is_right(self.spec.terms().tolerance) {
            return Ok(Asked::Right(answer));
        }
        let expected = match answer.truth {
            Truth::Is(expected) => Some(expected),
            Truth::Verified(_) => None,
        };
        Ok(Asked::Wrong { got: answer.got, expected })
    }

    /// Asks about an instance that may be shown. `keep` puts a right answer into the transcript.
    pub(super) fn pass(&mut self, stage: Stage, instance: Vec<Value>, keep: bool) -> Staged {
        match self.ask(&instance)? {
            Asked::Right(answer) => {
                if keep {
                    self.transcript.fixed.push(answer);
                    self.instances.push(instance);
                }
                Ok(None)
            }
            Asked::OutOfTime => Ok(Some(self.too_slow(stage))),
            Asked::Fault { fault, .. } if fault.ends_worker() => {
                let counterexample = Counterexample { arguments: instance, got: None, expected: None };
                Ok(Some(faulted(stage, &fault, Some(counterexample))))
            }
            first => {
                // A sample is shown as it is, because everybody knows it.
                let simplest = if stage == Stage::Samples { instance } else { self.shrink(instance)? };
                // The simplest one fails too, but may do so in another way.
                let (fault, counterexample) = match self.ask(&simplest)? {
                    Asked::Wrong { got, expected } => {
                        (None, Counterexample { arguments: simplest, got: Some(got), expected })
                    }
                    Asked::Fault { fault, expected } => {
                        (Some(fault), Counterexample { arguments: simplest, got: None, expected })
                    }
                    // A candidate with a memory may answer rightly now.
                    Asked::Right(_) | Asked::OutOfTime => match first {
                        Asked::Fault { fault, expected } => {
                            (Some(fault), Counterexample { arguments: simplest, got: None, expected })
                        }
                        Asked::Wrong { got, expected } => {
                            (None, Counterexample { arguments: simplest, got: Some(got), expected })
                        }
                        Asked::Right(_) | Asked::OutOfTime => return Ok(None),
                    },
                };
                Ok(Some(match fault {
                    Some(fault) => faulted(stage, &fault, Some(counterexample)),
                    None => wrong(stage, Some(counterexample)),
                }))
            }
        }
    }

    fn shrink(&mut self, instance: Vec<Value>) -> Result<Vec<Value>, ExperimentError> {
        let types = self.spec.types();
        shrunk(&types, instance, |simpler| {
            // The oracle may have no result for an instance that nobody drew.
            let allowed = self.source.as_mut().expect("loaded").allows(simpler)?;
            if !allowed || self.running.is_none() || self.is_out_of_time() {
                return Ok(false);
            }
            match self.ask(simpler) {
                Ok(Asked::Right(_) | Asked::OutOfTime) | Err(ExperimentError::SpecificationFault { .. }) => {
                    Ok(false)
                }
                Ok(Asked::Fault { fault, .. }) if fault.ends_worker() => {
                    // The process is gone; the instance that ended it is not simpler than another fault.
                    self.running = self.fresh()?.ok();
                    Ok(false)
                }
                Ok(_) => Ok(true),
                Err(error) => Err(error),
            }
        })
    }

    /// Looks for a counterexample in the development split after the exam was failed.
    pub(super) fn hunt(&mut self) -> Result<Option<Counterexample>, ExperimentError> {
        let seed = self.development_seed();
        self.source.as_mut().expect("loaded").reseed(seed);
        let Ok(running) = self.fresh()? else { return Ok(None) };
        self.running = Some(running);
        for _ in 0..self.spec.terms().draws.saturating_mul(FURTHER_SHARE) {
            let instance = self.draw()?;
            if let Some(refusal) = self.pass(Stage::Exam, instance, false)? {
                return Ok(refusal.counterexample);
            }
        }
        Ok(None)
    }
}

pub(super) fn instance_digest(arguments: &[Value]) -> Digest {
    Digest::hash_value("nmk.exam.instance.v1", &Value::List(arguments.to_vec()))
}

pub(super) fn wrong(stage: Stage, counterexample: Option<Counterexample>) -> Refusal {
    let what = match &counterexample {
        Some(Counterexample { arguments, got: Some(got), expected: Some(expected) }) => {
            format!(
                "for {} it returns {}, and {} is right",
                shown(arguments),
                det::python_value(got),
                det::python_value(expected)
            )
        }
        Some(Counterexample { arguments, got: Some(got), expected: None }) => {
            format!("for {} it returns {}, which is wrong", shown(arguments), det::python_value(got))
        }
        Some(Counterexample { arguments, .. }) => format!("its result for {} is wrong", shown(arguments)),
        None => "a result is wrong".to_owned(),
    };
    Refusal { counterexample, ..Refusal::of_candidate(stage, "wrong", what) }
}

pub(super) fn faulted(stage: Stage, fault: &Fault, counterexample: Option<Counterexample>) -> Refusal {
    let what = match &counterexample {
        Some(counterexample) => format!("for {}: {fault}", shown(&counterexample.arguments)),
        None => fault.to_string(),
    };
    Refusal { counterexample, ..Refusal::of_candidate(stage, fault.word(), what) }
}
