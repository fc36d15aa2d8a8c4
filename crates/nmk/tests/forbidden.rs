//! What is forbidden is not said, what is said instead makes sense, and all else is as it was.

mod common;

use std::collections::BTreeSet;

use common::home::Home;
use nmk::{Config, Engine};

const RICE: &str = "How do I cook rice?";

fn answer(home: &Home, more: &[&str]) -> String {
    let ended = home.run([&["ask", RICE, "--json"], more].concat());
    assert_eq!(ended.code, 0, "{more:?} {ended:?}");
    ended.json()["answer"].as_str().expect("an answer").to_owned()
}

/// Returns the words of `text`, of ASCII letters, digits and `_`.
fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect()
}

#[test]
fn a_text_is_forbidden_anywhere_and_a_word_by_itself() {
    let home = Home::new("forbidden-flags");
    let free = answer(&home, &[]);
    assert!(words(&free).contains(&"salt") && words(&free).contains(&"oil"), "the control: {free}");
    for text in ["salt", "alt", "oil", "i", "a little"] {
        let said = answer(&home, &["--forbid", text]);
        assert!(free.contains(text) && !said.contains(text) && !said.is_empty(), "{text}: {said}");
    }
    for word in ["salt", "oil", "a"] {
        let said = answer(&home, &["--forbid-word", word]);
        assert!(!words(&said).contains(&word), "{word}: {said}");
        // A token that ends with the word whole is left out, so the word is not patched to a longer one.
        assert!(!said.contains("saltainder"), "{word}: {said}");
    }
    // A part of a word is no word.
    assert_eq!(answer(&home, &["--forbid-word", "alt"]), free);
    // A mark of the syntax of patterns is itself.
    assert_eq!(answer(&home, &["--forbid", "s.lt"]), free);
    assert_eq!(answer(&home, &["--forbid", "zebra", "--forbid-word", "zebra"]), free);
    assert_eq!(home.run(["ledger", "replay"]).code, 0, "the records say what was forbidden");
    home.run(["ask", RICE, "--forbid", ""]).is_refused(&["command line", "no bytes"]);
}

/// Prompts whose answers have every form that the shipped model knows.
const PROMPTS: [&str; 16] = [
    RICE,
    "Hello!",
    "Good morning!",
    "How are you?",
    "Thanks!",
    "Goodbye!",
    "Who are you?",
    "What can you do?",
    "What is the weather like?",
    "Tell me a joke.",
    "Tell me something about a forest.",
    "What is a prime number?",
    "Who is the prime minister?",
    "I am tired.",
    "Do you like music?",
    "Write a poem.",
];

/// Returns the answer to a prompt under a configuration that forbids a text.
fn without(config: &Config, prompt: &str) -> Result<String, nmk::Error> {
    let mut engine = Engine::open(config).expect("the embedded model");
    let report = engine.ask(prompt)?;
    Ok(report.answer().unwrap_or_else(|| panic!("{prompt}: {:?}", report.abstained)))
}

/// The judge knows the words of all answers that the model was trained to give, and of no others.
#[test]
fn whatever_word_is_forbidden_the_answer_has_whole_words_and_ends() {
    let home = Home::new("forbidden-words");
    let mut config = Config::at(home.path("ledger"), home.path("key"));
    let known: BTreeSet<&str> =
        words(include_str!("../../train/src/corpus/chat/topics.rs")).into_iter().collect();
    assert!(known.contains("salt") && !known.contains("alt") && !known.contains("sal"), "the control");
    let (mut tried, mut ended, mut silent) = (0, 0, 0);
    for prompt in PROMPTS {
        config.forbid.texts.clear();
        let free = without(&config, prompt).expect("an answer");
        let distinct: BTreeSet<String> = words(&free).into_iter().map(str::to_owned).collect();
        for word in distinct {
            config.forbid.texts = vec![word.clone()];
            tried += 1;
            let said = match without(&config, prompt) {
                Ok(said) => said,
                Err(error) => {
                    let reason = error.to_string();
                    let is_first = words(&free)[0].contains(&word);
                    assert!(
                        is_first && reason.contains("no other beginning is likely"),
                        "{prompt} {word}: {reason}"
                    );
                    silent += 1;
                    continue;
                }
            };
            assert!(free.contains(&word) && !said.contains(&word), "{prompt} without {word}: {said}");
            let broken: Vec<&str> = words(&said).into_iter().filter(|word| !known.contains(word)).collect();
            assert!(broken.is_empty(), "{prompt} without {word}: {broken:?} in {said}");
            assert!(
                !words(&said).is_empty() && said.ends_with(['.', '!', '?']),
                "{prompt} without {word}: {said}"
            );
            ended += usize::from(said.ends_with("..."));
        }
    }
    println!("{tried} forbidden words, {ended} answers that break off, {silent} with nothing else to say");
    assert!(tried > 100 && 2 * ended < tried && 5 * silent < tried, "{ended} and {silent} of {tried}");
}

