//! Patterns: the regular expressions of ECMA-262 without what has no linear match.
//!
//! | written | here |
//! |---|---|
//! | characters, `.`, `[a-z]`, `[^a-z]` | by code points, as with the flag `u`; `.` is anything but `\n`, `\r`, U+2028 and U+2029 |
//! | `\d`, `\w`, `\s` and `\D`, `\W`, `\S` | ASCII digits; ASCII letters, digits and `_`; white space and line ends of ECMA-262 |
//! | `\t \n \v \f \r \0`, `\cX`, `\xHH`, `\uHHHH`, `\u{H…}` | the character; two surrogates are one character, one alone is refused |
//! | `\` before an ASCII character that is no letter or digit | that character |
//! | `^`, `$`, `\b`, `\B` | the ends of the whole text; borders of words |
//! | `a\|b`, `(…)`, `(?:…)`, `(?<name>…)` | groups are not remembered |
//! | `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}`, and each with `?` behind it | a match is a match, greedy or not |
//! | `(?=…)`, `(?!…)`, `(?<=…)`, `(?<!…)`, `\1`, `\k<name>`, `\p{…}`, `(?i:…)` | refused by name |
//! | `{`, `}` or `]` by itself | refused: write a backslash before it |
//!
//! A pattern matches a text if it matches a part of it, as in JSON Schema. All ways through the pattern are
//! followed at the same time (after Thompson), so the work is at most the length of the text times the size of
//! the pattern, and each step of it is paid for with fuel.

mod class;
mod parse;
mod program;
mod search;

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use class::Class;

/// The longest pattern, in characters.
const MAX_CHARS: usize = 4096;
/// The most instructions of a pattern. A repetition that is counted has those of its part so many times.
const MAX_INSTRUCTIONS: usize = 8192;
/// The most groups that nest.
const MAX_GROUPS: usize = 32;

/// The reason why a text is no pattern of the dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// The character at which the fault was seen, counted from 1.
    pub column: usize,
    /// The fault, in words.
    pub what: &'static str,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {}: {}", self.column, self.what)
    }
}

impl core::error::Error for PatternError {}

/// A pattern that was understood, as instructions.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    source: String,
    program: Vec<Instruction>, // Invariant: every target is inside; the last is `Match`.
    classes: Vec<Class>,
}

/// One instruction. A target is the place of another one.
#[derive(Clone, Copy, Debug)]
enum Instruction {
    /// Takes this character.
    Char(char),
    /// Takes a character of the class with this number.
    Class(usize),
    /// Takes no character, where the border is.
    At(Border),
    /// Goes on at both targets.
    Split(usize, usize),
    Jump(usize),
    Match,
}

/// A place between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Border {
    Start,
    End,
    Word,
    NotWord,
}

impl Pattern {
    /// Reads a pattern, and understands all of it or refuses it.
    pub(crate) fn parse(source: &str) -> Result<Self, PatternError> {
        let parsed = parse::parse(source)?;
        let program = program::program(&parsed.root)?;
        Ok(Self { source: source.to_owned(), program, classes: parsed.classes })
    }

    /// Returns the number of instructions, which is the size of the pattern in memory.
    pub(crate) fn instructions(&self) -> usize {
        self.program.len()
    }

    /// Returns the pattern as it was written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }
}
