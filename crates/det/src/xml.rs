//! Well-formedness of XML documents: XML 1.0 (fifth edition) with Namespaces in XML 1.0.
//!
//! | in the text | here |
//! |---|---|
//! | a byte order mark, an XML declaration | allowed at the start; the encoding that the declaration names says nothing about text that was decoded before |
//! | a document type | refused: its entities could make a small text a large one |
//! | elements | one root; every end tag has the name of the element that is open |
//! | attributes | quoted, separated by white space, and no two of one element with the same name and namespace |
//! | prefixes | declared by `xmlns:…` on the element or around it; `xml` and `xmlns` keep their meaning |
//! | references | `&lt;`, `&gt;`, `&amp;`, `&apos;`, `&quot;` and characters by number; no other entity is declared |
//! | characters and names | those of XML 1.0; `]]>` in text, `--` in a comment and `<` in a value are refused |
//!
//! The checker is our own because the trusted closure is small. It is one loop without recursion. Its time is
//! proportional to the length of the document, or to that length times the logarithm of the number of
//! prefixes. A document that exceeds a bound below is refused like one with any other fault.

mod chars;
mod markup;
mod reader;
mod scope;
mod tags;

use core::fmt;

use crate::fuel::{Fuel, Spent};
use crate::position::{Position, position};
use reader::Reader;

/// The longest document that is checked, in bytes: as long as the longest result that can be judged.
const MAX_BYTES: usize = 16 << 20;

/// The steps for one byte. The dearest document declares a prefix every few bytes.
const BYTE_STEPS: u64 = 8;

/// The first place at which a text is not a well-formed XML document, and the fault there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlError {
    /// The line of the fault, counted from 1.
    pub line: usize,
    /// The column of the fault in characters, counted from 1.
    pub column: usize,
    /// The fault in words, for example `an element is not closed`.
    pub what: &'static str,
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, what } = self;
        write!(f, "line {line}, column {column}: {what}")
    }
}

impl core::error::Error for XmlError {}

/// Checks that `text` is one well-formed XML document without a document type. Fails with the first place at
/// which it is not one, or at which it exceeds a bound; and fails if there is no fuel for reading it.
pub(crate) fn check(text: &str, fuel: &mut Fuel) -> Result<Result<(), XmlError>, Spent> {
    fuel.spend_for(text.len(), BYTE_STEPS)?;
    let mut reader = Reader::new(text);
    Ok(reader.document().map_err(|Fault(what)| {
        let Position { line, column } = position(text, reader.at);
        XmlError { line, column, what }
    }))
}

/// A fault, in words, at the place at which the reader stands.
struct Fault(&'static str);

type Step<T> = Result<T, Fault>;

impl Reader<'_> {
    fn document(&mut self) -> Step<()> {
        if self.text.len() > MAX_BYTES {
            return Err(Fault("the document is longer than 16 MiB"));
        }
        self.take("\u{feff}");
        self.declaration()?;
        self.around_the_root()?;
        if !self.rest().starts_with('<') {
            return Err(Fault("a document is one element, and none begins here"));
        }
        self.start_tag()?;
        while !self.open.is_empty() {
            self.content()?;
        }
        self.around_the_root()?;
        if self.rest().is_empty() { Ok(()) } else { Err(Fault("something follows the root element")) }
    }

    /// Reads the comments, instructions and white space before or after the root element.
    fn around_the_root(&mut self) -> Step<()> {
        loop {
            self.skip_space();
            self.piece()?;
            let rest = self.rest();
            if rest.starts_with("<!--") {
                self.comment()?;
            } else if rest.starts_with("<?") {
                self.instruction()?;
            } else if rest.starts_with("<!") {
                return Err(Fault("a document type or another declaration is not allowed"));
            } else {
                return Ok(());
            }
        }
    }

    /// Reads one piece of content (text, a tag, a comment, an instruction or a reference) of the open
    /// element.
    fn content(&mut self) -> Step<()> {
        self.piece()?;
        let rest = self.rest();
        if rest.is_empty() {
            Err(Fault("an element is not closed"))
        } else if rest.starts_with("</") {
            self.end_tag()
        } else if rest.starts_with("<!--") {
            self.comment()
        } else if rest.starts_with("<![CDATA[") {
            self.at += "<![CDATA[".len();
            self.until("]]>", "a CDATA section does not end")
        } else if rest.starts_with("<?") {
            self.instruction()
        } else if rest.starts_with("<!") {
            Err(Fault("a document type or another declaration is not allowed"))
        } else if rest.starts_with('<') {
            self.start_tag()
        } else if rest.starts_with('&') {
            self.reference().map(drop)
        } else {
            self.characters()
        }
    }
}
