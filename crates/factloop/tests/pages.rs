//! The pages that list what is read and computed say what the grammar and the catalog say.

use std::fmt::Write as _;
use std::path::Path;

use factloop::{Specification, examples, route};

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the section of a kind of question, from the examples beside its forms.
fn section(specification: Specification) -> String {
    let mut text = format!("## `{}`\n\n| question | read as |\n|---|---|\n", specification.word());
    for example in examples().filter(|example| example.specification == specification) {
        if let (Some(answer), Some(routed)) = (example.answer, route(example.prompt)) {
            assert_eq!(routed.answer.to_string(), answer, "{}", example.prompt);
            writeln!(text, "| {} | {} |", example.prompt.replace('|', "\\|"), routed.reading).unwrap();
        }
    }
    text.push_str("\nNot read:\n\n");
    for example in examples().filter(|example| example.specification == specification) {
        if example.answer.is_none() {
            writeln!(text, "- {}", example.prompt).unwrap();
        }
    }
    text
}

#[test]
fn the_page_of_questions_has_every_example() {
    let found = page("questions.md");
    let sections = Specification::ALL.map(section);
    let missing: Vec<&str> =
        sections.iter().map(String::as_str).filter(|section| !found.contains(section)).collect();
    assert!(missing.is_empty(), "docs/questions.md needs these sections:\n{}", missing.join("\n"));
    assert_eq!(found.matches("\n## `").count(), Specification::ALL.len(), "a section of an unknown kind");
}

#[test]
fn the_page_of_graphs_has_every_primitive() {
    let found = page("graph.md");
    for primitive in prims::all() {
        let summary = primitive.summary.replace('|', "\\|");
        let row = found.lines().find(|line| line.starts_with(&format!("| `{}` |", primitive.name)));
        let row = row.unwrap_or_else(|| panic!("docs/graph.md lacks {}", primitive.name));
        assert!(row.ends_with(&format!("| {summary} |")), "{row}");
    }
}
