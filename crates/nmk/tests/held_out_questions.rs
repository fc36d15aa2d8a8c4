//! Held-out questions and plain prompts, put to the shipped model in one session over one ledger.

mod common;

use common::fixture::{Question, Remark, questions, remarks};
use common::home::Home;
use nmk::{Config, Engine, Level};

/// The number that an answer is. An answer has nothing beside its value.
fn stated(answer: &str) -> Option<i64> {
    answer.parse().ok()
}

fn config(home: &Home) -> Config {
    Config::at(home.path("ledger"), home.path("key"))
}

#[test]
fn the_example_is_answered_at_oracle() {
    let home = Home::new("example");
    let mut engine = Engine::open(&config(&home)).expect("the embedded model");
    let prompt = "How many times does the letter r appear in strawberry? Add 4 to it.";
    let report = engine.ask(prompt).expect("a report");
    assert_eq!(
        (report.answer().as_deref().and_then(stated), report.level),
        (Some(7), Level::Oracle),
        "{report:?}"
    );
    assert!(engine.unfamiliar(prompt).expect("a distance").is_none(), "the example is no strange prompt");
}

#[test]
fn held_out_questions_are_answered_rightly_or_not_at_all() {
    let home = Home::new("held-out");
    let config = config(&home);
    let mut engine = Engine::open(&config).expect("the embedded model");

    let mut right = 0;
    for Question { prompt, expected, .. } in questions() {
        let report = engine.ask(&prompt).expect("a report");
        match report.answer() {
            Some(answer) => {
                assert_eq!(
                    (stated(&answer), report.level),
                    (Some(expected), Level::Oracle),
                    "{prompt}: {answer}"
                );
                right += 1;
            }
            None => println!("not answered: {prompt}: {:?}", report.abstained),
        }
    }
    println!("{right} answered, none wrongly");
    assert!(right >= 45, "only {right} were answered");

    for Remark { prompt } in remarks() {
        let report = engine.ask(&prompt).expect("a report");
        assert!(report.is_committed(), "{prompt}: {:?}", report.abstained);
        assert_eq!((report.level, report.routed), (Level::None, None), "{prompt}");
    }

    drop(engine);
    let pinned = ledger::keys::load_public(&config.key).expect("the pinned key").key;
    ledger::verify(&config.ledger, &pinned, None).expect("the ledger holds after all of it");
}
