//! The parts of a reply that has not ended, as far as they can be told already.

use abi::Step;

use super::{ReasoningMarkup, harmony, tags};
use crate::tokenizer::Tokenizer;

/// A reply is read again once one part in so many is new.
const SHARE: usize = 256;

/// A reply that is being generated, with the parts of it that were told already.
///
/// A reply may show only later that its beginning was a thought. Nothing that was told is taken back then: the
/// telling stops, and the whole reply, which [`ReasoningMarkup::split`] takes apart, differs from what was told.
#[derive(Clone, Debug)]
pub struct StreamedReply {
    markup: ReasoningMarkup,
    answer: String,
    thoughts: String,
    /// The number of bytes of the reply when it was read last.
    read: usize,
    /// The number of tokens of the reply when they were decoded last.
    decoded: usize,
}

impl StreamedReply {
    /// Returns a reply of which nothing has come yet, of a model with this markup.
    #[must_use]
    pub fn new(markup: ReasoningMarkup) -> Self {
        Self { markup, answer: String::new(), thoughts: String::new(), read: 0, decoded: 0 }
    }

    /// Tells the parts of a reply as [`tell`](Self::tell) does. `ids` are all tokens that the model wrote so far. Tokens
    /// that do not decode yet are told with later ones.
    pub fn tell_tokens(&mut self, tokenizer: &Tokenizer, ids: &[u32], told: &mut dyn FnMut(Step<'_>)) {
        if !is_due(self.decoded, ids.len()) {
            return;
        }
        self.decoded = ids.len();
        if let Ok(reply) = tokenizer.decode_with_marks(ids) {
            // The tokens may end inside a character, of which the decoder makes a replacement.
            self.tell(reply.trim_end_matches(char::REPLACEMENT_CHARACTER), told);
        }
    }

    /// Tells the parts of `reply` that were not told yet. `reply` is everything that the model wrote so far. A part
    /// that may be the beginning of a mark is held back, and so is white space at the end.
    pub fn tell(&mut self, reply: &str, told: &mut dyn FnMut(Step<'_>)) {
        if !is_due(self.read, reply.len()) {
            return;
        }
        self.read = reply.len();
        let split = self.markup.split(reply);
        // A quotation of a tag looks like the tag until its end, so it is waited for.
        if !split.answer.starts_with(&self.answer) {
            return;
        }
        let is_labelled = tags::LABEL.starts_with(&split.thoughts);
        if !is_labelled
            && let Some(part) = grown(&mut self.thoughts, settled(&split.thoughts, &[harmony::DROPPED]))
        {
            told(Step::Thought(&part));
        }
        if !may_be_a_channel(reply)
            && let Some(part) = grown(&mut self.answer, settled(&split.answer, tags::ANSWERS.as_flattened()))
        {
            told(Step::Answer(&part));
        }
    }
}

/// Returns true if a reply that has grown from `read` to `now` bytes or tokens is to be read again. A long reply is not
/// read again for every token, so that the time for all readings is linear in the reply.
fn is_due(read: usize, now: usize) -> bool {
    now.saturating_sub(read).saturating_mul(SHARE) >= now
}

/// Returns the part of `now` behind `told`, and counts it as told. None if there is none.
fn grown(told: &mut String, now: &str) -> Option<String> {
    let part = now.strip_prefix(told.as_str()).filter(|part| !part.is_empty())?.to_owned();
    told.push_str(&part);
    Some(part)
}

/// Returns `text` without what more text may change: white space at its end, which may stand before a mark, and the
/// beginning of a mark, or of one of `more`.
fn settled<'t>(text: &'t str, more: &[&'static str]) -> &'t str {
    let marks = ReasoningMarkup::spellings().chain(more.iter().copied());
    let begun = marks.filter_map(|mark| {
        let ends = mark.char_indices().map(|(at, _)| at).skip(1);
        ends.filter(|end| tags::ends_with(text, &mark[..*end])).last()
    });
    text[..text.len() - begun.max().unwrap_or(0)].trim_end()
}

/// Returns true if a reply may be the name of a channel whose mark was dropped.
fn may_be_a_channel(reply: &str) -> bool {
    harmony::NAMES.iter().any(|name| name.starts_with(settled(reply, &[]).trim_start()))
}
