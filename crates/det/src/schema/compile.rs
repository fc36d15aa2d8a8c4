//! The compiler that turns a schema as it is written into nodes that are quick to check.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use abi::Value;

use super::{Bound, Node, SchemaError, Sizes, Type};

/// The largest number of schemas inside one schema, itself included.
const MAX_NODES: usize = 10_000;
/// The largest number of schemas that follow each other on one and the same subject.
const MAX_CHAIN: usize = 16;

const IGNORED: [&str; 8] =
    ["title", "description", "default", "examples", "deprecated", "$schema", "$id", "$comment"];

type Compiled<T> = Result<T, SchemaError>;

pub(super) fn compile(source: &Value) -> Compiled<Vec<Node>> {
    let mut compiler = Compiler::default();
    compiler.schema(source, String::new())?;
    compiler.resolve()?;
    compiler.refuse_circles()?;
    Ok(compiler.nodes)
}

#[derive(Default)]
struct Compiler {
    nodes: Vec<Node>,
    /// JSON pointers of the nodes, in the order of the nodes.
    places: Vec<String>,
    definitions: BTreeMap<String, usize>,
    /// References that are not resolved yet: the index of the node, and the name that `$ref` states.
    references: Vec<(usize, String)>,
}

impl Compiler {
    /// Compiles one schema and returns its index. Recursion is bounded, because the source nests at most
    /// `abi::MAX_DEPTH` deep.
    fn schema(&mut self, source: &Value, at: String) -> Compiled<usize> {
        let index = self.nodes.len();
        if index >= MAX_NODES {
            return Err(SchemaError::TooLarge);
        }
        self.nodes.push(Node::default());
        self.places.push(at.clone());
        let node = match source {
            Value::Bool(anything) => Node { never: !anything, ..Node::default() },
            Value::Map(map) => self.keywords(index, map, &at)?,
            _ => return Err(SchemaError::Form { at, expected: "a schema: an object, true or false" }),
        };
        self.nodes[index] = node;
        Ok(index)
    }

    fn keywords(&mut self, index: usize, map: &BTreeMap<String, Value>, at: &str) -> Compiled<Node> {
        let mut node = Node::default();
        for (keyword, value) in map {
            let place = format!("{at}/{}", escaped(keyword));
            let form = |expected| SchemaError::Form { at: place.clone(), expected };
            match keyword.as_str() {
                "type" => node.types = Some(types(value).ok_or_else(|| form(TYPES))?),
                "enum" => node.one_of_values = Some(list(value).ok_or_else(|| form(A_LIST))?.to_vec()),
                "const" => node.constant = Some(value.clone()),
                "minLength" | "maxLength" => {
                    size(&mut node.lengths, keyword, value).ok_or_else(|| form(SIZE))?
                }
                "minItems" | "maxItems" => size(&mut node.items, keyword, value).ok_or_else(|| form(SIZE))?,
                "minProperties" | "maxProperties" => {
                    size(&mut node.properties, keyword, value).ok_or_else(|| form(SIZE))?;
                }
                "uniqueItems" => match value {
                    Value::Bool(unique) => node.unique = *unique,
                    _ => return Err(form("true or false")),
                },
                "required" => node.required = names(value).ok_or_else(|| form("a list of names"))?,
                "properties" => node.named = self.map(value, &place)?,
                "$defs" => self.definitions(value, &place)?,
                "additionalProperties" => node.additional = Some(self.schema(value, place)?),
                "items" => node.rest = Some(self.schema(value, place)?),
                "not" => node.not = Some(self.schema(value, place)?),
                "prefixItems" => node.prefix = self.list(value, &place)?,
                "allOf" => node.all = self.list(value, &place)?,
                "anyOf" => node.any = self.list(value, &place)?,
                "oneOf" => node.one = self.list(value, &place)?,
                "$ref" => match value {
                    Value::Text(target) => self.references.push((index, target.clone())),
                    _ => return Err(form("a text")),
                },
                other => match bound(other) {
                    Some(bound) if matches!(value, Value::Int(_) | Value::Float(_)) => {
                        node.numbers.push((bound, value.clone()));
                    }
                    Some(_) => return Err(form("a number")),
                    None if IGNORED.contains(&other) => {}
                    None => {
                        return Err(SchemaError::Keyword { at: at.to_owned(), keyword: keyword.clone() });
                    }
                },
            }
        }
        Ok(node)
    }

