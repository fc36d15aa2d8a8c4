//! Suggestions for a name that does not exist.

/// Returns the names of `known` that a person may have meant by `word`, the nearest first, at most three.
pub(crate) fn near<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    const MOST: usize = 3;
    let word = word.to_lowercase();
    let most = (word.chars().count() / 3).max(1);
    let is_part = |name: &str| word.len() > 2 && (name.contains(&word) || word.contains(name));
    let distance = |name: &str| match is_part(name) {
        true => Some(0),
        false => Some(edits(&word, name)).filter(|edits| *edits <= most),
    };
    let mut found: Vec<(usize, &str)> =
        known.into_iter().filter_map(|name| Some((distance(name)?, name))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).take(MOST).collect()
}

/// Returns the number of letters to insert, to remove, to replace, or to swap with the next one, that lead from one word
/// to the other.
fn edits(from: &str, to: &str) -> usize {
    // A longer name is near nothing, and would take a long time.
    const LONGEST: usize = 64;
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    if from.len() > LONGEST || to.len() > LONGEST {
        return usize::MAX;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    for (at, letter) in from.iter().enumerate() {
        let mut row = vec![at + 1];
        for (other_at, other) in to.iter().enumerate() {
            let replaced = rows[at][other_at] + usize::from(letter != other);
            let mut least = replaced.min(rows[at][other_at + 1] + 1).min(row[other_at] + 1);
            let is_swapped = at > 0 && other_at > 0 && *letter == to[other_at - 1] && from[at - 1] == *other;
            if is_swapped {
                least = least.min(rows[at - 1][other_at - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn what_was_meant_is_found_and_a_stranger_is_not() {
        let known = ["add", "gcd", "is_prime", "letter_count", "multiply", "text_length", "word_count"];
        let table: [(&str, &[&str]); 8] = [
            ("gdc", &["gcd"]),
            ("GCD", &["gcd"]),
            ("prime", &["is_prime"]),
            ("count", &["letter_count", "word_count"]),
            ("multipli", &["multiply"]),
            ("isprime", &["is_prime"]),
            ("zebra", &[]),
            ("", &[]),
        ];
        for (word, expected) in table {
            assert_eq!(near(word, known), expected, "{word}");
        }
        assert_eq!(near(&"x".repeat(100_000), known), [""; 0]);
    }
}
