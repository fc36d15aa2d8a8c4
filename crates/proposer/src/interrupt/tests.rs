//! The automaton by itself, over a tokenizer whose tokens are single bytes and some words.

use std::sync::Arc;

use neural::Commit;
use proptest::prelude::*;
use regex_automata::dfa::regex;
use text::TokenBytes;

use super::{ForbiddenAutomaton, Interrupt, PatternError};

/// Ids of the bytes, then of these, then the end of an answer.
const PIECES: [&str; 8] = ["im", "port", "import", " import", "import x", "er", "mport", "o"];
const END: u32 = 256 + PIECES.len() as u32;

fn bytes() -> TokenBytes {
    let single = (0..=255).map(|byte| vec![byte]);
    let pieces = PIECES.iter().map(|piece| piece.as_bytes().to_vec());
    TokenBytes::new(single.chain(pieces).chain([Vec::new()]).collect())
}

fn forbidden(words: &[&str], patterns: &[&str]) -> Result<Arc<ForbiddenAutomaton>, PatternError> {
    ForbiddenAutomaton::new(words, patterns, bytes(), &[END]).map(Arc::new)
}

/// An answer that grows by a token at a time, from position 0 on.
struct Along(Interrupt);

impl Along {
    fn new(forbidden: &Arc<ForbiddenAutomaton>) -> Self {
        Self(Interrupt::new(forbidden))
    }

    fn allows(&mut self, id: u32) -> bool {
        self.0.mask().is_none_or(|mask| mask.allows(id))
    }

    fn push(&mut self, id: u32) -> Commit {
        self.0.commit(self.0.committed.len(), id)
    }
}

fn ids(text: &str) -> Vec<u32> {
    text.bytes().map(u32::from).collect()
}

#[test]
fn a_word_is_stopped_in_every_spelling_and_no_other_word_is() {
    let forbidden = forbidden(&["import"], &[]).expect("a word");
    let mut along = Along::new(&forbidden);
    for (before, next, allowed) in [
        ("", "import", true), // it may become "importance"
        ("import", " ", false),
        ("import", "\n", false),
        ("import", "a", true),
        ("important", " ", true),
        ("re import", ".", false),
        ("reimport", " ", true),
        ("_import", " ", true),
        ("é import", "é", false),
        ("impor", "t", true),
        ("Import", " ", true),
    ] {
        along.0.retract(0);
        let spelled = ids(before);
        assert!(spelled.iter().all(|id| along.push(*id) != Commit::Halt), "{before}");
        let first = u32::from(next.as_bytes()[0]);
        assert_eq!(along.allows(first), allowed, "{next:?} after {before:?}");
    }
    // Whole tokens, across tokens, and inside of one.
    for (tokens, next, allowed) in [
        (vec![], 256 + 4, false),
        (vec![256, 257], u32::from(b' '), false),
        (vec![256, 257], 256 + 5, true),
        (ids("x"), 256 + 3, true),
        (ids("i"), 256 + 6, true),
    ] {
        along.0.retract(0);
        tokens.iter().for_each(|id| assert_ne!(along.push(*id), Commit::Halt));
        assert_eq!(along.allows(next), allowed, "{next} after {tokens:?}");
    }
}

#[test]
fn a_word_whose_last_token_is_left_out_is_never_whole() {
    let compiled = ForbiddenAutomaton::leaving_out(&["port"], &["import"], &["er!"], bytes(), &[END]);
    let mut along = Along::new(&Arc::new(compiled.expect("words")));
    for (before, next, allowed) in [
        (ids(""), 256 + 2, false),
        (ids(""), 256 + 3, false),
        (ids("i"), 256 + 6, false),
        (vec![256], 256 + 1, false),
        (ids("impor"), u32::from(b't'), false),
        (ids("re"), 256 + 2, true),
        (ids(""), 256, true),
        // A word of the other list may go on, and is held.
        (ids(""), 256 + 1, true),
        (ids("port"), u32::from(b' '), false),
        (vec![256 + 5], u32::from(b'!'), false),
    ] {
        along.0.retract(0);
        before.iter().for_each(|id| assert_ne!(along.push(*id), Commit::Halt));
        assert_eq!(along.allows(next), allowed, "{next} after {before:?}");
    }
    along.0.retract(0);
    assert_eq!(along.push(256 + 2), Commit::Halt, "nor is it taken");
    assert!(along.0.may_end(0) && along.0.committed.is_empty());
}

#[test]
fn what_may_be_the_word_is_held_and_cannot_end_an_answer() {
    let forbidden = forbidden(&["import"], &[]).expect("a word");
    let mut along = Along::new(&forbidden);
    assert_eq!(along.push(256 + 2), Commit::Held);
    assert!(!along.allows(END));
    assert!(!along.0.may_end(0) && along.0.may_end(1));
    assert_eq!(along.push(256 + 5), Commit::Visible);
    assert!(along.allows(END) && along.0.may_end(0) && !along.0.may_end(2));
}

