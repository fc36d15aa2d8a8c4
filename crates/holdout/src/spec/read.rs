//! The reader of specifications. Every key must be known, and every fault names its place.

use std::fmt;

use abi::Value;
use det::{ExamTerms, Tolerance, parse_json};

use crate::types::Length;
use crate::{Argument, Demanded, Oracle, Sample, Spec, Type};

/// The number of draws, where the specification states none.
const DEFAULT_DRAWS: u32 = 2000;
/// The most draws that may be asked for.
const MOST_DRAWS: u32 = 1_000_000;
/// The alpha in parts per million, where the specification states no confidence: that of a confidence of 0.95.
const DEFAULT_ALPHA: u32 = 50_000;
/// The least share of wrong programs that must fail, in parts per million, where the specification states none.
const DEFAULT_KILL: u32 = 500_000;
/// The least share of different instances, where the specification states none: one in ten.
const DISTINCT_SHARE: u32 = 10;
/// The deepest nesting of types.
const MAX_DEPTH: usize = 8;
/// The greatest length that may be declared for a text, a list or a dict.
const MAX_LENGTH: u32 = 100_000;
/// The most parts of the greatest value of an argument.
const MOST_VALUES: u64 = 250_000;
/// The characters of a text whose alphabet is not declared: printable ASCII.
const PRINTABLE: std::ops::RangeInclusive<char> = ' '..='~';

/// The keys of a specification.
const TOP_KEYS: [&str; 10] = [
    "entry",
    "description",
    "args",
    "returns",
    "samples",
    "oracle",
    "generator",
    "precondition",
    "executor",
    "exam",
];
/// The most bytes of a name that a fault shows.
const MOST_SHOWN: usize = 80;

/// The first fault of a specification, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// The key with the fault, for example `args[1].min`.
    pub place: String,
    /// The fault, and what would be right.
    pub what: String,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl std::error::Error for SpecError {}

type Read<T> = Result<T, SpecError>;

fn fault<T>(place: &str, what: impl Into<String>) -> Read<T> {
    Err(SpecError { place: place.to_owned(), what: what.into() })
}

/// A table with its place. Every key is taken out; what is left over is unknown.
struct Table {
    place: String,
    fields: std::collections::BTreeMap<String, Value>,
}

impl Table {
    fn new(place: &str, value: Value) -> Read<Self> {
        let found = value.type_name();
        match value.into_map() {
            Some(fields) => Ok(Self { place: place.to_owned(), fields }),
            None => fault(place, format!("it is a {found}, and a table is needed")),
        }
    }

    fn at(&self, key: &str) -> String {
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        self.fields.remove(key)
    }

    fn need(&mut self, key: &str) -> Read<Value> {
        self.take(key).map_or_else(|| fault(&self.at(key), "it is missing"), Ok)
    }

    /// Takes the content of `key`, which `read` takes out of its value. An error names `needed`.
    fn taken<T>(&mut self, key: &str, needed: &str, read: impl Fn(Value) -> Option<T>) -> Read<Option<T>> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let found = value.type_name();
        let content = read(value);
        content.map_or_else(
            || fault(&self.at(key), format!("it is a {found}, and {needed} is needed")),
            |c| Ok(Some(c)),
        )
    }

    fn text(&mut self, key: &str) -> Read<Option<String>> {
        self.taken(key, "a text", Value::into_text)
    }

    fn int(&mut self, key: &str, default: i64) -> Read<i64> {
        Ok(self.taken(key, "an integer", |value| value.as_int())?.unwrap_or(default))
    }

    fn number(&mut self, key: &str) -> Read<Option<f64>> {
        self.taken(key, "a finite number", |value| crate::types::nearest(&value))
    }

    fn list(&mut self, key: &str) -> Read<Option<Vec<Value>>> {
        self.taken(key, "a list", Value::into_list)
    }

    /// Fails on a key that is none of `known`. A misspelt key is named before the one that is missing for it.
    fn known(&self, known: &[&str]) -> Read<()> {
        match self.fields.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => fault(
                &self.at(&abi::bounds::cut(key, MOST_SHOWN)),
                format!("this key is not known here; the keys are {}", known.join(", ")),
            ),
        }
    }

    fn end(self) -> Read<()> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(key) => fault(&self.at(key), "this key is not known here; docs/gate.md lists the keys"),
        }
    }
}

