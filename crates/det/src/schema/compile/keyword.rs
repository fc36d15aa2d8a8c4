//! The rules about a value itself, not about its parts.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::cmp::Ordering;

use abi::Value;

use super::form::{DIVISOR, LIST, NUMBER, SIZE, TEXT, TYPES, size, types};
use super::{Compiled, Compiler, Keywords, MAX_INSTRUCTIONS};
use crate::equal::order;
use crate::format::Format;
use crate::fuel::Fuel;
use crate::pattern::Pattern;
use crate::schema::SchemaError;
use crate::schema::finding::listed;
use crate::schema::multiple::Divisor;
use crate::schema::rule::{Bound, Choices, Index, Rule, Sizes};

impl Compiler {
    pub(super) fn value_rules(
        &mut self,
        index: Index,
        map: &Keywords,
        rules: &mut Vec<Rule>,
    ) -> Compiled<()> {
        if let Some(value) = map.get("type") {
            rules.push(Rule::Types(types(value).ok_or_else(|| self.form(index, "type", TYPES))?));
        }
        if let Some(value) = map.get("const") {
            rules.push(Rule::Constant(value.clone()));
        }
        if let Some(value) = map.get("enum") {
            let values = value.as_list().ok_or_else(|| self.form(index, "enum", LIST))?;
            rules.push(Rule::OneOf(choices(values)));
        }
        self.number_rules(index, map, rules)?;
        self.text_rules(index, map, rules)
    }

    fn number_rules(&self, index: Index, map: &Keywords, rules: &mut Vec<Rule>) -> Compiled<()> {
        for (bound, word) in Bound::ALL {
            match map.get(word) {
                None => {}
                Some(limit @ (Value::Int(_) | Value::Float(_) | Value::Decimal(_))) => {
                    rules.push(Rule::Bound(bound, limit.clone()));
                }
                Some(_) => return Err(self.form(index, word, NUMBER)),
            }
        }
        if let Some(value) = map.get("multipleOf") {
            let divisor = Divisor::from_value(value);
            rules.push(Rule::Multiple(divisor.ok_or_else(|| self.form(index, "multipleOf", DIVISOR))?));
        }
        Ok(())
    }

    fn text_rules(&mut self, index: Index, map: &Keywords, rules: &mut Vec<Rule>) -> Compiled<()> {
        let lengths = self.sizes(index, map, "minLength", "maxLength")?;
        if !lengths.is_unbounded() {
            rules.push(Rule::Length(lengths));
        }
        if let Some(value) = map.get("format") {
            let word = value.as_text().ok_or_else(|| self.form(index, "format", TEXT))?;
            let unknown = || SchemaError::Format { at: self.pointer(index), format: word.to_owned() };
            rules.push(Rule::Format(Format::from_word(word).ok_or_else(unknown)?));
        }
        if let Some(value) = map.get("pattern") {
            let source = value.as_text().ok_or_else(|| self.form(index, "pattern", TEXT))?;
            rules.push(Rule::Pattern(self.pattern(index, "pattern", source)?));
        }
        Ok(())
    }

    pub(super) fn pattern(&mut self, index: Index, keyword: &str, source: &str) -> Compiled<Pattern> {
        let fault = |error| SchemaError::Pattern { at: self.keyword_pointer(index, keyword), error };
        let pattern = Pattern::parse(source).map_err(fault)?;
        self.instructions += pattern.instructions();
        if self.instructions > MAX_INSTRUCTIONS { Err(SchemaError::TooLarge) } else { Ok(pattern) }
    }

    /// Returns the least and the most that two keywords demand.
    pub(super) fn sizes(&self, index: Index, map: &Keywords, least: &str, most: &str) -> Compiled<Sizes> {
        let read = |keyword: &str| {
            let value = map.get(keyword);
            value.map(|value| size(value).ok_or_else(|| self.form(index, keyword, SIZE))).transpose()
        };
        Ok(Sizes { least: read(least)?, most: read(most)? })
    }
}

/// Returns the values of `enum` in the order that the check looks them up in.
fn choices(values: &[Value]) -> Choices {
    let mut sorted: Vec<Value> = values.to_vec();
    let mut endless = Fuel::endless();
    sorted.sort_by(|a, b| order(a, b, &mut endless).unwrap_or(Ordering::Equal));
    Choices { sorted, written: listed(values.iter()) }
}
