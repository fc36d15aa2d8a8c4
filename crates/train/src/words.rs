//! The words of the corpus: a committed list of English words, and pronounceable inventions.

use crate::held_out::{self, Split};
use crate::rng::Rng;
use std::sync::OnceLock;

const LIST: &str = include_str!("../data/words.txt");

/// The word list, divided by the hold-out split.
struct Halves {
    train: Vec<&'static str>,
    held_out: Vec<&'static str>,
}

fn halves() -> &'static Halves {
    static HALVES: OnceLock<Halves> = OnceLock::new();
    HALVES.get_or_init(|| {
        let (held_out, train) = LIST.lines().partition(|word| held_out::word(word));
        Halves { train, held_out }
    })
}

/// Returns the real words of one side of the hold-out split, in the order of the committed list.
#[must_use]
pub fn real(split: Split) -> &'static [&'static str] {
    match split {
        Split::Train => &halves().train,
        Split::HeldOut => &halves().held_out,
    }
}

/// Returns a random real word that belongs to one side of the hold-out split.
pub fn draw_real(rng: &mut Rng, split: Split) -> &'static str {
    let words = real(split);
    words[rng.below(words.len())]
}

/// Returns a random word for a letter task. Held-out words are always real; in training one in ten is
/// invented.
pub fn draw(rng: &mut Rng, split: Split) -> String {
    if split == Split::Train && rng.percent(10) {
        return invented(rng);
    }
    draw_real(rng, split).to_owned()
}

/// Returns an invented word with few different letters, so that high counts occur. It is never a held-out
/// word.
fn invented(rng: &mut Rng) -> String {
    loop {
        let vowels = [*rng.pick(b"aeiou"), *rng.pick(b"aeiouy")];
        let others = [*rng.pick(b"bcdfghjklmnpqrstvwxz"), *rng.pick(b"bdfgklmnprst"), *rng.pick(b"lmnrst")];
        let length = rng.between(3, 11) as usize;
        let start = rng.below(2);
        let word: String = (0..length)
            .map(|at| if (at + start).is_multiple_of(2) { *rng.pick(&vowels) } else { *rng.pick(&others) })
            .map(char::from)
            .collect();
        if !held_out::word(&word) {
            return word;
        }
    }
}

/// Returns an invented word, a letter, and the number of times that the letter occurs in it. Every count from
/// zero to nine is equally likely.
pub fn invented_with_count(rng: &mut Rng) -> (String, char, i64) {
    let wanted = rng.between(0, 9);
    loop {
        let letter = *rng.pick(b"abcdefghijklmnopqrstuvwxyz");
        let mut letters = vec![letter; wanted as usize];
        let others = [*rng.pick(b"aeiou"), *rng.pick(b"aeioulrst"), *rng.pick(b"bcdfghjklmnpqrstvwxz")];
        let more = rng.between((3 - wanted).max(0), 5);
        for _ in 0..more {
            letters.insert(rng.below(letters.len() + 1), *rng.pick(&others));
        }
        let word: String = letters.into_iter().map(char::from).collect();
        let letter = char::from(letter);
        if count(&word, letter) == wanted && !held_out::word(&word) {
            return (word, letter, wanted);
        }
    }
}

/// Returns the number of times that `letter` occurs in `word`.
#[must_use]
pub fn count(word: &str, letter: char) -> i64 {
    word.chars().filter(|c| *c == letter).count() as i64
}

/// Returns a letter of the alphabet to ask about: mostly one that occurs in the word, and often one that
/// occurs twice or more.
pub fn draw_letter(rng: &mut Rng, word: &str) -> char {
    let letters: Vec<char> = word.chars().collect();
    let repeated: Vec<char> = letters.iter().copied().filter(|c| count(word, *c) > 1).collect();
    match rng.below(100) {
        0..45 if !repeated.is_empty() => *rng.pick(&repeated),
        0..82 => *rng.pick(&letters),
        _ => char::from(*rng.pick(b"abcdefghijklmnopqrstuvwxyz")),
    }
}
