//! Polynomials in x with whole coefficients, and their derivatives.
//!
//! An expression has numbers, `x`, `+`, `-`, `*`, `^` and brackets, such as `3*x^2 - (x + 1)^2`. A sign before a
//! power belongs to the whole power: `-x^2` is `-(x^2)`.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use abi::Value;

use crate::operands::{one_text, outside, text};
use crate::{CallError, Kind, Primitive, Record, Sample};

const NAME: &str = "derivative";
/// The largest degree, and the largest exponent.
const MAX_DEGREE: usize = 64;
/// The most bytes of an expression.
const MAX_BYTES: usize = 500;
/// The deepest nesting of brackets and signs.
const MAX_DEPTH: usize = 16;

pub(crate) const DERIVATIVE: Primitive = Primitive {
    name: NAME,
    version: 1,
    parameters: &[text("expression")],
    returns: Kind::Text,
    summary: "the derivative by x of a polynomial such as 3*x^2 - (x + 1)^2, with whole coefficients",
    example: &[Sample::Text("3*x^2 - (x + 1)^2")],
    eval: derivative,
    steps: 1 << 22,
    record: Record::sampled(
        5_000,
        "expressions of up to 4 levels",
        "dual numbers at 20 places, which is more than the degree",
    ),
};

/// The coefficients of a polynomial, that of x^0 first and the last one not 0. Empty for 0.
type Polynomial = Vec<i64>;

fn refused() -> CallError {
    outside(
        NAME,
        "an expression of at most 500 bytes over x, whole numbers, + - * ^ and brackets, of a degree up to 64",
    )
}

fn trimmed(mut terms: Polynomial) -> Polynomial {
    while terms.last() == Some(&0) {
        terms.pop();
    }
    terms
}

fn sum(mut a: Polynomial, b: &[i64], sign: i64) -> Result<Polynomial, CallError> {
    a.resize(a.len().max(b.len()), 0);
    for (term, other) in a.iter_mut().zip(b) {
        let other = other.checked_mul(sign).and_then(|other| term.checked_add(other));
        *term = other.ok_or(CallError::Overflow { primitive: NAME })?;
    }
    Ok(trimmed(a))
}

fn product(a: &[i64], b: &[i64]) -> Result<Polynomial, CallError> {
    if a.is_empty() || b.is_empty() {
        return Ok(Vec::new());
    }
    let degree = a.len() + b.len() - 2;
    if degree > MAX_DEGREE {
        return Err(refused());
    }
    let mut terms = vec![0_i64; degree + 1];
    for (i, left) in a.iter().enumerate() {
        for (j, right) in b.iter().enumerate() {
            let more = left.checked_mul(*right).and_then(|term| terms[i + j].checked_add(term));
            terms[i + j] = more.ok_or(CallError::Overflow { primitive: NAME })?;
        }
    }
    Ok(trimmed(terms))
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn eat(&mut self, mark: char) -> bool {
        self.rest = self.rest.trim_start_matches(' ');
        let shorter = self.rest.strip_prefix(mark);
        self.rest = shorter.unwrap_or(self.rest);
        shorter.is_some()
    }

    fn number(&mut self) -> Result<i64, CallError> {
        self.rest = self.rest.trim_start_matches(' ');
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        if digits.is_empty() {
            return Err(refused());
        }
        digits.parse().map_err(|_| CallError::Overflow { primitive: NAME })
    }

    /// Recursion is bounded by the depth of brackets and signs, at most [`MAX_DEPTH`].
    fn expression(&mut self, depth: usize) -> Result<Polynomial, CallError> {
        let mut terms = self.term(depth)?;
        loop {
            let sign = match (self.eat('+'), self.eat('-')) {
                (true, false) => 1,
                (false, true) => -1,
                (false, false) => return Ok(terms),
                (true, true) => return Err(refused()),
            };
            terms = sum(terms, &self.term(depth)?, sign)?;
        }
    }

    fn term(&mut self, depth: usize) -> Result<Polynomial, CallError> {
        let mut terms = self.factor(depth)?;
        while self.eat('*') {
            terms = product(&terms, &self.factor(depth)?)?;
        }
        Ok(terms)
    }

    fn factor(&mut self, depth: usize) -> Result<Polynomial, CallError> {
        if depth > MAX_DEPTH {
            return Err(refused());
        }
        if self.eat('-') {
            return sum(Vec::new(), &self.factor(depth + 1)?, -1);
        }
        let base = if self.eat('(') {
            let inner = self.expression(depth + 1)?;
            if !self.eat(')') {
                return Err(refused());
            }
            inner
        } else if self.eat('x') {
            vec![0, 1]
        } else {
            trimmed(vec![self.number()?])
        };
        if !self.eat('^') {
            return Ok(base);
        }
        let exponent = usize::try_from(self.number()?).ok().filter(|exponent| *exponent <= MAX_DEGREE);
        let exponent = exponent.ok_or(refused())?;
        // "2^3^4" is read differently by different people.
        if self.eat('^') {
            return Err(refused());
        }
        (0..exponent).try_fold(vec![1], |power, _| product(&power, &base))
    }
}

fn derivative(operands: &[Value]) -> Result<Value, CallError> {
    let text = one_text(NAME, operands)?;
    if text.len() > MAX_BYTES {
        return Err(refused());
    }
    let mut parser = Parser { rest: text };
    let terms = parser.expression(0)?;
    if !parser.rest.trim_start_matches(' ').is_empty() {
        return Err(refused());
    }
    let overflow = CallError::Overflow { primitive: NAME };
    let slope = |(exponent, term): (usize, &i64)| {
        i64::try_from(exponent).ok().and_then(|exponent| term.checked_mul(exponent)).ok_or(overflow)
    };
    let terms = terms.iter().enumerate().skip(1).map(slope).collect::<Result<Vec<_>, _>>()?;
    Ok(Value::Text(written(&terms)))
}

/// Writes a polynomial with the highest power first, as in `6*x^2 - x + 1`.
fn written(terms: &[i64]) -> String {
    let mut text = String::new();
    for (exponent, term) in terms.iter().enumerate().rev().filter(|(_, term)| **term != 0) {
        let is_first = text.is_empty();
        text.push_str(match (is_first, *term < 0) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        });
        let size = term.unsigned_abs();
        text.push_str(&match (exponent, size) {
            (0, _) => format!("{size}"),
            (1, 1) => String::from("x"),
            (1, _) => format!("{size}*x"),
            (_, 1) => format!("x^{exponent}"),
            _ => format!("{size}*x^{exponent}"),
        });
    }
    if text.is_empty() { String::from("0") } else { text }
}
