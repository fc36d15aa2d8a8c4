//! The tags of an XML document.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::chars::is_space;
use super::reader::Reader;
use super::scope::TWICE;
use super::{Fault, Step};

/// The deepest nesting of elements that is accepted.
const MAX_DEPTH: usize = 256;

/// The largest number of attributes of one element, declarations of namespaces included.
const MAX_ATTRIBUTES: usize = 256;

/// A name, and the byte of the document at which it begins.
type Placed<'a> = (usize, &'a str);

const UNDECLARED: Fault = Fault("the prefix is not declared");

impl<'a> Reader<'a> {
    /// Reads a start tag, or the tag of an empty element.
    pub(super) fn start_tag(&mut self) -> Step<()> {
        self.at += "<".len();
        let depth = self.open.len();
        if depth == MAX_DEPTH {
            return Err(Fault("elements nest more than 256 deep"));
        }
        let start = self.at;
        let name = self.qualified_name()?;
        let (attributes, is_empty) = self.attributes()?;
        let end = self.at;
        // A tag may use a prefix before it declares it, so names are resolved when the tag has ended.
        self.resolve((start, name), &attributes)?;
        self.at = end;
        if is_empty {
            self.scope.leave(depth);
        } else {
            self.open.push(name);
        }
        Ok(())
    }

    /// Checks that the prefixes of an element and of its attributes are declared, and that no two attributes
    /// have the same name in the same namespace. A fault leaves the reader at the name that has it.
    fn resolve(&mut self, element: Placed<'a>, attributes: &[Placed<'a>]) -> Step<()> {
        let (at, name) = element;
        self.at = at;
        let (prefix, _) = split(name);
        if prefix == "xmlns" {
            return Err(Fault("xmlns is no prefix of an element"));
        }
        self.scope.namespace(prefix).ok_or(UNDECLARED)?;
        let mut seen = BTreeSet::new();
        for (at, name) in attributes {
            self.at = *at;
            let (prefix, local) = split(name);
            // An attribute without a prefix is in no namespace, whatever the default is.
            let namespace = match prefix {
                "" => None,
                prefix => Some(self.scope.namespace(prefix).ok_or(UNDECLARED)?),
            };
            if !seen.insert((namespace, local)) {
                return Err(TWICE);
            }
        }
        Ok(())
    }

    /// Reads the attributes of a start tag and its end. Returns the attributes that declare no namespace,
    /// each with its place, and true for the tag of an empty element.
    fn attributes(&mut self) -> Step<(Vec<Placed<'a>>, bool)> {
        let mut attributes = Vec::new();
        for _ in 0..=MAX_ATTRIBUTES {
            let is_apart = self.skip_space();
            if self.take(">") {
                return Ok((attributes, false));
            }
            if self.take("/>") {
                return Ok((attributes, true));
            }
            if self.rest().is_empty() {
                return Err(Fault("a tag does not end"));
            }
            if !is_apart {
                return Err(Fault("white space stands before an attribute"));
            }
            self.piece()?;
            let start = self.at;
            let name = self.qualified_name()?;
            let value = self.value()?;
            let declared = match split(name) {
                ("", "xmlns") => Some(""),
                ("xmlns", prefix) => Some(prefix),
                _ => None,
            };
            match declared {
                None => attributes.push((start, name)),
                Some(prefix) => {
                    self.scope.declare(self.open.len(), prefix, value).inspect_err(|_| self.at = start)?;
                }
            }
        }
        Err(Fault("an element has more than 256 attributes"))
    }

    /// Reads `= "value"` and returns the value, normalized as XML demands: references are replaced, and a
    /// line end or other white space becomes one blank. The normal form matters because namespace names are
    /// compared.
    fn value(&mut self) -> Step<String> {
        let quote = self.opening_quote()?;
        let mut value = String::new();
        loop {
            let rest = self.rest();
            let end = rest.find([quote, '<', '&']).ok_or(Fault("a value does not end"))?;
            let normal = rest[..end].replace("\r\n", "\n");
            value.extend(normal.chars().map(|c| if is_space(c) { ' ' } else { c }));
            self.pass(end)?;
            if self.rest().starts_with('<') {
                return Err(Fault("< stands in the value of an attribute"));
            }
            if self.rest().starts_with('&') {
                self.piece()?;
                value.push(self.reference()?);
            } else {
                self.at += quote.len_utf8();
                return Ok(value);
            }
        }
    }

    /// Reads `=` and a quote, and returns the quote that ends the value.
    pub(super) fn opening_quote(&mut self) -> Step<char> {
        self.skip_space();
        if !self.take("=") {
            return Err(Fault("the name of an attribute is followed by ="));
        }
        self.skip_space();
        if self.take("\"") {
            Ok('"')
        } else if self.take("'") {
            Ok('\'')
        } else {
            Err(Fault("the value of an attribute stands in quotes"))
        }
    }

    /// Reads the end tag of the innermost open element.
    pub(super) fn end_tag(&mut self) -> Step<()> {
        let start = self.at;
        self.at += "</".len();
        let name = self.qualified_name()?;
        self.skip_space();
        if !self.take(">") {
            return Err(Fault("an end tag has a name and nothing else"));
        }
        if self.open.pop() != Some(name) {
            self.at = start;
            return Err(Fault("the end tag has another name than the element that is open"));
        }
        self.scope.leave(self.open.len());
        Ok(())
    }
}

/// Returns the prefix of a name, empty if there is none, and the rest of the name.
fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}
