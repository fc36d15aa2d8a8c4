//! Histories that no kernel writes: each is refused for its reason, and a legal one is taken.

mod common;

use std::sync::Arc;

use abi::{Entry, EntryKind, Origin, TaskId, Value};
use common::{JOB, task};
use det::{Contract, Form, Level, Validators, judge};
use sched::{BlobDigests, Budget, Consulted, History, Priority, Record, Rights, Spent, TaskOrigin, TaskSpec};

fn contract() -> Contract {
    Contract::from_form(Form::Json)
}

/// The entries of a job at `required` whose one answering task has an operation up to `ceiling`, is judged for
/// `judged_for`, and is committed at `level`.
fn entries(required: Level, ceiling: Level, judged_for: TaskId, level: Level) -> Vec<Entry> {
    let (contract, reply) = (contract(), Value::text("{}"));
    let digest = contract.digest();
    let subject = det::subject_digest(&reply);
    let proposal = common::user_proposal(reply);
    let verdict = judge(&Validators::builtin(), judged_for, &contract, Vec::new(), proposal).unwrap();
    let records = [
        Record::Opened {
            job: JOB,
            contract: digest,
            required,
            rights: Arc::new(Rights::new()),
            budget: Budget::REFERENCE,
            priority: Priority::Normal,
            deadline: None,
            at: None,
            consulted: Arc::new(Consulted::no_memory("a test")),
        },
        Record::Admitted {
            task: task(0),
            spec: Arc::new(TaskSpec::new("a", "do", contract).answering()),
            contract: digest,
            after: Vec::new(),
            asker: TaskOrigin::Owner,
            ceiling,
        },
        Record::Proposed {
            task: task(0),
            subject,
            origin: Origin::User,
            tier: sched::Tier::Model,
            record: Value::Null,
            inputs: Vec::new(),
            spent: Spent::default(),
        },
        Record::Judged {
            task: task(0),
            contract: digest,
            verdict: verdict.verdict().to_canonical(),
            met: true,
        },
        Record::Committed { task: task(0), subject, contract: digest, level },
    ];
    let blobs = BlobDigests::default();
    records.into_iter().map(|record| record.into_entry(&blobs).with_value_body().unwrap()).collect()
}

/// The kind of the entry at which a history contradicts itself, and the rule.
fn contradiction(entries: &[Entry]) -> Option<(EntryKind, &'static str)> {
    let mut history = History::default();
    entries.iter().find_map(|entry| Some((entry.kind, history.take(entry).err()?.what)))
}

#[test]
fn a_legal_commit_is_taken_up_to_the_ceiling() {
    for ceiling in [Level::Syntax, Level::Schema, Level::Proven] {
        assert_eq!(contradiction(&entries(Level::Syntax, ceiling, task(0), Level::Syntax)), None);
    }
}

#[test]
fn a_verdict_on_another_task_is_refused() {
    let other_job = TaskId { job: abi::JobId(8), number: 0 };
    for other in [task(1), other_job] {
        let found = contradiction(&entries(Level::Syntax, Level::Proven, other, Level::Syntax));
        assert_eq!(found, Some((EntryKind::Judged, "the verdict is about another task")));
    }
}

#[test]
fn a_level_above_the_operations_ceiling_is_refused() {
    // The verdict shows syntax, and the operation can show nothing.
    let met = contradiction(&entries(Level::Syntax, Level::None, task(0), Level::Syntax));
    assert_eq!(met.map(|(kind, _)| kind), Some(EntryKind::Judged));
    // A job that asks for nothing is committed at most at the ceiling, and at most at the verdict's level.
    for (ceiling, level) in [(Level::None, Level::Syntax), (Level::Proven, Level::Schema)] {
        let found = contradiction(&entries(Level::None, ceiling, task(0), level));
        assert_eq!(found.map(|(kind, _)| kind), Some(EntryKind::Committed), "{ceiling} {level}");
    }
    assert_eq!(contradiction(&entries(Level::None, Level::None, task(0), Level::None)), None);
}

#[test]
fn an_old_entry_without_a_ceiling_is_taken() {
    let mut entries = entries(Level::Syntax, Level::Proven, task(0), Level::Syntax);
    let mut body = std::mem::replace(&mut entries[1].body, Value::Null).into_map().unwrap();
    assert_eq!(body.remove("ceiling").and_then(Value::into_text).as_deref(), Some("proven"));
    entries[1].body = Value::Map(body.clone());
    assert_eq!(contradiction(&entries), None);
    body.insert("ceiling".to_owned(), Value::text("highest"));
    entries[1].body = Value::Map(body);
    assert_eq!(contradiction(&entries).map(|(kind, _)| kind), Some(EntryKind::Admitted));
}
