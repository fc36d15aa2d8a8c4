//! A person at a terminal sees progress, and the words of an answer that nobody checks as they come.

mod common;

use std::process::Stdio;
use std::time::Duration;

use common::home::Home;
use common::terminal::Terminal;
use serde_json::json;
use synthetic::stub::{Step, Stub, chunk, chunked, chunked_head, stream};

const RICE: &str = "How do I cook rice?";
const ERASED: &str = "\r\u{1b}[K";

/// The texts that a person saw on the two streams of a command, each of which is a terminal of its own.
struct Seen {
    out: String,
    err: String,
}

/// Runs a command at two terminals.
fn run(home: &Home, words: &[&str]) -> Seen {
    let (out, err) = (Terminal::open(), Terminal::open());
    let mut command = home.command(words, &[("NO_COLOR", "1")]);
    command.stdin(Stdio::null()).stdout(out.side()).stderr(err.side());
    let mut child = command.spawn().expect("the program runs");
    drop(command);
    child.wait().expect("it ended");
    let text = |terminal: Terminal| String::from_utf8(terminal.seen()).expect("UTF-8").replace("\r\n", "\n");
    Seen { out: text(out), err: text(err) }
}

/// Returns an endpoint that says `pieces`, one event each.
fn says(pieces: &'static [&'static str]) -> Stub {
    Stub::start(move |_| chunked("text/event-stream", &stream(pieces, "stop"), 50))
}

fn ask<'a>(base: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["ask", "--no-ledger", "--model", base, "--model-name", "m"], more].concat()
}

#[test]
fn progress_is_shown_at_a_terminal_and_erased() {
    let home = Home::new("progress");
    let Seen { out, err } = run(&home, &["ask", "--no-ledger", RICE]);
    assert!(err.contains(&format!("{ERASED}attempt 1… ")) && err.contains(" 1 token ·"), "{err:?}");
    let last = err.rfind("attempt 1…").expect("progress");
    assert!(err[last..].contains(ERASED) && !err[last..].contains("s\n"), "{err:?}");
    assert!(out.contains("salt") && out.ends_with('\n') && !out.contains("attempt"), "{out:?}");
    for silent in
        [&["ask", "--no-ledger", RICE, "--json"][..], &["run", "--no-ledger", "--request", RICE, "--json"]]
    {
        let Seen { err, .. } = run(&home, silent);
        assert!(!err.contains(['\r', '…']) && !err.contains("started"), "{silent:?}: {err:?}");
    }
    let piped = home.run(["ask", "--no-ledger", RICE]);
    assert!(!piped.err.contains(['\r', '…']), "{piped:?}");
    assert_eq!(piped.out, out, "a pipe gets the same answer");
}

#[test]
fn words_are_shown_as_they_come() {
    let home = Home::new("streamed");
    for (flag, is_streamed) in [("--show-unproven", true), ("--no-stream", false)] {
        let stub = Stub::start(|_| {
            let begin = json!({"choices": [{"delta": {"content": "Dear friend"}}]});
            let begin = chunk(format!("data: {begin}\n\n").as_bytes());
            vec![chunked_head("text/event-stream"), begin, Step::Wait(Duration::from_secs(300))]
        });
        let base = stub.base();
        let (mut out, mut err) = (Terminal::open(), Terminal::open());
        let mut command = home.command(ask(&base, &["Hello!", flag]), &[]);
        command.stdin(Stdio::null()).stdout(out.side()).stderr(err.side());
        let mut child = command.spawn().expect("the program runs");
        // The server sends nothing more, so what is shown now was shown as it came.
        if is_streamed {
            out.wait_for("Dear friend");
        } else {
            err.wait_for("about 1 token ·");
        }
        child.kill().and_then(|()| child.wait()).expect("it ended");
        drop(command);
        let shown = String::from_utf8(out.seen()).expect("UTF-8");
        assert_eq!(shown.contains("Dear"), is_streamed, "{flag}: {shown:?}");
    }
}

#[test]
fn the_whole_answer_is_shown_once_and_equals_that_of_a_pipe() {
    let home = Home::new("streamed-whole");
    for pieces in [
        &["Good ", "morning", "! How", " are you?"][..],
        &["  indented\n\n", "two  spaces", "\n\n"],
        &["<thi", "nk>sec", "ret</th", "ink>\n\nHel", "lo."],
        &["a < b", " <", "| c [", "TH] "],
        &["Gr", "üße, 你", "好 🙂"],
    ] {
        let stub = says(pieces);
        let base = stub.base();
        let piped = home.run(ask(&base, &["Hello!"]));
        let whole = home.run(ask(&base, &["Hello!", "--no-stream"]));
        assert_eq!((piped.code, &piped.out), (0, &whole.out), "{pieces:?}");
        for flag in ["--show-unproven", "--no-stream"] {
            let seen = run(&home, &ask(&base, &["Hello!", flag]));
            assert_eq!(seen.out, whole.out, "{pieces:?} {flag}");
            assert!(!seen.out.contains("secret") && !seen.err.contains("secret"), "{pieces:?} {flag}");
        }
    }
    // The control: thoughts are shown to a person who asks for them, and not as the answer.
    let stub = says(&["<think>sec", "ret</think>", "Hello."]);
    let base = stub.base();
    let seen = run(&home, &ask(&base, &["Hello!", "--show-thinking"]));
    assert_eq!(seen.out, "Hello.\n");
    assert_eq!(seen.err.matches("secret").count(), 1, "once: {:?}", seen.err);
    assert!(seen.err.contains("thoughts: secret"), "{:?}", seen.err);
}

