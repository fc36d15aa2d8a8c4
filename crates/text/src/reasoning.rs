//! Reasoning markup: what a model thinks aloud, taken apart from what it answers.
//!
//! Models mark their thoughts in one of two ways. Most write them between two tags, for example `<think>` and
//! `</think>`; the first tag may stand in the prompt already, because the template wrote it. The models of
//! the harmony format write every part of a reply into a channel, and only the channel `final` is the answer.
//!
//! Three rules decide what is thought:
//!
//! 1. Between an opening tag and its closing tag everything is thought. If the closing tag never comes,
//!    everything after the opening tag is thought, and the reply states no answer.
//! 2. A closing tag without an opening one ends thoughts that began with the reply, because servers drop the
//!    part of a reply that the template wrote.
//! 3. A tag in quotation marks, in a code span, or in a fenced block of the answer is text about a tag.
//!
//! `<thinking>`, `<reasoning>`, `<reflection>` and the like could be elements of a document. They count where the model's
//! files name them, and where a reply begins with one of them, or with several in a row. `<analysis>` and `<plan>`, which
//! no known model is trained to think in, count only where the model's files name them. Upper and lower case of a tag in
//! angle brackets are alike.
//!
//! Nothing here is trusted: a model can hide words among its thoughts, and thereby only states less.

mod harmony;
mod quotes;
mod streamed;
mod tags;

pub use streamed::StreamedReply;
use tags::{Tag, Use};

/// A reply whose thoughts are taken apart from the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReasonedReply {
    /// The answer: the reply without its thoughts. It is the reply as it came if there are no thoughts.
    pub answer: String,
    /// The thoughts, one after the other; empty if there are none.
    pub thoughts: String,
    /// True if the reply calls a tool. The call itself is among the thoughts.
    pub calls_tool: bool,
}

/// The reasoning markup of one model: the tags that it may use, and the tag that its prompt has opened.
///
/// The default is the markup of an unknown model. It has the tags that no ordinary text contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReasoningMarkup {
    /// The tags that the model's template or tokenizer names, besides those that are always recognised.
    named: Vec<usize>,
    /// The text with which the prompt begins the reply, from the last tag that it leaves open.
    prefix: String,
}

impl ReasoningMarkup {
    /// Returns the markup of a model whose files contain the texts of `sources`, for example a chat template.
    /// `prompt_end` is the end of a prompt, as the template writes it after the user's text.
    #[must_use]
    pub fn from_sources(sources: &[&str], prompt_end: &str) -> Self {
        let folded: Vec<String> = sources.iter().map(|source| source.to_ascii_lowercase()).collect();
        let names = |tag: &Tag| {
            sources
                .iter()
                .zip(&folded)
                .any(|(source, folded)| !tags::places(source, folded, tag.close).is_empty())
        };
        let named = (0..tags::TAGS.len()).filter(|index| names(&tags::TAGS[*index])).collect();
        let markup = Self { named, prefix: String::new() };
        let prefix = harmony::unfinished(prompt_end).or_else(|| markup.opened(prompt_end));
        Self { prefix: prefix.unwrap_or_default().to_owned(), ..markup }
    }

