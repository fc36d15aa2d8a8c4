//! The check of rules that combine other schemas on the same subject.

use alloc::borrow::ToOwned;

use abi::Value;

use super::{Checked, Checker};
use crate::schema::rule::Rule;

impl<'a> Checker<'a, '_> {
    pub(super) fn combined(&mut self, rule: &'a Rule, subject: &'a Value) -> Checked {
        match rule {
            Rule::All(schemas) => schemas.iter().try_for_each(|schema| self.node(*schema, subject)),
            Rule::Any(schemas) if self.count(schemas, subject, 1)? == 0 => {
                self.miss("anyOf", || "one of its alternatives at least".to_owned(), subject)
            }
            Rule::One(schemas) => {
                let found = match self.count(schemas, subject, 2)? {
                    0 => "none that is satisfied",
                    1 => return Ok(()),
                    _ => "more than one that is satisfied",
                };
                self.found("oneOf", || "exactly one of its alternatives".to_owned(), || found.to_owned())
            }
            Rule::Not(schema) if self.count(&[*schema], subject, 1)? == 1 => {
                self.miss("not", || "something else".to_owned(), subject)
            }
            Rule::If { condition, then, otherwise } => {
                let holds = self.count(&[*condition], subject, 1)? == 1;
                match if holds { then } else { otherwise } {
                    Some(schema) => self.node(*schema, subject),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }
}
