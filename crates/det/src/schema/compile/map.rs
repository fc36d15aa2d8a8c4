//! The rules about maps.

use alloc::string::String;
use alloc::vec::Vec;

use abi::Value;

use super::form::{NAMES, names};
use super::{Compiled, Compiler, Keywords};
use crate::schema::rule::{Index, Properties, Rule};

impl Compiler {
    pub(super) fn map_rules(&mut self, index: Index, map: &Keywords, rules: &mut Vec<Rule>) -> Compiled<()> {
        if let Some(schema) = self.single(index, map, "propertyNames")? {
            rules.push(Rule::Names(schema));
        }
        let required = match map.get("required") {
            None => Vec::new(),
            Some(value) => names(value).ok_or_else(|| self.form(index, "required", NAMES))?,
        };
        let mut patterns = Vec::new();
        for (source, schema) in self.named(index, map, "patternProperties")? {
            patterns.push((self.pattern(index, "patternProperties", &source)?, schema));
        }
        let properties = Properties {
            count: self.sizes(index, map, "minProperties", "maxProperties")?,
            required,
            dependent: self.dependent(index, map)?,
            schemas: self.named(index, map, "dependentSchemas")?.into_iter().collect(),
            named: self.named(index, map, "properties")?,
            patterns,
            additional: self.single(index, map, "additionalProperties")?,
        };
        if properties.demands_anything() {
            rules.push(Rule::Properties(properties));
        }
        Ok(())
    }

    fn dependent(&self, index: Index, map: &Keywords) -> Compiled<Vec<(String, Vec<String>)>> {
        const FORM: &str = "an object of lists of names";
        let form = || self.form(index, "dependentRequired", FORM);
        match map.get("dependentRequired") {
            None => Ok(Vec::new()),
            Some(Value::Map(map)) => {
                let demanded =
                    |(name, value): (&String, &Value)| Ok((name.clone(), names(value).ok_or_else(form)?));
                map.iter().map(demanded).collect()
            }
            Some(_) => Err(form()),
        }
    }
}

impl Properties {
    fn demands_anything(&self) -> bool {
        let demands_names =
            !self.required.is_empty() || !self.dependent.is_empty() || !self.count.is_unbounded();
        let has_schemas = !self.named.is_empty() || !self.patterns.is_empty() || !self.schemas.is_empty();
        demands_names || has_schemas || self.additional.is_some()
    }
}
