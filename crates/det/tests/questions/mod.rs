//! The questions under which replies are read, and the check of whole tables of replies.
#![allow(dead_code, reason = "each scenario is a crate of its own and uses some of these")]

use det::{Call, Contract, Form, Operand, Value, extract_under};

fn text(text: &str) -> Operand {
    Operand::Literal(Value::text(text))
}

fn int(int: i64) -> Operand {
    Operand::Literal(Value::Int(int))
}

fn asked(form: Form, name: &str, operands: Vec<Operand>) -> Contract {
    Contract::computed(form, Call::new(name, operands).expect("a call")).expect("a contract")
}

/// The question "How many r's are in strawberry?"
pub(crate) fn letters() -> Contract {
    asked(Form::Integer, "letter_count", vec![text("strawberry"), text("r")])
}

/// "Is 97 prime?"
pub(crate) fn prime() -> Contract {
    asked(Form::YesNo, "is_prime", vec![int(97)])
}

/// The question "How many r's are in strawberry, plus 4?"
pub(crate) fn steps() -> Contract {
    let count = Call::new("letter_count", vec![text("strawberry"), text("r")]).expect("a call");
    asked(Form::Integer, "add", vec![Operand::Call(Box::new(count)), int(4)])
}

pub(crate) fn sum() -> Contract {
    asked(Form::Integer, "add", vec![int(17), int(25)])
}

pub(crate) fn divisor() -> Contract {
    asked(Form::Integer, "gcd", vec![int(12), int(18)])
}

pub(crate) fn length() -> Contract {
    asked(Form::Integer, "text_length", vec![text("banana")])
}

pub(crate) fn word() -> Contract {
    asked(Form::Integer, "word_count", vec![text("the cat and the dog"), text("the")])
}

/// Checks each reply before and after a line with the answer. Returns how many differ from `states`, with a line each.
fn wrong(contract: &Contract, answer: &str, replies: &[&str], states: bool) -> Vec<String> {
    let reads = |reply: String| extract_under(&reply, contract).is_some();
    let differs = |reply: &&str| {
        let before = reads(format!("{reply}\nAnswer: {answer}"));
        let between = reads(format!("Answer: {answer}\n{reply}\nAnswer: {answer}"));
        before != states || between != states
    };
    replies.iter().copied().filter(differs).map(|reply| format!("{answer}: {reply:?}")).collect()
}

pub(crate) fn none_of(tables: &[(Contract, &str, &[&str])], states: bool, least: usize) {
    let found: Vec<String> = tables
        .iter()
        .flat_map(|(contract, answer, replies)| wrong(contract, answer, replies, states))
        .collect();
    let all: usize = tables.iter().map(|(_, _, replies)| replies.len()).sum();
    println!(
        "{all} replies that must state {}: {} wrong",
        if states { "an answer" } else { "none" },
        found.len()
    );
    assert!(all >= least, "{all} replies");
    assert!(found.is_empty(), "{} of {all}:\n{}", found.len(), found.join("\n"));
}
