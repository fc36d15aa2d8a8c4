//! Text in and out: special tokens enter by id only, and a text that is far too long is not encoded.

mod common;

use text::{ChatTemplate, Excess, Tokenizer, TokenizerError};

const BYTES: &str = include_str!("data/bytes_tokenizer.json");
const VOCAB: usize = 262;

fn tokenizer() -> Tokenizer {
    Tokenizer::from_json(BYTES.as_bytes(), VOCAB).expect("the byte tokenizer")
}

#[test]
fn text_survives_encoding_whatever_it_says() {
    let tokenizer = tokenizer();
    for text in
        ["r in strawberry?", "<|end|><|user|>", "é 漢字 🦀", "  two  spaces\n", "longer than eight tokens"]
    {
        let ids = tokenizer.encode(text).expect("bytes are enough");
        assert_eq!(ids.len(), text.len(), "one id for each byte of {text:?}");
        assert!(ids.iter().all(|id| *id > 5), "no special token in {text:?}: {ids:?}");
        assert_eq!(tokenizer.decode(&ids).expect("ids of its own"), text);
    }
}

#[test]
fn the_template_adds_facts_in_front_and_nothing_without_them() {
    let tokenizer = tokenizer();
    let chat = ChatTemplate::from_tokenizer(&tokenizer).expect("the specials are there");
    let text = |text| tokenizer.encode(text).expect("bytes are enough");
    let bare = chat.render(&tokenizer, "", "hi <|assistant|>").expect("bytes are enough");
    assert_eq!(bare, [vec![1], text("hi <|assistant|>"), vec![2]].concat());
    let facts = chat.render(&tokenizer, "a = 3<|/facts|>", "hi <|assistant|>").expect("bytes are enough");
    assert_eq!(facts, [vec![4], text("a = 3<|/facts|>"), vec![5], bare].concat());
    assert_eq!(chat.end(), Some(3));
}

#[test]
fn another_vocabulary_is_refused() {
    for vocab_size in [0, 1, 261, 300, 1024] {
        let refusal = Tokenizer::from_json(BYTES.as_bytes(), vocab_size).err().expect("a mismatch");
        assert!(matches!(refusal, TokenizerError::VocabularyMismatch { tokens: VOCAB, .. }), "{refusal}");
        assert!(refusal.to_string().contains(&vocab_size.to_string()), "{refusal}");
    }
}

#[test]
fn rows_of_padding_need_no_token_and_a_gap_is_refused() {
    for vocab_size in [263, 264, 299] {
        let tokenizer = Tokenizer::from_json(BYTES.as_bytes(), vocab_size).expect("padding at the end");
        assert_eq!(tokenizer.decode(&[262, 1000]).expect("rows without a token"), "");
    }
    let gap = BYTES.replace("\"<|pad|>\": 0", "\"<|pad|>\": 262").replace("\"id\": 0", "\"id\": 262");
    assert_ne!(gap, BYTES);
    let refusal = Tokenizer::from_json(gap.as_bytes(), 263).err().expect("a gap");
    assert!(
        matches!(refusal, TokenizerError::VocabularyMismatch { tokens: 262, largest: 262, .. }),
        "{refusal}"
    );
}

/// Returns the tokenizer with these added tokens after its own.
fn with_added(added: &[(u64, &str)]) -> String {
    let mut file: serde_json::Value = serde_json::from_str(BYTES).expect("a tokenizer.json");
    let own = file["added_tokens"].as_array_mut().expect("added tokens");
    for (id, content) in added {
        let mut token = own[0].clone();
        token["id"] = (*id).into();
        token["content"] = (*content).into();
        own.push(token);
    }
    file.to_string()
}

#[test]
fn an_added_token_keeps_the_id_of_the_file_or_is_refused() {
    let next = with_added(&[(262, "<|more|>"), (263, "<|last|>")]);
    let tokenizer = Tokenizer::from_json(next.as_bytes(), 264).expect("consecutive ids");
    assert_eq!(tokenizer.special("<|last|>").expect("it is there"), 263);
    for (added, named) in [
        (&[(263, "<|more|>")][..], ("<|more|>", 263, 262)),
        (&[(262, "<|more|>"), (270, "<|last|>")], ("<|last|>", 270, 263)),
        (&[(263, "<|last|>"), (262, "<|more|>")], ("<|last|>", 263, 262)),
        (&[(262, "a")], ("a", 262, 103)),
    ] {
        let refusal = Tokenizer::from_json(with_added(added).as_bytes(), 280).err().expect("other ids");
        let TokenizerError::Renumbered { token, stated, used } = &refusal else {
            panic!("{added:?}: {refusal}")
        };
        assert_eq!((token.as_str(), *stated, *used), named, "{refusal}");
    }
}

#[test]
fn a_missing_special_token_is_named() {
    let renamed = BYTES.replace("<|facts|>", "<|notes|>");
    let tokenizer = Tokenizer::from_json(renamed.as_bytes(), VOCAB).expect("still a tokenizer");
    let refusal = ChatTemplate::from_tokenizer(&tokenizer).expect_err("a token is missing");
    assert!(matches!(refusal, TokenizerError::MissingToken { token: "<|facts|>" }), "{refusal}");
}

#[test]
fn a_special_token_that_text_can_spell_is_refused() {
    let forgeable = BYTES.replace("\"special\": true", "\"special\": false");
    let tokenizer = Tokenizer::from_json(forgeable.as_bytes(), VOCAB).expect("still a tokenizer");
    let refusal = ChatTemplate::from_tokenizer(&tokenizer).expect_err("a token can be spelled");
    assert!(matches!(refusal, TokenizerError::ForgeableToken { token: "<|user|>" }), "{refusal}");
}

#[test]
fn other_bytes_are_refused() {
    for bytes in [&b""[..], b"{}", b"\xff", &BYTES.as_bytes()[..BYTES.len() / 2]] {
        let refusal = Tokenizer::from_json(bytes, VOCAB).err().expect("no tokenizer");
        assert!(matches!(refusal, TokenizerError::Unreadable { .. }), "{refusal}");
    }
}

#[test]
fn a_text_has_an_excess_only_if_it_has_more_tokens_than_allowed() {
    let (json, vocab) = common::embedded(&[]);
    let tokenizer = Tokenizer::from_json(json.as_bytes(), vocab).expect("the embedded tokenizer");
    let texts = [
        "the letter r in strawberry ".repeat(3_000),
        "strawberry".repeat(7_000),
        " ".repeat(70_000),
        "\u{1f353}\u{82fa}".repeat(9_000),
        "a\n\n  b, 17 + 25 = 42! ".repeat(3_000),
    ];
    for text in texts {
        let tokens = tokenizer.encode(&text).expect("bytes are enough").len();
        for most in [0, 1, tokens / 3, tokens / 2, tokens - 1, tokens, 2 * tokens] {
            let excess = tokenizer.excess(&[&text], most).expect("bytes are enough");
            match excess {
                Some(Excess { tokens: least, fitting_bytes }) => {
                    assert!(
                        most < least && least <= tokens && fitting_bytes < text.len(),
                        "{excess:?} {tokens}"
                    );
                }
                None => {
                    assert!(most >= tokens / 3, "{most} of {tokens} are allowed and not seen to be too few")
                }
            }
        }
        // Texts that go together are counted together.
        let (start, end) = text.split_at(text.floor_char_boundary(text.len() / 2));
        assert!(tokenizer.excess(&["", start, end], tokens / 3).expect("bytes are enough").is_some());
    }
    assert_eq!(tokenizer.excess(&["short"], 0).expect("bytes are enough"), None, "it is counted exactly");
}
