//! The corpus of functions: code agrees with evaluators in CPython, and nothing held out is trained.

use abi::Value;
use det::python_value;
use sandbox::{Launcher, Limits, Python, Worker};
use synthetic::Scratch;
use train::codec::{self, Codec, Corpus};
use train::coder::gaps::{self, Set};
use train::coder::pipeline::Pipeline;
use train::coder::prompt::Failure;
use train::coder::table::operations;
use train::coder::{self, Item};
use train::held_out::{self, Split};
use train::rng::Rng;
use train::run::Plan;
use train::shipped::Shipped;

const SAMPLE: u64 = 20_000;

fn worker(source: &str, entry: &str) -> Worker {
    let python = Python::find("python3").expect("python3");
    let launcher = Launcher::new(env!("CARGO_BIN_EXE_nmk-train"), python, Limits::DEFAULT);
    let mut worker = launcher.start().expect("a worker");
    worker.load(source, entry).unwrap_or_else(|fault| panic!("{fault}: {source}"));
    worker
}

/// One call of a function, with the function's number, its arguments, and the result that the evaluator gives.
struct Call {
    number: usize,
    arguments: Vec<Value>,
    expected: Value,
}

/// Returns the source of all functions under numbered names, and a function `call(number, arguments)`.
fn module(sources: &[(String, String)]) -> String {
    let defined: Vec<String> = sources
        .iter()
        .enumerate()
        .map(|(number, (name, source))| format!("{source}\nF[{number}] = {name}\n"))
        .collect();
    format!(
        "F = {{}}\n{}\ndef call(number, arguments):\n    try:\n        return F[number](*arguments)\n    except Exception as error:\n        return \"raises \" + type(error).__name__\n",
        defined.concat()
    )
}

fn check(sources: &[(String, String)], calls: Vec<Call>) {
    let mut worker = worker(&module(sources), "call");
    for Call { number, arguments, expected } in calls {
        let shown = python_value(&Value::List(arguments.clone()));
        let got = worker.call(&[Value::Int(number as i64), Value::List(arguments)]).expect("a result");
        let source = &sources[number].1;
        assert_eq!(python_value(&got), python_value(&expected), "{source}\n{shown}");
    }
}

fn drawn(function: &Pipeline, rng: &mut Rng, count: usize) -> Vec<(Vec<Value>, Value)> {
    let draws = (0..count * 10).filter_map(|_| {
        let arguments = function.draw(rng, Split::Train);
        let result = function.call(&arguments)?;
        Some((arguments.iter().map(|datum| datum.value()).collect(), result.value()))
    });
    draws.take(count).collect()
}

#[test]
fn the_code_of_every_operation_agrees_with_its_evaluator() {
    let (mut sources, mut calls) = (Vec::new(), Vec::new());
    for (index, operation) in operations().enumerate() {
        let mut rng = Rng::keyed(5, index as u64);
        for _ in 0..2 {
            let function = coder::single(operation, &mut rng, Split::Train);
            let number = sources.len();
            let name = format!("f{number}");
            let found = drawn(&function, &mut rng, 12);
            assert!(found.len() >= 3, "{} has hardly any result", operation.name);
            let call = |(arguments, expected)| Call { number, arguments, expected };
            calls.extend(found.into_iter().map(call));
            sources.push((name.clone(), function.source(&name)));
        }
    }
    assert!(sources.len() >= 60);
    check(&sources, calls);
}

#[test]
fn samples_hold_and_failing_code_fails_as_its_prompt_says() {
    let items: Vec<Item> = (0..600).map(|index| coder::training(11, index)).collect();
    let (mut sources, mut calls) = (Vec::new(), Vec::new());
    for item in items {
        let number = sources.len();
        sources.push((item.gap.entry.clone(), item.answer.clone()));
        let samples = item.gap.samples.into_iter();
        calls.extend(samples.map(|(arguments, expected)| Call { number, arguments, expected }));
        let Some(failing) = item.failing else { continue };
        let ((arguments, right), wrong) = match failing.failure {
            Failure::Returns(sample, wrong) => (sample, wrong),
            Failure::Raises(sample, exception) => (sample, Value::text(format!("raises {exception}"))),
        };
        calls.push(Call { number, arguments: arguments.clone(), expected: right });
        calls.push(Call { number: sources.len(), arguments, expected: wrong });
        sources.push((item.gap.entry, failing.code));
    }
    check(&sources, calls);
}

