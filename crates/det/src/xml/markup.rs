//! The parts of an XML document that are not tags: declaration, comments, instructions, text, references.

use super::chars::{is_char, is_space};
use super::reader::Reader;
use super::{Fault, Step};

/// A field of the XML declaration, and a function that returns true for a value that the field may have.
type Field = (&'static str, fn(&str) -> bool);

/// The fields of the XML declaration, in their order. Only the version is required.
const DECLARATION: [Field; 3] =
    [("version", is_version), ("encoding", is_encoding), ("standalone", |word| matches!(word, "yes" | "no"))];

const MALFORMED: Fault = Fault("the XML declaration is malformed here");

impl Reader<'_> {
    /// Reads the XML declaration, if the document begins with one.
    pub(super) fn declaration(&mut self) -> Step<()> {
        let is_declared = self.rest().strip_prefix("<?xml").is_some_and(|rest| rest.starts_with(is_space));
        if !is_declared {
            return Ok(());
        }
        self.at += "<?xml".len();
        for (field, is_fit) in DECLARATION {
            let before = self.at;
            let is_apart = self.skip_space();
            if is_apart && self.take(field) {
                self.assigned(is_fit).map_err(|_| MALFORMED)?;
            } else if field == "version" {
                return Err(MALFORMED);
            } else {
                self.at = before;
            }
        }
        self.skip_space();
        if self.take("?>") { Ok(()) } else { Err(MALFORMED) }
    }

    /// Reads `= "value"` in the XML declaration, where a value contains no references.
    fn assigned(&mut self, is_fit: fn(&str) -> bool) -> Step<()> {
        let quote = self.opening_quote()?;
        let end = self.rest().find(quote).ok_or(Fault("a value does not end"))?;
        if !is_fit(&self.rest()[..end]) {
            return Err(MALFORMED);
        }
        self.at += end + quote.len_utf8();
        Ok(())
    }

    /// Reads the characters up to the next markup.
    pub(super) fn characters(&mut self) -> Step<()> {
        let end = self.rest().find(['<', '&']).unwrap_or(self.rest().len());
        if let Some(at) = self.rest()[..end].find("]]>") {
            self.at += at;
            return Err(Fault("]]> stands outside a CDATA section"));
        }
        self.pass(end)
    }

    pub(super) fn comment(&mut self) -> Step<()> {
        self.at += "<!--".len();
        self.until("--", "a comment does not end")?;
        if self.take(">") { Ok(()) } else { Err(Fault("a comment has -- inside it")) }
    }

    pub(super) fn instruction(&mut self) -> Step<()> {
        self.at += "<?".len();
        let start = self.at;
        let target = self.name()?;
        if target.eq_ignore_ascii_case("xml") {
            self.at = start;
            return Err(Fault("an XML declaration stands at the start and nowhere else"));
        }
        if !self.rest().starts_with(is_space) && !self.rest().starts_with("?>") {
            return Err(Fault("white space follows the target of an instruction"));
        }
        self.until("?>", "an instruction does not end")
    }

    /// Reads a reference such as `&lt;` and returns the character that it stands for.
    pub(super) fn reference(&mut self) -> Step<char> {
        const NO_CHARACTER: Fault = Fault("the number stands for no character of XML");
        const UNKNOWN: Fault = Fault("there is no such entity; write &amp; for an ampersand");
        let body = &self.rest()["&".len()..];
        let end = body.find(';').ok_or(UNKNOWN)?;
        let character = match &body[..end] {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "apos" => '\'',
            "quot" => '"',
            other => match other.strip_prefix('#') {
                Some(number) => numbered(number).ok_or(NO_CHARACTER)?,
                None => return Err(UNKNOWN),
            },
        };
        self.at += "&;".len() + end;
        Ok(character)
    }
}

fn is_version(value: &str) -> bool {
    value
        .strip_prefix("1.")
        .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_encoding(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// Returns the character that a numeric reference (`65` or `x41`) stands for, or None if XML has none such.
fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    // The standard library also reads a sign, which XML does not.
    let is_number = digits.chars().all(|digit| digit.is_digit(radix));
    let code = is_number.then(|| u32::from_str_radix(digits, radix).ok()).flatten()?;
    char::from_u32(code).filter(|c| is_char(*c))
}
