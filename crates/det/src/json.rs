//! JSON documents as values, strictly.
//!
//! | JSON | value |
//! |---|---|
//! | `null`, `true`, `false` | null, bool |
//! | a number without fraction and exponent, in the range of `i64` | int |
//! | any other number whose nearest binary64 is finite | float |
//! | a number beyond binary64 (`1e400`) | refused: it would be infinite |
//! | `-0` | int 0; `-0.0` is the float -0.0 |
//! | a string | text; a lone surrogate escape is refused |
//! | an array | list |
//! | an object | map; a key that comes twice is refused |
//! | anything before or after the document but white space | refused |
//!
//! The parser is our own because the trusted closure is small: it is one loop without recursion, it refuses
//! what others merge or round, and it has no dependencies.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use abi::{Float, MAX_DEPTH, Value};

/// Why a text is not a JSON document, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, what } = self;
        write!(f, "line {line}, column {column}: {what}")
    }
}

impl core::error::Error for JsonError {}

/// The value of a JSON document. The whole text must be that document.
///
/// # Errors
/// The first place at which it is not one.
pub fn parse_json(text: &str) -> Result<Value, JsonError> {
    let mut reader = Reader { text, at: 0 };
    reader.document().map_err(|Wrong(what)| reader.error(what))
}

/// A container that is being read.
enum Open {
    List(Vec<Value>),
    Map(BTreeMap<String, Value>, String),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// What is wrong where the reader stands.
#[derive(Clone, Copy)]
struct Wrong(&'static str);

type Step<T> = Result<T, Wrong>;

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

    /// Reads a scalar or an empty container, or opens a container.
    fn begin(&mut self, open: &mut Vec<Open>) -> Step<Option<Value>> {
        match self.peek() {
            Some(b'[' | b'{') if open.len() >= MAX_DEPTH => Err(Wrong("it nests too deeply")),
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
            None => Err(Wrong("the text ends where a value should be")),
        }
    }

    /// Puts a value into a container and reads what follows.
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
                    Err(Wrong("a list goes on with , or ends with ]"))
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
                        return Err(Wrong("the key comes twice"));
                    }
                    Ok(Put::More(Open::Map(map, key)))
                } else if self.take(b'}') {
                    Ok(Put::Whole(Value::Map(map)))
                } else {
                    Err(Wrong("an object goes on with , or ends with }"))
                }
            }
        }
    }

    fn end(&mut self, value: Value) -> Step<Value> {
        self.skip_space();
        if self.at == self.text.len() { Ok(value) } else { Err(Wrong("something follows the document")) }
    }

    fn key(&mut self) -> Step<String> {
        if self.peek() != Some(b'"') {
            return Err(Wrong("an object needs a key in double quotes"));
        }
        let key = self.string()?;
        self.skip_space();
        if self.take(b':') { Ok(key) } else { Err(Wrong("a key is followed by :")) }
    }

    fn word(&mut self) -> Step<Value> {
        let words = [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
        for (word, value) in words {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(Wrong("this is no JSON value"))
    }

    fn number(&mut self) -> Step<Value> {
        let start = self.at;
        let _ = self.take(b'-');
        let whole = self.digits();
        if whole == 0 {
            return Err(Wrong("a number needs a digit"));
        }
        if whole > 1 && self.text.as_bytes()[self.at - whole] == b'0' {
            self.at = start;
            return Err(Wrong("a number does not begin with 0"));
        }
        let mut is_whole = true;
        if self.take(b'.') {
            is_whole = false;
            if self.digits() == 0 {
                return Err(Wrong("a point is followed by a digit"));
            }
        }
        if self.take(b'e') || self.take(b'E') {
            is_whole = false;
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return Err(Wrong("an exponent needs a digit"));
            }
        }
        let digits = &self.text[start..self.at];
        if is_whole && let Ok(int) = digits.parse() {
            return Ok(Value::Int(int));
        }
        let float = digits.parse().ok().filter(|float: &f64| float.is_finite()).and_then(Float::new);
        float.map(Value::Float).ok_or_else(|| {
            self.at = start;
            Wrong("the number is too large")
        })
    }

    fn digits(&mut self) -> usize {
        let count = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        count
    }

    fn string(&mut self) -> Step<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.bytes().position(|byte| byte == b'"' || byte == b'\\' || byte < 0x20);
            let Some(plain) = plain else {
                self.at = self.text.len();
                return Err(Wrong("a string does not end"));
            };
            out.push_str(&rest[..plain]);
            self.at += plain;
            match rest.as_bytes()[plain] {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => out.push(self.escape()?),
                _ => return Err(Wrong("a control character must be escaped")),
            }
        }
    }

    fn escape(&mut self) -> Step<char> {
        let Some(letter) = self.text.as_bytes().get(self.at + 1) else {
            return Err(Wrong("a string does not end"));
        };
        let plain = match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(Wrong("there is no such escape")),
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode(&mut self) -> Step<char> {
        const LONE: Wrong = Wrong("a surrogate stands alone");
        let first = self.unit(self.at)?;
        let (code, length) = match first {
            0xd800..0xdc00 => {
                let second = self.unit(self.at + 6).map_err(|_| LONE)?;
                if !(0xdc00..0xe000).contains(&second) {
                    return Err(LONE);
                }
                (0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12)
            }
            other => (other, 6),
        };
        let char = char::from_u32(code).ok_or(LONE)?;
        self.at += length;
        Ok(char)
    }

    /// The code unit of an escape `\uXXXX` at `at`.
    fn unit(&self, at: usize) -> Step<u32> {
        const SHORT: Wrong = Wrong("an escape \\u needs four hexadecimal digits");
        let escape = self.text.as_bytes().get(at..at + 6).ok_or(SHORT)?;
        if !escape.starts_with(b"\\u") {
            return Err(SHORT);
        }
        escape[2..].iter().try_fold(0, |code, digit| {
            char::from(*digit).to_digit(16).map(|digit| code << 4 | digit).ok_or(SHORT)
        })
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

    fn error(&self, what: &'static str) -> JsonError {
        let before = &self.text[..self.text.floor_char_boundary(self.at)];
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let last = before.rsplit('\n').next().unwrap_or("");
        JsonError { line, column: last.chars().count() + 1, what }
    }
}

/// A container after a value was put into it.
enum Put {
    More(Open),
    Whole(Value),
}
