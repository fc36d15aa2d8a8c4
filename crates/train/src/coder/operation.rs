//! An operation of the coder's corpus: what it takes and gives, its code, its phrasings, and its evaluator.

use super::datum::{Datum, Kind};
use super::feed::Feed;

/// The second operand of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Second {
    /// None is stated.
    None,
    /// A number between two bounds, a constant of the description or an argument of the function.
    Number(i64, i64),
    /// A letter, a constant of the description or an argument of the function.
    Letter,
    /// Another input of this flavour, which is always an argument of the function.
    Data(Feed),
}

/// A function that computes the result of an operation, or `None` where the operation has none.
pub type Evaluator = fn(&Datum, &Datum) -> Option<Datum>;

/// One family of functions: an operation on one input, with or without a second operand.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The name of the operation, which a function may have too.
    pub name: &'static str,
    /// The flavour of input that the operation is meant for.
    pub takes: Feed,
    /// The second operand.
    pub second: Second,
    /// The kind of the result.
    pub gives: Kind,
    /// The lines of its Python code, of which the last is the expression of the result. `{x}` is the input, `{k}`
    /// the second operand.
    pub code: &'static str,
    /// The imperative phrases that ask for it. `@` is a verb for returning; every fifth phrase is held out.
    pub phrases: &'static [&'static str],
    /// The evaluator, by which samples and counterexamples are computed.
    pub run: Evaluator,
}

/// Returns an evaluator that matches an input and a second operand of one kind each.
macro_rules! on {
    ($in:ident($x:ident) => $out:ident($result:expr)) => {
        |x, _| match x {
            Datum::$in($x) => Some(Datum::$out($result)),
            _ => None,
        }
    };
    ($in:ident($x:ident), $second:ident($k:ident) => $out:ident($result:expr)) => {
        |x, k| match (x, k) {
            (Datum::$in($x), Datum::$second($k)) => Some(Datum::$out($result)),
            _ => None,
        }
    };
}
pub(super) use on;

/// Returns an operation from its parts, in the order in which the tables give them.
pub(super) const fn op(
    name: &'static str,
    (takes, second, gives): (Feed, Second, Kind),
    code: &'static str,
    phrases: &'static [&'static str],
    run: Evaluator,
) -> Operation {
    Operation { name, takes, second, gives, code, phrases, run }
}
