//! Prompts that were made to be misread: none gets an answer that is not the right one.

use std::collections::{BTreeMap, BTreeSet};

use abi::Value;
use factloop::route;

const PROMPTS: &str = include_str!("data/adversarial.tsv");

/// Returns the answer that the reading of `prompt` has, or `-` if the prompt has no reading.
fn answered(prompt: &str) -> String {
    match route(prompt).map(|routed| routed.answer.evaluate().expect("a routed question has a value")) {
        None => "-".to_owned(),
        Some(Value::Bool(yes)) => if yes { "yes" } else { "no" }.to_owned(),
        Some(other) => factloop::rendered(&other),
    }
}

#[test]
fn no_adversarial_prompt_is_read_wrongly() {
    let (mut wrong, mut kinds) = (Vec::new(), BTreeMap::<&str, usize>::new());
    let mut prompts = BTreeSet::new();
    for line in PROMPTS.lines().filter(|line| !line.starts_with('#')) {
        let [kind, prompt, allowed]: [&str; 3] =
            line.split('\t').collect::<Vec<_>>().try_into().expect("three columns");
        *kinds.entry(kind).or_default() += 1;
        assert!(prompts.insert(prompt), "{prompt} is there twice");
        let found = answered(prompt);
        // A minus sign is a number's own; only a whole `-` says that there is no reading.
        if !allowed.split('|').any(|allowed| allowed == found) {
            wrong.push(format!("{kind}: {prompt}: {found}, and not {allowed}"));
        }
    }
    println!("{} adversarial prompts of {} kinds, {} read wrongly", prompts.len(), kinds.len(), wrong.len());
    assert!(prompts.len() >= 400 && kinds.len() >= 20, "{} of {kinds:?}", prompts.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}
