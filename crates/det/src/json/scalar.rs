//! The scalars of a JSON document: words, numbers and strings.

use alloc::string::String;

use abi::Value;

use super::{Fault, Reader, Step};

impl Reader<'_> {
    pub(super) fn word(&mut self) -> Step<Value> {
        let words = [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
        for (word, value) in words {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(Fault("this is no JSON value"))
    }

    pub(super) fn number(&mut self) -> Step<Value> {
        let start = self.at;
        let _ = self.take(b'-');
        let whole = self.digits();
        if whole == 0 {
            return Err(Fault("a number needs a digit"));
        }
        if whole > 1 && self.text.as_bytes()[self.at - whole] == b'0' {
            self.at = start;
            return Err(Fault("a number does not begin with 0"));
        }
        let mut is_whole = true;
        if self.take(b'.') {
            is_whole = false;
            if self.digits() == 0 {
                return Err(Fault("a point is followed by a digit"));
            }
        }
        if self.take(b'e') || self.take(b'E') {
            is_whole = false;
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return Err(Fault("an exponent needs a digit"));
            }
        }
        let digits = &self.text[start..self.at];
        if is_whole && let Ok(int) = digits.parse() {
            return Ok(Value::Int(int));
        }
        Value::from_number(digits).ok_or_else(|| {
            self.at = start;
            Fault("the exponent has more than 32 bits")
        })
    }

    fn digits(&mut self) -> usize {
        let count = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        count
    }

    pub(super) fn string(&mut self) -> Step<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.bytes().position(|byte| byte == b'"' || byte == b'\\' || byte < 0x20);
            let Some(plain) = plain else {
                self.at = self.text.len();
                return Err(Fault("a string does not end"));
            };
            out.push_str(&rest[..plain]);
            self.at += plain;
            match rest.as_bytes()[plain] {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => out.push(self.escape()?),
                _ => return Err(Fault("a control character must be escaped")),
            }
        }
    }

    fn escape(&mut self) -> Step<char> {
        let Some(letter) = self.text.as_bytes().get(self.at + 1) else {
            return Err(Fault("a string does not end"));
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
            _ => return Err(Fault("there is no such escape")),
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode(&mut self) -> Step<char> {
        const LONE: Fault = Fault("a surrogate stands alone");
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

    /// Returns the UTF-16 code unit that an escape `\uXXXX` at byte `at` stands for.
    fn unit(&self, at: usize) -> Step<u32> {
        const SHORT: Fault = Fault("an escape \\u needs four hexadecimal digits");
        let escape = self.text.as_bytes().get(at..at + 6).ok_or(SHORT)?;
        if !escape.starts_with(b"\\u") {
            return Err(SHORT);
        }
        escape[2..].iter().try_fold(0, |code, digit| {
            char::from(*digit).to_digit(16).map(|digit| code << 4 | digit).ok_or(SHORT)
        })
    }
}