#[test]
fn an_answer_that_was_worded_otherwise_replays_in_whatever_passes() {
    let home = Home::new("forbidden-replay");
    let said = answer(&home, &["--forbid", "salt"]);
    assert_ne!(said, answer(&home, &[]), "the control");
    for more in [["--chunk", "1"], ["--speculate", "4"], ["--threads", "2"], ["--isa", "portable"]] {
        assert_eq!(answer(&home, &[&["--forbid", "salt"], &more[..]].concat()), said, "{more:?}");
    }
    let replayed = home.run(["ledger", "replay", "--json"]).json();
    assert_eq!(replayed["generations"], 6, "{replayed}");
    let shown = home.run(["ledger", "show", "--json"]).out;
    assert!(shown.contains("\"rewords\":true"), "the record says how it was made");
}

#[test]
fn what_is_never_said_changes_no_bit() {
    let home = Home::new("forbidden-bits");
    let run = ["model", "generate", "embedded", "--prompt", "Good morning", "--max-new", "16"];
    let free = home.run(run).out;
    for more in [["--forbid", "zebra"], ["--forbid-word", "zebra"], ["--forbid-pattern", "zebra"]] {
        assert_eq!(home.run([&run[..], &more].concat()).out, free, "{more:?}");
    }
    let letter = free.chars().find(|c| "aeiou".contains(*c)).expect("a vowel").to_string();
    assert_ne!(home.run([&run[..], &["--forbid", &letter]].concat()).out, free, "the control");
}

#[test]
fn a_schema_and_a_forbidden_text_hold_together() {
    let home = Home::new("forbidden-schema");
    let cases = [
        (r#"{"enum": ["salt", "oil"]}"#, "--forbid", "salt", r#""oil""#),
        (r#"{"enum": ["salt", "oil"]}"#, "--forbid-word", "salt", r#""oil""#),
        (r#"{"enum": ["oil", "salt"]}"#, "--forbid", "oil", r#""salt""#),
        (r#"{"enum": ["a long salt", "a long salad"]}"#, "--forbid", "salt", r#""a long salad""#),
        (r#"{"enum": [111, 112]}"#, "--forbid-pattern", "2", "111"),
        (r#"{"enum": [111, 112]}"#, "--forbid", "11", ""),
        (r#"{"const": "salt"}"#, "--forbid", "al", ""),
    ];
    for (schema, flag, text, expected) in cases {
        home.write("work/s.json", schema);
        let run = ["ask", "What do I add?", "--json", "--schema", "s.json", flag, text];
        let ended = home.run(run);
        if expected.is_empty() {
            assert_eq!(ended.code, 2, "{schema} {ended:?}");
            assert!(ended.err.contains("the schema and the forbidden text leave no token"), "{ended:?}");
        } else {
            assert_eq!(ended.code, 0, "{schema} {ended:?}");
            assert_eq!(ended.json()["answer"], expected, "{schema} without {text}");
        }
    }
    assert_eq!(home.run(["ledger", "replay"]).code, 0, "the answers come out again");
}
