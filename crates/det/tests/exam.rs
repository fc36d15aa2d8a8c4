//! An exam admits what its transcript bears out, and each single thing that is wrong in a transcript has its name.

mod common;

use common::{Root, proposed, seven};
use det::{
    Contract, Digest, ExamAnswer, ExamFault, ExamTerms, ExamTranscript, Expectation, Fate, Float, Form,
    Tolerance, Truth, Value, WrongProgram, agrees, failure_bound, judge_exam, subject_digest,
};

const TERMS: ExamTerms = ExamTerms {
    draws: 20,
    alpha_ppm: 50_000,
    min_distinct: 10,
    min_kill_ppm: 500_000,
    tolerance: Tolerance::NONE,
};

fn contract() -> Contract {
    Contract::admitted("python", "f", Digest::from_bytes([3; 32]))
}

fn float(number: f64) -> Value {
    Value::Float(Float::new(number).expect("a number"))
}

fn answer(number: i64) -> ExamAnswer {
    let instance = subject_digest(&Value::Int(number));
    ExamAnswer { instance, got: Value::Int(number + 1), truth: Truth::Is(Value::Int(number + 1)) }
}

fn wrong(is_plain: bool, fate: Fate) -> WrongProgram {
    WrongProgram { name: "is wrong".to_owned(), is_plain, fate }
}

fn transcript() -> ExamTranscript {
    ExamTranscript {
        fixed: (0..5).map(answer).collect(),
        draws: (5..25).map(answer).collect(),
        repeats: vec![(Value::Int(6), Value::Int(6))],
        wrong: vec![wrong(true, Fate::Killed), wrong(false, Fate::Killed), wrong(false, Fate::Survived)],
        right_passed: Some(true),
    }
}

fn judged(contract: &Contract, terms: &ExamTerms, transcript: &ExamTranscript) -> Result<u64, ExamFault> {
    let (subject, evidence) = (Digest::from_bytes([1; 32]), Digest::from_bytes([2; 32]));
    let admission = judge_exam(subject, contract, terms, transcript, evidence, &Root)?;
    let record = admission.record([9; 32]);
    assert_eq!((record.subject, record.evidence, record.contract), (subject, evidence, contract.digest()));
    assert_eq!(admission.bound(), failure_bound(record.draws, record.alpha_ppm));
    Ok(record.draws)
}

#[test]
fn a_sound_transcript_admits() {
    assert_eq!(judged(&contract(), &TERMS, &transcript()), Ok(20));
    // A verifier has no result of its own; the program's results vary.
    let mut verified = transcript();
    verified.draws.iter_mut().for_each(|answer| answer.truth = Truth::Verified(true));
    assert_eq!(judged(&contract(), &TERMS, &verified), Ok(20));
    let mut equivalent = transcript();
    equivalent.wrong.push(wrong(true, Fate::Equivalent));
    assert_eq!(judged(&contract(), &TERMS, &equivalent), Ok(20));
}

#[test]
fn each_fault_of_a_transcript_is_named() {
    type Change = fn(&mut ExamTranscript, &mut ExamTerms);
    let table: [(&str, Change); 19] = [
        ("no_bound", |_, terms| terms.draws = 0),
        ("no_bound", |_, terms| terms.alpha_ppm = 0),
        ("no_bound", |_, terms| terms.alpha_ppm = 1_000_000),
        ("too_few_draws", |_, terms| terms.draws = 21),
        ("too_few_draws", |seen, _| drop(seen.draws.pop())),
        ("wrong", |seen, _| seen.draws[7].got = Value::Int(0)),
        ("wrong", |seen, _| seen.draws[7].truth = Truth::Is(Value::Bool(true))),
        ("wrong", |seen, _| seen.draws[7].truth = Truth::Verified(false)),
        ("wrong", |seen, _| seen.fixed[0].got = Value::Null),
        ("few_distinct", |_, terms| terms.min_distinct = 21),
        ("few_distinct", |seen, _| {
            let first = seen.draws[0].instance;
            seen.draws.iter_mut().for_each(|answer| answer.instance = first);
        }),
        ("truths_alike", |seen, _| {
            for answer in seen.fixed.iter_mut().chain(&mut seen.draws) {
                (answer.got, answer.truth) = (Value::Int(1), Truth::Is(Value::Int(1)));
            }
        }),
        ("impure", |seen, _| seen.repeats.push((Value::Int(6), Value::Int(7)))),
        ("plain_program_passed", |seen, _| seen.wrong.push(wrong(true, Fate::Survived))),
        ("kill_rate", |_, terms| terms.min_kill_ppm = 700_000),
        ("kill_rate", |seen, _| seen.wrong = vec![wrong(false, Fate::Survived)]),
        ("kill_rate", |seen, _| seen.wrong = vec![wrong(false, Fate::Equivalent)]),
        ("no_wrong_programs", |seen, _| seen.wrong.clear()),
        ("right_program_failed", |seen, _| seen.right_passed = Some(false)),
    ];
    for (number, (expected, change)) in table.into_iter().enumerate() {
        let (mut seen, mut terms) = (transcript(), TERMS);
        change(&mut seen, &mut terms);
        let fault = judged(&contract(), &terms, &seen).unwrap_err();
        assert_eq!(fault.word(), expected, "change {number}: {fault}");
        assert!(!fault.to_string().is_empty());
    }
}