fn touches_held_out(item: &Item) -> bool {
    item.function.touches_held_out()
        || item.description.phrasings.iter().any(|at| held_out::phrasing(*at))
        || words(item).any(held_out::word) && !is_told(item)
}

/// Returns the words that the name of a function is made of. A `do` only keeps a name apart from those of Python.
fn words(item: &Item) -> impl Iterator<Item = &str> {
    item.gap.entry.split('_').filter(|word| *word != "do")
}

/// Returns true if the name of the function says what it does. Such names are made of the names of operations.
fn is_told(item: &Item) -> bool {
    item.function.steps.iter().all(|step| item.gap.entry.contains(step.operation.name))
}

#[test]
fn training_items_touch_nothing_held_out() {
    for seed in [1, 77] {
        for index in 0..SAMPLE {
            let item = coder::training(seed, index);
            assert!(!touches_held_out(&item), "{item:?}");
        }
    }
}

#[test]
fn gaps_hold_out_what_their_set_says() {
    for set in Set::ALL {
        for item in gaps::held_out(set, 200) {
            let is_phrased = item.description.phrasings.iter().all(|at| held_out::phrasing(*at));
            assert_eq!(is_phrased, set != Set::Composition, "{item:?}");
            let is_pair = item.function.is_held_out_pair();
            assert_eq!(is_pair, matches!(set, Set::Composition | Set::Both), "{item:?}");
            assert_eq!(item.failing.is_some(), set == Set::Repair);
            assert!(words(&item).all(held_out::word), "{}", item.gap.entry);
        }
    }
}

#[test]
fn there_are_many_families_with_phrasings_on_both_sides() {
    assert!(operations().count() >= 30);
    for operation in operations() {
        assert!(operation.phrases.len() >= 5, "{}", operation.name);
        let names = operations().filter(|other| other.name == operation.name).count();
        assert_eq!(names, 1, "{}", operation.name);
    }
}

#[test]
fn items_are_functions_of_seed_and_index() {
    for index in [0, 1, 999_999] {
        assert_eq!(coder::training(5, index).prompt, coder::training(5, index).prompt);
        assert_ne!(coder::training(5, index).prompt, coder::training(6, index).prompt);
    }
}

#[test]
fn items_fit_the_context() {
    let codec = Codec::from_json(embedded::coder::TOKENIZER).expect("tokenizer");
    let longest =
        (0..SAMPLE).map(|index| Corpus::Code.encoded(&codec, 3, index).expect("item").ids.len()).max();
    assert!(longest < Some(512), "{longest:?}");
}

#[test]
fn training_the_tokenizer_again_gives_the_shipped_bytes() {
    assert_eq!(codec::train(Corpus::Code).expect("training").as_bytes(), embedded::coder::TOKENIZER);
}

#[test]
fn miniature_runs_repeat_and_resume() {
    let scratch = Scratch::new(std::env::temp_dir(), "nmk-train-coder").expect("a scratch folder");
    let plan = Plan::tiny_coder(3);
    let findings = train::repro::check(&plan, embedded::coder::TOKENIZER, 6, scratch.path()).expect("runs");
    assert!(findings.hold(), "{findings:?}");
}

#[test]
fn the_shipped_coder_gives_its_frozen_answers() {
    let frozen = include_str!("../../../fixtures/coder/nmk-numerics-2-answers.json");
    let frozen: Vec<gaps::Frozen> = serde_json::from_str(frozen).expect("frozen answers");
    assert_eq!(frozen.len(), 5);
    assert_eq!(gaps::frozen(&Shipped::coder().expect("coder")).expect("answers"), frozen);
}
