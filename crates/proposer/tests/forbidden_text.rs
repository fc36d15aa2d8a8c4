//! A text that is shown contains nothing that is forbidden, also where the decoder strips a space or the bytes are no text.

mod common;

use common::tokenizer as byte_level;
use neural::{Commit, PlainBackend, TokenMask, Traps};
use proposer::{ForbiddenText, Interrupt};
use serde_json::{Map, Value, json};
use synthetic::Random;
use text::Tokenizer;

/// The words of the vocabulary, none of which ends an answer.
const WORDS: [&str; 8] = ["<unk>", "▁", "cat", "▁cat", "s", "▁▁cat", "é", "▁and"];

/// Returns a tokenizer with a vocabulary as SentencePiece writes it, with bytes spelled out.
fn pieces(decoder: &Value) -> Tokenizer {
    let spelled = (0..256).map(|byte| format!("<0x{byte:02X}>"));
    let all = WORDS.map(str::to_owned).into_iter().chain(spelled);
    let vocab: Map<String, Value> = all.zip(0..).map(|(piece, id)| (piece, json!(id))).collect();
    let size = vocab.len();
    let json = json!({
        "version": "1.0", "decoder": decoder,
        "added_tokens": [{
            "id": 0, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true
        }],
        "model": {
            "type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true, "vocab": vocab, "merges": []
        }
    });
    Tokenizer::from_json(json.to_string().as_bytes(), size).expect("a tokenizer")
}

fn tokenizers() -> [(Tokenizer, u32); 3] {
    let fallback = json!({"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
        {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}
    ]});
    let metaspace =
        json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true});
    let count = WORDS.len() as u32 + 256;
    [(pieces(&fallback), count), (pieces(&metaspace), count), (byte_level(), 262)]
}

/// A function that returns true if the text has a part that is forbidden.
type Judge = fn(&str) -> bool;

fn has_word(text: &str) -> bool {
    let word = |char: char| char.is_ascii_alphanumeric() || char == '_';
    text.split(|char| !word(char)).any(|part| part == "cat")
}

/// The logits of a vocabulary in which some tokens are likelier than all others, in falling order.
fn logits(count: u32, falling: &[(u32, f32)]) -> Vec<f32> {
    let mut row = vec![-20.0; count as usize];
    falling.iter().for_each(|(id, logit)| row[*id as usize] = *logit);
    row
}

/// The model would say "cat and cats": where another token is likely, that one follows, and else the answer ends.
#[test]
fn a_sentence_that_leads_into_a_forbidden_text_is_worded_otherwise() {
    let (tokenizer, count) = &tokenizers()[0];
    let end = 0;
    let text = ForbiddenText { patterns: vec!["cats".to_owned()], ..ForbiddenText::default() };
    let automaton = text.for_tokenizer(tokenizer, &[end]).expect("patterns");
    let id = |piece: &str| WORDS.iter().position(|word| *word == piece).expect("a piece") as u32;
    let (and, cat, s, e) = (id("\u{2581}and"), id("\u{2581}cat"), id("s"), id("é"));
    let sure = |id: u32| logits(*count, &[(id, 0.0)]);
    for (second, is_likely) in [(sure(and), false), (logits(*count, &[(and, 0.0), (cat, -3.9)]), true)] {
        let mut plain = Interrupt::new(&automaton);
        let mut interrupt = Interrupt::new(&automaton).rewording();
        for (position, token, row) in [(5, cat, sure(cat)), (6, and, second), (7, cat, sure(cat))] {
            assert_eq!(plain.commit(position, token), Commit::Visible);
            interrupt.weigh(&row);
            assert_eq!(interrupt.commit(position, token), Commit::Held, "{position}");
        }
        interrupt.weigh(&sure(s));
        assert!(plain.mask().is_some_and(|mask| !mask.allows(s)), "the text is near");
        assert_eq!(plain.reconsider(s), None, "only the token is left out");
        if is_likely {
            assert_eq!(interrupt.reconsider(s), Some(6), "another token is likely there");
            interrupt.retract(6);
            let mask = interrupt.mask().expect("a mask");
            assert!(mask.allows(cat) && !mask.allows(and) && !mask.allows(e), "that one alone follows");
            continue;
        }
        assert_eq!(interrupt.reconsider(s), Some(5), "the answer ends, from the start of the sentence on");
        interrupt.retract(5);
        let dot = 8 + u32::from(b'.');
        for (position, token) in (5..).zip([cat, and, dot, dot, dot, end]) {
            let mask = interrupt.mask().expect("a mask");
            let allowed: Vec<u32> = (0..*count).filter(|id| mask.allows(*id)).collect();
            assert_eq!(allowed, [token], "decided at {position}");
            assert_eq!(interrupt.reconsider(s), None, "nothing else is tried");
            if token != end {
                assert_eq!(interrupt.commit(position, token), Commit::Held);
            }
        }
        assert!(interrupt.may_end(0));
    }
}

#[test]
fn no_text_that_is_shown_has_what_is_forbidden() {
    let cases: [(&[&str], &[&str], Judge); 6] = [
        (&["cat"], &[], has_word),
        (&[], &["^cat"], |text| text.starts_with("cat")),
        (&[], &["(?m)^s"], |text| text.lines().any(|line| line.starts_with('s'))),
        (&[], &["[^ -~]"], |text| text.chars().any(|char| !(' '..='~').contains(&char))),
        (&[], &["\u{fffd}"], |text| text.contains('\u{fffd}')),
        (&[], &["\\Acat$", "^s+$"], |text| {
            text == "cat" || text.chars().all(|char| char == 's') && !text.is_empty()
        }),
    ];
    for (tokenizer, count) in tokenizers() {
        for (words, patterns, forbidden) in cases {
            let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
            let text =
                ForbiddenText { words: owned(words), patterns: owned(patterns), ..ForbiddenText::default() };
            let automaton = text.for_tokenizer(&tokenizer, &[]).expect("patterns");
            for seed in 0..400 {
                for interrupt in [Interrupt::new(&automaton), Interrupt::new(&automaton).rewording()] {
                    let shown = drawn(interrupt, seed, count);
                    let answer = tokenizer.decode(&shown).expect("its own ids");
                    assert!(!forbidden(&answer), "{text:?}: {answer:?} of {shown:?}");
                }
            }
        }
    }
}

/// Draws random tokens among those that the interrupt allows, and returns those that are shown.
fn drawn(mut interrupt: Interrupt, seed: u64, count: u32) -> Vec<u32> {
    let mut random = Random::new(seed);
    let mut below = |most: u32| random.tokens(1, most as usize)[0];
    let (mut tokens, mut shown) = (Vec::new(), 0);
    for position in 0..1 + below(7) as usize {
        let mask = Traps::<PlainBackend>::mask(&mut interrupt, position).cloned();
        let allows = |id: &u32| mask.as_ref().is_none_or(|mask: &TokenMask| mask.allows(*id));
        // Words are as likely as all the bytes.
        let most = if below(2) == 0 { WORDS.len() as u32 } else { count };
        let Some(id) = (0..50).map(|_| below(most)).find(allows) else { break };
        tokens.push(id);
        match Traps::<PlainBackend>::commit(&mut interrupt, position, id) {
            Commit::Visible => shown = tokens.len(),
            Commit::Begins => shown = tokens.len() - 1,
            Commit::Held => {}
            other => panic!("{other:?} of a token that was allowed"),
        }
    }
    if Traps::<PlainBackend>::finish(&mut interrupt, 0) {
        shown = tokens.len();
    }
    tokens.truncate(shown);
    tokens
}