#[test]
fn only_the_contract_of_an_exam_admits() {
    let fault = |contract: &Contract| judged(contract, &TERMS, &transcript()).unwrap_err().word();
    assert_eq!(fault(&seven()), "not_an_exam");
    let exam = Expectation::Exam {
        language: "python".to_owned(),
        entry: "f".to_owned(),
        specification: Digest::from_bytes([3; 32]),
    };
    assert_eq!(fault(&proposed(Form::Text, exam)), "not_an_exam", "a proposer wrote it");
    // The contract reads back as it was, and another specification is another contract.
    let again = Contract::from_value(&contract().to_value(), &Root).expect("a contract");
    assert_eq!(again.digest(), contract().digest());
    assert_ne!(Contract::admitted("python", "f", Digest::from_bytes([4; 32])).digest(), contract().digest());
}

#[test]
fn the_bound_is_that_of_the_formula() {
    for (draws, alpha_ppm, expected) in [
        (2000, 50_000, 0.001_496_744_895),
        (1, 50_000, 0.95),
        (300, 10_000, 0.015233347890),
        (0, 50_000, 1.0),
        (9, 0, 1.0),
    ] {
        let bound = failure_bound(draws, alpha_ppm);
        assert!((bound - expected).abs() < 1e-8, "{draws} {alpha_ppm}: {bound}");
    }
    // A program at the bound passes with probability alpha.
    let bound = failure_bound(2000, 50_000);
    assert!(((1.0 - bound).powi(2000) - 0.05).abs() < 1e-9);
}

#[test]
fn only_floats_have_a_tolerance() {
    let tolerance = Tolerance::new(1e-9).expect("small");
    let near = |truth: &Value, got: &Value| agrees(truth, got, tolerance);
    assert!(near(&float(0.3), &float(0.1 + 0.2)));
    assert!(near(&Value::List(vec![float(1e20)]), &Value::List(vec![float(1e20 + 1e10)])));
    assert!(near(&float(3.0), &Value::Int(3)) && near(&Value::Int(3), &float(3.0 + 1e-12)));
    assert!(near(&Value::map([("a", float(0.3))]), &Value::map([("a", float(0.1 + 0.2))])));
    assert!(!near(&Value::map([("a", float(0.3))]), &Value::map([("b", float(0.3))])));
    assert!(!near(&float(0.3), &float(0.300_001)));
    assert!(!near(&float(f64::INFINITY), &float(1e308)));
    assert!(!near(&float(f64::INFINITY), &float(f64::NEG_INFINITY)));
    assert!(near(&float(f64::INFINITY), &float(f64::INFINITY)));
    assert!(!near(&Value::Int(1), &Value::Int(2)));
    assert!(!near(&Value::Int(i64::MAX), &float(1.0)));
    assert!(!near(&Value::Bool(true), &float(1.0)));
    assert!(!near(&Value::List(vec![float(1.0)]), &Value::List(vec![])));
    assert!(!agrees(&float(0.3), &float(0.1 + 0.2), Tolerance::NONE), "the tolerance was used");
    for outside in [0.2, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Tolerance::new(outside).is_none(), "{outside}");
    }
}
