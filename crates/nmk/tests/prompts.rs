//! A prompt comes from the command line, from a file or from standard input, and is the same text from each.

mod common;

use std::process::Stdio;

use common::home::{Ended, Home};
use common::terminal::Terminal;

const QUESTION: &str = "Is 97 a prime number?";

/// Runs the program with `input` on standard input.
fn piped(home: &Home, arguments: &[&str], input: &[u8]) -> Ended {
    let file = home.write("piped", input);
    let mut command = home.command(arguments, &[]);
    command.stdin(std::fs::File::open(file).expect("the input"));
    Ended::from_output(command.output().expect("the program runs"))
}

/// Returns the keys of an answer that depend on the prompt alone.
fn answered(ended: &Ended) -> [serde_json::Value; 3] {
    assert_eq!(ended.code, 0, "{ended:?}");
    let object = ended.json();
    ["answer", "reading", "facts"].map(|key| object[key].clone())
}

#[test]
fn every_place_gives_the_same_prompt() {
    let home = Home::new("prompt-places");
    let expected = answered(&home.run(["ask", "--direct", "--json", QUESTION]));
    assert_eq!(expected[0], "yes");
    let forms = [
        QUESTION.to_owned(),
        format!("{QUESTION}\n"),
        format!("{QUESTION}\r\n"),
        format!("\u{feff}{QUESTION}\n\n"),
    ];
    for text in &forms {
        home.write("work/question", text);
        for arguments in [&["-"][..], &[], &["--file", "-"]] {
            let arguments = [&["ask", "--direct", "--json"], arguments].concat();
            assert_eq!(answered(&piped(&home, &arguments, text.as_bytes())), expected, "{text:?}");
        }
        let from_file = home.run(["ask", "--direct", "--json", "--file", "question"]);
        assert_eq!(answered(&from_file), expected, "{text:?}");
    }
    // The control: another text has another answer, so the texts above were read.
    let other = piped(&home, &["ask", "--direct", "--json"], b"Is 91 a prime number?\n");
    assert_eq!(answered(&other)[0], "no");
}

#[test]
fn a_pipe_that_is_not_asked_for_is_not_read() {
    let home = Home::new("prompt-unread");
    let ended = piped(&home, &["ask", "--direct", "--json", QUESTION], b"Is 91 a prime number?");
    assert_eq!(answered(&ended)[0], "yes");
}

#[test]
fn what_is_no_prompt_is_refused() {
    let home = Home::new("prompt-refused");
    home.write("work/binary", b"\x7fELF\0\0");
    home.write("work/utf16", b"\xff\xfeH\0i\0");
    home.write("work/blank", b"\xef\xbb\xbf \n\t\n");
    let large = std::fs::File::create(home.path("work/large")).expect("a file");
    large.set_len((16 << 20) + 1).expect("a sparse file");
    let cases: [(&[&str], &[&str]); 9] = [
        (&["ask", "--file", "absent"], &["cannot be read", "--file absent"]),
        (&["ask", "--file", ""], &["a value is required", "--file"]),
        (&["ask", "--file", "."], &["is a folder", "name a file in it"]),
        (&["ask", "--file", "binary"], &["binary and not text", "byte 4 is zero"]),
        (&["ask", "--file", "utf16"], &["not UTF-8", "byte 0"]),
        (&["ask", "--file", "blank"], &["the prompt is empty", "--file blank"]),
        (&["ask", "--file", "large"], &["too large", "16 MiB"]),
        (&["ask", "--file", "blank", QUESTION], &["cannot be used with", "--file"]),
        (&["ask", "--file", "blank", "-"], &["cannot be used with", "--file"]),
    ];
    for (arguments, parts) in cases {
        home.run(arguments).is_refused(parts);
    }
    for (input, part) in
        [(&b""[..], "is empty"), (b"\n", "is empty"), (b"a\0", "byte 1 is zero"), (b"\xff", "byte 0")]
    {
        piped(&home, &["ask"], input).is_refused(&[part, "standard input"]);
        piped(&home, &["ask", "-"], input).is_refused(&[part, "standard input"]);
    }
    assert!(!home.ledger().exists(), "no ledger was made");
}

#[test]
fn a_graph_and_a_request_are_read_from_standard_input_too() {
    let home = Home::new("prompt-graph");
    let ended = piped(&home, &["run", "-", "--json"], include_bytes!("../../../docs/sum.toml"));
    assert_eq!((ended.code, &ended.json()["answer"]), (0, &"7".into()), "{ended:?}");
    piped(&home, &["run", "-"], b"").is_refused(&["the graph is refused", "standard input"]);
    let request = ["run", "--request", "-", "--dry-run"];
    let ended = piped(&home, &[&request[..], &["--json"]].concat(), b"Describe a cat as JSON.\n");
    assert_eq!((ended.code, &ended.json()["kind"]), (0, &"structured_output".into()), "{ended:?}");
    piped(&home, &request, b"\n").is_refused(&["the prompt is empty", "standard input"]);
}

#[test]
fn at_a_terminal_the_error_says_what_to_type() {
    let home = Home::new("prompt-terminal");
    let terminal = Terminal::open();
    let mut command = home.command(["ask"], &[]);
    command.stdin(terminal.side()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = Ended::from_output(command.output().expect("the program runs"));
    ended.is_refused(&[
        "there is no prompt",
        "nmk ask \"Is 7 a prime number?\"",
        "--file FILE",
        "pipe it in",
    ]);
}

#[test]
fn a_command_that_needs_another_word_shows_its_help() {
    let home = Home::new("bare-commands");
    for words in [&[][..], &["ledger"], &["model"], &["bench"]] {
        let ended = home.run(words);
        let help = home.run([words, &["--help"]].concat());
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{ended:?}");
        assert_eq!(ended.err, help.out, "bare `nmk {}`", words.join(" "));
        assert!(ended.err.contains("Commands:"), "{ended:?}");
    }
}
