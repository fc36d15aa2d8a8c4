//! The check of a value against a schema.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use abi::Value;

use super::compile::escaped;
use super::number::{compare, is_whole};
use super::{Bound, Node, Sizes, Type};
use crate::equal;

/// The most comparisons of one check. Nested alternatives could otherwise multiply without a bound.
const FUEL: u64 = 2_000_000;

/// The first place at which a subject does not satisfy a schema, with the demand and the value there.
///
/// A finding is a result of a judgement, and its words are shown to the model that is asked for a repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaFinding {
    /// JSON pointer to the part of the subject that fails; empty for the whole subject.
    pub at: String,
    /// The keyword that the part does not satisfy, or `effort` if the check took too many steps.
    pub keyword: &'static str,
    /// The demand of the keyword in words, for example `3 items at least`.
    pub expected: String,
    /// The part of the subject as a message shows it: a short scalar itself, or a description of the value.
    pub found: String,
}

impl fmt::Display for SchemaFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, keyword, expected, found } = self;
        let at = if at.is_empty() { "the whole" } else { at };
        write!(f, "at {at}: {keyword} demands {expected}, found {found}")
    }
}

pub(super) fn check(nodes: &[Node], subject: &Value) -> Result<(), SchemaFinding> {
    let mut checker = Checker { nodes, path: Vec::new(), fuel: FUEL };
    checker.node(0, subject)
}

struct Checker<'a> {
    nodes: &'a [Node],
    /// Keys and indices that lead from the whole subject to the part that is being checked.
    path: Vec<String>,
    fuel: u64,
}

type Checked = Result<(), SchemaFinding>;

