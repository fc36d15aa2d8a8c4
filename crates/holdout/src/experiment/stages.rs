//! The stages of an experiment. Each returns the refusal with which it ends the experiment, or None.

use std::time::Duration;

use abi::{Digest, Value};
use det::{ExamAnswer, Fate, subject_digest};

use super::Experiment;
use super::asking::{Asked, Staged, faulted, instance_digest, wrong};
use crate::draw::Draws;
use crate::instances::Instances;
use crate::mutants::prepared;
use crate::teller::{Teller, loaded, shown};
use crate::wrong::{Answers, Bench, Mutant, plain};
use crate::{ExperimentError, Notary, Oracle, Program, Refusal, Sealed, Stage};

/// The largest source of a candidate, in bytes.
const MOST_SOURCE: usize = 1 << 20;
/// The draws of the development split.
pub(super) const DEVELOPMENT_DRAWS: u32 = 200;
/// The instances that are asked again in a fresh process.
const REPEATED: usize = 200;
/// The least time that a call of a wrong program gets.
const LEAST_CALL: Duration = Duration::from_millis(250);
/// The further draws that show that a surviving wrong program is none.
const EQUIVALENT_AFTER: u32 = 1_000_000;
/// The stream of random numbers for the order in which instances are asked again.
const ORDER: u64 = u64::MAX;

