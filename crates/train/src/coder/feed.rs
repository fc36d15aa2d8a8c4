//! The inputs of operations: flavours of numbers, texts and lists, each drawn from a stream of random numbers.

use super::datum::{Datum, Kind};
use crate::held_out::Split;
use crate::rng::Rng;
use crate::words;

/// A flavour of input that an operation is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    /// A number that is not negative.
    Natural,
    /// A number of at most twelve, for what grows fast.
    Small,
    /// A positive or negative number.
    Whole,
    /// A year.
    Year,
    /// Any list of numbers.
    Ints,
    /// A list of numbers in ascending order, or nearly so.
    Ascending,
    /// Any list of texts.
    Texts,
    /// Any text.
    Text,
    /// A text that often reads the same backwards.
    Mirror,
    /// A text of brackets.
    Brackets,
    /// The digits of a binary number.
    Binary,
    /// The digits of a hexadecimal number.
    Hex,
    /// The digits of a decimal number, or nearly so.
    Decimal,
    /// Numbers with commas between them.
    Commas,
    /// Numbers with spaces between them.
    Spaces,
    /// Numbers with dots between them.
    Dots,
    /// A key, a sign of equality and a value.
    Pair,
    /// A time of the day or a duration, such as `2:05`.
    Clock,
    /// A Roman number.
    Roman,
    /// A name in camel case.
    Camel,
    /// A name in snake case.
    Snake,
    /// The name of a file.
    File,
    /// An address of electronic mail.
    Mail,
    /// Two numbers with a hyphen between them.
    Span,
    /// Several lines.
    Lines,
}

impl Feed {
    /// Returns the kind of the values of this flavour.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Feed::Natural | Feed::Small | Feed::Whole | Feed::Year => Kind::Int,
            Feed::Ints | Feed::Ascending => Kind::Ints,
            Feed::Texts => Kind::Texts,
            _ => Kind::Text,
        }
    }

    /// Returns true if every value of the kind may be of this flavour, so that the operation may stand second.
    #[must_use]
    pub fn is_general(self) -> bool {
        matches!(self, Feed::Natural | Feed::Whole | Feed::Ints | Feed::Texts | Feed::Text)
    }

    /// Draws a value of this flavour with words of one side of the hold-out split.
    pub fn draw(self, rng: &mut Rng, split: Split) -> Datum {
        match self {
            Feed::Natural => Datum::Int(natural(rng)),
            Feed::Small => Datum::Int(rng.between(0, 12)),
            Feed::Whole => Datum::Int(rng.between(-40, 99)),
            Feed::Year => Datum::Int(match rng.below(3) {
                0 => rng.between(1, 30) * 100,
                1 => rng.between(400, 520) * 4,
                _ => rng.between(1600, 2100),
            }),
            Feed::Ints => Datum::Ints(ints(rng)),
            Feed::Ascending => Datum::Ints(ascending(rng)),
            Feed::Texts => Datum::Texts(texts(rng, split)),
            _ => Datum::Text(self.text(rng, split)),
        }
    }

    fn text(self, rng: &mut Rng, split: Split) -> String {
        match self {
            Feed::Mirror => mirror(rng, split),
            Feed::Brackets => characters(rng, 0, 8, b"()()()[]{}"),
            Feed::Binary => characters(rng, 1, 7, b"01"),
            Feed::Hex => characters(rng, 1, 3, b"0123456789abcdef"),
            Feed::Decimal if rng.percent(30) => characters(rng, 1, 5, b"0123456789a.-"),
            Feed::Decimal => characters(rng, 1, 5, b"0123456789"),
            Feed::Commas => numbers(rng, ",", -20, 99),
            Feed::Spaces => numbers(rng, " ", -20, 99),
            Feed::Dots => numbers(rng, ".", 0, 30),
            Feed::Pair => format!("{}={}", short_word(rng, split), piece(rng, split)),
            Feed::Clock => format!("{}:{:02}", rng.between(0, 23), rng.between(0, 59)),
            Feed::Roman => super::evaluate::roman(rng.between(1, 120)).unwrap_or_default(),
            Feed::Camel => camel(rng, split),
            Feed::Snake => several(rng, split, 1, 3).join("_"),
            Feed::File => format!(
                "{}.{}",
                several(rng, split, 1, 2).join("."),
                rng.pick(&["txt", "py", "rs", "csv", "md"])
            ),
            Feed::Mail => format!(
                "{}@{}.{}",
                short_word(rng, split),
                short_word(rng, split),
                rng.pick(&["org", "com", "net"])
            ),
            Feed::Span => {
                let from = rng.between(0, 20);
                format!("{from}-{}", from + rng.between(0, 6))
            }
            Feed::Lines => several(rng, split, 1, 3).join("\n"),
            _ => sentence(rng, split),
        }
    }
}