#[test]
fn patterns_are_looked_for_anywhere() {
    let forbidden = forbidden(&[], &["[0-9]{3}", "(?i)sec.?ret"]).expect("patterns");
    let mut along = Along::new(&forbidden);
    for (before, next, allowed) in [
        ("1", b'2', true),
        ("12", b'3', false),
        ("1x2", b'3', true),
        ("a12", b'3', false),
        ("SEC-re", b'T', false),
        ("sec--re", b't', true),
    ] {
        along.0.retract(0);
        ids(before).iter().for_each(|id| assert_ne!(along.push(*id), Commit::Halt));
        assert_eq!(along.allows(u32::from(next)), allowed, "{before}");
    }
}

#[test]
fn a_word_is_itself_whatever_it_is_made_of() {
    for word in ["a.b", "a+b", "$x", "<b>", "é", "a b", "c++", "_", "x-y", "\\d", "#&~%'\"`@!,;:=/"] {
        let forbidden = forbidden(&[word], &[]).expect(word);
        let mut along = Along::new(&forbidden);
        let spelled = ids(&format!(" {word} "));
        let stopped = spelled.iter().position(|id| !along.allows(*id) || along.push(*id) == Commit::Halt);
        assert!(stopped.is_some(), "{word}");
        let mut along = Along::new(&forbidden);
        assert!(ids(" nothing of it ").iter().all(|id| along.push(*id) != Commit::Halt), "{word}");
    }
}

#[test]
fn what_cannot_be_forbidden_is_refused() {
    assert!(matches!(forbidden(&[""], &[]), Err(PatternError::MatchesEmpty { index: 0, .. })));
    assert!(matches!(forbidden(&["a"], &["b*"]), Err(PatternError::MatchesEmpty { index: 1, .. })));
    assert!(matches!(forbidden(&[], &["$"]), Err(PatternError::MatchesEmpty { .. })));
    for pattern in ["(", "a{2,1}", "\\b", "a(?=b)", "\\1", "[z-a]"] {
        let error = forbidden(&[], &[pattern]).expect_err(pattern);
        assert!(matches!(error, PatternError::Invalid { .. }), "{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    let large = "a[ab]{40}x";
    let error = forbidden(&[], &[large]).expect_err("too large");
    assert!(matches!(error, PatternError::TooLarge { .. } | PatternError::Invalid { .. }), "{error}");
}

#[test]
fn many_large_patterns_take_no_longer_than_what_they_may_take_together() {
    // Each by itself may take seconds.
    let patterns: Vec<String> = (0..300).map(|number| format!("\\pL{{20}}{number}")).collect();
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let error = forbidden(&[], &patterns).expect_err("too large");
    assert!(matches!(error, PatternError::TooLarge { .. }), "{error}");
}

#[test]
fn nothing_forbidden_forbids_nothing() {
    let forbidden = forbidden(&[], &[]).expect("nothing");
    let mut along = Along::new(&forbidden);
    for id in (0..END).chain([END]) {
        assert!(along.allows(id));
        assert_eq!(along.push(id % 256), Commit::Visible);
    }
}

proptest! {
    /// An answer of allowed tokens never has a match, and a refused token makes one whatever byte follows.
    /// The judge is a search over the whole text.
    #[test]
    fn no_allowed_text_matches(choices in prop::collection::vec(0u32..END, 1..60), which in 0usize..4) {
        let (words, patterns): (&[&str], &[&str]) = [
            (&["import"][..], &[][..]),
            (&["er", "o"], &["m.p"]),
            (&[], &["[a-f]{2,4}x?$", "(?-u:\\b)p"]),
            (&["port"], &["[^a-z]{3}"]),
        ][which];
        let made = forbidden(words, patterns).expect("patterns");
        let all: Vec<String> = words.iter().map(|word| super::automaton::whole_word(word))
            .chain(patterns.iter().map(|pattern| (*pattern).to_owned())).collect();
        let judge = regex::Builder::new().syntax(regex_automata::util::syntax::Config::new().utf8(false))
            .thompson(regex_automata::nfa::thompson::Config::new().utf8(false))
            .build_many(&all).expect("the same patterns");
        let mut along = Along::new(&made);
        let mut text: Vec<u8> = Vec::new();
        let mut shown = 0;
        for choice in choices {
            let more = made.read(choice, true).to_vec();
            let longer = [&text[..], &more].concat();
            if along.allows(choice) {
                match along.push(choice) {
                    Commit::Visible => shown = longer.len(),
                    Commit::Held => {}
                    other => prop_assert!(false, "{other:?}"),
                }
                text = longer;
                prop_assert!(!judge.is_match(&text[..shown]), "{text:?}");
                prop_assert_eq!(along.allows(END), !judge.is_match(&text), "{:?}", text);
            } else {
                for follow in 0..=255u8 {
                    prop_assert!(judge.is_match(&[&longer[..], &[follow]].concat()), "{longer:?} {follow}");
                }
            }
        }
    }
}
