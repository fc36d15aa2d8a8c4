//! The catalog of primitives. A contract can name these and no others.

use crate::arithmetic::{add, gcd, is_prime, subtract};
use crate::letters::letter_count;
use crate::{Kind, Parameter, Primitive};

const fn int(name: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Int }
}

const fn text(name: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Text }
}

static CATALOG: [Primitive; 5] = [
    Primitive {
        name: "add",
        version: 1,
        parameters: &[int("a"), int("b")],
        returns: Kind::Int,
        summary: "the sum a + b",
        eval: add,
    },
    Primitive {
        name: "gcd",
        version: 1,
        parameters: &[int("a"), int("b")],
        returns: Kind::Int,
        summary: "the greatest common divisor of |a| and |b|; gcd(0, 0) = 0",
        eval: gcd,
    },
    Primitive {
        name: "is_prime",
        version: 1,
        parameters: &[int("n")],
        returns: Kind::Bool,
        summary: "whether n is a prime number; false below 2",
        eval: is_prime,
    },
    Primitive {
        name: "letter_count",
        version: 1,
        parameters: &[text("text"), text("letter")],
        returns: Kind::Int,
        summary: "how often a letter occurs in a text, upper and lower case alike",
        eval: letter_count,
    },
    Primitive {
        name: "subtract",
        version: 1,
        parameters: &[int("a"), int("b")],
        returns: Kind::Int,
        summary: "the difference a - b",
        eval: subtract,
    },
];

/// Returns every primitive of the catalog, in ascending order of names.
///
/// The names are unique, so a contract that names a primitive names one function.
#[must_use]
pub fn all() -> &'static [Primitive] {
    &CATALOG
}

/// Returns the primitive with that name, or None if the catalog has none.
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
