//! The choice of operations, operands and names for a function of the corpus.

use super::datum::Kind;
use super::operation::{Operation, Second};
use super::pipeline::{self, Operand, Pipeline, Step};
use super::table::operations;
use crate::held_out::Split;
use crate::rng::Rng;
use crate::words;

/// Returns the names that an input of this kind may have. No name is a local variable of the code.
fn inputs(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Int | Kind::Bool => &["n", "number", "value", "x", "num"],
        Kind::Text => &["text", "string", "line", "name", "word"],
        Kind::Ints => &["xs", "values", "numbers", "nums", "data"],
        Kind::Texts => &["words", "texts", "names", "parts", "items"],
    }
}

/// Returns the names that a second operand may have.
fn operands(second: Second) -> &'static [&'static str] {
    match second {
        Second::None => &[],
        Second::Number(..) => &["k", "size", "limit", "amount", "y"],
        Second::Letter => &["letter", "char", "ch", "mark"],
        Second::Data(feed) if feed.kind() == Kind::Ints => &["ys", "others", "more"],
        Second::Data(_) => &["other", "second", "y"],
    }
}

/// Returns a step of an operation. Its operand is a constant of one side of the split, or an argument whose name
/// is not among `taken`.
fn step(operation: &'static Operation, taken: &[&str], rng: &mut Rng, constants: Split) -> Step {
    let constant = if rng.percent(60) { pipeline::draw_constant(operation, rng, constants) } else { None };
    let free: Vec<&'static str> =
        operands(operation.second).iter().copied().filter(|name| !taken.contains(name)).collect();
    let operand = match constant {
        Some(constant) => constant,
        None if free.is_empty() => Operand::None,
        None => Operand::Argument(free[rng.below(free.len())]),
    };
    Step { operation, operand }
}

/// Returns a function of this one operation, whose constant, if it has one, is on one side of the hold-out split.
pub fn single(operation: &'static Operation, rng: &mut Rng, constants: Split) -> Pipeline {
    let input = *rng.pick(inputs(operation.takes.kind()));
    Pipeline { input, steps: vec![step(operation, &[input], rng, constants)] }
}

/// Draws an operation.
pub(super) fn draw(rng: &mut Rng) -> &'static Operation {
    let all: Vec<&'static Operation> = operations().collect();
    all[rng.below(all.len())]
}

/// Returns the operations that may follow another one, because they take any value of the kind that it gives.
pub(super) fn followers(first: &'static Operation) -> Vec<&'static Operation> {
    let fits = |second: &&'static Operation| {
        second.takes.kind() == first.gives
            && second.takes.is_general()
            && second.name != first.name
            && !matches!(second.second, Second::Data(_))
    };
    operations().filter(fits).collect()
}

/// Draws a function of two operations whose pair is on one side of the hold-out split.
pub(super) fn double(rng: &mut Rng, pairs: Split, constants: Split) -> Pipeline {
    loop {
        let first = draw(rng);
        let followers = followers(first);
        if followers.is_empty() {
            continue;
        }
        let second = followers[rng.below(followers.len())];
        if !pairs.admits(pipeline::is_held_out_composition(first, second)) {
            continue;
        }
        let mut function = single(first, rng, constants);
        let taken = function.parameters();
        function.steps.push(step(second, &taken, rng, constants));
        return function;
    }
}

/// The words that cannot name a function, because Python reserves them or the code calls functions of that name.
const RESERVED: [&str; 52] = [
    "and", "as", "assert", "async", "await", "break", "class", "def", "del", "elif", "else", "except", "for",
    "from", "global", "if", "import", "in", "is", "lambda", "not", "or", "pass", "raise", "return", "try",
    "while", "with", "yield", "sum", "max", "min", "all", "any", "list", "set", "int", "str", "len",
    "sorted", "abs", "bin", "hex", "range", "dict", "ord", "chr", "zip", "print", "key", "None", "True",
];

/// Returns a name for a function. It says what the function does if `tells` is true; otherwise it is made of
/// words that have nothing to do with it.
pub(super) fn name(function: &Pipeline, tells: bool, rng: &mut Rng, split: Split) -> String {
    if !tells {
        let count = rng.between(1, 2);
        let parts: Vec<String> = (0..count).map(|_| super::feed::short_word(rng, split)).collect();
        let name = parts.join("_");
        return if RESERVED.contains(&name.as_str()) { format!("do_{name}") } else { name };
    }
    let names: Vec<&str> = function.steps.iter().map(|step| step.operation.name).collect();
    match rng.below(5) {
        0 => format!("get_{}", names.join("_")),
        1 => format!("{}_{}", names.join("_"), words::draw_real(rng, split)),
        2 => names.join("_then_"),
        _ => names.join("_"),
    }
}
