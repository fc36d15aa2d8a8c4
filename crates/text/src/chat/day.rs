//! The function `strftime_now` of chat templates.
//!
//! The date is always the same one, because an answer is a function of the model and the prompt, and is replayed on
//! another day.

use minijinja::{Error, ErrorKind};

/// The date for a template that asks for one, by the codes of `strftime`: midnight of Wednesday, 1 January 2025.
const DAY: [(char, &str); 37] = [
    ('%', "%"),
    ('A', "Wednesday"),
    ('B', "January"),
    ('C', "20"),
    ('D', "01/01/25"),
    ('F', "2025-01-01"),
    ('G', "2025"),
    ('H', "00"),
    ('I', "12"),
    ('M', "00"),
    ('R', "00:00"),
    ('S', "00"),
    ('T', "00:00:00"),
    ('U', "00"),
    ('V', "01"),
    ('W', "00"),
    ('X', "00:00:00"),
    ('Y', "2025"),
    ('Z', ""),
    ('a', "Wed"),
    ('b', "Jan"),
    ('c', "Wed Jan  1 00:00:00 2025"),
    ('d', "01"),
    ('e', " 1"),
    ('f', "000000"),
    ('g', "25"),
    ('h', "Jan"),
    ('j', "001"),
    ('m', "01"),
    ('n', "\n"),
    ('p', "AM"),
    ('t', "\t"),
    ('u', "3"),
    ('w', "3"),
    ('x', "01/01/25"),
    ('y', "25"),
    ('z', ""),
];

/// Formats the date, as the function does.
///
/// # Errors
/// An error of the template that names the code, if it is none of a date.
pub(super) fn day(format: &str) -> Result<String, Error> {
    let mut text = String::new();
    let mut chars = format.chars();
    while let Some(char) = chars.next() {
        if char != '%' {
            text.push(char);
            continue;
        }
        let mut asked = chars.next();
        // The flag `-` takes the zeros and spaces before a number away.
        let is_bare = asked == Some('-');
        if is_bare {
            asked = chars.next();
        }
        let part = DAY.iter().find(|(code, _)| Some(*code) == asked).ok_or_else(|| {
            let asked = asked.map_or_else(String::new, String::from);
            let what = format!("strftime_now does not know %{asked} in {format:?}");
            Error::new(ErrorKind::InvalidOperation, what)
        })?;
        let bare = part.1.trim_start_matches(['0', ' ']);
        let is_zero = bare.is_empty() && !part.1.is_empty();
        text.push_str(match is_bare {
            true if is_zero => "0",
            true => bare,
            false => part.1,
        });
    }
    Ok(text)
}
