//! The part of a reply in which the answer is stated.

use text::{ChatTemplate, Tokenizer};

/// The most tokens of white space between the end of the thoughts and the answer.
const MOST_BLANKS: usize = 8;

/// A token before the answer: a part of a thought, a mark, or white space.
#[derive(Clone, Copy, Debug)]
struct Before {
    position: usize,
    token: u32,
    /// True if text after this token would be part of the answer.
    answering: bool,
}

/// The part of a reply in which the answer is stated, followed token by token until the answer begins.
///
/// The chat template's own markup decides, the same that takes the finished reply apart. A model that may think
/// can begin a reply with one of its marks instead of the answer.
#[derive(Clone)]
pub(crate) struct AnswerRegion<'a> {
    chat: &'a ChatTemplate,
    tokenizer: &'a Tokenizer,
    /// The tokens that may come before the answer: marks of thoughts and channels.
    marks: Vec<u32>,
    /// True if the first token after the prompt is part of the answer.
    at_start: bool,
    before: Vec<Before>,
}

impl<'a> AnswerRegion<'a> {
    pub(crate) fn new(chat: &'a ChatTemplate, tokenizer: &'a Tokenizer) -> Self {
        let at_start = chat.is_answering(tokenizer, &[]).unwrap_or(true);
        Self { chat, tokenizer, marks: chat.opening_marks(tokenizer), at_start, before: Vec::new() }
    }

    /// Returns true if the next token is part of the answer, or a mark before it.
    pub(crate) fn is_answering(&self) -> bool {
        self.before.last().map_or(self.at_start, |last| last.answering)
    }

    /// Returns the tokens that may come instead of the first token of the answer.
    pub(crate) fn marks(&self) -> &[u32] {
        &self.marks
    }

    /// Returns true if white space may come before the answer: after thoughts and marks, for a few tokens.
    pub(crate) fn may_be_blank(&self) -> bool {
        let blanks = self.before.iter().rev().take_while(|before| before.answering).count();
        (1..=MOST_BLANKS).contains(&blanks)
    }

    /// Takes a token that is not part of the answer.
    pub(crate) fn take(&mut self, position: usize, token: u32) {
        let answering = self.is_answering();
        self.before.push(Before { position, token, answering });
        // Only the end of a mark changes what follows, and to read the whole reply after every token takes long.
        if !answering && !self.may_end_mark(token) {
            return;
        }
        let ids: Vec<u32> = self.before.iter().map(|before| before.token).collect();
        let now = self.chat.is_answering(self.tokenizer, &ids).unwrap_or(answering);
        self.before.last_mut().expect("just pushed").answering = now;
    }

    /// Forgets the tokens from position `to` on.
    pub(crate) fn retract(&mut self, to: usize) {
        self.before.retain(|before| before.position < to);
    }

    /// Returns true if a mark may end with this token. A special token has no text of its own.
    fn may_end_mark(&self, token: u32) -> bool {
        let text = self.tokenizer.decode(&[token]).unwrap_or_default();
        text.is_empty() || text.contains(['>', ']', '\u{25b7}', '|'])
    }
}
