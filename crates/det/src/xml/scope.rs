//! The namespaces that are in scope at a place of an XML document.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::{Fault, Step};

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

pub(super) const TWICE: Fault = Fault("an attribute comes twice");

/// A namespace, numbered in the order in which the document first declares its name.
pub(super) type Namespace = usize;

/// The meaning of each prefix at one place of a document. The empty prefix stands for the default namespace.
pub(super) struct Scope<'a> {
    names: BTreeMap<String, Namespace>,
    /// The namespaces of each prefix, the innermost last, each with the depth of the element that declares
    /// it.
    bound: BTreeMap<&'a str, Vec<(usize, Namespace)>>,
    /// The prefixes that were declared, with the depths of the elements that declare them.
    declared: Vec<(usize, &'a str)>,
}

impl<'a> Scope<'a> {
    /// Returns the scope outside the root element, where only `xml` is a prefix and there is no default
    /// namespace.
    pub(super) fn new() -> Self {
        let names = BTreeMap::from([(String::new(), 0), (XML.to_string(), 1)]);
        // Every document declares these two without saying so; their depth is that of no element.
        let bound = BTreeMap::from([("", vec![(usize::MAX, 0)]), ("xml", vec![(usize::MAX, 1)])]);
        Self { names, bound, declared: Vec::new() }
    }

    /// Declares a prefix on the element at `depth`. Fails for a declaration that XML namespaces do not allow.
    pub(super) fn declare(&mut self, depth: usize, prefix: &'a str, name: String) -> Step<()> {
        if prefix == "xmlns" || name == XMLNS {
            return Err(Fault("xmlns and its namespace are not declared"));
        }
        if (prefix == "xml") != (name == XML) {
            return Err(Fault("xml is the prefix of its own namespace and of no other"));
        }
        if name.is_empty() && !prefix.is_empty() {
            return Err(Fault("a prefix stands for no namespace"));
        }
        let next = self.names.len();
        let namespace = *self.names.entry(name).or_insert(next);
        let bound = self.bound.entry(prefix).or_default();
        if bound.last().is_some_and(|(declared, _)| *declared == depth) {
            return Err(TWICE);
        }
        bound.push((depth, namespace));
        self.declared.push((depth, prefix));
        Ok(())
    }

    /// Returns the namespace of a prefix, or None if the prefix is not declared here.
    pub(super) fn namespace(&self, prefix: &str) -> Option<Namespace> {
        self.bound.get(prefix)?.last().map(|(_, namespace)| *namespace)
    }

    /// Removes the declarations of the element at `depth` and of the elements inside it.
    pub(super) fn leave(&mut self, depth: usize) {
        while let Some((_, prefix)) = self.declared.pop_if(|(declared, _)| *declared >= depth) {
            if let Some(bound) = self.bound.get_mut(prefix) {
                bound.pop();
            }
        }
    }
}