impl Checker<'_> {
    /// Checks one schema. Recursion is bounded, because every circle of schemas enters a part of the subject,
    /// whose depth was bounded before.
    fn node(&mut self, index: usize, subject: &Value) -> Checked {
        self.spend(1)?;
        let nodes = self.nodes;
        let node = &nodes[index];
        if node.never {
            return self.miss("false", "nothing at all", subject);
        }
        self.own(node, subject)?;
        match subject {
            Value::Text(text) => {
                let sized = node.lengths.least.is_some() || node.lengths.most.is_some();
                if sized {
                    self.spend(text.len() as u64 / 64)?;
                    self.size(node.lengths, text.chars().count(), ["minLength", "maxLength"], "characters")?;
                }
            }
            Value::List(items) => self.list(node, items)?,
            Value::Map(_) => self.map(node, subject)?,
            _ => {}
        }
        self.combined(node, subject)
    }

    /// Checks the keywords about the value itself, not about its parts.
    fn own(&mut self, node: &Node, subject: &Value) -> Checked {
        if let Some(types) = &node.types
            && !types.iter().any(|wanted| is_of(subject, *wanted))
        {
            let words: Vec<&str> = types.iter().map(|wanted| wanted.word()).collect();
            return self.miss("type", &words.join(" or "), subject);
        }
        if let Some(constant) = &node.constant
            && !equal(constant, subject)
        {
            return self.miss("const", &shown(constant), subject);
        }
        if let Some(values) = &node.one_of_values {
            self.spend(values.len() as u64)?;
            if !values.iter().any(|value| equal(value, subject)) {
                let words: Vec<String> = values.iter().map(shown).collect();
                return self.miss("enum", &format!("one of {}", words.join(", ")), subject);
            }
        }
        for (bound, limit) in &node.numbers {
            if let Some(order) = compare(subject, limit)
                && !bound.admits(order)
            {
                return self.miss(bound.word(), &shown(limit), subject);
            }
        }
        Ok(())
    }

    fn list(&mut self, node: &Node, items: &[Value]) -> Checked {
        self.size(node.items, items.len(), ["minItems", "maxItems"], "items")?;
        for (number, item) in items.iter().enumerate() {
            if let Some(schema) = node.prefix.get(number).copied().or(node.rest) {
                self.inside(number.to_string(), schema, item)?;
            }
        }
        if node.unique {
            self.distinct(items)?;
        }
        Ok(())
    }

    fn distinct(&mut self, items: &[Value]) -> Checked {
        for (number, item) in items.iter().enumerate() {
            self.spend(number as u64)?;
            if let Some(first) = items[..number].iter().position(|earlier| equal(earlier, item)) {
                self.path.push(number.to_string());
                let miss = self.miss("uniqueItems", &format!("items that differ from item {first}"), item);
                self.path.pop();
                return miss;
            }
        }
        Ok(())
    }

    fn map(&mut self, node: &Node, subject: &Value) -> Checked {
        let Value::Map(map) = subject else { return Ok(()) };
        self.size(node.properties, map.len(), ["minProperties", "maxProperties"], "properties")?;
        for name in &node.required {
            if !map.contains_key(name) {
                return self.found("required", format!("the property {name}"), "no such property".to_owned());
            }
        }
        for (name, value) in map {
            if let Some(schema) = node.named.get(name).copied() {
                self.inside(escaped(name), schema, value)?;
            } else if let Some(schema) = node.additional {
                if self.nodes[schema].never {
                    let expected = "no property beyond those named".to_owned();
                    return self.found("additionalProperties", expected, format!("the property {name}"));
                }
                self.inside(escaped(name), schema, value)?;
            }
        }
        Ok(())
    }

    fn combined(&mut self, node: &Node, subject: &Value) -> Checked {
        for schema in node.reference.into_iter().chain(node.all.iter().copied()) {
            self.node(schema, subject)?;
        }
        if !node.any.is_empty() && self.count(&node.any, subject)? == 0 {
            return self.miss("anyOf", "one of its alternatives at least", subject);
        }
        if !node.one.is_empty() {
            let satisfied = self.count(&node.one, subject)?;
            if satisfied != 1 {
                let found = format!("{satisfied} that are satisfied");
                return self.found("oneOf", "exactly one of its alternatives".to_owned(), found);
            }
        }
        match node.not {
            Some(schema) if self.count(&[schema], subject)? == 1 => {
                self.miss("not", "something else", subject)
            }
            _ => Ok(()),
        }
    }

    /// Returns the number of these schemas that the subject satisfies.
    fn count(&mut self, schemas: &[usize], subject: &Value) -> Result<usize, SchemaFinding> {
        let mut satisfied = 0;
        for schema in schemas {
            let depth = self.path.len();
            match self.node(*schema, subject) {
                Ok(()) => satisfied += 1,
                // A check that ran out of steps does not tell if the subject satisfies the schema.
                Err(finding) if finding.keyword == SPENT => return Err(finding),
                Err(_) => self.path.truncate(depth),
            }
        }
        Ok(satisfied)
    }

    fn inside(&mut self, part: String, schema: usize, subject: &Value) -> Checked {
        self.path.push(part);
        self.node(schema, subject)?;
        self.path.pop();
        Ok(())
    }

    fn size(&self, sizes: Sizes, count: usize, keywords: [&'static str; 2], of: &str) -> Checked {
        let count = count as u64;
        if let Some(least) = sizes.least.filter(|least| count < *least) {
            return self.found(keywords[0], format!("{least} {of} at least"), count.to_string());
        }
        if let Some(most) = sizes.most.filter(|most| count > *most) {
            return self.found(keywords[1], format!("{most} {of} at most"), count.to_string());
        }
        Ok(())
    }

    fn spend(&mut self, steps: u64) -> Checked {
        match self.fuel.checked_sub(steps) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => {
                self.found(SPENT, format!("a check in {FUEL} steps"), "a subject that takes more".to_owned())
            }
        }
    }

    fn miss(&self, keyword: &'static str, expected: &str, subject: &Value) -> Checked {
        self.found(keyword, expected.to_owned(), shown(subject))
    }

    fn found(&self, keyword: &'static str, expected: String, found: String) -> Checked {
        let at = self.path.iter().flat_map(|part| ["/", part]).collect();
        Err(SchemaFinding { at, keyword, expected, found })
    }
}

/// The keyword of the finding when a check used up its steps.
const SPENT: &str = "effort";

impl Bound {
    /// Returns true if a number that compares with the limit in this order is inside the bound.
    fn admits(self, order: Ordering) -> bool {
        match self {
            Self::Minimum => order.is_ge(),
            Self::Maximum => order.is_le(),
            Self::ExclusiveMinimum => order.is_gt(),
            Self::ExclusiveMaximum => order.is_lt(),
        }
    }
}

fn is_of(value: &Value, wanted: Type) -> bool {
    match wanted {
        Type::Null => matches!(value, Value::Null),
        Type::Boolean => matches!(value, Value::Bool(_)),
        Type::Integer => is_whole(value),
        Type::Number => matches!(value, Value::Int(_) | Value::Float(_)),
        Type::String => matches!(value, Value::Text(_)),
        Type::Array => matches!(value, Value::List(_)),
        Type::Object => matches!(value, Value::Map(_)),
    }
}

/// Returns a value as a message shows it: short scalars as they are, everything else by its type and size.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 40;
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) => float.get().to_string(),
        Value::Text(text) if text.chars().count() <= LONGEST => format!("{text:?}"),
        Value::Text(text) => {
            let start: String = text.chars().take(LONGEST).collect();
            format!("{start:?} and more")
        }
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::List(items) => format!("a list of {}", items.len()),
        Value::Map(map) => format!("an object of {}", map.len()),
    }
}