pub(super) fn spec(source: Value) -> Read<Spec> {
    let mut table = Table::new("", source.clone())?;
    table.known(&TOP_KEYS)?;
    let Some(entry) = table.text("entry")? else {
        return fault("entry", "the name of the function is needed, for example \"gcd\"");
    };
    if !sandbox::is_python_name(&entry) {
        let shown = abi::bounds::cut(&entry, MOST_SHOWN);
        return fault("entry", format!("{shown:?} is no name of a Python function; write one like \"gcd\""));
    }
    let description = table.text("description")?.unwrap_or_default();
    let arguments = match table.list("args")? {
        None => return fault("args", "it is missing: list one table { name, type } for each argument"),
        Some(args) => {
            args.into_iter().enumerate().map(|(n, arg)| argument(n, arg)).collect::<Read<Vec<_>>>()?
        }
    };
    let returns = typed("returns", table.need("returns")?, 0)?;
    let samples = table.list("samples")?.unwrap_or_default().into_iter().enumerate();
    let samples =
        samples.map(|(n, value)| sample(n, value, &arguments, &returns)).collect::<Read<Vec<_>>>()?;
    let oracle = oracle(Table::new("oracle", table.need("oracle")?)?, arguments.len())?;
    let generator = code(&mut table, "generator")?;
    let precondition = code(&mut table, "precondition")?;
    let executor = table.text("executor")?.map(|text| demanded(&text)).transpose()?;
    let exam = table.take("exam").unwrap_or_else(|| Value::map::<&str>([]));
    let (terms, most_growth) = terms(Table::new("exam", exam)?)?;
    table.end()?;
    Ok(Spec {
        entry,
        description,
        arguments,
        returns,
        samples,
        oracle,
        generator,
        precondition,
        executor,
        most_growth,
        terms,
        source,
    })
}

/// Reads a name with or without a version behind it.
fn demanded(text: &str) -> Read<Demanded> {
    let (name, version) = text.split_once(' ').map_or((text, None), |(name, version)| (name, Some(version)));
    let is_version = version.is_none_or(|version| version.split('.').all(|part| part.parse::<u32>().is_ok()));
    if !["cpython", "monty", "native", "external"].contains(&name) || !is_version {
        return fault(
            "executor",
            "it is cpython, monty, native or external, with or without a version: \"cpython 3.11\"",
        );
    }
    Ok(Demanded { name: name.to_owned(), version: version.unwrap_or_default().to_owned() })
}

fn argument(number: usize, value: Value) -> Read<Argument> {
    let place = format!("args[{number}]");
    let mut table = Table::new(&place, value)?;
    let name = table.text("name")?.unwrap_or_else(|| format!("argument {}", number + 1));
    // A program cannot have such an argument. Other names are for people, and need be no names of Python.
    if name.bytes().all(|byte| byte.is_ascii_lowercase())
        && !name.is_empty()
        && !sandbox::is_python_name(&name)
    {
        let what = format!("{name:?} is a word of Python; name the argument otherwise");
        return fault(&table.at("name"), what);
    }
    let of = typed(&place, Value::Map(table.fields), 0)?;
    if greatest(&of) > MOST_VALUES {
        let what =
            format!("its greatest value has more than {MOST_VALUES} parts: lower max_length, or nest less");
        return fault(&place, what);
    }
    if has_any(&of) {
        return fault(&place, "nothing can be drawn from the type any: declare the type of the argument");
    }
    Ok(Argument { name, of })
}

/// Returns the number of parts of the greatest value of a type.
fn greatest(of: &Type) -> u64 {
    let many = |length: &Length, of: u64| u64::from(length.max).saturating_mul(of).saturating_add(1);
    match of {
        Type::Text { length, .. } => u64::from(length.max / 8).max(1),
        Type::List { of, length } => many(length, greatest(of)),
        Type::Dict { keys, values, length } => many(length, greatest(keys).saturating_add(greatest(values))),
        Type::Tuple(of) => of.iter().map(greatest).fold(1, u64::saturating_add),
        Type::Optional(of) => greatest(of),
        Type::Union(of) => of.iter().map(greatest).max().unwrap_or(1),
        _ => 1,
    }
}

fn has_any(of: &Type) -> bool {
    match of {
        Type::Any => true,
        Type::List { of, .. } | Type::Optional(of) => has_any(of),
        Type::Dict { keys, values, .. } => has_any(keys) || has_any(values),
        Type::Tuple(of) | Type::Union(of) => of.iter().any(has_any),
        _ => false,
    }
}

