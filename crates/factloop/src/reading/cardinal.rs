//! Numbers in words.

use det::number_word;

/// Returns the number that `words` begin with, and how many of the words belong to it. Returns None if they
/// do not begin with a number.
///
/// Numbers below one million without "and" are read: `ninety-seven`, `two hundred`, `five thousand three
/// hundred`. The longest number is returned, because "two hundred" is never the two numbers 2 and 100.
pub(super) fn cardinal(words: &[&str]) -> Option<(i64, usize)> {
    let (first, used) = below_thousand(words)?;
    if words.get(used) != Some(&"thousand") || first == 0 {
        return Some((first, used));
    }
    let (thousands, used) = (first * 1_000, used + 1);
    match below_thousand(&words[used..]) {
        Some((rest, more)) if rest > 0 => Some((thousands + rest, used + more)),
        _ => Some((thousands, used)),
    }
}

fn below_thousand(words: &[&str]) -> Option<(i64, usize)> {
    let first = number_word(words.first()?).map(i64::from)?;
    if words.get(1) != Some(&"hundred") || !(1..10).contains(&first) {
        return Some((first, 1));
    }
    match words.get(2).and_then(|word| number_word(word)).map(i64::from) {
        Some(rest) if rest > 0 => Some((first * 100 + rest, 3)),
        _ => Some((first * 100, 2)),
    }
}

#[cfg(test)]
mod tests {
    use super::cardinal;

    #[test]
    fn numbers_in_words() {
        let cases = [
            ("seven", Some((7, 1))),
            ("twenty-one apples", Some((21, 1))),
            ("two hundred", Some((200, 2))),
            ("two hundred five", Some((205, 3))),
            ("five thousand three hundred twelve", Some((5_312, 5))),
            ("one thousand", Some((1_000, 2))),
            ("ten hundred", Some((10, 1))),
            ("twenty-zero", None),
            ("twenty-eleven", None),
            ("first", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let words: Vec<&str> = text.split_whitespace().collect();
            assert_eq!(cardinal(&words), expected, "{text}");
        }
    }
}
