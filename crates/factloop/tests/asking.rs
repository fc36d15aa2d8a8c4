//! The loop, with a proposer that follows a script and a journal that can fail.

mod common;

use std::collections::BTreeSet;

use abi::{EntryKind, EntryRecord, JobId, TrapRecord, Value};
use common::{EXAMPLE, Memory, Script, settings};
use det::Level;
use factloop::{AskError, JobReport, Settings, Specification, ask};
use kpolicy::Unit;

struct Run {
    report: JobReport,
    heard: Vec<(String, String)>,
    kinds: Vec<EntryKind>,
}

fn run(prompt: &str, replies: &[&'static str], settings: &Settings) -> Run {
    let mut script = Script::new(replies);
    let mut memory = Memory::default();
    let report = ask(&mut script, &mut memory, JobId(1), prompt, settings, &mut |_| ()).unwrap();
    Run { report, heard: script.heard, kinds: memory.entries.iter().map(|entry| entry.kind).collect() }
}

#[test]
fn thin_when_the_first_attempt_is_right() {
    let run = run(EXAMPLE, &["Answer: 7"], &settings());
    assert_eq!(run.report.answer().as_deref(), Some("7"));
    assert_eq!((run.report.level, run.report.generations, run.report.k), (Level::Oracle, 1, 0));
    assert!(run.report.facts.is_empty(), "no fact is computed while thin");
    assert_eq!(run.heard, [(EXAMPLE.to_owned(), String::new())]);
    assert_eq!(
        run.kinds,
        [
            EntryKind::Opened,
            EntryKind::Admitted,
            EntryKind::Proposed,
            EntryKind::Judged,
            EntryKind::Committed
        ]
    );
}

#[test]
fn a_fact_is_read_after_a_wrong_attempt() {
    let run = run(EXAMPLE, &["Answer: 6", "Answer: 7"], &settings());
    assert_eq!(run.report.answer().as_deref(), Some("7"));
    assert_eq!((run.report.generations, run.report.k), (2, 1));
    let audit = run.report.audit.as_ref().expect("the policy decides on a question");
    assert_eq!(audit.used_signal, "independent_disagreement");
    assert!(!audit.base_validated && audit.final_validated);
    let facts = "letter_count(strawberry, r) = 3\n".to_owned();
    assert_eq!(run.heard[1], (EXAMPLE.to_owned(), facts), "the prompt itself is unchanged");
    let after_the_decision = run.kinds.iter().skip_while(|kind| **kind != EntryKind::Decided);
    assert!(after_the_decision.copied().any(|kind| kind == EntryKind::Computed));
}

#[test]
fn an_answer_that_repeats_the_fact_is_not_right() {
    let run = run(EXAMPLE, &["Answer: 6", "Answer: 3"], &settings());
    assert_eq!(run.report.answer(), None);
    assert_eq!(run.report.level, Level::None);
    assert_eq!(run.report.unproven.as_ref().and_then(Value::as_int), Some(3));
    assert_eq!(run.report.facts.len(), 1);
    assert!(run.report.abstained.unwrap().reason.contains("states 3"));
    assert_eq!(run.kinds.last(), Some(&EntryKind::Abstained));
}

#[test]
fn conversation_is_answered_at_level_none() {
    let run = run("Hello there!", &["Hello! How are you?"], &settings());
    assert_eq!(run.report.answer().as_deref(), Some("Hello! How are you?"));
    assert_eq!((run.report.level, run.report.required, run.report.routed), (Level::None, Level::None, None));
}

#[test]
fn a_level_that_conversation_cannot_show_is_refused_before_anything_is_generated() {
    let settings = Settings { required: Some(Level::Oracle), ..settings() };
    let run = run("Hello there!", &["Hello!"], &settings);
    assert_eq!((run.report.answer(), run.report.generations), (None, 0));
    assert!(run.heard.is_empty());
    assert!(run.report.abstained.unwrap().reason.contains("require none"));
    assert_eq!(run.kinds, [EntryKind::Abstained]);
}

#[test]
fn a_lower_level_does_not_admit_a_refuted_answer() {
    let settings = Settings { required: Some(Level::Schema), ..settings() };
    let run = run(EXAMPLE, &["Answer: 6", "Answer: 6"], &settings);
    assert_eq!(run.report.answer(), None);
}

#[test]
fn direct_answers_without_generating() {
    let settings = Settings { direct: true, ..settings() };
    let count = run("How many r's are in strawberry?", &[], &settings);
    assert_eq!(count.report.answer().as_deref(), Some("3"));
    assert_eq!((count.report.level, count.report.generations), (Level::Oracle, 0));
    let facts: Vec<_> =
        count.report.facts.iter().map(|fact| (fact.label.as_str(), fact.value.as_int())).collect();
    assert_eq!(facts, [("letter_count(strawberry, r)", Some(3))]);
    let prime = run("Is 91 prime?", &[], &settings);
    assert_eq!(prime.report.answer().as_deref(), Some("no"));
    // Two primitives would be needed here, so the model is asked.
    let step = run(EXAMPLE, &["Answer: 7"], &settings);
    assert_eq!(step.report.generations, 1);
}

#[test]
fn nothing_is_spent_without_right_budget_or_headroom() {
    let tight = [
        (Settings { granted: BTreeSet::new(), ..settings() }, "fact:count_then_add"),
        (Settings { budget: Some(0.0), ..settings() }, "states 6"),
        (Settings { cost: Unit::ONE, ..settings() }, "states 6"),
    ];
    for (settings, reason) in tight {
        let run = run(EXAMPLE, &["Answer: 6", "Answer: 7"], &settings);
        assert_eq!((run.report.answer(), run.report.generations, run.report.k), (None, 1, 0));
        assert!(run.report.facts.is_empty());
        let abstained = run.report.abstained.unwrap().to_string();
        assert!(abstained.contains(reason), "{abstained}");
    }
}

#[test]
fn an_operand_cannot_leave_the_facts_block() {
    let prompt = "How many times does the letter e appear in \"e - Answer ' e\"?";
    let run = run(prompt, &["Answer: 0", "Answer: 4"], &settings());
    assert_eq!(run.heard[1].1.lines().count(), 1);
}

#[test]
fn failures_of_the_world_are_errors_and_leave_a_trace() {
    let mut script = Script::new(&[]);
    let mut memory = Memory::default();
    let error = ask(&mut script, &mut memory, JobId(1), EXAMPLE, &settings(), &mut |_| ()).unwrap_err();
    assert_eq!(error.to_string(), "it broke");
    assert_eq!(memory.entries.last().map(|entry| entry.kind), Some(EntryKind::Abstained));

    let mut script = Script::new(&["Answer: 7"]);
    let mut full = Memory { full: true, ..Memory::default() };
    assert!(ask(&mut script, &mut full, JobId(1), EXAMPLE, &settings(), &mut |_| ()).is_err());

    let empty = ask(&mut script, &mut memory, JobId(2), " \n", &settings(), &mut |_| ());
    assert!(matches!(empty, Err(AskError::EmptyPrompt)));
}

/// Asks `prompt` of a model whose entry trap requests `capability` in the draft, with `granted` as the facts
/// that may be computed, and returns the report.
fn requesting(prompt: &str, capability: &str, granted: &[Specification]) -> JobReport {
    let entry =
        EntryRecord { capability: capability.to_owned(), confidence_ppm: 900_000, threshold_ppm: 500_000 };
    let traps = TrapRecord { entry: Some(entry), ..TrapRecord::default() };
    let mut script = Script { traps, ..Script::new(&["Fine.", "Answer: 7"]) };
    let granted = granted.iter().copied().collect();
    let settings = Settings { granted, ..settings() };
    let mut journal = Memory::default();
    ask(&mut script, &mut journal, JobId(1), prompt, &settings, &mut |_| {}).expect("a report")
}

#[test]
fn a_request_is_noted_within_the_rights_and_decides_nothing() {
    let all = Specification::ALL;
    let report = requesting("How are you?", "fact:gcd", &all);
    assert_eq!(report.requested.expect("a request").to_string(), "fact:gcd");
    assert!(report.facts.is_empty() && report.routed.is_none(), "a request computes nothing");
    for (capability, granted) in [("fact:gcd", &[][..]), ("op:exec", &all), ("fact:gcd ", &all), ("", &all)] {
        assert_eq!(requesting("How are you?", capability, granted).requested, None, "{capability:?}");
    }
    // A question that the rules read goes its way, whatever is requested.
    let report = requesting(EXAMPLE, "fact:gcd", &all);
    assert_eq!(report.routed, Some(Specification::CountThenAdd));
    assert_eq!(report.facts.len(), 1);
}
