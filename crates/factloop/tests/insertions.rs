//! One word or one mark more, or another one, at every place of every sentence that is read.
//!
//! What comes out is not read, or is read as an independent reading allows; and it has the old answer only where the new
//! word belongs to the courtesies of the grammar, or changes nothing in a way that the independent reading knows.

mod independent;

use abi::Value;
use factloop::{Example, examples, route};
use independent::{Answer, answers};

const WORDS: &str = include_str!("data/words.txt");
const ORDINARY: &str = include_str!("data/ordinary.tsv");
const MARKS: &[&str] = &[
    "!", ".", ",", "%", "'", "\"", "-", "+", "*", "/", "^", "=", ":", ";", "(", ")", "$", "#", "_", "...",
    "²", "½", "°",
];

/// Of how many sentences one is played. A debug build is thirty times as slow, so it plays fewer and says so.
const EVERY: usize = if cfg!(debug_assertions) { 40 } else { 1 };

/// The sentences that are varied: all of them, or the part that this build plays.
fn varied() -> impl Iterator<Item = String> {
    if EVERY > 1 {
        println!("a debug build varies one sentence of {EVERY}; --release varies all of them");
    }
    sentences().into_iter().step_by(EVERY)
}

fn sentences() -> Vec<String> {
    let ordinary = ORDINARY.lines().filter(|line| !line.starts_with('#'));
    let ordinary = ordinary.filter_map(|line| line.split('\t').nth(1)).map(str::to_owned);
    let beside = examples().filter(|example: &Example| example.answer.is_some());
    let all = ordinary.chain(beside.map(|example| example.prompt.to_owned()));
    all.filter(|sentence| route(sentence).is_some()).collect()
}

/// Returns the answer of the grammar's reading of `prompt`, or `None` if it has none.
fn answer(prompt: &str) -> Option<Answer> {
    Some(match route(prompt)?.answer.evaluate().expect("a routed question has a value") {
        Value::Int(number) => Answer::Number(number.into()),
        Value::Bool(yes) => Answer::Yes(yes),
        Value::Text(ref text) => Answer::Word(text.clone()),
        Value::List(ref items) => {
            Answer::List(items.iter().map(|item| item.as_int().expect("an integer").into()).collect())
        }
        other => panic!("{other:?}"),
    })
}

#[derive(Default)]
struct Tally {
    cases: usize,
    read: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn take(&mut self, prompt: &str) {
        self.cases += 1;
        let Some(answer) = answer(prompt) else { return };
        self.read += 1;
        let allowed = answers(prompt);
        if allowed != [answer.clone()] {
            self.wrong.push(format!("{prompt}: {answer:?}, and not {allowed:?}"));
        }
    }
}

fn report(what: &str, tally: &Tally) {
    println!("{what}: {} cases, {} read, {} wrong", tally.cases, tally.read, tally.wrong.len());
    assert!(
        tally.wrong.is_empty(),
        "{} wrong: {:#?}",
        tally.wrong.len(),
        &tally.wrong[..tally.wrong.len().min(40)]
    );
}

#[test]
fn the_independent_reading_knows_every_sentence() {
    let mut tally = Tally::default();
    sentences().iter().for_each(|sentence| tally.take(sentence));
    report("sentences", &tally);
    assert_eq!(tally.cases, tally.read);
    assert!(tally.cases >= 100, "{}", tally.cases);
    // It does not say yes to everything.
    for refused in ["Is it true that 97 is not prime?", "Is 7! prime?", "What is prime number 7?"] {
        assert_eq!(answers(refused), [], "{refused}");
    }
}

#[test]
fn another_word_at_any_place_is_not_read_or_read_rightly() {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    assert!(words.len() >= 300, "{}", words.len());
    let mut tally = Tally::default();
    for sentence in varied() {
        let parts: Vec<&str> = sentence.split(' ').collect();
        for place in 0..=parts.len() {
            for word in &words {
                let inserted = [&parts[..place], &[word], &parts[place..]].concat();
                tally.take(&inserted.join(" "));
                if place < parts.len() {
                    let mut replaced = parts.clone();
                    // The mark at the end of the word stays.
                    let bare = replaced[place].trim_end_matches(['.', ',', '?', '!', ':']);
                    let other = format!("{word}{}", &replaced[place][bare.len()..]);
                    replaced[place] = &other;
                    tally.take(&replaced.join(" "));
                }
            }
        }
    }
    report("words", &tally);
    assert!(
        tally.cases > 300_000 / EVERY && tally.read > 1_000 / EVERY,
        "{} cases, {} read",
        tally.cases,
        tally.read
    );
}

#[test]
fn a_mark_beside_any_number_is_not_read_or_read_rightly() {
    let mut tally = Tally::default();
    for sentence in varied() {
        let digit = |at: usize| sentence.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let edges = (0..=sentence.len()).filter(|&at| {
            sentence.is_char_boundary(at) && (digit(at) || at.checked_sub(1).is_some_and(digit))
        });
        for at in edges {
            for mark in MARKS {
                for between in
                    [(*mark).to_owned(), format!(" {mark}"), format!("{mark} "), format!(" {mark} ")]
                {
                    tally.take(&format!("{}{between}{}", &sentence[..at], &sentence[at..]));
                }
            }
        }
    }
    report("marks", &tally);
    assert!(tally.cases > 5_000 / EVERY, "{}", tally.cases);
}
