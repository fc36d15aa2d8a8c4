//! The check of a value against a schema.
//!
//! Every step is paid for from the fuel of the judgement, so nothing here needs a bound of its own: schemas that
//! branch at every level, names and texts that are looked at again and again, patterns, and lists of any length.

mod combine;
mod list;
mod map;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use abi::Value;

use super::finding::{CheckError, Part, SchemaFinding, cut, pointer, shown};
use super::rule::{Choices, Index, Rule, Sizes, Type};
use crate::equal::{equal_within, order};
use crate::fuel::{Fuel, Spent};
use crate::number::compare;

/// The steps for one rule, before what the rule itself spends.
const RULE_STEPS: u64 = 4;

/// The reason why a check does not go on.
enum Miss {
    Finding(Box<SchemaFinding>),
    /// A subject that misses an alternative, of which nobody reads why.
    Unsaid,
    Spent,
}

impl From<Spent> for Miss {
    fn from(Spent: Spent) -> Self {
        Self::Spent
    }
}

type Checked = Result<(), Miss>;

/// Checks that a subject satisfies the first of these schemas. The subject nests at most `abi::MAX_DEPTH` deep.
pub(super) fn check(nodes: &[Vec<Rule>], subject: &Value, fuel: &mut Fuel) -> Result<(), CheckError> {
    let mut checker = Checker { nodes, path: Vec::new(), fuel, unsaid: 0 };
    checker.node(0, subject).map_err(|miss| match miss {
        Miss::Finding(finding) => CheckError::Finding(*finding),
        Miss::Unsaid | Miss::Spent => CheckError::OutOfFuel,
    })
}

struct Checker<'a, 'f> {
    nodes: &'a [Vec<Rule>],
    /// The way from the whole subject to the part that is checked now.
    path: Vec<Part<'a>>,
    fuel: &'f mut Fuel,
    /// The alternatives that are being tried around this place. Inside one no finding is written.
    unsaid: usize,
}

