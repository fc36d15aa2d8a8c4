//! Texts for people fit a terminal of 80 columns, and are whole in a pipe.

mod common;

use std::process::Stdio;

use common::home::Home;
use common::terminal::Terminal;

const ERASED: &str = "\r\u{1b}[K";

/// Returns what a person saw on both streams, line by line, without what was erased.
///
/// The path of the scenario's folder is written as `/scenario`: its length is the checkout's, and a path is not broken.
fn seen(home: &Home, words: &[&str]) -> Vec<String> {
    let terminal = Terminal::open();
    let mut command = home.command(words, &[("NO_COLOR", "1")]);
    command.stdin(Stdio::null()).stdout(terminal.side()).stderr(terminal.side());
    let mut child = command.spawn().expect("the program runs");
    drop(command);
    child.wait().expect("it ended");
    let text = String::from_utf8(terminal.seen()).expect("UTF-8").replace("\r\n", "\n");
    let root = home.path("");
    let root = root.to_str().expect("UTF-8").trim_end_matches('/');
    text.lines().map(|line| line.rsplit(ERASED).next().unwrap_or(line).replace(root, "/scenario")).collect()
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let home = Home::new("widths");
    home.write("work/sum.toml", include_str!("../../../docs/sum.toml"));
    let commands: [&[&str]; 14] = [
        &["ask", "Is 97 a prime number?"],
        &["ask", "--require", "oracle", "Good morning!"],
        &["ask", "--model", "nothing-here", "Hello!"],
        &["ask", "--forbid-pattern", "(", "Hello!"],
        &["run", "sum.toml"],
        &["run", "--dry-run", "--request", "Tell me a story."],
        &["ledger", "verify"],
        &["ledger", "replay"],
        &["ledger", "show"],
        &["ledger", "show", "--entries"],
        &["ledger", "trace"],
        &["prims", "list"],
        &["config"],
        &["model", "inspect", "nothing-here"],
    ];
    let (mut wider_in_a_pipe, mut broken) = (0, 0);
    for words in commands {
        let shown = seen(&home, words);
        assert!(!shown.is_empty(), "{words:?}");
        for line in &shown {
            assert!(line.chars().count() <= 80, "{words:?}: {line}");
        }
        broken += shown.iter().filter(|line| line.starts_with("  ")).count();
        let piped = home.run(words);
        let lines = piped.out.lines().chain(piped.err.lines());
        wider_in_a_pipe += lines.filter(|line| line.chars().count() > 80).count();
    }
    assert!(wider_in_a_pipe > 10 && broken > 10, "the control: {wider_in_a_pipe} and {broken}");
}
