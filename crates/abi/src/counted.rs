//! Counts in words, for messages to people.

use core::fmt;

/// A number of things in words, for example `1 token` or `2 entries`, as [`counted`] makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted<'a> {
    count: u64,
    one: &'a str,
}

/// Returns `count` things in words. `one` is the English name of one thing, whose plural is regular; of several words
/// the last one is put into the plural.
///
/// ```
/// assert_eq!(abi::counted(1_u32, "entry").to_string(), "1 entry");
/// assert_eq!(abi::counted(2_usize, "other entry").to_string(), "2 other entries");
/// assert_eq!(abi::counted(0_u64, "token").to_string(), "0 tokens");
/// ```
pub fn counted(count: impl TryInto<u64>, one: &str) -> Counted<'_> {
    Counted { count: count.try_into().unwrap_or(u64::MAX), one }
}

impl fmt::Display for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, one } = *self;
        let ends_in = |ends: &[&str]| ends.iter().any(|end| one.ends_with(end));
        match one.strip_suffix('y').filter(|_| !ends_in(&["ay", "ey", "oy", "uy"])) {
            _ if count == 1 => write!(f, "1 {one}"),
            Some(stem) => write!(f, "{count} {stem}ies"),
            None if ends_in(&["s", "x", "ch", "sh"]) => write!(f, "{count} {one}es"),
            None => write!(f, "{count} {one}s"),
        }
    }
}
