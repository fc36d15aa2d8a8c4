//! Regular expressions, matched against a whole text in linear time.
//!
//! A pattern has literal characters, `.`, classes such as `[a-z0-9]` and `[^a]`, `\d`, `\w` and `\s` of ASCII, a
//! backslash before a mark, groups, `|`, `*`, `+` and `?`. Nothing else is read, so `{2}`, `^` and `$` are refused.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use abi::Value;

use crate::operands::{outside, text, two_texts};
use crate::{CallError, Kind, Primitive, Record, Sample};

const NAME: &str = "regex_match";
/// The most characters of a pattern.
const MAX_PATTERN: usize = 200;
/// The most characters of a text.
const MAX_TEXT: usize = 2_000;
/// The deepest nesting of groups.
const MAX_DEPTH: usize = 16;

pub(crate) const REGEX_MATCH: Primitive = Primitive {
    name: NAME,
    version: 1,
    parameters: &[text("pattern"), text("text")],
    returns: Kind::Bool,
    summary: "whether a regular expression matches the whole of a text; ^, $ and {2} are not read",
    example: &[Sample::Text("[a-z]+\\d?"), Sample::Text("abc7")],
    eval: regex_match,
    steps: 1 << 22,
    record: Record::sampled(
        62_000,
        "2000 patterns of up to 4 levels, each with the 31 texts of up to 4 characters out of `a` and `b`",
        "the crate regex",
    ),
};

/// A pattern, taken apart.
enum Node {
    /// Characters in one of these ranges, or in none of them.
    Class { ranges: Vec<(char, char)>, is_negated: bool },
    /// Patterns that follow each other.
    Sequence(Vec<Node>),
    /// One of several patterns.
    Choice(Vec<Node>),
    /// A pattern any number of times, at least once if it must, at most once if it may not more.
    Repeat { inner: Box<Node>, at_least_once: bool, at_most_once: bool },
}

struct Parser<'a> {
    rest: core::iter::Peekable<core::str::Chars<'a>>,
}

fn refused() -> CallError {
    outside(NAME, "a pattern of at most 200 characters of the dialect, with groups at most 16 deep")
}

impl Parser<'_> {
    /// Recursion is bounded by the depth of groups, at most [`MAX_DEPTH`].
    fn choice(&mut self, depth: usize) -> Result<Node, CallError> {
        if depth > MAX_DEPTH {
            return Err(refused());
        }
        let mut choices = vec![self.sequence(depth)?];
        while self.rest.next_if_eq(&'|').is_some() {
            choices.push(self.sequence(depth)?);
        }
        Ok(Node::Choice(choices))
    }

    fn sequence(&mut self, depth: usize) -> Result<Node, CallError> {
        let mut parts = Vec::new();
        while let Some(c) = self.rest.next_if(|c| !matches!(c, '|' | ')')) {
            let inner = match c {
                '(' => {
                    let inner = self.choice(depth + 1)?;
                    self.rest.next_if_eq(&')').ok_or(refused())?;
                    inner
                }
                '[' => self.class()?,
                '.' => Node::Class { ranges: vec![('\n', '\n')], is_negated: true },
                '\\' => self.escape()?,
                '*' | '+' | '?' | '{' | '}' | '^' | '$' | ']' => return Err(refused()),
                c => one(c),
            };
            parts.push(match self.rest.next_if(|c| matches!(c, '*' | '+' | '?')) {
                Some(mark) => Node::Repeat {
                    inner: Box::new(inner),
                    at_least_once: mark == '+',
                    at_most_once: mark == '?',
                },
                None => inner,
            });
        }
        Ok(Node::Sequence(parts))
    }

    fn escape(&mut self) -> Result<Node, CallError> {
        let ranges = match self.rest.next().ok_or(refused())? {
            'd' => vec![('0', '9')],
            'w' => vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
            's' => vec![('\t', '\r'), (' ', ' ')],
            c if c.is_ascii_punctuation() => return Ok(one(c)),
            _ => return Err(refused()),
        };
        Ok(Node::Class { ranges, is_negated: false })
    }

    fn class(&mut self) -> Result<Node, CallError> {
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        loop {
            let first = match self.rest.next().ok_or(refused())? {
                ']' if !ranges.is_empty() => return Ok(Node::Class { ranges, is_negated }),
                c if c.is_ascii_punctuation() && c != '_' && c != ' ' => return Err(refused()),
                c => c,
            };
            let last = match self.rest.next_if_eq(&'-') {
                Some(_) => self.rest.next().filter(|c| c.is_alphanumeric()).ok_or(refused())?,
                None => first,
            };
            if first > last {
                return Err(refused());
            }
            ranges.push((first, last));
        }
    }
}

