//! The compiler from a schema as it is written to the rules that are quick to check.

mod draft;
mod form;
mod keyword;
mod list;
mod map;
mod reference;

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use abi::Value;

use super::SchemaError;
use super::finding::escaped;
use super::rule::{Index, Rule};
use draft::Draft;

/// The largest number of schemas inside one schema, itself included.
const MAX_NODES: usize = 10_000;
/// The largest number of instructions that the patterns of one schema have together.
const MAX_INSTRUCTIONS: usize = 1 << 17;
/// The largest number of schemas that follow each other on one and the same subject.
const MAX_CHAIN: usize = 16;

type Compiled<T> = Result<T, SchemaError>;
type Keywords = BTreeMap<String, Value>;

pub(super) fn compile(source: &Value) -> Compiled<Vec<Vec<Rule>>> {
    let mut compiler = Compiler {
        draft: Draft::from_root(source)?,
        nodes: Vec::new(),
        places: Vec::new(),
        children: BTreeMap::new(),
        references: Vec::new(),
        instructions: 0,
    };
    compiler.schema(source, None)?;
    compiler.resolve(source)?;
    compiler.refuse_circles()?;
    Ok(compiler.nodes)
}

struct Compiler {
    draft: Draft,
    nodes: Vec<Vec<Rule>>,
    /// The place of each node: none for the root.
    places: Vec<Option<Place>>,
    /// The nodes by their places, for references.
    children: BTreeMap<Place, Index>,
    /// References that are not resolved yet, each with its node.
    references: Vec<(Index, String)>,
    /// The instructions of the patterns so far.
    instructions: usize,
}

/// The place of a schema inside another one. A place is short, because names may be long and nest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    parent: Index,
    keyword: &'static str,
    /// The name or the number of one schema of several.
    token: Option<String>,
}

impl Compiler {
    /// Compiles one schema and returns its index. Recursion is bounded, because the source nests at most
    /// `abi::MAX_DEPTH` deep.
    fn schema(&mut self, source: &Value, place: Option<Place>) -> Compiled<Index> {
        let index = self.nodes.len();
        if index >= MAX_NODES {
            return Err(SchemaError::TooLarge);
        }
        self.nodes.push(Vec::new());
        self.places.push(place.clone());
        if let Some(place) = place {
            self.children.insert(place, index);
        }
        let rules = match source {
            Value::Bool(true) => Vec::new(),
            Value::Bool(false) => vec![Rule::Never],
            Value::Map(map) => self.keywords(index, map)?,
            _ => {
                let at = self.pointer(index);
                return Err(SchemaError::Form { at, expected: "a schema: an object, true or false" });
            }
        };
        self.nodes[index] = rules;
        Ok(index)
    }

    /// Compiles the keywords of one schema, cheap rules first.
    fn keywords(&mut self, index: Index, map: &Keywords) -> Compiled<Vec<Rule>> {
        self.refuse_unknown(index, map)?;
        let mut rules = Vec::new();
        self.value_rules(index, map, &mut rules)?;
        self.list_rules(index, map, &mut rules)?;
        self.map_rules(index, map, &mut rules)?;
        self.combined_rules(index, map, &mut rules)?;
        Ok(rules)
    }

    /// Compiles the keywords that apply other schemas to the same subject.
    fn combined_rules(&mut self, index: Index, map: &Keywords, rules: &mut Vec<Rule>) -> Compiled<()> {
        for keyword in ["$defs", "definitions"] {
            self.named(index, map, keyword)?;
        }
        if let Some(target) = map.get("$ref") {
            let Value::Text(target) = target else { return Err(self.form(index, "$ref", "a text")) };
            self.references.push((index, target.clone()));
            // The place for the node, which is known when all of them are.
            rules.push(Rule::Reference(0));
        }
        for (keyword, rule) in
            [("allOf", Rule::All as fn(Vec<Index>) -> Rule), ("anyOf", Rule::Any), ("oneOf", Rule::One)]
        {
            let schemas = self.listed(index, map, keyword)?;
            if !schemas.is_empty() {
                rules.push(rule(schemas));
            }
        }
        if let Some(schema) = self.single(index, map, "not")? {
            rules.push(Rule::Not(schema));
        }
        let condition = self.single(index, map, "if")?;
        let (then, otherwise) = (self.single(index, map, "then")?, self.single(index, map, "else")?);
        if let Some(condition) = condition {
            rules.push(Rule::If { condition, then, otherwise });
        }
        Ok(())
    }

