//! Letters and words against the pieces that the texts were made of.

use prims::Value;

use crate::trial::{Proof, as_text, words};

pub(crate) const PROOFS: &[Proof] = &[
    Proof {
        name: "letter_count",
        run: |trial| {
            for text in words(&['a', 'A', 'b', 'é', ' '], 0, 5) {
                for (letter, alike) in [("a", "aA"), ("A", "aA"), ("b", "b"), ("é", "é")] {
                    let count = text.chars().filter(|c| alike.contains(*c)).count();
                    let operands = [Value::text(text.as_str()), Value::text(letter)];
                    trial.check(&operands, Some(Value::Int(count as i64)));
                }
            }
        },
        // Capitals are other letters.
        wrong: |operands, _| {
            Ok(Value::Int(as_text(&operands[0]).matches(as_text(&operands[1])).count() as i64))
        },
    },
    Proof {
        name: "text_length",
        run: |trial| {
            for text in words(&['a', 'é', '1', '-', ' '], 0, 6) {
                let count = text.chars().filter(|c| "aé".contains(*c)).count();
                trial.check(&[Value::text(text)], Some(Value::Int(count as i64)));
            }
        },
        wrong: |operands, _| {
            Ok(Value::Int(as_text(&operands[0]).chars().filter(|c| *c != ' ').count() as i64))
        },
    },
    Proof {
        name: "word_count",
        run: |trial| {
            for _ in 0..5_000 {
                let length = trial.below(9);
                let pieces: Vec<&str> = (0..length)
                    .map(|_| trial.pick(&["the", "The", "cat", "cats", "it's", "it", "theme"]))
                    .collect();
                let mut text = String::new();
                for piece in &pieces {
                    text.push_str(piece);
                    text.push_str(trial.pick(&[" ", ", ", ". ", " - ", "; "]));
                }
                for word in ["the", "cat", "it's"] {
                    let count = pieces.iter().filter(|piece| piece.to_lowercase() == word).count();
                    let operands = [Value::text(text.as_str()), Value::text(word)];
                    trial.check(&operands, Some(Value::Int(count as i64)));
                }
            }
        },
        // Parts of words are counted too.
        wrong: |operands, _| {
            let text = as_text(&operands[0]).to_lowercase();
            Ok(Value::Int(text.matches(as_text(&operands[1])).count() as i64))
        },
    },
];
