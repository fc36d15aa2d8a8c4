//! Characters that change how a terminal shows other characters never reach one raw, whoever wrote them.

mod common;

use std::process::Stdio;

use common::home::Home;
use common::terminal::Terminal;
use serde_json::json;
use synthetic::stub::{Stub, says, whole};

/// Format characters of every block, a separator of lines, and the start of a terminal's own command.
const MARKS: &str = "\u{202e}\u{2066}\u{200b}\u{200e}\u{61c}\u{ad}\u{feff}\u{2028}\u{180e}\u{fff9}\u{e0041}\u{1b}[2J\u{9b}1m\u{7}";

/// Returns what a person at a terminal sees of a command, on both streams.
fn shown(home: &Home, words: &[&str]) -> String {
    let terminal = Terminal::open();
    let mut command = home.command(words, &[("NO_COLOR", "1")]);
    command.stdin(Stdio::null()).stdout(terminal.side()).stderr(terminal.side());
    let mut child = command.spawn().expect("the program runs");
    drop(command);
    child.wait().expect("it ended");
    String::from_utf8_lossy(&terminal.seen()).into_owned()
}

/// Checks that a command shows `told`, and no mark as it is.
fn shows_safely(home: &Home, words: &[&str], told: &str) {
    let seen = shown(home, words);
    // The program itself begins a progress line anew with these.
    let seen = seen.replace("\r\u{1b}[K", "");
    assert!(seen.contains(told), "{words:?}: {seen:?}");
    for mark in MARKS.chars().filter(|c| !c.is_ascii() || c.is_control()) {
        assert!(!seen.contains(mark), "{words:?} shows {:?}: {seen:?}", mark.escape_unicode().to_string());
    }
}

#[test]
fn no_command_shows_a_mark_as_it_is() {
    let home = Home::new("marks");
    let text = format!("hel{MARKS}lo");
    let (said, thought) = (text.clone(), format!("<think>{text}</think>{text}"));
    let talk = Stub::start(move |seen| says(if seen.body.contains("think") { &thought } else { &said }));
    let fault = json!({"error": {"message": text}}).to_string();
    let broken = Stub::start(move |_| whole("400 Bad Request", "application/json", fault.as_bytes()));
    let (base, bad) = (talk.base(), broken.base());
    let remote = ["--model", base.as_str(), "--model-name", "m"];
    let ask = |words: &[&str]| {
        [&["ask"], words, &remote[..]].concat().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let schema = home.write("work/schema.json", "{\"type\": \"object\"}").display().to_string();
    // A file of TOML has no control characters, and every other character as it is.
    let name: String = text.chars().filter(|c| !c.is_control()).collect();
    let graph = format!("[[task]]\nname = \"{name}\"\noperation = \"{name}\"\n");
    let graph = home.write("work/graph.toml", graph).display().to_string();
    let run = |words: Vec<String>, told: &str| {
        shows_safely(&home, &words.iter().map(String::as_str).collect::<Vec<_>>(), told);
    };
    run(ask(&["Good morning!"]), "lo");
    run(ask(&["think", "--show-thinking"]), "thoughts");
    run(ask(&["What is the gcd of 84 and 36?", "--show-unproven"]), "unproven");
    run(ask(&["A cat.", "--schema", &schema, "--show-unproven"]), "not one JSON document");
    let own = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    run(own(&["ask", "Hi", "--model", &bad, "--model-name", "m"]), "hel");
    run(own(&["ask", &text, "--model", &bad, "--model-name", &text]), "nmk:");
    run(own(&["run", &graph]), "nmk:");
    run(own(&["run", &text]), "nmk:");
    run(own(&[&text]), "nmk:");
    run(own(&["ask", "Hi", &format!("--{text}")]), "nmk:");
    run(own(&["ledger", "show"]), "hel");
    run(own(&["ledger", "show", "--json"]), "entries");
    let entries =
        home.run(["ledger", "show", "--json"]).json()["entries"].as_array().expect("entries").clone();
    let job = entries[0]["job"].as_str().or_else(|| entries[0]["task"].as_str()).expect("a job").to_owned();
    let job = job.split('/').next().expect("its name").split('.').next().expect("its name").to_owned();
    run(own(&["ledger", "show", &job]), "hel");
    // What goes into a file or a pipe is as it was said.
    let words = ask(&["Good morning!"]);
    assert_eq!(home.run(words).out.trim_end_matches('\n'), text, "a pipe has every byte");
}
