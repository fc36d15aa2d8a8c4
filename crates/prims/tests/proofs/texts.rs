//! Texts against the pieces that they were made of, and against definitions.

use prims::Value;

use crate::trial::{Proof, Trial, as_int, as_text, rows, words};

/// Characters as a reader sees them. None joins the one before it.
const PIECES: [&str; 12] = [
    "a",
    "B",
    "e\u{301}",
    "é",
    "日",
    "\u{1F1E9}\u{1F1EA}",
    "👍🏽",
    "👩\u{200d}🚀",
    "\r\n",
    " ",
    "ñ",
    "q\u{307}\u{323}",
];

pub(crate) const PROOFS: &[Proof] = &[
    Proof {
        name: "reverse_text",
        run: |trial| {
            for _ in 0..5_000 {
                let pieces = pieces(trial);
                let reversed: String = pieces.iter().rev().copied().collect();
                trial.check(&[Value::text(pieces.concat())], Some(Value::text(reversed)));
            }
        },
        wrong: |operands, _| Ok(Value::text(as_text(&operands[0]).chars().rev().collect::<String>())),
    },
    Proof {
        name: "grapheme_count",
        run: |trial| {
            for _ in 0..5_000 {
                let pieces = pieces(trial);
                trial.check(&[Value::text(pieces.concat())], Some(Value::Int(pieces.len() as i64)));
            }
        },
        wrong: |operands, _| Ok(Value::Int(as_text(&operands[0]).chars().count() as i64)),
    },
    Proof {
        name: "is_palindrome",
        run: |trial| {
            for text in words(&['a', 'B', 'b', '1', ' '], 1, 7) {
                let said: Vec<char> =
                    text.chars().filter(|c| *c != ' ').map(|c| if c == 'B' { 'b' } else { c }).collect();
                if said.is_empty() {
                    continue;
                }
                let pairs = (0..said.len() / 2).all(|at| said[at] == said[said.len() - 1 - at]);
                trial.check(&[Value::text(text)], Some(Value::Bool(pairs)));
            }
        },
        // Capitals are other letters.
        wrong: |operands, _| {
            let said: Vec<char> = as_text(&operands[0]).chars().filter(|c| *c != ' ').collect();
            Ok(Value::Bool(said.iter().eq(said.iter().rev())))
        },
    },
    Proof {
        name: "levenshtein",
        run: |trial| {
            let texts = rows(&['a', 'b', 'c'], 0, 4);
            for a in &texts {
                for b in &texts {
                    let operands = [a, b].map(|text| Value::text(text.iter().collect::<String>()));
                    trial.check(&operands, Some(Value::Int(distance(a, b))));
                }
            }
        },
        // The places that differ (Hamming), and the difference of the lengths.
        wrong: |operands, _| {
            let (a, b) = (as_text(&operands[0]), as_text(&operands[1]));
            let differ = a.chars().zip(b.chars()).filter(|(a, b)| a != b).count();
            Ok(Value::Int((differ + a.len().abs_diff(b.len())) as i64))
        },
    },
    Proof {
        name: "text_index",
        run: |trial| {
            let mut parts = words(&['a', 'é', 'b'], 1, 2);
            parts.push("c".to_owned());
            for text in words(&['a', 'é', 'b'], 0, 6) {
                let chars: Vec<char> = text.chars().collect();
                for part in &parts {
                    let wanted: Vec<char> = part.chars().collect();
                    let stands = |at: &usize| chars.get(*at..*at + wanted.len()) == Some(&wanted[..]);
                    let at = (0..chars.len()).find(stands).map_or(-1, |at| at as i64);
                    trial.check(
                        &[Value::text(text.as_str()), Value::text(part.as_str())],
                        Some(Value::Int(at)),
                    );
                }
            }
        },
        // The place in bytes.
        wrong: |operands, right| match as_text(&operands[0]).find(as_text(&operands[1])) {
            Some(at) => Ok(Value::Int(at as i64)),
            None => right.inspect(|value| assert_eq!(as_int(value), -1)),
        },
    },
];

fn pieces(trial: &mut Trial<'_>) -> Vec<&'static str> {
    let length = trial.below(21);
    (0..length).map(|_| trial.pick(&PIECES)).collect()
}

fn distance(a: &[char], b: &[char]) -> i64 {
    match (a, b) {
        ([], other) | (other, []) => other.len() as i64,
        ([left, a @ ..], [right, b @ ..]) if left == right => distance(a, b),
        ([_, shorter_a @ ..], [_, shorter_b @ ..]) => {
            1 + distance(shorter_a, b).min(distance(a, shorter_b)).min(distance(shorter_a, shorter_b))
        }
    }
}