fn natural(rng: &mut Rng) -> i64 {
    match rng.below(4) {
        0 => rng.between(0, 9),
        1 => rng.between(0, 99),
        2 => rng.between(1, 30),
        _ => rng.between(10, 999),
    }
}

fn ints(rng: &mut Rng) -> Vec<i64> {
    let (low, high) = *rng.pick(&[(-9, 20), (0, 9), (1, 5), (-50, 99), (1, 30)]);
    let length = rng.below(7);
    (0..length).map(|_| rng.between(low, high)).collect()
}

fn ascending(rng: &mut Rng) -> Vec<i64> {
    let mut list = ints(rng);
    if rng.percent(60) {
        list.sort_unstable();
    }
    list
}

fn characters(rng: &mut Rng, low: i64, high: i64, alphabet: &[u8]) -> String {
    (0..rng.between(low, high)).map(|_| char::from(*rng.pick(alphabet))).collect()
}

fn numbers(rng: &mut Rng, between: &str, low: i64, high: i64) -> String {
    let count = rng.between(1, 4);
    let list: Vec<String> = (0..count).map(|_| rng.between(low, high).to_string()).collect();
    list.join(between)
}

/// Returns a word of at most six letters, because prompts must be short.
pub(super) fn short_word(rng: &mut Rng, split: Split) -> String {
    loop {
        let word = words::draw_real(rng, split);
        if word.len() <= 6 {
            return word.to_owned();
        }
    }
}

fn several(rng: &mut Rng, split: Split, low: i64, high: i64) -> Vec<String> {
    (0..rng.between(low, high)).map(|_| short_word(rng, split)).collect()
}

fn capital(word: &str) -> String {
    word.chars().enumerate().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c }).collect()
}

/// Returns a word in some spelling, a few letters, or a number.
fn piece(rng: &mut Rng, split: Split) -> String {
    match rng.below(10) {
        0..4 => short_word(rng, split),
        4 => capital(&short_word(rng, split)),
        5 => short_word(rng, split).to_uppercase(),
        6 => characters(rng, 1, 4, b"abcab"),
        7 => characters(rng, 1, 4, b"aAbBcZ"),
        8 => characters(rng, 1, 4, b"a1b2c37"),
        _ => rng.between(0, 99).to_string(),
    }
}

fn sentence(rng: &mut Rng, split: Split) -> String {
    let count = match rng.below(20) {
        0 => 0,
        1..11 => 1,
        11..17 => 2,
        _ => 3,
    };
    let between = if rng.percent(10) { ", " } else { " " };
    let pieces: Vec<String> = (0..count).map(|_| piece(rng, split)).collect();
    pieces.join(between)
}

fn texts(rng: &mut Rng, split: Split) -> Vec<String> {
    let mut list: Vec<String> = (0..rng.below(5)).map(|_| piece(rng, split)).collect();
    if list.len() > 1 && rng.percent(25) {
        list.push(list[0].clone());
    }
    list
}

fn mirror(rng: &mut Rng, split: Split) -> String {
    if rng.percent(40) {
        return piece(rng, split);
    }
    let half = characters(rng, 1, 3, b"abcno");
    let back: String = half.chars().rev().skip(rng.below(2)).collect();
    half + &back
}

fn camel(rng: &mut Rng, split: Split) -> String {
    let all: String = several(rng, split, 1, 3).iter().map(|word| capital(word)).collect();
    if rng.percent(50) { all } else { all[..1].to_lowercase() + &all[1..] }
}
