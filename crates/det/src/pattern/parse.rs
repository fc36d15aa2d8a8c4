//! The reader of patterns.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::class::Class;
use super::{Border, MAX_CHARS, MAX_GROUPS, PatternError};

/// A part of a pattern.
pub(super) enum Part {
    Char(char),
    Class(usize),
    At(Border),
    Sequence(Vec<Part>),
    Choice(Vec<Part>),
    Repeat { part: Box<Part>, least: u32, most: Option<u32> },
}

/// A pattern as a tree, with the classes that its parts name by number.
pub(super) struct Parsed {
    pub(super) root: Part,
    pub(super) classes: Vec<Class>,
}

type Step<T> = Result<T, PatternError>;

pub(super) fn parse(source: &str) -> Step<Parsed> {
    let chars: Vec<char> = source.chars().collect();
    let mut reader = Reader { chars: &chars, at: 0, classes: Vec::new() };
    if chars.len() > MAX_CHARS {
        return Err(reader.fault("a pattern has 4096 characters at most"));
    }
    let root = reader.choice(0)?;
    match reader.peek() {
        None => Ok(Parsed { root, classes: reader.classes }),
        Some(_) => Err(reader.fault("no group is open here; write \\) for the character")),
    }
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
    classes: Vec<Class>,
}

/// One member of a class in brackets.
enum Member {
    Char(char),
    Class(Class),
}

const UNENDED: &str = "the pattern ends inside an escape";