    /// Compiles the schema under a keyword, if the keyword is there.
    fn single(&mut self, parent: Index, map: &Keywords, keyword: &'static str) -> Compiled<Option<Index>> {
        let place = Place { parent, keyword, token: None };
        map.get(keyword).map(|schema| self.schema(schema, Some(place))).transpose()
    }

    /// Compiles the list of schemas under a keyword. The list has one at least, unless the keyword is not there.
    fn listed(&mut self, parent: Index, map: &Keywords, keyword: &'static str) -> Compiled<Vec<Index>> {
        let schemas = match map.get(keyword) {
            None => return Ok(Vec::new()),
            Some(Value::List(schemas)) if !schemas.is_empty() => schemas,
            Some(_) => return Err(self.form(parent, keyword, "a list of one schema at least")),
        };
        let placed = |number: usize| Some(Place { parent, keyword, token: Some(number.to_string()) });
        schemas.iter().enumerate().map(|(number, schema)| self.schema(schema, placed(number))).collect()
    }

    /// Compiles the schemas that have names under a keyword.
    fn named(
        &mut self,
        parent: Index,
        map: &Keywords,
        keyword: &'static str,
    ) -> Compiled<BTreeMap<String, Index>> {
        let schemas = match map.get(keyword) {
            None => return Ok(BTreeMap::new()),
            Some(Value::Map(schemas)) => schemas,
            Some(_) => return Err(self.form(parent, keyword, "an object of schemas")),
        };
        let placed = |name: &String| Some(Place { parent, keyword, token: Some(name.clone()) });
        let compiled = |(name, schema)| Ok((String::clone(name), self.schema(schema, placed(name))?));
        schemas.iter().map(compiled).collect()
    }

    /// Refuses schemas that lead back to themselves on one and the same subject, or through too many others.
    /// Every other recursion enters a part of the subject, so a check ends, on a small stack.
    fn refuse_circles(&self) -> Compiled<()> {
        let next: Vec<Vec<Index>> =
            self.nodes.iter().map(|rules| rules.iter().flat_map(Rule::same_subject).collect()).collect();
        // The height of a finished schema: the longest chain of schemas that it starts on one subject.
        let mut heights: Vec<Option<usize>> = vec![None; self.nodes.len()];
        let mut is_open = vec![false; self.nodes.len()];
        for start in 0..self.nodes.len() {
            let mut path = vec![(start, false)];
            while let Some((index, leave)) = path.pop() {
                if leave {
                    let below = next[index].iter().filter_map(|next| heights[*next]).max();
                    let height = below.map_or(0, |below| below + 1);
                    if height > MAX_CHAIN {
                        return Err(SchemaError::TooLarge);
                    }
                    (heights[index], is_open[index]) = (Some(height), false);
                } else if heights[index].is_none() && !is_open[index] {
                    is_open[index] = true;
                    path.push((index, true));
                    for next in &next[index] {
                        if is_open[*next] {
                            return Err(SchemaError::Circular { at: self.pointer(*next) });
                        }
                        path.push((*next, false));
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns the JSON pointer to a node.
    fn pointer(&self, mut index: Index) -> String {
        let mut parts = Vec::new();
        while let Some(place) = &self.places[index] {
            parts.extend(place.token.as_ref().map(|token| escaped(token)));
            parts.push(place.keyword.to_owned());
            index = place.parent;
        }
        parts.iter().rev().flat_map(|part| ["/", part]).collect()
    }

    /// Returns the error of a keyword whose value has another form than the keyword demands.
    fn form(&self, index: Index, keyword: &str, expected: &'static str) -> SchemaError {
        SchemaError::Form { at: self.keyword_pointer(index, keyword), expected }
    }

    fn keyword_pointer(&self, index: Index, keyword: &str) -> String {
        alloc::format!("{}/{}", self.pointer(index), escaped(keyword))
    }
}
