//! Wrong programs, which must fail where the candidate passed. They measure the specification.

use std::collections::BTreeMap;
use std::time::Duration;

use abi::{Float, Value};
use det::{ExamAnswer, Fate, Tolerance, Truth, WrongProgram, agrees};
use sandbox::{SandboxError, Signature};

use crate::teller::Teller;
use crate::{Argument, Driver, ExperimentError, Program, Running, Sample};

/// The most answers on which a plain wrong program is tried under a verifier, which has to be asked each time.
const VERIFIED: usize = 500;
/// The answers that the candidate must repeat in the process in which the wrong programs ran.
const REPEATED: usize = 50;

/// The answers of the candidate: its instances beside what came back.
#[derive(Clone, Copy)]
pub(crate) struct Answers<'a> {
    pub(crate) instances: &'a [Vec<Value>],
    pub(crate) answers: &'a [ExamAnswer],
    pub(crate) tolerance: Tolerance,
}

impl Answers<'_> {
    fn each(&self) -> impl Iterator<Item = (&[Value], &ExamAnswer)> {
        self.instances.iter().map(Vec::as_slice).zip(self.answers)
    }
}

/// Returns the result of a wrong program for an instance and the right result.
type WrongResult = Box<dyn Fn(&[Value], &Value) -> Value>;

/// A program that needs no code: its result follows from the instance and the right one's result.
struct Plain {
    name: String,
    result: WrongResult,
}

/// Tries the plainest wrong programs: constants, the identity, a table of the samples, a neighbour of the right result.
pub(crate) fn plain(
    arguments: &[Argument],
    samples: &[Sample],
    answers: Answers<'_>,
    teller: &mut Teller,
) -> Result<Vec<WrongProgram>, ExperimentError> {
    let has_truth = answers.answers.iter().all(|answer| matches!(answer.truth, Truth::Is(_)));
    let most = if has_truth { usize::MAX } else { VERIFIED };
    let mut tried = Vec::new();
    for Plain { name, result } in plain_programs(arguments, samples, answers) {
        let mut fate = Fate::Survived;
        for (instance, answer) in answers.each().take(most) {
            let right = match &answer.truth {
                Truth::Is(truth) => truth,
                Truth::Verified(_) => &answer.got,
            };
            let wrong = result(instance, right);
            let passes = match &answer.truth {
                Truth::Is(truth) => agrees(truth, &wrong, answers.tolerance),
                Truth::Verified(_) => {
                    matches!(teller.about(instance, None, &wrong)?, Truth::Verified(true))
                }
            };
            if !passes {
                fate = Fate::Killed;
                break;
            }
        }
        // A verifier may accept more than one result, so a neighbour of a right one need not be wrong.
        let is_plain = has_truth || !name.contains("neighbour");
        tried.push(WrongProgram { name, is_plain, fate });
    }
    Ok(tried)
}

fn plain_programs(arguments: &[Argument], samples: &[Sample], answers: Answers<'_>) -> Vec<Plain> {
    let common = most_common(answers);
    let mut constants: Vec<Value> = vec![
        Value::Null,
        Value::Bool(false),
        Value::Bool(true),
        Value::Int(0),
        Value::Int(1),
        Value::text(""),
        Value::List(Vec::new()),
        common.clone(),
    ];
    constants.extend(samples.first().map(|sample| sample.returns.clone()));
    let mut seen = std::collections::BTreeSet::new();
    constants.retain(|constant| seen.insert(abi::encode(constant)));
    let mut programs: Vec<Plain> = constants
        .into_iter()
        .map(|constant| Plain {
            name: format!("always returns {}", det::python_value(&constant)),
            result: Box::new(move |_, _| constant.clone()),
        })
        .collect();
    for (place, argument) in arguments.iter().enumerate() {
        let result = move |instance: &[Value], _: &Value| instance.get(place).cloned().unwrap_or(Value::Null);
        programs.push(Plain {
            name: format!("returns its argument {}", argument.name),
            result: Box::new(result),
        });
    }
    let table: BTreeMap<Vec<u8>, Value> = samples
        .iter()
        .map(|sample| (abi::encode(&Value::List(sample.arguments.clone())), sample.returns.clone()))
        .collect();
    if !table.is_empty() {
        let look_up = move |instance: &[Value], _: &Value| {
            let found = table.get(&abi::encode(&Value::List(instance.to_vec())));
            found.unwrap_or(&common).clone()
        };
        programs.push(Plain { name: "knows the samples alone".to_owned(), result: Box::new(look_up) });
    }
    programs.push(Plain {
        name: "returns a neighbour of the right result".to_owned(),
        result: Box::new(|_, right| neighbour(right)),
    });
    programs
}

fn most_common(answers: Answers<'_>) -> Value {
    let mut counts: BTreeMap<Vec<u8>, (usize, &Value)> = BTreeMap::new();
    for answer in answers.answers {
        let right = match &answer.truth {
            Truth::Is(truth) => truth,
            Truth::Verified(_) => &answer.got,
        };
        counts.entry(abi::encode(right)).or_insert((0, right)).0 += 1;
    }
    counts.into_values().max_by_key(|(count, _)| *count).map_or(Value::Null, |(_, value)| value.clone())
}

