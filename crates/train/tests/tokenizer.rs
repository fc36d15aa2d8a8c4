//! The tokenizer: training repeats, and special tokens in plain text are ignored.

use train::codec::{self, Codec, Corpus, SPECIAL};
use train::corpus;

fn shipped() -> Codec {
    Codec::from_json(embedded::TOKENIZER).expect("tokenizer")
}

#[test]
fn training_it_again_gives_the_shipped_bytes() {
    assert_eq!(codec::train(Corpus::Talk).expect("training").as_bytes(), embedded::TOKENIZER);
}

#[test]
fn special_names_in_plain_text_stay_text() {
    for text in SPECIAL {
        let ids = shipped().plain(text).expect("ids");
        assert!(ids.iter().all(|id| *id >= SPECIAL.len() as u32), "{text}: {ids:?}");
    }
}

#[test]
fn special_ids_are_fixed() {
    let json: serde_json::Value = serde_json::from_slice(embedded::TOKENIZER).expect("json");
    for (id, text) in SPECIAL.iter().enumerate() {
        assert_eq!(json["model"]["vocab"][text], id);
    }
}

#[test]
fn text_survives_and_digits_stand_alone() {
    let codec = shipped();
    for text in ["1234 + 77", "Grüße, 漢字 \u{1F600}\n", "letter_count(strawberry, r) = 3\n", ""] {
        let ids = codec.plain(text).expect("ids");
        assert_eq!(codec.text(&ids).expect("text"), text);
    }
    assert_eq!(codec.plain("1234").expect("ids").len(), 4);
}

#[test]
fn items_fit_the_context() {
    let codec = shipped();
    let longest =
        (0..20_000).map(|index| codec.item(&corpus::training(3, index)).expect("item").ids.len()).max();
    assert!(longest < Some(160), "{longest:?}");
}