#[test]
fn a_text_that_is_still_to_be_checked_is_not_shown() {
    let home = Home::new("unchecked");
    let stub = says(&["I say\n", "Answer:", " 12"]);
    let (base, schema) = (stub.base(), home.write("work/s.json", "{}").display().to_string());
    let cases: [&[&str]; 4] = [
        &["What is the gcd of 84 and 36?"],
        &["What is the gcd of 84 and 36?", "--require", "none"],
        &["Hello!", "--require", "oracle"],
        &["Hello!", "--schema", &schema],
    ];
    for more in cases {
        let seen = run(&home, &ask(&base, more));
        assert!(!seen.out.contains("I say") && !seen.err.contains("I say"), "{more:?}: {:?}", seen.out);
    }
    let stub = says(&["I say\n", "Hello."]);
    assert!(run(&home, &ask(&stub.base(), &["Hello!"])).out.contains("I say"), "the control");
}

#[test]
fn no_mark_and_no_escape_is_shown_raw_in_whatever_pieces() {
    let home = Home::new("streamed-marks");
    let stub = says(&["a\u{1b}", "[2J", "\u{202e}b", "\r", "\u{9b}", "1m", "\u{200b}", "c"]);
    let seen = run(&home, &ask(&stub.base(), &["Hello!"]));
    assert_eq!(seen.out, "a\\u{1b}[2J\\u{202e}b\\u{d}\\u{9b}1m\\u{200b}c\n");
}

#[test]
fn what_does_not_count_is_said_not_to_count() {
    let home = Home::new("streamed-again");
    // A server that has dropped the tag before the thoughts shows late that they were thoughts.
    let stub = says(&["Let me think.", "</think>", "Hello."]);
    let seen = run(&home, &ask(&stub.base(), &["Hi!"]));
    assert_eq!(seen.out, "Let me think.\nHello.\n");
    assert!(seen.err.contains("turned out to be no part of the answer"), "{:?}", seen.err);
    // A server that refuses a parameter in the middle of a reply is asked again.
    let stub = Stub::start(|seen| {
        if seen.json().get("seed").is_none() {
            return chunked("text/event-stream", &stream(&["Hello."], "stop"), 4096);
        }
        let begin = json!({"choices": [{"delta": {"content": "Hel"}}]});
        let fault = json!({"error": {"message": "unsupported parameter: seed"}});
        chunked("text/event-stream", format!("data: {begin}\n\ndata: {fault}\n\n").as_bytes(), 4096)
    });
    let seen = run(&home, &ask(&stub.base(), &["Hi!"]));
    assert_eq!(seen.out, "Hel\nHello.\n");
    assert!(seen.err.contains("what stands above does not count"), "{:?}", seen.err);
    // A connection that is cut leaves the line of the text behind, and the error on a line of its own.
    let stub = Stub::start(|_| {
        let begin = json!({"choices": [{"delta": {"content": "Hel"}}]});
        chunked("text/event-stream", format!("data: {begin}\n\n").as_bytes(), 4096)
    });
    let seen = run(&home, &ask(&stub.base(), &["Hi!"]));
    assert_eq!(seen.out, "Hel\n");
    assert!(seen.err.contains("nmk: "), "{:?}", seen.err);
}

#[test]
fn what_is_forbidden_is_never_shown() {
    let home = Home::new("streamed-forbidden");
    for (flag, text) in [("--forbid", "salt"), ("--forbid-word", "salt"), ("--forbid-pattern", "s[a-z]+t")] {
        let words = ["ask", "--no-ledger", RICE, flag, text];
        let seen = run(&home, &words);
        assert!(!seen.out.contains("salt ") && !seen.out.is_empty(), "{flag}: {:?}", seen.out);
        assert_eq!(seen.out, home.run(words).out, "{flag}");
    }
}

#[test]
fn a_graph_shows_each_task_as_it_starts_and_ends() {
    let home = Home::new("graph-progress");
    let graph = home.write("work/sum.toml", include_str!("../../../docs/sum.toml")).display().to_string();
    let seen = run(&home, &["run", "--no-ledger", &graph]);
    let lines: Vec<&str> = seen.err.lines().collect();
    let at = |text: &str| {
        lines.iter().position(|line| line.starts_with(text)).unwrap_or_else(|| panic!("{text}: {lines:?}"))
    };
    assert!(at("check: started") < at("1/2 check: passed · "), "{lines:?}");
    assert!(at("answer: started") < at("2/2 answer: "), "{lines:?}");
    assert_eq!(seen.out, "7\n");
    let seen = run(&home, &["run", "--no-ledger", "--request", "Good morning!"]);
    assert!(seen.err.contains(&format!("{ERASED}draft… 1 token")), "{:?}", seen.err);
    assert!(!home.run(["run", "--no-ledger", &graph]).err.contains("started"), "nothing in a pipe");
}
