//! The bytes of tokens: together they are the text.

use serde_json::{Value, json};
use synthetic::Random;
use text::{TokenBytes, Tokenizer, TokenizerError};

const BYTES: &str = include_str!("data/bytes_tokenizer.json");
const EMBEDDED: &str = include_str!("../../embedded/model/tokenizer.json");

fn tokenizer(json: &str, vocab_size: usize) -> Tokenizer {
    Tokenizer::from_json(json.as_bytes(), vocab_size).expect("a tokenizer")
}

/// Returns a vocabulary as SentencePiece writes it: a mark for spaces, and bytes spelled out.
fn pieces(decoder: Value) -> String {
    let spelled = (0..256).map(|byte| format!("<0x{byte:02X}>"));
    let words = ["<unk>", "▁", "a", "▁b", "<0xZZ>", "é"].map(str::to_owned);
    let vocab: serde_json::Map<String, Value> =
        words.into_iter().chain(spelled).zip(0..).map(|(piece, id)| (piece, json!(id))).collect();
    json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": null, "pre_tokenizer": null,
        "post_processor": null, "decoder": decoder,
        "added_tokens": [{
            "id": 0, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true
        }],
        "model": {
            "type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true, "vocab": vocab, "merges": []
        }
    })
    .to_string()
}

fn sentence_piece() -> String {
    pieces(json!({"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
        {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}
    ]}))
}

#[test]
fn the_bytes_of_tokens_together_are_the_text() {
    for (json, vocab_size) in [(BYTES, 262), (EMBEDDED, 1024)] {
        let tokenizer = tokenizer(json, vocab_size);
        let bytes = TokenBytes::from_tokenizer(&tokenizer).expect("byte-level");
        for seed in 0..200 {
            let ids = Random::new(seed).tokens(1 + seed as usize % 20, vocab_size);
            let together: Vec<u8> = ids.iter().flat_map(|id| bytes.get(*id)).copied().collect();
            let text = tokenizer.decode(&ids).expect("its own ids");
            assert_eq!(String::from_utf8_lossy(&together), text, "{ids:?}");
        }
        for text in ["plain", "é 漢字 🦀\n", " \t "] {
            let ids = tokenizer.encode(text).expect("bytes are enough");
            let together: Vec<u8> = ids.iter().flat_map(|id| bytes.get(*id)).copied().collect();
            assert_eq!(together, text.as_bytes());
        }
    }
}

#[test]
fn a_special_token_and_an_unknown_one_have_no_bytes() {
    let bytes = TokenBytes::from_tokenizer(&tokenizer(BYTES, 262)).expect("byte-level");
    for token in [0, 1, 3, 262, u32::MAX] {
        assert_eq!(bytes.get(token), b"", "token {token}");
    }
}

#[test]
fn pieces_are_read_with_their_space_and_bytes_spelled_out() {
    let tokenizer = tokenizer(&sentence_piece(), 262);
    let bytes = TokenBytes::from_tokenizer(&tokenizer).expect("byte fallback");
    for (token, expected) in [
        (0, &b""[..]),
        (1, b" "),
        (2, b"a"),
        (3, b" b"),
        (4, b"<0xZZ>"),
        (5, "é".as_bytes()),
        (6 + 0xC3, &[0xC3]),
    ] {
        assert_eq!(bytes.get(token), expected, "token {token}");
    }
    let ids = [2, 3, 6 + 0xC3, 6 + 0xA9, 1, 5];
    let together: Vec<u8> = ids.iter().flat_map(|id| bytes.get(*id)).copied().collect();
    assert_eq!(tokenizer.decode(&ids).expect("its own ids").as_bytes(), together);
}

#[test]
fn a_decoder_that_does_not_go_token_by_token_is_refused() {
    let word_piece = json!({"type": "WordPiece", "prefix": "##", "cleanup": true});
    for decoder in [word_piece.clone(), json!({"type": "Sequence", "decoders": [word_piece]}), Value::Null] {
        let refusal =
            TokenBytes::from_tokenizer(&tokenizer(&pieces(decoder), 262)).expect_err("unknown bytes");
        assert!(matches!(refusal, TokenizerError::UnknownBytes { token: 1 }), "{refusal}");
        assert!(refusal.to_string().contains("without stop sequences"), "{refusal}");
    }
}