impl Reader<'_> {
    /// Reads alternatives up to the end of the group. Recursion is bounded by the groups that nest.
    fn choice(&mut self, groups: usize) -> Step<Part> {
        let mut choices = Vec::new();
        loop {
            choices.push(self.sequence(groups)?);
            if !self.take('|') {
                break;
            }
        }
        Ok(if choices.len() == 1 { choices.remove(0) } else { Part::Choice(choices) })
    }

    fn sequence(&mut self, groups: usize) -> Step<Part> {
        let mut parts = Vec::new();
        while let Some(c) = self.peek().filter(|c| !matches!(c, '|' | ')')) {
            self.at += 1;
            let part = self.part(c, groups)?;
            parts.push(self.repeated(part)?);
        }
        Ok(Part::Sequence(parts))
    }

    fn part(&mut self, c: char, groups: usize) -> Step<Part> {
        Ok(match c {
            '^' => Part::At(Border::Start),
            '$' => Part::At(Border::End),
            '.' => self.class(Class::any()),
            '[' => {
                let class = self.brackets()?;
                self.class(class)
            }
            '(' => return self.group(groups),
            '\\' => return self.escape(),
            '*' | '+' | '?' => return Err(self.fault_before("there is nothing to repeat here")),
            '{' | '}' | ']' => return Err(self.fault_before("the character needs a backslash before it")),
            c => Part::Char(c),
        })
    }

    fn group(&mut self, groups: usize) -> Step<Part> {
        if groups == MAX_GROUPS {
            return Err(self.fault_before("more than 32 groups nest here"));
        }
        if self.take('?') {
            self.kind()?;
        }
        let inside = self.choice(groups + 1)?;
        if self.take(')') { Ok(inside) } else { Err(self.fault("a group does not end")) }
    }

    /// Reads what stands between `(?` and the inside of a group.
    fn kind(&mut self) -> Step<()> {
        if self.take(':') {
            return Ok(());
        }
        if !self.take('<') {
            return Err(match self.peek() {
                Some('=' | '!') => {
                    self.fault("a lookahead has no linear match; demand the rest by another keyword")
                }
                _ => self.fault("flags inside a pattern are outside the dialect"),
            });
        }
        if matches!(self.peek(), Some('=' | '!')) {
            return Err(self.fault("a lookbehind has no linear match; demand the rest by another keyword"));
        }
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$')) {
            self.at += 1;
        }
        if self.at > start && self.take('>') { Ok(()) } else { Err(self.fault("a group's name ends with >")) }
    }

    /// Reads the repetition that follows a part, if there is one.
    fn repeated(&mut self, part: Part) -> Step<Part> {
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => self.counts()?,
            _ => return Ok(part),
        };
        self.at += 1;
        if matches!(part, Part::At(_)) {
            return Err(self.fault_before("a border is not repeated"));
        }
        let _is_lazy = self.take('?');
        if matches!(self.peek(), Some('*' | '+' | '?' | '{')) {
            return Err(self.fault("a repetition is not repeated; put it into a group"));
        }
        Ok(Part::Repeat { part: Box::new(part), least, most })
    }

    /// Reads `{n}`, `{n,}` or `{n,m}` up to its last brace.
    fn counts(&mut self) -> Step<(u32, Option<u32>)> {
        const MALFORMED: &str = "{ begins {n}, {n,} or {n,m} with n not above m; write \\{ for the character";
        self.at += 1;
        let least = self.number().ok_or_else(|| self.fault(MALFORMED))?;
        let most = match self.take(',') {
            true if self.peek() == Some('}') => None,
            true => Some(self.number().ok_or_else(|| self.fault(MALFORMED))?),
            false => Some(least),
        };
        match self.peek() {
            Some('}') if most.is_none_or(|most| least <= most) => Ok((least, most)),
            _ => Err(self.fault(MALFORMED)),
        }
    }

    fn number(&mut self) -> Option<u32> {
        let start = self.at;
        let mut number: u32 = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            number = number.saturating_mul(10).saturating_add(digit);
            self.at += 1;
        }
        (self.at > start).then_some(number)
    }

    fn escape(&mut self) -> Step<Part> {
        let Some(letter) = self.peek() else { return Err(self.fault(UNENDED)) };
        match letter {
            'b' | 'B' => {
                self.at += 1;
                Ok(Part::At(if letter == 'b' { Border::Word } else { Border::NotWord }))
            }
            _ => Ok(match self.escaped()? {
                Member::Char(c) => Part::Char(c),
                Member::Class(class) => self.class(class),
            }),
        }
    }

    /// Reads the rest of an escape that means the same inside brackets and outside.
    fn escaped(&mut self) -> Step<Member> {
        let Some(letter) = self.peek() else { return Err(self.fault(UNENDED)) };
        self.at += 1;
        if let Some(class) = Class::from_letter(letter) {
            return Ok(Member::Class(class));
        }
        Ok(Member::Char(match letter {
            't' => '\t',
            'n' => '\n',
            'v' => '\u{b}',
            'f' => '\u{c}',
            'r' => '\r',
            '0' if !self.peek().is_some_and(|c| c.is_ascii_digit()) => '\0',
            'c' => return self.control(),
            'x' => self
                .hexadecimal(2)
                .and_then(char::from_u32)
                .ok_or_else(|| self.fault("\\x has two digits"))?,
            'u' => return self.unicode(),
            '0'..='9' | 'k' => return Err(self.fault_before("a reference to a group has no linear match")),
            'p' | 'P' => {
                return Err(
                    self.fault_before("properties of Unicode are outside the dialect; name the characters")
                );
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
            _ => return Err(self.fault_before("there is no such escape")),
        }))
    }

    fn control(&mut self) -> Step<Member> {
        let letter = self.peek().filter(char::is_ascii_alphabetic);
        let letter = letter.ok_or_else(|| self.fault("\\c is followed by a letter"))?;
        self.at += 1;
        let code = u32::from(letter.to_ascii_uppercase()) - u32::from('@');
        Ok(Member::Char(char::from_u32(code).unwrap_or('\0')))
    }

    fn unicode(&mut self) -> Step<Member> {
        const MALFORMED: &str = "\\u has four digits or braces, and names a character";
        let code = if self.take('{') {
            let start = self.at;
            let mut code = 0_u32;
            while let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) {
                code = code.saturating_mul(16).saturating_add(digit);
                self.at += 1;
            }
            (self.at > start && self.take('}')).then_some(code)
        } else {
            self.hexadecimal(4).map(|first| self.paired(first))
        };
        let c = code.and_then(char::from_u32).ok_or_else(|| self.fault(MALFORMED))?;
        Ok(Member::Char(c))
    }

    /// Returns the code of a surrogate together with the one that is escaped behind it, or the code alone.
    fn paired(&mut self, first: u32) -> u32 {
        let start = self.at;
        let is_first = (0xd800..0xdc00).contains(&first);
        if is_first
            && self.take('\\')
            && self.take('u')
            && let Some(second) = self.hexadecimal(4).filter(|second| (0xdc00..0xe000).contains(second))
        {
            return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        }
        self.at = start;
        first
    }

    fn hexadecimal(&mut self, length: usize) -> Option<u32> {
        let digits = self.chars.get(self.at..self.at + length)?;
        let code = digits.iter().try_fold(0, |code, c| c.to_digit(16).map(|digit| code * 16 + digit))?;
        self.at += length;
        Some(code)
    }

    /// Reads a class up to its last bracket.
    fn brackets(&mut self) -> Step<Class> {
        const UNENDED: &str = "a class does not end";
        let negated = self.take('^');
        let mut class = Class::default();
        loop {
            let c = self.peek().ok_or_else(|| self.fault(UNENDED))?;
            if self.take(']') {
                return Ok(class.closed(negated));
            }
            let first = self.member(c)?;
            let is_range = self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|c| *c != ']');
            match first {
                Member::Char(first) if is_range => {
                    self.at += 1;
                    let c = self.peek().ok_or_else(|| self.fault(UNENDED))?;
                    match self.member(c)? {
                        Member::Char(last) if first <= last => class.add(first, last),
                        Member::Char(_) => return Err(self.fault_before("a range ends before it begins")),
                        Member::Class(_) => return Err(self.fault_before("a range ends with a character")),
                    }
                }
                Member::Char(c) => class.add(c, c),
                Member::Class(_) if is_range => return Err(self.fault("a range begins with a character")),
                Member::Class(inner) => class.add_class(&inner),
            }
        }
    }

    fn member(&mut self, c: char) -> Step<Member> {
        self.at += 1;
        match c {
            '\\' if self.take('b') => Ok(Member::Char('\u{8}')),
            '\\' => self.escaped(),
            c => Ok(Member::Char(c)),
        }
    }

    fn class(&mut self, class: Class) -> Part {
        self.classes.push(class);
        Part::Class(self.classes.len() - 1)
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, c: char) -> bool {
        let is_next = self.peek() == Some(c);
        self.at += usize::from(is_next);
        is_next
    }

    fn fault(&self, what: &'static str) -> PatternError {
        PatternError { column: self.at + 1, what }
    }

    /// Returns a fault of the character that was just read.
    fn fault_before(&self, what: &'static str) -> PatternError {
        PatternError { column: self.at.max(1), what }
    }
}
