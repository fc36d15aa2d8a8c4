//! The catalog of primitives: a contract can name these and no others.

use crate::Sample::{Int, Text};
use crate::arithmetic::{add, gcd, is_prime, multiply, subtract};
use crate::letters::{letter_count, text_length};
use crate::words::word_count;
use crate::{Kind, Parameter, Primitive};

const fn int(name: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Int }
}

const fn text(name: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Text }
}

static CATALOG: [Primitive; 8] = [
    Primitive {
        name: "add",
        version: 1,
        parameters: &[int("a"), int("b")],
        returns: Kind::Int,
        summary: "the sum a + b",
        example: &[Int(3), Int(4)],
        eval: add,
    },
    Primitive {
        name: "gcd",
        version: 1,
        parameters: &[int("a"), int("b")],
        returns: Kind::Int,
        summary: "the greatest common divisor of |a| and |b|; gcd(0, 0) = 0",
        example: &[Int(84), Int(36)],
        eval: gcd,
    },
    Primitive {
        name: "is_prime",
        version: 1,
        parameters: &[int("n")],
        returns: Kind::Bool,
        summary: "whether n is a prime number; false below 2",
        example: &[Int(97)],
        eval: is_prime,
    },
    Primitive {
        name: "letter_count",
        version: 1,
        parameters: &[text("text"), text("letter")],
        returns: Kind::Int,
        summary: "how often a letter occurs in a text, upper and lower case alike",
        example: &[Text("strawberry"), Text("r")],
        eval: letter_count,
    },
    Primitive {
        name: "multiply",
        version: 1,
        parameters: &[int("a"), int("b")],
        returns: Kind::Int,
        summary: "the product a * b",
        example: &[Int(6), Int(7)],
        eval: multiply,
    },
    Primitive {
        name: "subtract",
        version: 1,
        parameters: &[int("a"), int("b")],
        returns: Kind::Int,
        summary: "the difference a - b",
        example: &[Int(3), Int(4)],
        eval: subtract,
    },
    Primitive {
        name: "text_length",
        version: 1,
        parameters: &[text("text")],
        returns: Kind::Int,
        summary: "how many letters a text has; spaces, digits and marks are not letters",
        example: &[Text("strawberry")],
        eval: text_length,
    },
    Primitive {
        name: "word_count",
        version: 1,
        parameters: &[text("text"), text("word")],
        returns: Kind::Int,
        summary: "how often a word occurs in a text as a whole word, upper and lower case alike",
        example: &[Text("the cat and the dog"), Text("the")],
        eval: word_count,
    },
];

/// Returns every primitive of the catalog, in ascending order of names.
///
/// No two have the same name, so a contract that names a primitive names exactly one function.
#[must_use]
pub fn all() -> &'static [Primitive] {
    &CATALOG
}

/// Returns the primitive named `name`, or None if the catalog has none of that name.
///
/// ```
/// use prims::{Value, find};
///
/// let gcd = find("gcd").expect("a primitive of the catalog");
/// assert!(matches!(gcd.call(&[Value::Int(12), Value::Int(18)]), Ok(Value::Int(6))));
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Primitive> {
    CATALOG.iter().find(|primitive| primitive.name == name)
}