/// Returns a value that is near another one, and not the same.
fn neighbour(value: &Value) -> Value {
    match value {
        Value::Bool(truth) => Value::Bool(!truth),
        Value::Int(int) => Value::Int(int.checked_add(1).unwrap_or(0)),
        Value::Float(number) => Float::new(number.get() + 1.0).map_or(Value::Null, Value::Float),
        Value::Text(text) if text.is_empty() => Value::text(" "),
        Value::Text(text) => Value::Text(text.chars().take(text.chars().count() - 1).collect()),
        Value::List(items) if items.is_empty() => Value::List(vec![Value::Null]),
        Value::List(items) => Value::List(items[..items.len() - 1].to_vec()),
        Value::Map(map) => Value::map(map.iter().skip(1).map(|(key, value)| (key.as_str(), value.clone()))),
        _ => Value::Int(0),
    }
}

/// A changed copy of the candidate.
pub(crate) struct Mutant {
    pub(crate) name: String,
    pub(crate) source: String,
    /// Two arguments that change places when the program is called.
    pub(crate) swapped: Option<(usize, usize)>,
}

/// A mutant that was run: its fate, and true if it was run to its end.
pub(crate) struct Tried {
    pub(crate) program: WrongProgram,
    /// False if the time ended first. Such a mutant counts as a survivor, and nothing shows that it is equivalent.
    pub(crate) is_finished: bool,
}

/// The fate of one mutant. None if the time ended first.
type Ran = Result<Option<Fate>, ExperimentError>;

/// The surroundings in which mutants run.
pub(crate) struct Bench<'a> {
    pub(crate) driver: &'a dyn Driver,
    pub(crate) entry: &'a str,
    pub(crate) signature: &'a Signature,
    pub(crate) candidate: &'a str,
    /// The time of one call.
    pub(crate) within: Duration,
    /// The time of all mutants together. One that is not finished by then counts as a survivor.
    pub(crate) most_time: Duration,
}

impl Bench<'_> {
    /// Runs the mutants on the candidate's instances. They share a process while none of them ends it.
    ///
    /// The candidate is run again in that process at the end. Where it does not repeat its own answers, one of the
    /// programs changed the process, and each mutant is run again in a process of its own.
    pub(crate) fn run(
        &self,
        mutants: &[Mutant],
        answers: Answers<'_>,
        teller: &mut Teller,
    ) -> Result<Vec<Tried>, ExperimentError> {
        let mut spent = Duration::ZERO;
        let mut shared = None;
        let mut fates = Vec::new();
        let mut is_sound = true;
        for mutant in mutants {
            fates.push(self.fate(mutant, &mut shared, answers, teller, &mut spent)?);
            is_sound &= shared.is_some() || self.candidate_repeats(&mut shared, answers)?;
        }
        is_sound &= self.candidate_repeats(&mut shared, answers)?;
        if !is_sound {
            fates.clear();
            for mutant in mutants {
                fates.push(self.fate(mutant, &mut None, answers, teller, &mut spent)?);
            }
        }
        let named = mutants.iter().zip(fates);
        Ok(named
            .map(|(mutant, fate)| Tried {
                program: WrongProgram {
                    name: mutant.name.clone(),
                    is_plain: false,
                    fate: fate.unwrap_or(Fate::Survived),
                },
                is_finished: fate.is_some(),
            })
            .collect())
    }

    fn process<'p>(
        &self,
        shared: &'p mut Option<Box<dyn Running>>,
    ) -> Result<&'p mut Box<dyn Running>, SandboxError> {
        if shared.is_none() {
            let mut process = self.driver.start()?;
            process.limit_calls(self.within);
            *shared = Some(process);
        }
        Ok(shared.as_mut().expect("it was started"))
    }

    fn fate(
        &self,
        mutant: &Mutant,
        shared: &mut Option<Box<dyn Running>>,
        answers: Answers<'_>,
        teller: &mut Teller,
        spent: &mut Duration,
    ) -> Ran {
        if *spent > self.most_time {
            return Ok(None);
        }
        let process = self.process(shared)?;
        let program = Program { source: &mutant.source, entry: self.entry, signature: self.signature };
        let loaded = process.load(program);
        *spent += process.last_request();
        if let Err(fault) = loaded {
            if fault.ends_worker() {
                *shared = None;
            }
            return Ok(Some(Fate::Killed));
        }
        for (instance, answer) in answers.each() {
            let mut arguments = instance.to_vec();
            if let Some((first, second)) = mutant.swapped {
                arguments.swap(first, second);
            }
            let got = process.call(&arguments);
            *spent += process.last_request();
            let got = match got {
                Ok(got) => got,
                Err(fault) => {
                    if fault.ends_worker() {
                        *shared = None;
                    }
                    return Ok(Some(Fate::Killed));
                }
            };
            if *spent > self.most_time {
                return Ok(None);
            }
            let passes = match &answer.truth {
                Truth::Is(truth) => agrees(truth, &got, answers.tolerance),
                // A verifier is asked only about a result that is another one than the candidate's.
                Truth::Verified(_) => {
                    det::equal(&answer.got, &got)
                        || matches!(teller.about(instance, None, &got)?, Truth::Verified(true))
                }
            };
            if !passes {
                return Ok(Some(Fate::Killed));
            }
        }
        Ok(Some(Fate::Survived))
    }

    /// Returns true if the candidate repeats its first answers in the process of the mutants, or if that has ended.
    fn candidate_repeats(
        &self,
        shared: &mut Option<Box<dyn Running>>,
        answers: Answers<'_>,
    ) -> Result<bool, ExperimentError> {
        let Some(process) = shared.as_mut() else { return Ok(true) };
        let program = Program { source: self.candidate, entry: self.entry, signature: self.signature };
        let mut repeats = process.load(program).is_ok();
        for (instance, answer) in answers.each().take(REPEATED) {
            repeats = repeats && process.call(instance).is_ok_and(|got| det::equal(&got, &answer.got));
        }
        Ok(repeats)
    }
}
