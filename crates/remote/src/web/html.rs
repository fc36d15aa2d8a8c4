//! Plain text and links of HTML, in one pass over its tokens.
//!
//! The tokenizer follows the standard of HTML. No tree is built, so nothing recurses and the time is linear: an element
//! that is never closed is a part of what follows.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::text::Collected;

/// The longest title of a page or of a link, in characters.
const MOST_TITLE: usize = 200;
/// The most links of a page that are looked at.
const MOST_LINKS: usize = 500;

/// The text of a page, without its markup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlainText {
    /// The title of the page. None if it has none.
    pub title: Option<String>,
    /// The text, with one line for each block.
    pub text: String,
    /// True if the text was longer than the limit.
    pub is_cut: bool,
}

/// A link of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The text of the link.
    pub title: String,
    /// The reference of the link, as the page has it.
    pub reference: String,
}

/// Returns the text of an HTML page, at most `most` characters of it. Scripts, styles and pictures are dropped.
#[must_use]
pub fn plain_text(html: &str, most: usize) -> PlainText {
    let mut reader = Reader::new(most);
    read(html, &mut |event| {
        reader.event(event);
        !reader.text.is_cut()
    });
    let title = reader.title.map(Collected::into_text).filter(|title| !title.is_empty());
    let is_cut = reader.text.is_cut();
    PlainText { title, text: reader.text.into_text(), is_cut }
}

/// Returns the text of a page that is no HTML, at most `most` characters of it.
pub(super) fn as_it_is(text: &str, most: usize) -> PlainText {
    let mut collected = Collected::new(most);
    collected.push_preformatted(text);
    let is_cut = collected.is_cut();
    PlainText { title: None, text: collected.into_text(), is_cut }
}

/// Returns the links of an HTML page, at most 500 of them, in the order of the page.
#[must_use]
pub fn links(html: &str) -> Vec<Link> {
    let mut found = Vec::new();
    let mut open: Option<(String, Collected)> = None;
    let mut place = Place::default();
    read(html, &mut |event| {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                place = Place { is_link: name == b"a", is_reference: false };
                if place.is_link {
                    close(&mut open, &mut found);
                }
            }
            CallbackEvent::AttributeName { name } => place.is_reference = place.is_link && name == b"href",
            CallbackEvent::AttributeValue { value } if place.is_reference => {
                open = Some((String::from_utf8_lossy(value).into_owned(), Collected::new(MOST_TITLE)));
            }
            CallbackEvent::String { value } => {
                if let Some((_, title)) = &mut open {
                    title.push_words(&String::from_utf8_lossy(value));
                }
            }
            CallbackEvent::EndTag { name: b"a" } => close(&mut open, &mut found),
            _ => {}
        }
        found.len() < MOST_LINKS
    });
    close(&mut open, &mut found);
    found
}

/// The start tag that is being read, as far as links need it.
#[derive(Default)]
struct Place {
    is_link: bool,
    is_reference: bool,
}

fn close(open: &mut Option<(String, Collected)>, found: &mut Vec<Link>) {
    if let Some((reference, title)) = open.take() {
        found.push(Link { title: title.into_text(), reference });
    }
}

/// Calls `take` with each event of the tokenizer, until it returns false or the text ends.
fn read(html: &str, take: &mut dyn FnMut(CallbackEvent<'_>) -> bool) {
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| Some(take(event)));
    // Without that, the text of a script would be read as markup.
    emitter.naively_switch_states(true);
    for Ok(goes_on) in Tokenizer::new_with_emitter(html, emitter) {
        if !goes_on {
            return;
        }
    }
}

/// The state of the pass that collects the text.
struct Reader {
    text: Collected,
    title: Option<Collected>,
    in_title: bool,
    /// The element whose content is dropped, and the number of such elements that are open inside each other.
    dropped: Option<(&'static [u8], usize)>,
    /// The number of open elements `pre`.
    preformatted: usize,
}

/// The elements whose content is not text of the page.
const DROPPED: [&[u8]; 11] = [
    b"script",
    b"style",
    b"noscript",
    b"template",
    b"svg",
    b"math",
    b"iframe",
    b"object",
    b"canvas",
    b"noembed",
    b"select",
];

/// The elements that begin or end a line.
const BLOCKS: [&[u8]; 41] = [
    b"address",
    b"article",
    b"aside",
    b"blockquote",
    b"body",
    b"br",
    b"caption",
    b"center",
    b"dd",
    b"details",
    b"dialog",
    b"div",
    b"dl",
    b"dt",
    b"fieldset",
    b"figcaption",
    b"figure",
    b"footer",
    b"form",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"header",
    b"hr",
    b"li",
    b"main",
    b"nav",
    b"ol",
    b"option",
    b"p",
    b"pre",
    b"section",
    b"summary",
    b"table",
    b"title",
    b"tr",
    b"ul",
    b"head",
];

impl Reader {
    fn new(most: usize) -> Self {
        Self { text: Collected::new(most), title: None, in_title: false, dropped: None, preformatted: 0 }
    }

    fn event(&mut self, event: CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.open(name),
            CallbackEvent::EndTag { name } => self.close(name),
            CallbackEvent::String { value } if self.dropped.is_none() => {
                self.words(&String::from_utf8_lossy(value))
            }
            _ => {}
        }
    }

    fn open(&mut self, name: &[u8]) {
        match &mut self.dropped {
            Some((dropped, depth)) if *dropped == name => return *depth += 1,
            Some(_) => return,
            None => {}
        }
        if let Some(dropped) = DROPPED.into_iter().find(|dropped| *dropped == name) {
            self.dropped = Some((dropped, 1));
            return;
        }
        match name {
            b"title" if self.title.is_none() => {
                self.title = Some(Collected::new(MOST_TITLE));
                self.in_title = true;
            }
            b"pre" => self.preformatted += 1,
            b"td" | b"th" => self.text.push_words(" "),
            _ => {}
        }
        if BLOCKS.contains(&name) {
            self.text.end_line();
        }
        if name == b"li" {
            self.text.push_words("- ");
        }
    }

    fn close(&mut self, name: &[u8]) {
        if let Some((dropped, depth)) = &mut self.dropped {
            if *dropped == name {
                *depth -= 1;
                if *depth == 0 {
                    self.dropped = None;
                }
            }
            return;
        }
        match name {
            b"title" => self.in_title = false,
            b"pre" => self.preformatted = self.preformatted.saturating_sub(1),
            _ => {}
        }
        if BLOCKS.contains(&name) {
            self.text.end_line();
        }
    }

    fn words(&mut self, words: &str) {
        match &mut self.title {
            Some(title) if self.in_title => title.push_words(words),
            _ if self.preformatted > 0 => self.text.push_preformatted(words),
            _ => self.text.push_words(words),
        }
    }
}
