//! JSON documents, read as values.
//!
//! | JSON | value |
//! |---|---|
//! | `null`, `true`, `false` | null, bool |
//! | a number without fraction and exponent, in the range of `i64` | int |
//! | any other number that binary64 holds exactly (`1.0`, `0.5`, `1e2`) | float |
//! | any other number that `i64` holds exactly (`9007199254740993.0`) | int |
//! | any number that neither of them holds (`0.1`, `12345678901234567890`, `1e400`) | decimal, digit by digit |
//! | a number whose exponent has more than 32 bits | refused, unless it is zero |
//! | `-0` | int 0; `-0.0` is the float -0.0 |
//! | a string | text; a lone surrogate escape is refused |
//! | an array | list |
//! | an object | map; a key that comes twice is refused |
//! | anything before or after the document but white space | refused |
//!
//! The parser is our own because the trusted closure is small. It is one loop without recursion, it refuses
//! documents that other parsers merge or round, and it has no dependencies.

mod scalar;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use abi::{MAX_DEPTH, Value};

use crate::fuel::{Fuel, Spent};
use crate::position::{Position, position};

/// The steps for one byte. The dearest document has a short key or a short number every few bytes.
const BYTE_STEPS: u64 = 5;

/// The first place at which a text is not a JSON document, and the fault there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The line of the fault, counted from 1.
    pub line: usize,
    /// The column of the fault in characters, counted from 1.
    pub column: usize,
    /// The fault in words, for example `the key comes twice`.
    pub what: &'static str,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, what } = self;
        write!(f, "line {line}, column {column}: {what}")
    }
}

impl core::error::Error for JsonError {}

/// Reads a text that is one JSON document, with nothing around it but white space, and returns its value.
///
/// The module's table says which value each kind of JSON has.
///
/// ```
/// use det::parse_json;
///
/// let value = parse_json(r#"{"legs": 4}"#)?;
/// assert_eq!(value.get("legs").and_then(|legs| legs.as_int()), Some(4));
/// assert!(parse_json(r#"{"legs": 4, "legs": 5}"#).is_err());
/// # Ok::<(), det::JsonError>(())
/// ```
///
/// # Errors
/// The text is not one JSON document, repeats a key, nests too deeply or has a number beyond binary64. The
/// error names the first such place.
pub fn parse_json(text: &str) -> Result<Value, JsonError> {
    read(text)
}

/// Returns the value of a JSON document, after paying for reading it.
pub(crate) fn parse_json_within(text: &str, fuel: &mut Fuel) -> Result<Result<Value, JsonError>, Spent> {
    fuel.spend_for(text.len(), BYTE_STEPS)?;
    Ok(read(text))
}

fn read(text: &str) -> Result<Value, JsonError> {
    let mut reader = Reader { text, at: 0 };
    reader.document().map_err(|Fault(what)| {
        let Position { line, column } = position(text, reader.at);
        JsonError { line, column, what }
    })
}

/// A list or a map that the reader has begun and not finished.
enum Open {
    List(Vec<Value>),
    Map(BTreeMap<String, Value>, String),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// A fault, in words, at the place at which the reader stands.
#[derive(Clone, Copy)]
struct Fault(&'static str);

type Step<T> = Result<T, Fault>;

impl Reader<'_> {
    fn document(&mut self) -> Step<Value> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            self.skip_space();
            let Some(mut value) = self.begin(&mut open)? else { continue };
            // A finished value goes into the container around it, which may be finished by it.
            loop {
                match open.pop() {
                    None => return self.end(value),
                    Some(container) => match self.put(container, value)? {
                        Put::More(container) => {
                            open.push(container);
                            break;
                        }
                        Put::Whole(whole) => value = whole,
                    },
                }
            }
        }
    }

    /// Reads a scalar or an empty container and returns it. Opens any other container and returns None.
    fn begin(&mut self, open: &mut Vec<Open>) -> Step<Option<Value>> {
        match self.peek() {
            Some(b'[' | b'{') if open.len() >= MAX_DEPTH => Err(Fault("it nests too deeply")),
            Some(b'[') => {
                self.at += 1;
                self.skip_space();
                if self.take(b']') {
                    return Ok(Some(Value::List(Vec::new())));
                }
                open.push(Open::List(Vec::new()));
                Ok(None)
            }
            Some(b'{') => {
                self.at += 1;
                self.skip_space();
                if self.take(b'}') {
                    return Ok(Some(Value::Map(BTreeMap::new())));
                }
                let key = self.key()?;
                open.push(Open::Map(BTreeMap::new(), key));
                Ok(None)
            }
            Some(b'"') => self.string().map(|text| Some(Value::Text(text))),
            Some(b'-' | b'0'..=b'9') => self.number().map(Some),
            Some(_) => self.word().map(Some),
            None => Err(Fault("the text ends where a value should be")),
        }
    }

    /// Puts a value into a container, and reads the comma or the bracket that follows.
    fn put(&mut self, container: Open, value: Value) -> Step<Put> {
        self.skip_space();
        match container {
            Open::List(mut items) => {
                items.push(value);
                if self.take(b',') {
                    Ok(Put::More(Open::List(items)))
                } else if self.take(b']') {
                    Ok(Put::Whole(Value::List(items)))
                } else {
                    Err(Fault("a list goes on with , or ends with ]"))
                }
            }
            Open::Map(mut map, key) => {
                map.insert(key, value);
                if self.take(b',') {
                    self.skip_space();
                    let before = self.at;
                    let key = self.key()?;
                    if map.contains_key(&key) {
                        self.at = before;
                        return Err(Fault("the key comes twice"));
                    }
                    Ok(Put::More(Open::Map(map, key)))
                } else if self.take(b'}') {
                    Ok(Put::Whole(Value::Map(map)))
                } else {
                    Err(Fault("an object goes on with , or ends with }"))
                }
            }
        }
    }

    fn end(&mut self, value: Value) -> Step<Value> {
        self.skip_space();
        if self.at == self.text.len() { Ok(value) } else { Err(Fault("something follows the document")) }
    }

    fn key(&mut self) -> Step<String> {
        if self.peek() != Some(b'"') {
            return Err(Fault("an object needs a key in double quotes"));
        }
        let key = self.string()?;
        self.skip_space();
        if self.take(b':') { Ok(key) } else { Err(Fault("a key is followed by :")) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.at += usize::from(is);
        is
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }
}

/// A list or a map after a value was put into it: unfinished, or finished and a value itself.
enum Put {
    More(Open),
    Whole(Value),
}
