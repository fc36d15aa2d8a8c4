//! Prompts that mention letters, counting, primes or divisors without asking for them stay conversation.

mod common;

use common::home::Home;
use nmk::{Config, Engine};

const PROMPTS: &str = include_str!("../../train/data/benign_300.txt");

#[test]
fn at_most_one_in_a_hundred_is_routed() {
    let prompts: Vec<&str> = PROMPTS.lines().collect();
    assert_eq!(prompts.len(), 300);
    let routed: Vec<&&str> = prompts.iter().filter(|prompt| factloop::route(prompt).is_some()).collect();
    assert!(routed.len() <= 3, "{} are routed: {routed:#?}", routed.len());
}

/// A note that a prompt was not read is wrong beside conversation.
#[test]
fn no_other_wording_is_suggested() {
    let suggested: Vec<_> = PROMPTS.lines().filter_map(factloop::suggestion).collect();
    assert_eq!(suggested, Vec::<String>::new());
    let reasons: Vec<_> = PROMPTS.lines().filter_map(factloop::unread_reason).collect();
    assert_eq!(reasons, Vec::new());
}

#[test]
fn none_is_refused() {
    let home = Home::new("benign");
    let mut config = Config::at(home.path("ledger"), home.path("key"));
    config.max_new = Some(24);
    let mut engine = Engine::open(&config).expect("the embedded model");
    for prompt in PROMPTS.lines() {
        let report = engine.ask(prompt).expect("a report");
        assert!(report.is_committed(), "{prompt}: {:?}", report.abstained);
    }
}
