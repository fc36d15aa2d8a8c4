//! The check of rules about lists.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;

use abi::Value;

use super::{Checked, Checker};
use crate::equal::repeated;
use crate::schema::finding::Part;
use crate::schema::rule::{Index, Rule, Sizes};

impl<'a> Checker<'a, '_> {
    pub(super) fn list(&mut self, rule: &'a Rule, items: &'a [Value]) -> Checked {
        match rule {
            Rule::Items { count, prefix, rest } => {
                self.size(*count, items.len(), ["minItems", "maxItems"], "items")?;
                self.items(prefix, *rest, items)
            }
            Rule::Contains { schema, count } => self.contained(*schema, *count, items),
            Rule::Unique => self.unique(items),
            _ => Ok(()),
        }
    }

    fn items(&mut self, prefix: &[Index], rest: Option<Index>, items: &'a [Value]) -> Checked {
        for (number, item) in items.iter().enumerate() {
            match prefix.get(number).copied().or(rest) {
                Some(schema) => self.inside(Part::Index(number), schema, item)?,
                None => break,
            }
        }
        Ok(())
    }

    fn contained(&mut self, schema: Index, count: Sizes, items: &'a [Value]) -> Checked {
        let least = count.least.unwrap_or(1);
        let mut found = 0;
        for item in items {
            found += self.count(&[schema], item, 1)? as u64;
            let is_decided = match count.most {
                None => found >= least,
                Some(most) => found > most,
            };
            if is_decided {
                break;
            }
        }
        if found < least {
            return self.found(
                "contains",
                || format!("{least} items at least that satisfy its schema"),
                || found.to_string(),
            );
        }
        match count.most {
            Some(most) if found > most => self.found(
                "maxContains",
                || format!("{most} items at most that satisfy the schema of contains"),
                || "more".to_owned(),
            ),
            _ => Ok(()),
        }
    }

    fn unique(&mut self, items: &'a [Value]) -> Checked {
        match repeated(items, self.fuel)? {
            None => Ok(()),
            Some((later, first)) => {
                self.path.push(Part::Index(later));
                let differ = || format!("items that differ from item {first}");
                let miss = self.miss("uniqueItems", differ, &items[later]);
                self.path.pop();
                miss
            }
        }
    }
}