/// Reads a type: a word, or a table with the key `type`.
fn typed(place: &str, value: Value, depth: usize) -> Read<Type> {
    if depth > MAX_DEPTH {
        return fault(place, format!("types nest more than {MAX_DEPTH} deep"));
    }
    let value = if value.as_text().is_some() { Value::map([("type", value)]) } else { value };
    let mut table = Table::new(place, value)?;
    let Some(word) = table.text("type")? else { return fault(&table.at("type"), "it is missing") };
    let of = match word.as_str() {
        "any" => Type::Any,
        "none" => Type::Null,
        "bool" => Type::Bool,
        "int" => {
            let (min, max) = (table.int("min", -1_000_000)?, table.int("max", 1_000_000)?);
            if min > max {
                return fault(place, format!("min = {min} is above max = {max}"));
            }
            Type::Int { min, max }
        }
        "float" => {
            let (min, max) = (table.number("min")?.unwrap_or(-1e6), table.number("max")?.unwrap_or(1e6));
            if min > max {
                return fault(place, format!("min = {min} is above max = {max}"));
            }
            Type::Float { min, max }
        }
        "str" => Type::Text { alphabet: alphabet(&mut table)?, length: length(&mut table, 20)? },
        "list" => Type::List { of: inner(&mut table, "of", depth)?, length: length(&mut table, 8)? },
        "dict" => Type::Dict {
            keys: inner(&mut table, "keys", depth)?,
            values: inner(&mut table, "values", depth)?,
            length: length(&mut table, 6)?,
        },
        "optional" => Type::Optional(inner(&mut table, "of", depth)?),
        "tuple" | "union" => {
            let Some(of) = table.list("of")? else { return fault(&table.at("of"), "it is missing") };
            let place = table.at("of");
            let of = of.into_iter().enumerate();
            let of: Vec<Type> =
                of.map(|(n, of)| typed(&format!("{place}[{n}]"), of, depth + 1)).collect::<Read<_>>()?;
            if word == "tuple" {
                Type::Tuple(of)
            } else if of.is_empty() {
                return fault(&place, "a union needs at least one type");
            } else {
                Type::Union(of)
            }
        }
        _ => {
            let known = "any, none, bool, int, float, str, list, dict, tuple, optional, union";
            return fault(&table.at("type"), format!("{word:?} is none of {known}"));
        }
    };
    table.end()?;
    Ok(of)
}

fn inner(table: &mut Table, key: &str, depth: usize) -> Read<Box<Type>> {
    let place = table.at(key);
    Ok(Box::new(typed(&place, table.need(key)?, depth + 1)?))
}

fn length(table: &mut Table, greatest: u32) -> Read<Length> {
    let place = table.place.clone();
    let in_range = |length: i64| u32::try_from(length).ok().filter(|length| *length <= MAX_LENGTH);
    let min = table.int("min_length", 0)?;
    let max = table.int("max_length", i64::from(greatest).max(min))?;
    match (in_range(min), in_range(max)) {
        (Some(min), Some(max)) if min <= max => Ok(Length { min, max }),
        _ => fault(&place, format!("lengths from {min} to {max} are no range inside 0 to {MAX_LENGTH}")),
    }
}

fn alphabet(table: &mut Table) -> Read<Vec<char>> {
    let place = table.at("alphabet");
    let mut alphabet: Vec<char> = match table.text("alphabet")? {
        None => PRINTABLE.collect(),
        Some(text) => text.chars().collect(),
    };
    let mut seen = std::collections::BTreeSet::new();
    alphabet.retain(|c| seen.insert(*c));
    if alphabet.is_empty() { fault(&place, "it has no characters") } else { Ok(alphabet) }
}

fn sample(number: usize, value: Value, arguments: &[Argument], returns: &Type) -> Read<Sample> {
    let place = format!("samples[{number}]");
    let mut table = Table::new(&place, value)?;
    let json = |table: &mut Table, key: &str| match table.text(key)? {
        None => Ok(None),
        Some(text) => parse_json(&text).map(Some).or_else(|error| fault(&table.at(key), error.to_string())),
    };
    let stated = match json(&mut table, "args_json")? {
        Some(value) => Some(value),
        None => table.take("args"),
    };
    let Some(stated) = stated.and_then(Value::into_list) else {
        return fault(&table.at("args"), "the list of the arguments is needed");
    };
    if stated.len() != arguments.len() {
        let (stated, needed) = (stated.len(), arguments.len());
        return fault(
            &table.at("args"),
            format!("it has {stated} arguments, and the function takes {needed}"),
        );
    }
    let mut fitted = Vec::new();
    for (argument, value) in arguments.iter().zip(stated) {
        match argument.of.fit(value) {
            Some(value) => fitted.push(value),
            None => {
                return fault(&table.at("args"), format!("{} is not of its declared type", argument.name));
            }
        }
    }
    let stated = match json(&mut table, "returns_json")? {
        Some(value) => value,
        None => table.take("returns").unwrap_or(Value::Null),
    };
    let Some(stated) = returns.fit(stated) else {
        return fault(&table.at("returns"), "it is not of the declared type (leave it out for None)");
    };
    table.end()?;
    Ok(Sample { arguments: fitted, returns: stated })
}

