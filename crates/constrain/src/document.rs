//! The rules of documents that no context-free automaton can keep: keys are unique, and nesting ends.

use std::collections::BTreeSet;
use std::sync::Arc;

use abi::MAX_DEPTH;

/// The most digits of an exponent. The judge reads numbers with longer ones as no numbers.
const MOST_EXPONENT_DIGITS: usize = 8;

/// The reader of one JSON document as it is written, byte by byte.
///
/// The bytes must be the beginning of a JSON document in which no key has an escape for a character that could
/// stand for itself; the automaton sees to that. So two keys are equal exactly if their bytes are.
#[derive(Clone, Debug, Default)]
pub(crate) struct DocumentScan {
    open: Vec<Arc<Open>>,
    place: Place,
}

/// A list or a map that is not closed yet. `keys` is None for a list.
#[derive(Clone, Debug)]
struct Open {
    keys: Option<BTreeSet<Vec<u8>>>,
}

/// The place in the document after the last byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Between two tokens of JSON, where a value or a mark comes next.
    #[default]
    Between,
    /// Between two tokens of JSON, where the next text is a key.
    BeforeKey,
    /// In a text that is a value. The flag is true after a backslash.
    Text { escaped: bool },
    /// In a text that is a key, with the bytes so far.
    Key { bytes: Vec<u8>, escaped: bool },
    /// In the exponent of a number, with the count of its digits.
    Exponent { digits: usize },
}

impl DocumentScan {
    /// Reads the next bytes of the document. Returns false if a key repeats, if the nesting is too deep, or if
    /// an exponent is too long.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().all(|byte| self.step(*byte))
    }

    /// Returns the least number of quotation marks in a token that could repeat a key next; None if no token
    /// could, because no map is open or begins.
    pub(crate) fn quotes_to_repeat(&self) -> usize {
        match self.place {
            Place::Key { .. } => 1,
            Place::Between | Place::BeforeKey | Place::Exponent { .. } => 2,
            Place::Text { .. } => 3,
        }
    }

    /// Returns true if any token might be refused next, whatever its bytes.
    pub(crate) fn is_near_a_bound(&self) -> bool {
        matches!(self.place, Place::Exponent { .. }) || self.open.len() + 16 > MAX_DEPTH
    }

    fn step(&mut self, byte: u8) -> bool {
        match &mut self.place {
            Place::Text { escaped } => match byte {
                _ if *escaped => *escaped = false,
                b'\\' => *escaped = true,
                b'"' => self.place = Place::Between,
                _ => {}
            },
            Place::Key { bytes, escaped } => {
                if byte == b'"' && !*escaped {
                    let key = std::mem::take(bytes);
                    self.place = Place::Between;
                    return self.add_key(key);
                }
                *escaped = byte == b'\\' && !*escaped;
                bytes.push(byte);
            }
            Place::Exponent { digits } if byte.is_ascii_digit() => {
                *digits += 1;
                return *digits <= MOST_EXPONENT_DIGITS;
            }
            Place::Exponent { .. } if matches!(byte, b'+' | b'-') => {}
            Place::Between | Place::BeforeKey | Place::Exponent { .. } => return self.mark(byte),
        }
        true
    }

    /// Takes a byte that is outside texts.
    fn mark(&mut self, byte: u8) -> bool {
        let before_key = self.place == Place::BeforeKey;
        match byte {
            b'{' | b'[' => {
                let keys = (byte == b'{').then(BTreeSet::new);
                self.place = if keys.is_some() { Place::BeforeKey } else { Place::Between };
                self.open.push(Arc::new(Open { keys }));
                return self.open.len() <= MAX_DEPTH;
            }
            b'}' | b']' => {
                self.open.pop();
                self.place = Place::Between;
            }
            b',' if self.open.last().is_some_and(|open| open.keys.is_some()) => self.place = Place::BeforeKey,
            b'"' if before_key => self.place = Place::Key { bytes: Vec::new(), escaped: false },
            b'"' => self.place = Place::Text { escaped: false },
            // The words `true` and `false` have the letter too; their next letter ends this place.
            b'e' | b'E' => self.place = Place::Exponent { digits: 0 },
            _ if before_key => {}
            _ => self.place = Place::Between,
        }
        true
    }

    fn add_key(&mut self, key: Vec<u8>) -> bool {
        let keys = self.open.last_mut().and_then(|open| Arc::make_mut(open).keys.as_mut());
        keys.is_none_or(|keys| keys.insert(key))
    }
}

#[cfg(test)]
mod tests {
    use super::DocumentScan;

    #[track_caller]
    fn check(document: &str, taken: bool) {
        for cut in 0..=document.len() {
            let mut scan = DocumentScan::default();
            let both = scan.read(&document.as_bytes()[..cut]) && scan.read(&document.as_bytes()[cut..]);
            assert_eq!(both, taken, "{document} cut at {cut}");
        }
    }

    #[test]
    fn a_key_is_taken_once_in_each_map() {
        check(r#"{"a":1,"b":{"a":[{"a":2},{"a":3}]},"c":"a"}"#, true);
        check(r#"{"a":1, "a":2}"#, false);
        check(r#"{"":[{}],"":2}"#, false);
        check(r#"[{"a\"b":1,"a\"":2,"a\\":3,"a":"\\"}]"#, true);
        check(r#"[{"a\\":"\"","a\\":2}]"#, false);
        check(r#"{"x":"a","y":"a","a":"x"}"#, true);
    }

    #[test]
    fn nesting_and_exponents_end_at_the_bounds_of_the_judge() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        check(&nested(abi::MAX_DEPTH), true);
        check(&nested(abi::MAX_DEPTH + 1), false);
        check("[1e12345678,1E-12345678,true,false,123456789012]", true);
        check("[1e123456789]", false);
    }
}
