//! Types in words: what a value must be, and how a signature names it.

use std::fmt;

use super::{Length, Type};

/// The most characters of an alphabet that are named.
const MOST_CHARACTERS: usize = 30;

impl Type {
    /// Returns the type without its ranges as a signature has it, for example `list of int`.
    #[must_use]
    pub fn word(&self) -> String {
        let all = |of: &[Self], between: &str| of.iter().map(Self::word).collect::<Vec<_>>().join(between);
        match self {
            Self::Any => "any".to_owned(),
            Self::Null => "none".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Int { .. } => "int".to_owned(),
            Self::Float { .. } => "float".to_owned(),
            Self::Text { .. } => "str".to_owned(),
            Self::List { of, .. } => format!("list of {}", of.word()),
            Self::Dict { keys, values, .. } => format!("dict of {} to {}", keys.word(), values.word()),
            Self::Tuple(of) => format!("tuple of ({})", all(of, ", ")),
            Self::Optional(of) => format!("{} or none", of.word()),
            Self::Union(of) => all(of, " or "),
        }
    }
}

/// The type with its range, as a refusal asks for it: for example `an integer from 0 to 9`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any value"),
            Self::Null => f.write_str("None"),
            Self::Bool => f.write_str("True or False"),
            Self::Int { min, max } => write!(f, "an integer from {min} to {max}"),
            Self::Float { min, max } => write!(f, "a number from {min:?} to {max:?}"),
            Self::Text { alphabet, length } => {
                write!(f, "a text of {}", length.of("character"))?;
                let shown: String = alphabet.iter().take(MOST_CHARACTERS).collect();
                let more = if alphabet.len() > MOST_CHARACTERS { "…" } else { "" };
                write!(f, " out of {shown:?}{more}")
            }
            Self::List { of, length } => write!(f, "a list of {}, each {of}", length.of("item")),
            Self::Dict { keys, values, length } => {
                write!(f, "a dict of {}, each from {keys} to {values}", length.of("key"))
            }
            Self::Tuple(of) => {
                f.write_str("a tuple of (")?;
                for (place, of) in of.iter().enumerate() {
                    write!(f, "{}{of}", if place == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
            Self::Optional(of) => write!(f, "None or {of}"),
            Self::Union(of) => {
                for (place, of) in of.iter().enumerate() {
                    write!(f, "{}{of}", if place == 0 { "" } else { " or " })?;
                }
                Ok(())
            }
        }
    }
}

impl Length {
    /// Returns the range of a number of things, for example `0 to 8 items`.
    fn of(self, noun: &str) -> String {
        let Self { min, max } = self;
        if min == max { abi::counted(max, noun).to_string() } else { format!("{min} to {max} {noun}s") }
    }
}

#[cfg(test)]
mod tests {
    use abi::Value;

    use crate::Spec;

    fn refused(of: &str, stated: Value) -> String {
        let text = format!(
            r#"{{"entry": "f", "args": [{{"name": "n", {of}}}], "returns": "int", "oracle": {{"python": ""}}}}"#
        );
        let spec = Spec::from_value(det::parse_json(&text).expect("JSON")).expect("a specification");
        spec.arguments_of(vec![stated]).expect_err(of).to_string()
    }

    #[test]
    fn a_refusal_says_what_came_and_what_is_needed() {
        let int = r#""type": "int", "min": 0, "max": 9"#;
        let text = r#""type": "str", "alphabet": "ab", "max_length": 3"#;
        let list = r#""type": "list", "of": {"type": "bool"}, "min_length": 2, "max_length": 2"#;
        for (of, stated, message) in [
            (int, Value::Int(-1), "n is -1; an integer from 0 to 9 is needed"),
            (int, Value::text("1"), "n is \"1\"; an integer from 0 to 9 is needed"),
            (int, Value::Bool(true), "n is True; an integer from 0 to 9 is needed"),
            (text, Value::text("abc"), "n is \"abc\"; a text of 0 to 3 characters out of \"ab\" is needed"),
            (list, Value::Null, "n is None; a list of 2 items, each True or False is needed"),
        ] {
            assert_eq!(refused(of, stated), message);
        }
        assert!(refused(int, Value::text("x".repeat(9000))).len() < 250);
    }

    #[test]
    fn the_number_of_arguments_is_stated_in_words() {
        let text = r#"{"entry": "f", "args": [{"name": "n", "type": "int"}], "returns": {"type": "list", "of": "str"},
            "oracle": {"python": ""}}"#;
        let spec = Spec::from_value(det::parse_json(text).expect("JSON")).expect("a specification");
        let error = spec.arguments_of(vec![Value::Null, Value::Null]).expect_err("two").to_string();
        assert_eq!(error, "1 argument is needed, and 2 are given");
        assert_eq!(spec.typed_signature(), "f(n: int) -> list of str");
    }

    #[test]
    fn a_fault_names_the_word_that_is_wrong() {
        for (text, message) in [
            (r#"{"entry": "digit sum"}"#, "\"digit sum\" is no name"),
            (r#"{"entry": "f", "orakel": {}}"#, "orakel: this key is not known here"),
            (
                r#"{"entry": "f", "args": [], "returns": "int", "oracle": {"pythn": ""}}"#,
                "oracle.pythn: this key is not known here",
            ),
            (
                r#"{"entry": "f", "args": [{"name": "lambda", "type": "int"}], "returns": "int", "oracle": {"python": ""}}"#,
                "\"lambda\" is a word of Python",
            ),
        ] {
            let error = Spec::from_value(det::parse_json(text).expect("JSON")).expect_err(text).to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