impl<'a> Checker<'a, '_> {
    /// Checks one schema. Recursion is bounded, because every circle of schemas enters a part of the subject,
    /// whose depth was bounded before.
    fn node(&mut self, index: Index, subject: &'a Value) -> Checked {
        self.fuel.spend(RULE_STEPS)?;
        let nodes = self.nodes;
        for rule in &nodes[index] {
            self.fuel.spend(RULE_STEPS)?;
            match rule {
                Rule::All(_) | Rule::Any(_) | Rule::One(_) | Rule::Not(_) | Rule::If { .. } => {
                    self.combined(rule, subject)?;
                }
                Rule::Reference(index) => self.node(*index, subject)?,
                rule => self.simple(rule, subject)?,
            }
        }
        Ok(())
    }

    fn simple(&mut self, rule: &'a Rule, subject: &'a Value) -> Checked {
        match (rule, subject) {
            (Rule::Never, _) => self.miss("false", || "nothing at all".to_owned(), subject),
            (Rule::Types(types), _) => self.types(types, subject),
            (Rule::Constant(constant), _) => match equal_within(constant, subject, self.fuel)? {
                true => Ok(()),
                false => self.miss("const", || shown(constant), subject),
            },
            (Rule::OneOf(choices), _) => self.choice(choices, subject),
            (Rule::Bound(..) | Rule::Multiple(_), _) => self.number(rule, subject),
            (Rule::Length(_) | Rule::Format(_) | Rule::Pattern(_), Value::Text(text)) => {
                self.text(rule, text, subject)
            }
            (_, Value::List(items)) => self.list(rule, items),
            (_, Value::Map(map)) => self.map(rule, map, subject),
            _ => Ok(()),
        }
    }

    fn types(&mut self, types: &[Type], subject: &Value) -> Checked {
        if types.iter().any(|wanted| wanted.admits(subject)) {
            return Ok(());
        }
        let words = || types.iter().map(|wanted| wanted.word()).collect::<Vec<_>>().join(" or ");
        self.miss("type", words, subject)
    }

    /// Looks for the subject among sorted values by halving them.
    fn choice(&mut self, choices: &Choices, subject: &Value) -> Checked {
        let mut left = choices.sorted.as_slice();
        while let Some(middle) = left.get(left.len() / 2) {
            match order(middle, subject, self.fuel)? {
                core::cmp::Ordering::Equal => return Ok(()),
                core::cmp::Ordering::Less => left = &left[left.len() / 2 + 1..],
                core::cmp::Ordering::Greater => left = &left[..left.len() / 2],
            }
        }
        self.miss("enum", || format!("one of {}", choices.written), subject)
    }

    fn number(&mut self, rule: &Rule, subject: &Value) -> Checked {
        match rule {
            Rule::Bound(bound, limit) => match compare(subject, limit, self.fuel)? {
                Some(order) if !bound.admits(order) => self.miss(bound.word(), || shown(limit), subject),
                _ => Ok(()),
            },
            Rule::Multiple(divisor) => match divisor.divides(subject, self.fuel)? {
                Some(false) => {
                    self.miss("multipleOf", || format!("a multiple of {}", shown(&divisor.written)), subject)
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn text(&mut self, rule: &Rule, text: &str, subject: &Value) -> Checked {
        match rule {
            Rule::Length(sizes) => {
                self.fuel.spend_for(text.len() / 16, 1)?;
                self.size(*sizes, text.chars().count(), ["minLength", "maxLength"], "characters")
            }
            Rule::Format(format) => {
                self.fuel.spend_for(text.len(), 1)?;
                match format.admits(text) {
                    true => Ok(()),
                    false => self.miss("format", || format.word().to_owned(), subject),
                }
            }
            Rule::Pattern(pattern) => match pattern.is_match(text, self.fuel)? {
                true => Ok(()),
                false => self.miss("pattern", || cut(pattern.source().to_owned()), subject),
            },
            _ => Ok(()),
        }
    }

    /// Returns the number of these schemas that the subject satisfies, and stops counting at `enough`.
    fn count(&mut self, schemas: &[Index], subject: &'a Value, enough: usize) -> Result<usize, Miss> {
        let mut satisfied = 0;
        let depth = self.path.len();
        self.unsaid += 1;
        for schema in schemas {
            match self.node(*schema, subject) {
                Ok(()) => satisfied += 1,
                // A check that ran out of fuel does not tell if the subject satisfies the schema.
                Err(Miss::Spent) => return Err(Miss::Spent),
                Err(_) => self.path.truncate(depth),
            }
            if satisfied == enough {
                break;
            }
        }
        self.unsaid -= 1;
        Ok(satisfied)
    }

    fn inside(&mut self, part: Part<'a>, schema: Index, subject: &'a Value) -> Checked {
        self.path.push(part);
        self.node(schema, subject)?;
        self.path.pop();
        Ok(())
    }

    fn size(&self, sizes: Sizes, count: usize, keywords: [&'static str; 2], of: &str) -> Checked {
        let count = count as u64;
        if let Some(least) = sizes.least.filter(|least| count < *least) {
            return self.found(keywords[0], || format!("{least} {of} at least"), || count.to_string());
        }
        if let Some(most) = sizes.most.filter(|most| count > *most) {
            return self.found(keywords[1], || format!("{most} {of} at most"), || count.to_string());
        }
        Ok(())
    }

    fn miss(&self, keyword: &'static str, expected: impl FnOnce() -> String, subject: &Value) -> Checked {
        self.found(keyword, expected, || shown(subject))
    }

    /// Returns the miss of a keyword. Its words are written only where somebody reads them.
    fn found(
        &self,
        keyword: &'static str,
        expected: impl FnOnce() -> String,
        found: impl FnOnce() -> String,
    ) -> Checked {
        if self.unsaid > 0 {
            return Err(Miss::Unsaid);
        }
        let (at, expected, found) = (pointer(&self.path), cut(expected()), cut(found()));
        Err(Miss::Finding(Box::new(SchemaFinding { at, keyword, expected, found })))
    }
}
