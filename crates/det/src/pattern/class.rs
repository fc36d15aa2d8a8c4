//! Classes of characters.

use alloc::vec::Vec;

/// A set of characters, as ranges that may overlap.
#[derive(Clone, Debug, Default)]
pub(super) struct Class {
    ranges: Vec<(u32, u32)>, // Invariant: sorted and apart, once `close` was called.
    is_negated: bool,
}

const DIGITS: &[(char, char)] = &[('0', '9')];
const WORDS: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const SPACES: &[(char, char)] = &[
    ('\t', '\r'),
    (' ', ' '),
    ('\u{a0}', '\u{a0}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{2000}', '\u{200a}'),
    ('\u{2028}', '\u{2029}'),
    ('\u{202f}', '\u{202f}'),
    ('\u{205f}', '\u{205f}'),
    ('\u{3000}', '\u{3000}'),
    ('\u{feff}', '\u{feff}'),
];
const LINE_ENDS: &[(char, char)] = &[('\n', '\n'), ('\r', '\r'), ('\u{2028}', '\u{2029}')];

/// Returns true for a character that `\w` stands for.
pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl Class {
    /// Returns the class that a letter after a backslash stands for, if it stands for one.
    pub(super) fn from_letter(letter: char) -> Option<Self> {
        let ranges = match letter.to_ascii_lowercase() {
            'd' => DIGITS,
            'w' => WORDS,
            's' => SPACES,
            _ => return None,
        };
        let mut class = Self::default();
        ranges.iter().for_each(|(first, last)| class.add(*first, *last));
        class.is_negated = letter.is_ascii_uppercase();
        Some(class.closed(false))
    }

    /// Returns the class of the dot.
    pub(super) fn any() -> Self {
        let mut class = Self::default();
        LINE_ENDS.iter().for_each(|(first, last)| class.add(*first, *last));
        class.closed(true)
    }

    pub(super) fn add(&mut self, first: char, last: char) {
        self.ranges.push((u32::from(first), u32::from(last)));
    }

    /// Adds all characters of another class, which is closed.
    pub(super) fn add_class(&mut self, other: &Self) {
        if !other.is_negated {
            return self.ranges.extend(&other.ranges);
        }
        let mut next = 0;
        for (first, last) in &other.ranges {
            if *first > next {
                self.ranges.push((next, first - 1));
            }
            next = last + 1;
        }
        self.ranges.push((next, u32::from(char::MAX)));
    }

    /// Returns the class with its ranges sorted and joined, and turned around if `negated` is true.
    pub(super) fn closed(mut self, negated: bool) -> Self {
        self.ranges.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::with_capacity(self.ranges.len());
        for (first, last) in self.ranges {
            match joined.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => joined.push((first, last)),
            }
        }
        Self { ranges: joined, is_negated: self.is_negated != negated }
    }

    pub(super) fn contains(&self, c: char) -> bool {
        let c = u32::from(c);
        let after = self.ranges.partition_point(|(first, _)| *first <= c);
        let is_inside = after > 0 && c <= self.ranges[after - 1].1;
        is_inside != self.is_negated
    }
}