    /// Returns the spellings of all tokens that mark thoughts, channels and calls in any family of models.
    pub(crate) fn spellings() -> impl Iterator<Item = &'static str> {
        let pairs = tags::TAGS.iter().flat_map(|tag| [tag.open, tag.close]);
        pairs.chain(tags::WRAPPERS).chain(tags::CALLS).chain(harmony::MARKS)
    }

    /// Returns true if a token that is spelled `token` marks a thought, a channel or a call.
    pub(crate) fn is_mark(token: &str) -> bool {
        Self::spellings().any(|mark| mark.len() == token.len() && tags::begins_with(token, mark))
    }

    /// Returns the spellings of the tokens with which this model may begin a thought or a channel.
    pub(crate) fn opening_spellings(&self) -> impl Iterator<Item = &'static str> {
        let wrappers = tags::WRAPPERS.into_iter().filter(|wrapper| wrapper.contains("START"));
        self.tags().map(|tag| tag.open).chain(wrappers).chain([harmony::CHANNEL])
    }

    /// Returns the opening tags that the model's files name, and those that its prompt has opened.
    pub(crate) fn named(&self) -> impl Iterator<Item = &'static str> {
        let folded = self.prefix.to_ascii_lowercase();
        let is_open = move |tag: &Tag| !tags::places(&self.prefix, &folded, tag.open).is_empty();
        let tags = tags::TAGS.iter().enumerate();
        tags.filter(move |(index, tag)| self.named.contains(index) || is_open(tag)).map(|(_, tag)| tag.open)
    }

    /// Takes the thoughts out of `reply`, which is everything that the model wrote after its prompt.
    ///
    /// ```
    /// use text::ReasoningMarkup;
    ///
    /// let reply = ReasoningMarkup::default().split("<think>Is it 5? No.</think>\n\nAnswer: 7");
    /// assert_eq!((reply.answer.as_str(), reply.thoughts.as_str()), ("Answer: 7", "Is it 5? No."));
    /// ```
    #[must_use]
    pub fn split(&self, reply: &str) -> ReasonedReply {
        let prefix = self.prefix.as_str();
        // Some models repeat the tag that the prompt has opened, and some leave out the channels of their format.
        let is_whole =
            reply.trim_start().starts_with(prefix.trim_end()) || harmony::lacks_channels(prefix, reply);
        let whole = if is_whole { reply.to_owned() } else { format!("{prefix}{reply}") };
        let split = harmony::split(&whole).or_else(|| self.split_at_tags(&whole));
        split.unwrap_or_else(|| ReasonedReply { answer: reply.to_owned(), ..ReasonedReply::default() })
    }

    /// Returns the text from the last opening tag of `prompt_end` on, unless a closing tag follows it.
    fn opened<'a>(&self, prompt_end: &'a str) -> Option<&'a str> {
        let folded = prompt_end.to_ascii_lowercase();
        let opened = self.tags().filter_map(|tag| {
            let at = *tags::places(prompt_end, &folded, tag.open).last()?;
            let after = at + tag.open.len();
            tags::places(&prompt_end[after..], &folded[after..], tag.close).is_empty().then_some(at)
        });
        opened.max().map(|at| &prompt_end[at..])
    }

    /// Returns the tags that this model may use.
    fn tags(&self) -> impl Iterator<Item = &'static Tag> {
        let is_used = |(index, tag): &(usize, &Tag)| tag.used == Use::Always || self.named.contains(index);
        tags::TAGS.iter().enumerate().filter(is_used).map(|(_, tag)| tag)
    }

    /// Returns the pair of tags whose first one begins `text`, if it is not among `used` and could be an element of a
    /// document. A reply that begins with its thoughts is far more likely than a document with such a root.
    fn leading(text: &str, used: &[&Tag]) -> Option<&'static Tag> {
        let mut tags = tags::TAGS.iter().filter(|tag| tag.used == Use::Leading && !used.contains(tag));
        tags.find(|tag| tag.begins(text))
    }

    /// Takes apart a reply with tags. Returns None if it has none, so that nothing is to be changed.
    fn split_at_tags(&self, reply: &str) -> Option<ReasonedReply> {
        let mut tags: Vec<&Tag> = self.tags().collect();
        let parts = loop {
            let parts = tags::parts(reply, &tags);
            let answer = parts.as_ref().map_or(reply, |parts| parts.first_of_the_answer());
            // Thoughts may follow thoughts under another name.
            let Some(tag) = Self::leading(answer, &tags) else { break parts? };
            tags.push(tag);
        };
        let mut split = ReasonedReply { calls_tool: parts.calls_tool, ..ReasonedReply::default() };
        for thought in parts.thoughts {
            push_part(&mut split.thoughts, thought, "\n");
        }
        for piece in parts.answer {
            push_part(&mut split.answer, piece, "\n");
        }
        Some(split)
    }
}

/// Appends a part to a text, with a separator between two parts, unless the part is blank.
fn push_part(text: &mut String, part: &str, separator: &str) {
    let part = part.trim();
    if part.is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push_str(separator);
    }
    text.push_str(part);
}

#[cfg(test)]
mod tests;
