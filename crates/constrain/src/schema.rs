//! Schemas as automata over the tokens of one model.

use std::sync::Arc;

use llguidance::api::{ParserLimits, TopLevelGrammar};
use llguidance::{JsonCompileOptions, Matcher};
use serde_json::{Value, json};

use crate::error::ConstrainError;
use crate::relax::{REMOVABLE, depth, most_alternatives, most_members, narrow_formats, without};
use crate::vocabulary::{Vocabulary, first_line};

/// The longest schema that becomes an automaton, in bytes.
pub const MAX_SCHEMA_BYTES: usize = 1 << 20;
/// The deepest nesting of a schema that becomes an automaton.
pub const MAX_SCHEMA_DEPTH: usize = 64;

/// The most properties, required names and other members of one schema that becomes an automaton. The library calls
/// itself for each of them, and ten times as many exhaust the stack of a thread.
pub const MAX_MEMBERS: usize = 2_000;

/// The most combinations of alternatives, which the library multiplies out before it counts its own work.
const MOST_ALTERNATIVES: u64 = 512;

/// The white space between two tokens of JSON: a blank, or a line break with an indentation. It is
/// bounded, so that a weak model cannot fill its answer with blanks.
const WHITE_SPACE: &str = r"\x20|\r?\n[\x20]{0,16}|\n\t{0,8}";
/// The letters after a backslash. Without `u` no text has half a surrogate pair, and no key two spellings.
const ESCAPES: &str = r#"nrbtf\""#;

/// The automaton of a JSON Schema over the tokens of one model, before the first token.
///
/// Holding one proves that every document of the automaton is one JSON document, and nothing about the schema:
/// keywords that the automaton lacks are in the [`notes`](Self::notes).
pub struct CompiledSchema {
    pub(crate) vocabulary: Arc<Vocabulary>,
    pub(crate) start: Matcher,
    notes: Vec<String>,
}

impl CompiledSchema {
    /// Compiles a schema from its JSON text. If a keyword stands in the way, the schema is compiled without it,
    /// and a note names it.
    ///
    /// # Errors
    /// [`ConstrainError`] if the schema is too large, if no document satisfies it, or if no automaton can be
    /// made even without the keywords that can be left out.
    pub fn compile(schema: &str, vocabulary: &Arc<Vocabulary>) -> Result<Arc<Self>, ConstrainError> {
        let schema = read(schema)?;
        let first = match Self::exactly(&schema, vocabulary) {
            Ok(compiled) => return Ok(Arc::new(compiled)),
            Err(error @ ConstrainError::Unsatisfiable(_)) => return Err(error),
            Err(error) => error,
        };
        // One keyword alone is tried first, so that no more is left out than has to be.
        let (mut rest, mut removed) = (schema.clone(), Vec::new());
        for (keyword, readers) in REMOVABLE {
            let mut alone = schema.clone();
            if !without(&mut alone, keyword, readers) {
                continue;
            }
            without(&mut rest, keyword, readers);
            removed.push(keyword);
            for (candidate, removed) in [(&alone, &[keyword][..]), (&rest, &removed[..])] {
                if let Ok(mut compiled) = Self::exactly(candidate, vocabulary) {
                    let removed = removed.join("`, `");
                    compiled.notes.push(format!("`{removed}` is judged afterwards only: {first}"));
                    return Ok(Arc::new(compiled));
                }
            }
        }
        Err(first)
    }

    /// Returns what the automaton does not know of the schema, as sentences for people. An answer can fail the
    /// judge for these reasons alone.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    fn exactly(schema: &Value, vocabulary: &Arc<Vocabulary>) -> Result<Self, ConstrainError> {
        let alternatives = most_alternatives(schema);
        if alternatives > MOST_ALTERNATIVES {
            return Err(ConstrainError::TooManyAlternatives { alternatives, most: MOST_ALTERNATIVES });
        }
        let options = JsonCompileOptions {
            whitespace_pattern: Some(WHITE_SPACE.to_owned()),
            json_allowed_escapes: Some(ESCAPES.to_owned()),
            coerce_one_of: true,
            lenient: true,
            ..JsonCompileOptions::default()
        };
        let mut schema = match schema {
            Value::Bool(true) => json!({}),
            Value::Object(_) => schema.clone(),
            _ => return Err(ConstrainError::Unsatisfiable("the schema is `false`".to_owned())),
        };
        narrow_formats(&mut schema);
        // The options replace those that the schema itself may state.
        options.apply_to(&mut schema);
        let mut start = Matcher::new(vocabulary.factory.create_parser_from_init_ext(
            llguidance::api::GrammarInit::Serialized(TopLevelGrammar::from_json_schema(schema)),
            llguidance::Logger::new(0, 0),
            toktrie::InferenceCapabilities::default(),
            limits(),
        ));
        if let Some(error) = start.get_error() {
            let line = first_line(&error);
            return Err(match line.strip_prefix("Unsatisfiable schema: ") {
                Some(why) => ConstrainError::Unsatisfiable(unsatisfiable(why)),
                None => ConstrainError::Refused(line),
            });
        }
        let notes = start.grammar_warnings();
        let notes = notes.iter().map(|warning| note(&first_line(warning))).collect();
        Ok(Self { vocabulary: Arc::clone(vocabulary), start, notes })
    }
}

/// Returns in plain words why the library finds no document for a schema.
fn unsatisfiable(why: &str) -> String {
    let required =
        why.strip_prefix("required property '").and_then(|rest| rest.strip_suffix("' is unsatisfiable"));
    match (why, required) {
        (_, Some(name)) => format!("no value is allowed for the required member `{name}`"),
        ("anyOf is empty", _) => "no alternative is left".to_owned(),
        ("incompatible types", _) => "two of its parts demand different types".to_owned(),
        _ if why.starts_with("Regex is empty") => "no text matches all that is demanded of it".to_owned(),
        _ => why.to_owned(),
    }
}

/// Returns the note for a warning of the library.
fn note(warning: &str) -> String {
    match warning.strip_prefix("Unimplemented keys: [").and_then(|keys| keys.strip_suffix(']')) {
        Some(keys) => format!("`{}` is judged afterwards only", keys.replace('"', "").replace(", ", "`, `")),
        None if warning.starts_with("oneOf") => {
            "`oneOf` is constrained like `anyOf`, and judged afterwards".to_owned()
        }
        None => format!("the constraint is wider than the schema: {warning}"),
    }
}

fn read(schema: &str) -> Result<Value, ConstrainError> {
    if schema.len() > MAX_SCHEMA_BYTES {
        return Err(ConstrainError::TooLong { bytes: schema.len() });
    }
    let schema: Value =
        serde_json::from_str(schema).map_err(|error| ConstrainError::NotJson(error.to_string()))?;
    let depth = depth(&schema);
    if depth > MAX_SCHEMA_DEPTH {
        return Err(ConstrainError::TooDeep { depth });
    }
    let members = most_members(&schema);
    if members > MAX_MEMBERS {
        return Err(ConstrainError::TooManyMembers { members });
    }
    Ok(schema)
}

/// The bounds of the work for one schema and for one mask, all of them counts.
fn limits() -> ParserLimits {
    ParserLimits {
        verbose_errors: false,
        max_lexer_states: 50_000,
        // A map has about four items for each of its properties.
        max_items_in_row: 5 * MAX_MEMBERS,
        ..ParserLimits::default()
    }
}