fn one(c: char) -> Node {
    Node::Class { ranges: vec![(c, c)], is_negated: false }
}

/// One step of the machine that a pattern becomes.
enum Step {
    Take { ranges: Vec<(char, char)>, is_negated: bool },
    Split(usize, usize),
    Jump(usize),
    Accept,
}

/// Recursion is bounded by the depth of groups, as in the parser.
fn compile(node: Node, steps: &mut Vec<Step>) {
    match node {
        Node::Class { ranges, is_negated } => steps.push(Step::Take { ranges, is_negated }),
        Node::Sequence(parts) => parts.into_iter().for_each(|part| compile(part, steps)),
        Node::Choice(choices) => {
            let mut jumps = Vec::new();
            let last = choices.len() - 1;
            for (place, choice) in choices.into_iter().enumerate() {
                let split = steps.len();
                if place < last {
                    steps.push(Step::Accept);
                }
                compile(choice, steps);
                if place < last {
                    jumps.push(steps.len());
                    steps.push(Step::Accept);
                    steps[split] = Step::Split(split + 1, steps.len());
                }
            }
            let end = steps.len();
            jumps.into_iter().for_each(|jump| steps[jump] = Step::Jump(end));
        }
        Node::Repeat { inner, at_least_once, at_most_once } => {
            let start = steps.len();
            if !at_least_once {
                steps.push(Step::Accept);
            }
            let body = steps.len();
            compile(*inner, steps);
            if at_least_once {
                steps.push(Step::Split(body, steps.len() + 1));
                return;
            }
            if !at_most_once {
                steps.push(Step::Jump(start));
            }
            steps[start] = Step::Split(body, steps.len());
        }
    }
}

/// The states of the machine between two characters, in which each step stands once.
struct States {
    list: Vec<usize>,
    has: Vec<bool>,
}

impl States {
    fn none(steps: usize) -> Self {
        Self { list: Vec::new(), has: vec![false; steps] }
    }

    fn add(&mut self, steps: &[Step], step: usize) {
        let mut open = vec![step];
        while let Some(step) = open.pop() {
            if core::mem::replace(&mut self.has[step], true) {
                continue;
            }
            match steps[step] {
                Step::Split(a, b) => open.extend([a, b]),
                Step::Jump(to) => open.push(to),
                Step::Take { .. } | Step::Accept => self.list.push(step),
            }
        }
    }
}

/// The construction of Thompson ("Regular expression search algorithm", 1968): all states at once, character by
/// character.
fn regex_match(operands: &[Value]) -> Result<Value, CallError> {
    let (pattern, text) = two_texts(NAME, operands)?;
    if pattern.chars().count() > MAX_PATTERN {
        return Err(refused());
    }
    if text.chars().count() > MAX_TEXT {
        return Err(outside(NAME, "a text of at most 2000 characters"));
    }
    let mut parser = Parser { rest: pattern.chars().peekable() };
    let node = parser.choice(0)?;
    if parser.rest.next().is_some() {
        return Err(refused());
    }
    let mut steps = Vec::new();
    compile(node, &mut steps);
    steps.push(Step::Accept);
    let mut now = States::none(steps.len());
    now.add(&steps, 0);
    for c in text.chars() {
        let mut next = States::none(steps.len());
        for step in now.list {
            let Step::Take { ranges, is_negated } = &steps[step] else { continue };
            if ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)) != *is_negated {
                next.add(&steps, step + 1);
            }
        }
        now = next;
    }
    Ok(Value::Bool(now.has[steps.len() - 1]))
}
