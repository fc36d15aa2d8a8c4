//! The rules about lists.

use alloc::vec::Vec;

use abi::Value;

use super::draft::Draft;
use super::form::TRUTH;
use super::{Compiled, Compiler, Keywords};
use crate::schema::rule::{Index, Rule};

impl Compiler {
    pub(super) fn list_rules(&mut self, index: Index, map: &Keywords, rules: &mut Vec<Rule>) -> Compiled<()> {
        let count = self.sizes(index, map, "minItems", "maxItems")?;
        let (prefix, rest) = self.items(index, map)?;
        if !count.is_unbounded() || !prefix.is_empty() || rest.is_some() {
            rules.push(Rule::Items { count, prefix, rest });
        }
        match map.get("uniqueItems") {
            None | Some(Value::Bool(false)) => {}
            Some(Value::Bool(true)) => rules.push(Rule::Unique),
            Some(_) => return Err(self.form(index, "uniqueItems", TRUTH)),
        }
        let count = self.sizes(index, map, "minContains", "maxContains")?;
        if let Some(schema) = self.single(index, map, "contains")? {
            rules.push(Rule::Contains { schema, count });
        }
        Ok(())
    }

    /// Compiles the schemas of the first items, one for each, and the schema of the rest. Before the draft of 2020
    /// a list under `items` stands for `prefixItems`, and `additionalItems` for `items`.
    fn items(&mut self, index: Index, map: &Keywords) -> Compiled<(Vec<Index>, Option<Index>)> {
        if self.draft == Draft::Of2020 {
            return Ok((self.listed(index, map, "prefixItems")?, self.single(index, map, "items")?));
        }
        let additional = self.single(index, map, "additionalItems")?;
        match map.get("items") {
            Some(Value::List(_)) => Ok((self.listed(index, map, "items")?, additional)),
            // Beside one schema for every item there are no others.
            _ => Ok((Vec::new(), self.single(index, map, "items")?)),
        }
    }
}
