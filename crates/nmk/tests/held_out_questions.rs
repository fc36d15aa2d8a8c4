//! Held-out questions and plain prompts, put to the shipped model in one session over one ledger.

mod common;

use std::path::Path;

use common::home::Home;
use nmk::{Config, Kernel, Level};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
struct Question {
    prompt: String,
    word: String,
    letter: char,
    addend: i64,
    expected: i64,
}

#[derive(Deserialize)]
struct Remark {
    prompt: String,
}

fn fixture<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/embedded").join(name);
    let text = std::fs::read_to_string(&path).expect("the fixture");
    serde_json::from_str(&text).expect("the fixture's form")
}

/// The number after the last `Answer:`.
fn stated(answer: &str) -> Option<i64> {
    answer.rsplit("Answer:").next()?.trim().trim_end_matches('.').parse().ok()
}

fn config(home: &Home) -> Config {
    Config::at(home.path("ledger"), home.path("key"))
}

#[test]
#[ignore = "the model in the binary is an early checkpoint"]
fn the_example_is_answered_at_oracle() {
    let home = Home::new("example");
    let mut kernel = Kernel::open(&config(&home)).expect("the embedded model");
    let prompt = "How many times does the letter r appear in strawberry? Add 4 to it.";
    let report = kernel.ask(prompt).expect("a report");
    assert_eq!(
        (report.answer.as_deref().and_then(stated), report.level),
        (Some(7), Level::Oracle),
        "{report:?}"
    );
}

#[test]
#[ignore = "the model in the binary is an early checkpoint"]
fn held_out_questions_are_answered_rightly_or_not_at_all() {
    let home = Home::new("held-out");
    let config = config(&home);
    let mut kernel = Kernel::open(&config).expect("the embedded model");

    let questions: Vec<Question> = fixture("count_then_add_50.json");
    assert_eq!(questions.len(), 50);
    let mut right = 0;
    for Question { prompt, word, letter, addend, expected } in &questions {
        // The fixture's answers are not taken on trust either.
        let count = word.chars().filter(|c| c.eq_ignore_ascii_case(letter)).count();
        assert_eq!(i64::try_from(count).expect("a short word") + addend, *expected, "{prompt}");
        let report = kernel.ask(prompt).expect("a report");
        match &report.answer {
            Some(answer) => {
                assert_eq!(
                    (stated(answer), report.level),
                    (Some(*expected), Level::Oracle),
                    "{prompt}: {answer}"
                );
                right += 1;
            }
            None => println!("not answered: {prompt}: {:?}", report.abstained),
        }
    }
    println!("{right} of {} answered, none wrongly", questions.len());
    assert!(right >= 45, "only {right} of {} were answered", questions.len());

    let remarks: Vec<Remark> = fixture("plain_20.json");
    assert_eq!(remarks.len(), 20);
    for Remark { prompt } in &remarks {
        let report = kernel.ask(prompt).expect("a report");
        assert!(report.is_committed(), "{prompt}: {:?}", report.abstained);
        assert_eq!((report.level, report.routed), (Level::None, None), "{prompt}");
    }

    drop(kernel);
    let pinned = ledger::keys::load_public(&config.key).expect("the pinned key");
    ledger::verify(&config.ledger, &pinned, None).expect("the ledger holds after all of it");
}