impl<N: Notary> Experiment<'_, N> {
    pub(super) fn code(&mut self) -> Staged {
        let refused = |reason, what: String| Ok(Some(Refusal::of_candidate(Stage::Code, reason, what)));
        if self.candidate.trim().is_empty() {
            return refused("no_code", "the candidate is empty".to_owned());
        }
        if self.candidate.len() > MOST_SOURCE {
            let what =
                format!("the candidate has {} bytes and {MOST_SOURCE} is the limit", self.candidate.len());
            return refused("too_large", what);
        }
        if !self.laboratory.candidate.reads_python() {
            return Ok(None);
        }
        let oracle = match self.spec.oracle() {
            Oracle::Reference(source) if !self.options.may_be_the_oracle => Some(source.as_str()),
            _ => None,
        };
        let helper = self.laboratory.helper.ok_or(ExperimentError::NoHelper)?;
        let made = prepared(helper, self.candidate, oracle, self.options.most_mutants)?;
        (self.mutants, self.possible_mutants) = (made.programs, made.possible);
        self.is_read = made.is_read;
        if made.is_oracle {
            let what = "the candidate is the oracle's own code, which shows nothing about either".to_owned();
            return refused("oracle_is_candidate", what);
        }
        Ok(None)
    }

    pub(super) fn load(&mut self) -> Staged {
        // The specification comes first: without it nothing can be said about a candidate.
        let mut teller = Teller::start(self.spec, self.laboratory.helper)?;
        for sample in self.spec.samples() {
            let truth = teller.truth(&sample.arguments)?;
            let truth = teller.about(&sample.arguments, truth, &sample.returns)?;
            let answer = ExamAnswer {
                instance: instance_digest(&sample.arguments),
                got: sample.returns.clone(),
                truth,
            };
            if !answer.is_right(self.spec.terms().tolerance) {
                let what = format!("its oracle disagrees with its own sample {}", shown(&sample.arguments));
                return Err(ExperimentError::Specification { what });
            }
        }
        self.teller = Some(teller);
        self.source = Some(Instances::new(self.spec, self.laboratory.helper, self.development_seed())?);
        match self.fresh()? {
            Ok(running) => {
                self.running = Some(running);
                Ok(None)
            }
            Err(fault) => Ok(Some(faulted(Stage::Load, &fault, None))),
        }
    }

    pub(super) fn samples(&mut self) -> Staged {
        for sample in self.spec.samples() {
            if let Some(refusal) = self.pass(Stage::Samples, sample.arguments.clone(), true)? {
                return Ok(Some(refusal));
            }
        }
        Ok(None)
    }

    pub(super) fn development(&mut self) -> Staged {
        let source = self.source.as_mut().expect("loaded");
        let fixed = source.fixed()?;
        self.exhaustive = source.domain().is_some();
        for instance in fixed {
            if !self.is_defined(&instance)? {
                continue;
            }
            if let Some(refusal) = self.pass(Stage::Development, instance, true)? {
                return Ok(Some(refusal));
            }
        }
        for _ in 0..DEVELOPMENT_DRAWS.min(self.spec.terms().draws) {
            let instance = self.draw()?;
            if let Some(refusal) = self.pass(Stage::Development, instance, false)? {
                return Ok(Some(refusal));
            }
        }
        Ok(None)
    }

    pub(super) fn exam(&mut self) -> Staged {
        let candidate = subject_digest(&Value::text(self.candidate));
        let drawn = self.notary.seal(&Sealed { candidate, specification: self.spec.digest() })?;
        self.drawn = Some(drawn);
        self.source.as_mut().expect("loaded").reseed(drawn.seed());
        // What development left behind in the process has no part in the exam.
        match self.fresh()? {
            Ok(running) => self.running = Some(running),
            Err(fault) => return Ok(Some(faulted(Stage::Exam, &fault, None))),
        }
        for _ in 0..self.spec.terms().draws {
            let instance = self.draw()?;
            let refusal = match self.ask(&instance)? {
                Asked::Right(answer) => {
                    self.transcript.draws.push(answer);
                    self.instances.push(instance);
                    continue;
                }
                Asked::Wrong { .. } => wrong(Stage::Exam, None),
                Asked::Fault { fault, .. } => faulted(Stage::Exam, &fault, None),
                Asked::OutOfTime => return Ok(Some(self.too_slow(Stage::Exam))),
            };
            // An instance of the exam is told to nobody. One of the development split may show the same fault.
            return Ok(Some(Refusal { counterexample: self.hunt()?, ..refusal }));
        }
        Ok(None)
    }

    pub(super) fn purity(&mut self) -> Staged {
        let Some(drawn) = self.drawn else { return Ok(None) };
        let mut running = match self.fresh()? {
            Ok(running) => running,
            Err(fault) => return Ok(Some(faulted(Stage::Purity, &fault, None))),
        };
        let first_draw = self.transcript.fixed.len();
        let mut order: Vec<usize> = (0..self.transcript.draws.len()).collect();
        let mut draws = Draws::new(drawn.seed(), ORDER);
        for place in (1..order.len()).rev() {
            order.swap(place, usize::try_from(draws.below(place as u64 + 1)).unwrap_or(0));
        }
        order.truncate(REPEATED);
        // The second half asks the same again, so that what the first half left behind shows.
        for place in order.iter().chain(&order) {
            let first = &self.transcript.draws[*place].got;
            if self.is_out_of_time() {
                return Ok(Some(self.too_slow(Stage::Purity)));
            }
            let again = running.call(&self.instances[first_draw + place]);
            self.spent += running.last_request();
            match again {
                Ok(again) if det::equal(first, &again) => {
                    self.transcript.repeats.push((first.clone(), again))
                }
                Ok(_) => {
                    let what = "an instance has another result in a fresh process, in another order or the second time";
                    return Ok(Some(Refusal::of_candidate(Stage::Purity, "impure", what)));
                }
                Err(fault) => return Ok(Some(faulted(Stage::Purity, &fault, None))),
            }
        }
        Ok(None)
    }

    pub(super) fn wrong_programs(&mut self) -> Staged {
        if !self.is_read {
            let what = "no wrong programs can be made of it: it is too large or too deep for the parser of CPython, or no \
                        Python for it";
            return Ok(Some(Refusal::of_candidate(Stage::WrongPrograms, "unreadable", what)));
        }
        let (arguments, samples) = (self.spec.arguments(), self.spec.samples());
        let all = [self.transcript.fixed.as_slice(), &self.transcript.draws].concat();
        let answers =
            Answers { instances: &self.instances, answers: &all, tolerance: self.spec.terms().tolerance };
        let mutants = self.all_mutants();
        let teller = self.teller.as_mut().expect("loaded");
        let mut wrong = plain(arguments, samples, answers, teller)?;
        let signature = self.spec.signature();
        let bench = Bench {
            driver: self.laboratory.candidate,
            entry: self.spec.entry(),
            signature: &signature,
            candidate: self.candidate,
            within: LEAST_CALL.max(self.slowest * 50),
            most_time: self.options.most_time,
        };
        for (mut tried, mutant) in bench.run(&mutants, answers, teller)?.into_iter().zip(&mutants) {
            let survived = tried.is_finished && tried.program.fate == Fate::Survived;
            if survived && (self.exhaustive || self.is_equivalent(mutant)?) {
                tried.program.fate = Fate::Equivalent;
            }
            wrong.push(tried.program);
        }
        self.transcript.wrong = wrong;
        Ok(None)
    }

    pub(super) fn right_program(&mut self) -> Staged {
        let Oracle::Reference(source) = self.spec.oracle() else { return Ok(None) };
        let signature = self.spec.signature();
        let program = Program { source, entry: "oracle", signature: &signature };
        let mut running = loaded(self.laboratory.helper, "oracle", program)?;
        let answers: Vec<&ExamAnswer> = self.transcript.fixed.iter().chain(&self.transcript.draws).collect();
        let mut passed = true;
        // Another order than the first one, so that an oracle with a memory is found out.
        for (instance, answer) in self.instances.iter().zip(answers).rev().take(2 * REPEATED) {
            let got = running.call(instance);
            passed &= got
                .is_ok_and(|got| ExamAnswer { got, ..answer.clone() }.is_right(self.spec.terms().tolerance));
        }
        self.transcript.right_passed = Some(passed);
        Ok(None)
    }

    /// Returns the changed copies of the candidate, and the candidate with two arguments in each other's place.
    fn all_mutants(&self) -> Vec<Mutant> {
        let changed = self.mutants.iter().map(|(name, source)| Mutant {
            name: name.clone(),
            source: source.clone(),
            swapped: None,
        });
        let arguments = self.spec.arguments();
        let swapped = (1..arguments.len()).filter(|place| arguments[place - 1].of == arguments[*place].of);
        let swapped = swapped.map(|place| Mutant {
            name: format!("{} and {} swapped", arguments[place - 1].name, arguments[place].name),
            source: self.candidate.to_owned(),
            swapped: Some((place - 1, place)),
        });
        changed.chain(swapped).collect()
    }

    /// Returns true if a surviving mutant has the candidate's result on a million further draws.
    fn is_equivalent(&mut self, mutant: &Mutant) -> Result<bool, ExperimentError> {
        let further = self.options.further_draws;
        let Some(drawn) = self.drawn.filter(|_| further >= EQUIVALENT_AFTER) else { return Ok(false) };
        let seed = *Digest::hash("nmk.exam.further.v1", &drawn.seed()).as_bytes();
        self.source.as_mut().expect("loaded").reseed(seed);
        let (Ok(mut own), Ok(mut other)) = (self.fresh()?, self.fresh()?) else { return Ok(false) };
        let signature = self.spec.signature();
        let program = Program { source: &mutant.source, entry: self.spec.entry(), signature: &signature };
        if other.load(program).is_err() {
            return Ok(false);
        }
        for _ in 0..further {
            let instance = self.source.as_mut().expect("loaded").draw()?;
            let mut arguments = instance.clone();
            if let Some((first, second)) = mutant.swapped {
                arguments.swap(first, second);
            }
            match (own.call(&instance), other.call(&arguments)) {
                (Ok(own), Ok(other)) if det::equal(&own, &other) => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}
