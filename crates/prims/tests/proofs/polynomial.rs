//! Derivatives against dual numbers.

use prims::Value;

use crate::trial::{Proof, Trial, as_text};

pub(crate) const PROOFS: &[Proof] = &[Proof {
    name: "derivative",
    run: |trial| {
        for _ in 0..5_000 {
            let tree = tree(trial, 4);
            // Two polynomials of a degree of at most 19 that agree at 20 places are one polynomial.
            let is_small = degree(&tree) < 20;
            assert!(is_small, "{}", shown(&tree));
            trial.judge(&[Value::text(shown(&tree))], |found| {
                let Ok(text) = found else { return false };
                (-9..=10).all(|x| written_at(as_text(text), x) == Some(dual(&tree, x).1))
            });
        }
    },
    // The power is kept as it was.
    wrong: |_, right| right.map(|text| Value::text(as_text(&text).replace("x^2", "x^3"))),
}];

enum Tree {
    Number(i128),
    X,
    Sum(Box<Tree>, Box<Tree>),
    Difference(Box<Tree>, Box<Tree>),
    Product(Box<Tree>, Box<Tree>),
    Negative(Box<Tree>),
    Power(Box<Tree>, u32),
}

fn tree(trial: &mut Trial<'_>, depth: u64) -> Tree {
    let choice = trial.below(if depth == 0 { 2 } else { 8 });
    match choice {
        0 => Tree::Number(trial.below(6).into()),
        1 | 2 => Tree::X,
        7 => {
            let exponent = trial.below(3) as u32;
            Tree::Power(Box::new(tree(trial, if depth > 1 { 1 } else { 0 })), exponent)
        }
        6 => Tree::Negative(Box::new(tree(trial, depth - 1))),
        _ => {
            let (left, right) = (Box::new(tree(trial, depth - 1)), Box::new(tree(trial, depth - 1)));
            match choice {
                3 => Tree::Sum(left, right),
                4 => Tree::Difference(left, right),
                _ if degree(&left) + degree(&right) < 20 => Tree::Product(left, right),
                _ => Tree::Sum(left, right),
            }
        }
    }
}

fn degree(tree: &Tree) -> u32 {
    match tree {
        Tree::Number(_) => 0,
        Tree::X => 1,
        Tree::Sum(a, b) | Tree::Difference(a, b) => degree(a).max(degree(b)),
        Tree::Product(a, b) => degree(a) + degree(b),
        Tree::Negative(a) => degree(a),
        Tree::Power(a, exponent) => degree(a) * exponent,
    }
}

fn shown(tree: &Tree) -> String {
    match tree {
        Tree::Number(n) => n.to_string(),
        Tree::X => "x".to_owned(),
        Tree::Sum(a, b) => format!("({} + {})", shown(a), shown(b)),
        Tree::Difference(a, b) => format!("({}-({}))", shown(a), shown(b)),
        Tree::Product(a, b) => format!("({})*({})", shown(a), shown(b)),
        Tree::Negative(a) => format!("(-({}))", shown(a)),
        Tree::Power(a, exponent) => format!("({})^{exponent}", shown(a)),
    }
}

/// Returns the value and the slope of an expression at `x`.
fn dual(tree: &Tree, x: i128) -> (i128, i128) {
    match tree {
        Tree::Number(n) => (*n, 0),
        Tree::X => (x, 1),
        Tree::Sum(a, b) => {
            let ((a, da), (b, db)) = (dual(a, x), dual(b, x));
            (a + b, da + db)
        }
        Tree::Difference(a, b) => {
            let ((a, da), (b, db)) = (dual(a, x), dual(b, x));
            (a - b, da - db)
        }
        Tree::Product(a, b) => {
            let ((a, da), (b, db)) = (dual(a, x), dual(b, x));
            (a * b, a * db + b * da)
        }
        Tree::Negative(a) => {
            let (a, da) = dual(a, x);
            (-a, -da)
        }
        Tree::Power(a, exponent) => {
            let (a, da) = dual(a, x);
            (0..*exponent).fold((1, 0), |(power, slope), _| (power * a, slope * a + power * da))
        }
    }
}

/// Returns the value at `x` of a polynomial as the primitive writes it.
fn written_at(text: &str, x: i128) -> Option<i128> {
    let text = text.replace(" - ", " + -");
    let mut sum = 0;
    for term in text.split(" + ") {
        let (sign, term) = term.strip_prefix('-').map_or((1, term), |rest| (-1, rest));
        let value = match term.split_once('x') {
            None => term.parse().ok()?,
            Some((factor, power)) => {
                let factor: i128 =
                    if factor.is_empty() { 1 } else { factor.strip_suffix('*')?.parse().ok()? };
                let power: u32 = if power.is_empty() { 1 } else { power.strip_prefix('^')?.parse().ok()? };
                factor * x.pow(power)
            }
        };
        sum += sign * value;
    }
    Some(sum)
}

#[test]
fn what_is_no_polynomial_is_refused() {
    let primitive = prims::find("derivative").expect("a primitive");
    let call = |text: &str| primitive.call(&[Value::text(text)]).map(|value| as_text(&value).to_owned());
    for (text, expected) in [
        ("3*x^2 - (x + 1)^2", "4*x - 2"),
        ("-x^2", "-2*x"),
        ("5", "0"),
        ("x^64", "64*x^63"),
        ("  x ", "1"),
        ("x*-x", "-2*x"),
        ("7*x - x^3", "-3*x^2 + 7"),
    ] {
        assert_eq!(call(text).as_deref(), Ok(expected), "{text}");
    }
    let deep = "(".repeat(18) + "x" + &")".repeat(18);
    for text in [
        "", "x^65", "x^x", "2^3^4", "y", "2x", "x/2", "x^-1", "(x", "x)", "x +", "sin(x)", "1.5*x", "x**2",
        &deep,
    ] {
        assert!(call(text).is_err(), "{text}");
    }
    assert!(call("9223372036854775807*x^2").is_err());
}