fn oracle(mut table: Table, arity: usize) -> Read<Oracle> {
    table.known(&["builtin", "python", "verifier"])?;
    let builtin = table.text("builtin")?;
    let reference = table.text("python")?;
    let verifier = table.text("verifier")?;
    let found = match (builtin, reference, verifier) {
        (Some(name), None, None) => match prims::all().iter().find(|primitive| primitive.name == name) {
            Some(primitive) if primitive.parameters.len() == arity => Oracle::Builtin(primitive),
            Some(primitive) => {
                let takes = primitive.parameters.len();
                return fault("oracle.builtin", format!("{name} takes {takes} arguments, not {arity}"));
            }
            None => {
                let what = format!("there is no primitive {name:?}; nmk prims list shows them");
                return fault("oracle.builtin", what);
            }
        },
        (None, Some(source), None) => Oracle::Reference(source),
        (None, None, Some(source)) => Oracle::Verifier(source),
        _ => return fault("oracle", "exactly one of builtin, python and verifier is needed"),
    };
    table.end()?;
    Ok(found)
}

/// Reads a table with the one key `python`.
fn code(table: &mut Table, key: &str) -> Read<Option<String>> {
    let Some(value) = table.take(key) else { return Ok(None) };
    let mut inner = Table::new(key, value)?;
    let Some(source) = inner.text("python")? else { return fault(&inner.at("python"), "it is missing") };
    inner.end()?;
    Ok(Some(source))
}

fn terms(mut table: Table) -> Read<(ExamTerms, Option<f64>)> {
    let draws = match u32::try_from(table.int("n", i64::from(DEFAULT_DRAWS))?) {
        Ok(draws @ 1..=MOST_DRAWS) => draws,
        _ => return fault("exam.n", format!("a number of draws from 1 to {MOST_DRAWS} is needed")),
    };
    let alpha_ppm = match table.number("confidence")? {
        None => DEFAULT_ALPHA,
        Some(confidence) => {
            share(1.0 - confidence).filter(|alpha| (1..1_000_000).contains(alpha)).map_or_else(
                || {
                    fault(
                        "exam.confidence",
                        "it must be above 0 and at most 0.999999: no exam shows certainty",
                    )
                },
                Ok,
            )?
        }
    };
    let min_kill_ppm = match table.number("min_kill_rate")? {
        None => DEFAULT_KILL,
        Some(rate) => {
            share(rate).map_or_else(|| fault("exam.min_kill_rate", "a share from 0 to 1 is needed"), Ok)?
        }
    };
    let tolerance = match table.number("tolerance")? {
        None => Tolerance::NONE,
        Some(size) => Tolerance::new(size)
            .map_or_else(|| fault("exam.tolerance", "a number from 0 to 0.1 is needed"), Ok)?,
    };
    let least = i64::from((draws / DISTINCT_SHARE).max(1));
    let Ok(min_distinct @ 1..) = u32::try_from(table.int("min_distinct", least)?) else {
        return fault("exam.min_distinct", "a number of at least 1 is needed");
    };
    if min_distinct > draws {
        return fault("exam.min_distinct", format!("{min_distinct} is more than the {draws} draws"));
    }
    let most_growth = table.number("max_growth")?;
    if most_growth.is_some_and(|most| !(0.0..=64.0).contains(&most)) {
        return fault("exam.max_growth", "a number from 0 to 64 is needed: 1 for linear, 2 for quadratic");
    }
    table.end()?;
    Ok((ExamTerms { draws, alpha_ppm, min_distinct, min_kill_ppm, tolerance }, most_growth))
}

/// Returns a share in [0, 1] in parts per million.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a million is small")]
fn share(share: f64) -> Option<u32> {
    (0.0..=1.0).contains(&share).then(|| (share * 1e6).round() as u32)
}
