//! Dates that can be read in one way only: `2024-02-29` and `29 February 2024`.
//!
//! `02/03/2024` is another day in other countries, and so is not read. Dates before 1919 may be meant in the Julian calendar,
//! which Britain had until 1752 and Russia until 1918.

use super::token::{Placed, Token};

/// The first year whose dates are Gregorian in nearly all countries.
const FIRST_YEAR: i64 = 1919;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Returns the date that `tokens` begin with, as `2024-02-29`, and how many of them belong to it. The date may be one that
/// does not exist: the primitives of the calendar refuse it.
pub(super) fn date(tokens: &[Placed]) -> Option<(String, usize)> {
    match tokens {
        [Placed { token: Token::Date(date), .. }, ..] => {
            let year: i64 = date.get(..4)?.parse().ok()?;
            (year >= FIRST_YEAR).then(|| (date.clone(), 1))
        }
        [
            Placed { token: Token::Number(day), .. },
            Placed { token: Token::Word { lower, .. }, .. },
            Placed { token: Token::Number(year), .. },
            ..,
        ] => {
            let month = MONTHS.iter().position(|month| month == lower)? + 1;
            let fits = (1..=31).contains(day) && (FIRST_YEAR..=9999).contains(year);
            fits.then(|| (format!("{year}-{month:02}-{day:02}"), 3))
        }
        _ => None,
    }
}
