//! The notation in which productions are written, and the nodes to which it is compiled.
//!
//! A production is a line such as
//!
//! ```text
//! how many times does <letter_name> (appear|occur) in <text_name>
//! ```
//!
//! Words stand for themselves. `(a b|c)` is a choice, `[a]` is optional, `<name>` is another rule, `@name` is
//! an operand that the reading binds, and a quoted mark such as `','` is that mark; `.` is the end of a
//! sentence.

/// A part of a compiled production, a form of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A word, in lower case.
    Word(&'static str),
    /// A punctuation mark; `.` is the end of a sentence.
    Mark(char),
    /// Parts that follow each other.
    Sequence(Vec<Node>),
    /// Exactly one of several parts.
    Choice(Vec<Node>),
    /// A part that may be missing.
    Optional(Box<Node>),
    /// Another rule, by name.
    Rule(&'static str),
    /// An operand, by name, whose value the prompt states.
    Operand(&'static str),
}

/// The first place at which a production breaks the notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PatternError {
    /// The byte offset in the production.
    pub(super) at: usize,
    /// The part that the notation demands there.
    pub(super) expected: &'static str,
}

/// Compiles a production.
///
/// # Errors
/// [`PatternError`] with the first byte at which the production breaks the notation.
pub(super) fn compile(source: &'static str) -> Result<Node, PatternError> {
    let mut reader = Reader { source, at: 0 };
    let node = reader.choice()?;
    reader.blank();
    if reader.at < source.len() { Err(reader.error("the end")) } else { Ok(node) }
}

struct Reader {
    source: &'static str,
    at: usize,
}

impl Reader {
    fn error(&self, expected: &'static str) -> PatternError {
        PatternError { at: self.at, expected }
    }

    fn rest(&self) -> &'static str {
        &self.source[self.at..]
    }

    fn blank(&mut self) {
        self.at = self.source.len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, mark: char) -> bool {
        let stands = self.rest().starts_with(mark);
        self.at += if stands { mark.len_utf8() } else { 0 };
        stands
    }

    fn choice(&mut self) -> Result<Node, PatternError> {
        let mut choices = vec![self.sequence()?];
        while self.eat('|') {
            choices.push(self.sequence()?);
        }
        Ok(if choices.len() == 1 { choices.remove(0) } else { Node::Choice(choices) })
    }

    fn sequence(&mut self) -> Result<Node, PatternError> {
        let mut parts = Vec::new();
        loop {
            self.blank();
            if self.rest().is_empty() || self.rest().starts_with(['|', ')', ']']) {
                break;
            }
            parts.push(self.part()?);
        }
        match parts.len() {
            0 => Err(self.error("a part of a sentence")),
            1 => Ok(parts.remove(0)),
            _ => Ok(Node::Sequence(parts)),
        }
    }

    fn part(&mut self) -> Result<Node, PatternError> {
        if self.eat('(') {
            let inner = self.choice()?;
            return if self.eat(')') { Ok(inner) } else { Err(self.error(")")) };
        }
        if self.eat('[') {
            let inner = self.choice()?;
            return if self.eat(']') { Ok(Node::Optional(Box::new(inner))) } else { Err(self.error("]")) };
        }
        if self.eat('<') {
            let name = self.name();
            return if self.eat('>') { Ok(Node::Rule(name)) } else { Err(self.error(">")) };
        }
        if self.eat('@') {
            return Ok(Node::Operand(self.name()));
        }
        if self.eat('.') {
            return Ok(Node::Mark('.'));
        }
        let mut quoted = self.rest().chars();
        if let (Some('\''), Some(mark), Some('\'')) = (quoted.next(), quoted.next(), quoted.next()) {
            self.at += 2 + mark.len_utf8();
            return Ok(Node::Mark(mark));
        }
        match self.name() {
            "" => Err(self.error("a word")),
            word => Ok(Node::Word(word)),
        }
    }

    fn name(&mut self) -> &'static str {
        let rest = self.rest();
        let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\'');
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_compiles_or_says_where_it_is_broken() {
        let node = compile("is [the number] @n (a prime|prime) .").expect("a production");
        let Node::Sequence(parts) = &node else { panic!("{node:?}") };
        assert_eq!(parts.len(), 5);
        assert_eq!(parts[4], Node::Mark('.'));
        assert_eq!(compile("','").expect("a mark"), Node::Mark(','));
        for (broken, at) in [("(a", 2), ("[a", 2), ("<a", 2), ("a)", 1), ("a | ", 4), ("", 0), ("a %", 2)] {
            assert_eq!(compile(broken).expect_err(broken).at, at, "{broken}");
        }
    }
}
