//! The held-out prompts that were made together with the shipped model.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A question for a count of letters plus a number, with the parts that it is made of.
#[derive(Deserialize)]
pub struct Question {
    pub prompt: String,
    pub word: String,
    pub letter: char,
    pub addend: i64,
    pub expected: i64,
}

/// A prompt of plain conversation, which has no answer to check.
#[derive(Deserialize)]
pub struct Remark {
    pub prompt: String,
}

/// Returns the fifty held-out questions, after counting each stated answer again.
pub fn questions() -> Vec<Question> {
    let questions: Vec<Question> = read("count_then_add_50.json");
    assert_eq!(questions.len(), 50);
    for Question { prompt, word, letter, addend, expected } in &questions {
        let count = word.chars().filter(|c| c.eq_ignore_ascii_case(letter)).count();
        assert_eq!(i64::try_from(count).expect("a short word") + addend, *expected, "{prompt}");
    }
    questions
}

/// Returns the twenty held-out prompts of conversation, in the order of the fixture.
pub fn remarks() -> Vec<Remark> {
    let remarks: Vec<Remark> = read("plain_20.json");
    assert_eq!(remarks.len(), 20);
    remarks
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/embedded").join(name);
    let text = std::fs::read_to_string(&path).expect("the fixture");
    serde_json::from_str(&text).expect("the fixture's form")
}
