//! Arguments that cannot be understood are refused before anything is opened.

mod common;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use common::home::Home;

#[test]
fn each_is_one_line_that_says_what_to_do() {
    let home = Home::new("bad-arguments");
    let cases: [(&[&str], &[&str]); 33] = [
        (&["answer"], &["unrecognized subcommand 'answer'", "nmk --help"]),
        (&["asks"], &["unrecognized subcommand 'asks'", "did you mean nmk ask?", "nmk --help"]),
        (&["xyzzy"], &["'xyzzy'", "the commands are ask, run, solve, gate", "nmk --help"]),
        (&["bench", "x"], &["'x'", "the commands are sched, prefill", "nmk bench --help"]),
        (&["ledger", "verfy"], &["'verfy'", "exists: 'verify'", "nmk ledger --help"]),
        (&["ask", "Hi", "--jsn"], &["'--jsn'", "exists: '--json'", "nmk ask --help"]),
        (&["model", "inspect", "embedded", "--jsno"], &["exists: '--json'", "nmk model inspect --help"]),
        (&["ask", "-5 plus 3"], &["where it is the question, write: nmk ask -- \"-5 plus 3\""]),
        (&["ask", "--json=", "-x is what?"], &["--json"]),
        (&["ask", "--5"], &["write: nmk ask -- \"--5\""]),
        (&["ask", "--max-new", "3", "-12"], &["write: nmk ask -- \"-12\""]),
        (&["run", "docs/sum.toml", "--max-nwe", "3"], &["exists: '--max-new'", "nmk run --help"]),
        (&["ask"], &["the prompt is empty", "standard input", "say what you want to know"]),
        (&["ask", ""], &["the prompt is empty", "say what you want to know"]),
        (&["ask", " \n\t"], &["the prompt is empty"]),
        (&["ask", "Hi", "there"], &["unexpected argument 'there'", "nmk ask --help"]),
        (&["ask", "Hi", "--loud"], &["unexpected argument '--loud'"]),
        (&["ask", "Hi", "--max-new", "0"], &["--max-new", "0"]),
        (&["ask", "Hi", "--max-new", "many"], &["--max-new", "many"]),
        (
            &["ask", "Hi", "--require", "certain"],
            &["no level is called `certain`", "--require", "oracle or proven"],
        ),
        (&["ask", "Hi", "--require", ""], &["no level is called ``"]),
        (&["ask", "Hi", "--model-name", "m"], &["--model-name", "pass --model http://"]),
        (&["ask", "Hi", "--config", "absent.toml"], &["absent.toml", "correct --config"]),
        (&["memory", "put", "__governance__", "x"], &["keys that begin with `__` belong to the store"]),
        (&["memory", "put", "", "x"], &["the key is refused", "empty"]),
        (&["memory", "put", "k", "x", "--worth", "11"], &["--worth", "11"]),
        (&["memory", "put", "k", "{", "--parse"], &["the value is no JSON document"]),
        (&["memory", "put", "k", "x", "--kind", ""], &["the kind is refused", "empty"]),
        (&["jobs", "--last", "many"], &["--last", "many"]),
        (&["jobs", "--since", "2026-02-30"], &["--since", "no day of the calendar"]),
        (&["trace", "chek"], &["'chek'", "nmk trace --help"]),
        (&["trace", "check", "--except", "kind"], &["--except", "bracketed, planned, judged"]),
        (&["ledger", "verify", "--head", "xyz"], &["--head", "64 hexadecimal digits"]),
    ];
    for (arguments, parts) in cases {
        home.run(arguments).is_refused(parts);
    }
    assert!(!home.ledger().exists(), "no ledger was made");
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let home = Home::new("bad-utf8");
    let latin = OsStr::from_bytes(b"Z\xfcrich?");
    home.run([OsStr::new("ask"), latin]).is_refused(&["not UTF-8", "byte 1"]);
    home.run([OsStr::new("ask"), OsStr::new("Hi"), OsStr::new("--require"), latin]).is_refused(&["no level"]);
    home.run([OsStr::new("ask"), OsStr::new("Hi"), OsStr::new("--model-name"), latin]).is_refused(&["UTF-8"]);
    assert!(!home.ledger().exists(), "no ledger was made");
}

#[test]
fn with_json_the_refusal_is_an_object_too() {
    let home = Home::new("bad-json");
    for arguments in [&["ask", "", "--json"][..], &["ask", "Hi", "--json", "--loud"], &["ask", "--json"]] {
        let ended = home.run(arguments);
        assert_eq!(ended.code, 2, "{ended:?}");
        let error = ended.json()["error"].as_str().expect("text").to_owned();
        assert_eq!(ended.err, format!("nmk: {error}\n"));
    }
}

#[test]
fn help_explains_with_an_example() {
    let home = Home::new("help");
    let commands: [&[&str]; 10] = [
        &[],
        &["ask"],
        &["ledger"],
        &["ledger", "verify"],
        &["ledger", "show"],
        &["config"],
        &["jobs"],
        &["trace", "check"],
        &["memory", "put"],
        &["memory", "consult"],
    ];
    for command in commands {
        let ended = home.run(command.iter().chain(&["--help"]));
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{ended:?}");
        assert!(ended.out.contains("Usage: nmk"), "{ended:?}");
        assert!(ended.out.contains("Example") || command == ["ledger"], "{ended:?}");
    }
    assert_eq!(home.run(["--version"]).code, 0);
}
