//! The check of rules about maps.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use abi::Value;

use super::{Checked, Checker, Miss};
use crate::fuel::Spent;
use crate::schema::finding::{self, Part};
use crate::schema::rule::{Index, Properties, Rule};

/// The steps for looking up a name, beside those for its bytes.
const LOOKUP_STEPS: usize = 8;

type Map = BTreeMap<String, Value>;

impl<'a> Checker<'a, '_> {
    pub(super) fn map(&mut self, rule: &'a Rule, map: &'a Map, subject: &'a Value) -> Checked {
        match rule {
            Rule::Properties(properties) => self.properties(properties, map, subject),
            Rule::Names(schema) => map.keys().try_for_each(|name| self.name(*schema, name)),
            _ => Ok(()),
        }
    }

    fn properties(&mut self, rule: &'a Properties, map: &'a Map, subject: &'a Value) -> Checked {
        self.size(rule.count, map.len(), ["minProperties", "maxProperties"], "properties")?;
        for name in &rule.required {
            self.required("required", map, name)?;
        }
        for (name, demanded) in &rule.dependent {
            if self.has(map, name)? {
                demanded.iter().try_for_each(|other| self.required("dependentRequired", map, other))?;
            }
        }
        if !rule.named.is_empty() || !rule.patterns.is_empty() || rule.additional.is_some() {
            map.iter().try_for_each(|(name, value)| self.property(rule, name, value))?;
        }
        for (name, schema) in &rule.schemas {
            if self.has(map, name)? {
                self.node(*schema, subject)?;
            }
        }
        Ok(())
    }

    /// Checks a property against the schemas of its name, of the patterns that its name matches, and of
    /// additional properties if there is none of those.
    fn property(&mut self, rule: &'a Properties, name: &'a str, value: &'a Value) -> Checked {
        self.look_up(name)?;
        let named = rule.named.get(name).copied();
        if let Some(schema) = named {
            self.inside(Part::Key(name), schema, value)?;
        }
        let mut is_named = named.is_some();
        for (pattern, schema) in &rule.patterns {
            if pattern.is_match(name, self.fuel)? {
                is_named = true;
                self.inside(Part::Key(name), *schema, value)?;
            }
        }
        match rule.additional.filter(|_| !is_named) {
            None => Ok(()),
            Some(schema) if matches!(self.nodes[schema].first(), Some(Rule::Never)) => self.found(
                "additionalProperties",
                || "no property beyond those named".to_owned(),
                || format!("the property {}", finding::name(name)),
            ),
            Some(schema) => self.inside(Part::Key(name), schema, value),
        }
    }

    fn required(&mut self, keyword: &'static str, map: &Map, name: &str) -> Checked {
        if self.has(map, name)? {
            return Ok(());
        }
        let expected = || format!("the property {}", finding::name(name));
        self.found(keyword, expected, || "no such property".to_owned())
    }

    /// Checks a name itself, which is a text. The names of a subject are not values, so one is made of each.
    fn name(&mut self, schema: Index, name: &str) -> Checked {
        self.look_up(name)?;
        let value = Value::text(name);
        let mut checker = Checker { nodes: self.nodes, path: Default::default(), fuel: self.fuel, unsaid: 1 };
        match checker.node(schema, &value) {
            Ok(()) => Ok(()),
            Err(Miss::Spent) => Err(Miss::Spent),
            Err(_) => self.found(
                "propertyNames",
                || "names that satisfy its schema".to_owned(),
                || format!("the property {}", finding::name(name)),
            ),
        }
    }

    fn has(&mut self, map: &Map, name: &str) -> Result<bool, Spent> {
        self.look_up(name)?;
        Ok(map.contains_key(name))
    }

    /// Pays for finding a name in a map. A lookup compares it with some of the names there, each time up to
    /// the first difference.
    fn look_up(&mut self, name: &str) -> Result<(), Spent> {
        self.fuel.spend_for(LOOKUP_STEPS + name.len(), 1)
    }
}