    fn map(&mut self, value: &Value, at: &str) -> Compiled<BTreeMap<String, usize>> {
        let Value::Map(map) = value else {
            return Err(SchemaError::Form { at: at.to_owned(), expected: "an object of schemas" });
        };
        let named = map.iter().map(|(name, schema)| {
            let index = self.schema(schema, format!("{at}/{}", escaped(name)))?;
            Ok((name.clone(), index))
        });
        named.collect()
    }

    fn list(&mut self, value: &Value, at: &str) -> Compiled<Vec<usize>> {
        match list(value) {
            Some(schemas) if !schemas.is_empty() => {
                let schemas = schemas.iter().enumerate();
                schemas.map(|(number, schema)| self.schema(schema, format!("{at}/{number}"))).collect()
            }
            _ => Err(SchemaError::Form { at: at.to_owned(), expected: "a list of one schema at least" }),
        }
    }

    fn definitions(&mut self, value: &Value, at: &str) -> Compiled<()> {
        // References name definitions of the root only. Others are read all the same, to find their faults.
        let defined = self.map(value, at)?;
        if at == "/$defs" {
            self.definitions = defined;
        }
        Ok(())
    }

    fn resolve(&mut self) -> Compiled<()> {
        for (index, target) in core::mem::take(&mut self.references) {
            let found = match target.strip_prefix("#/$defs/") {
                Some(name) => self.definitions.get(&name.replace("~1", "/").replace("~0", "~")).copied(),
                None => (target == "#").then_some(0),
            };
            let Some(found) = found else {
                let at = format!("{}/$ref", self.places[index]);
                return Err(SchemaError::Reference { at, target });
            };
            self.nodes[index].reference = Some(found);
        }
        Ok(())
    }

    /// Refuses schemas that lead back to themselves on one and the same subject, or through too many others.
    /// Every other recursion enters a part of the subject, so a check ends, on a small stack.
    fn refuse_circles(&self) -> Compiled<()> {
        // The height of a finished schema: the longest chain of schemas that it starts on one subject.
        let mut heights: Vec<Option<usize>> = vec![None; self.nodes.len()];
        let mut is_open = vec![false; self.nodes.len()];
        for start in 0..self.nodes.len() {
            let mut path = vec![(start, false)];
            while let Some((index, leave)) = path.pop() {
                if leave {
                    let below = self.nodes[index].same_subject().filter_map(|next| heights[next]).max();
                    let height = below.map_or(0, |below| below + 1);
                    if height > MAX_CHAIN {
                        return Err(SchemaError::TooLarge);
                    }
                    (heights[index], is_open[index]) = (Some(height), false);
                } else if heights[index].is_none() && !is_open[index] {
                    is_open[index] = true;
                    path.push((index, true));
                    for next in self.nodes[index].same_subject() {
                        if is_open[next] {
                            return Err(SchemaError::Circular { at: self.places[next].clone() });
                        }
                        path.push((next, false));
                    }
                }
            }
        }
        Ok(())
    }
}

impl Node {
    /// Returns the indices of the schemas that check the same subject as this one, not a part of it.
    fn same_subject(&self) -> impl Iterator<Item = usize> {
        let lists = self.all.iter().chain(&self.any).chain(&self.one).copied();
        lists.chain(self.reference).chain(self.not)
    }
}

const TYPES: &str = "null, boolean, integer, number, string, array, object, or a list of them";
const A_LIST: &str = "a list";
const SIZE: &str = "an integer, 0 or more";

/// Returns a name in the form that it has inside a JSON pointer.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn types(value: &Value) -> Option<Vec<Type>> {
    let one = |value: &Value| match value {
        Value::Text(word) => Type::ALL.into_iter().find(|(_, known)| known == word).map(|(found, _)| found),
        _ => None,
    };
    match value {
        Value::List(words) if !words.is_empty() => words.iter().map(one).collect(),
        word => one(word).map(|found| vec![found]),
    }
}

fn list(value: &Value) -> Option<&[Value]> {
    match value {
        Value::List(items) => Some(items),
        _ => None,
    }
}

fn names(value: &Value) -> Option<Vec<String>> {
    let name = |item: &Value| match item {
        Value::Text(name) => Some(name.clone()),
        _ => None,
    };
    list(value)?.iter().map(name).collect()
}

fn size(sizes: &mut Sizes, keyword: &str, value: &Value) -> Option<()> {
    let Value::Int(count) = value else { return None };
    let count = u64::try_from(*count).ok()?;
    if keyword.starts_with("min") {
        sizes.least = Some(count);
    } else {
        sizes.most = Some(count);
    }
    Some(())
}

fn bound(keyword: &str) -> Option<Bound> {
    Bound::ALL.into_iter().find(|(_, word)| *word == keyword).map(|(bound, _)| bound)
}
