//! Replies as models write them are read, and a second statement of any kind beside the answer is not overlooked.

mod questions;

use det::{Contract, extract_under};
use questions::{divisor, length, letters, prime, steps, sum, word};

fn question(name: &str) -> Contract {
    match name {
        "letters" => letters(),
        "prime" => prime(),
        "sum" => sum(),
        "divisor" => divisor(),
        "length" => length(),
        "word" => word(),
        "steps" => steps(),
        _ => panic!("{name}"),
    }
}

/// Calls `check` for each line of a table behind a heading with its question and answer.
fn rows(table: &str, mut check: impl FnMut(&Contract, &str, &str)) {
    let (mut contract, mut answer) = (letters(), "3");
    for line in table.lines() {
        if let Some(heading) = line.strip_prefix("# ") {
            let (name, stated) = heading.split_once(' ').expect("a heading");
            (contract, answer) = (question(name), stated);
        } else {
            check(
                &contract,
                answer,
                &line.replace("\\\\", "\u{0}").replace("\\n", "\n").replace('\u{0}', "\\"),
            );
        }
    }
}

/// Replies in the ways in which models of many families explain themselves. The second table was written after the reader.
#[test]
fn replies_as_models_write_them_are_read() {
    for table in [include_str!("golden/benign.txt"), include_str!("golden/benign_held_out.txt")] {
        let (mut all, mut refused) = (0, Vec::new());
        rows(table, |contract, _, reply| {
            all += 1;
            if extract_under(reply, contract).is_none() {
                refused.push(format!("{reply:?}"));
            }
        });
        println!("{} of {all} refused:\n{}", refused.len(), refused.join("\n"));
        // A refused reply costs another one.
        assert!(refused.len() * 10 <= all, "{} of {all}:\n{}", refused.len(), refused.join("\n"));
    }
}

/// Second statements of many kinds, a line each, above the answer. The second table was written after the reader.
#[test]
fn a_second_statement_of_any_kind_is_not_overlooked() {
    for table in [include_str!("golden/hostile.txt"), include_str!("golden/hostile_held_out.txt")] {
        let (mut all, mut read) = (0, Vec::new());
        rows(table, |contract, answer, second| {
            all += 1;
            if extract_under(&format!("{second}\nAnswer: {answer}"), contract).is_some() {
                read.push(format!("{answer}: {second:?}"));
            }
        });
        println!("{} of {all} overlooked:\n{}", read.len(), read.join("\n"));
        assert!(read.len() * 50 <= all, "{} of {all}:\n{}", read.len(), read.join("\n"));
    }
}
