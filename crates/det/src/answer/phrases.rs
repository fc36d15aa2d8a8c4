//! Phrases: runs of words that say as one what a single word of a statement says.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::tokens::{Token, tokens};

/// Phrases of a statement, each line with the word of a statement that has the same meaning at its head.
const PHRASES: [(&str, &str); 4] = [
    (
        "is",
        "comes to|come to|came to|comes out to|comes out as|comes out at|works out to|works out as|works out at|adds up to|\
         add up to|added up to|sums up to|sum up to|sums to|amounts to|amount to|boils down to|arrive at|arrives at|\
         arrived at|leaves us with|leaves me with|leaves you with|leaves|settle on|settles on|settled on|go for|equates to|\
         stands at|is equal to|are equal to|put it at|puts it at|put that at|is what i get|is what we get|is what you get|is what i find|\
         is what i count|stand by|insist on|put me down for|going with|i'd go with|is what it is|end up with|ends up with",
    ),
    (
        "it",
        "the one|this one|that one|the right one|the real one|the correct one|the final one|the largest one|the biggest one|\
         the greatest one|the highest one|the largest common one|the one we want|the one i want|the one you want|\
         what we want|what you want|what we need|what you need|the largest of these|the largest of them|\
         the biggest of these|the biggest of them|the greatest of these|the highest of these|the number we want|the number you seek|what you seek|the number i seek|\
         the number you want",
    ),
    (
        "so",
        "in short|in sum|in brief|in the end|in conclusion|to sum up|to conclude|bottom line|long story short",
    ),
    (
        "actually",
        "scratch that|strike that|on second thought|on second thoughts|on reflection|in other words|more precisely|\
         more exactly|i meant|i mean|i meant to say|or rather|or better|make that|make it|i take that back|my mistake|\
         my bad|p.s.|p. s.|spoiler|spoiler alert|ps|edit|update|corrected|i.e.|that is to say|namely|more like|strictly speaking|technically|in reality|in truth|truthfully|between us|off the record|\
         erratum|psst|nb|to be precise|to be exact|call it|\
         all told|all in all|all together|when all is said and done",
    ),
];

/// The phrases, by their first words.
pub(super) struct Phrases(BTreeMap<&'static str, Vec<(Vec<Token<'static>>, &'static str)>>);

impl Phrases {
    pub(super) fn new() -> Self {
        let mut all: BTreeMap<&'static str, Vec<(Vec<Token<'static>>, &'static str)>> = BTreeMap::new();
        for (meaning, phrases) in PHRASES {
            for phrase in phrases.split('|').map(str::trim) {
                let first = phrase.split([' ', '.']).next().unwrap_or_default();
                all.entry(first).or_default().push((tokens(phrase), meaning));
            }
        }
        // The longest phrase that fits is meant.
        all.values_mut()
            .for_each(|phrases| phrases.sort_by_key(|(phrase, _)| core::cmp::Reverse(phrase.len())));
        Self(all)
    }

    /// Returns the word that means what a phrase at the start of `tokens` does, and the number of its tokens.
    pub(super) fn at(&self, tokens: &[Token<'_>]) -> Option<(&'static str, usize)> {
        let Some(Token::Word(first)) = tokens.first() else { return None };
        let phrases = self.0.get(&**first)?;
        let found = phrases.iter().find(|(phrase, _)| tokens.starts_with(phrase))?;
        Some((found.1, found.0.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Phrases, tokens};

    #[test]
    fn the_longest_phrase_at_a_place_is_meant() {
        let phrases = Phrases::new();
        let table = [
            ("comes to 4", Some(("is", 2))),
            ("comes out to 4", Some(("is", 3))),
            ("comes after 4", None),
            ("the one we want is 4", Some(("it", 4))),
            ("the one", Some(("it", 2))),
            ("p.s. 4", Some(("actually", 4))),
            ("edit: 4", Some(("actually", 1))),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(phrases.at(&tokens(text)), expected, "{text}");
        }
    }
}
