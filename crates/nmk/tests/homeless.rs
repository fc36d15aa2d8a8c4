//! Where there is no home folder, or none that can be entered or written, the flags say everything that is needed.

mod common;

use common::home::{Ended, Home};
use serde_json::json;

const PRIME: &str = "Is 7 a prime number?";

/// Homes of a process that are no help: none, no folder, below no folder, and one where nothing can be made.
const HOMES: [Option<&str>; 4] = [None, Some("/dev/null"), Some("/dev/null/home"), Some("/proc/home")];

fn run(home: &Home, variable: Option<&str>, words: &[&str]) -> Ended {
    let mut command = home.command(words, &[]);
    command.env_remove("HOME");
    if let Some(place) = variable {
        command.env("HOME", place);
    }
    Ended::from_output(command.output().expect("the program runs"))
}

#[test]
fn the_flags_say_everything_that_is_needed() {
    for (number, variable) in HOMES.into_iter().enumerate() {
        let home = Home::new(&format!("homeless-{number}"));
        let path = |name: &str| home.path(name).to_str().expect("UTF-8").to_owned();
        let (ledger, key, public) =
            (path("elsewhere/ledger"), path("elsewhere/key"), path("elsewhere/key.pub"));
        let asked =
            run(&home, variable, &["ask", "--direct", PRIME, "--json", "--ledger", &ledger, "--key", &key]);
        assert_eq!((asked.code, &asked.json()["answer"]), (0, &json!("yes")), "{variable:?}: {asked:?}");
        assert_eq!(asked.json()["ledger"]["path"], json!(ledger), "{variable:?}");
        let at = ["--ledger", ledger.as_str()];
        let job = asked.json()["job"].as_str().expect("a job").to_owned();
        for words in [
            &["ledger", "show"][..],
            &["ledger", "show", &job],
            &["ledger", "show", "--json"],
            &["ledger", "trace"],
            &["ledger", "verify", "--key", &public],
        ] {
            let ended = run(&home, variable, &[words, &at].concat());
            assert_eq!(ended.code, 0, "{variable:?} {words:?}: {ended:?}");
        }
        let shown = run(&home, variable, &[&["ledger", "show", "--json"], &at[..]].concat()).json();
        let blob = shown["entries"]
            .as_array()
            .expect("entries")
            .iter()
            .find_map(|entry| entry["body"]["blobs"][0].as_str());
        let blob =
            run(&home, variable, &[&["ledger", "blob", blob.expect("a blob"), "--json"], &at[..]].concat());
        assert_eq!(blob.code, 0, "{variable:?}: {blob:?}");
    }
}

#[test]
fn without_a_ledger_nothing_is_written() {
    for (number, variable) in HOMES.into_iter().enumerate() {
        let home = Home::new(&format!("unkept-{number}"));
        let asked = run(&home, variable, &["ask", "--direct", PRIME, "--json", "--no-ledger"]);
        assert_eq!((asked.code, &asked.json()["answer"]), (0, &json!("yes")), "{variable:?}: {asked:?}");
        assert_eq!(asked.json()["ledger"], json!(null), "{variable:?}");
        let told = run(&home, variable, &["ask", "--direct", PRIME, "--no-ledger"]);
        assert!(told.code == 0 && told.err.contains("ledger: none"), "{variable:?}: {told:?}");
        assert!(
            std::fs::read_dir(home.path("work")).expect("a folder").next().is_none(),
            "nothing was written"
        );
        assert!(!home.ledger().exists());
    }
    let home = Home::new("unkept-home");
    let asked = home.run(["ask", "--direct", PRIME, "--no-ledger"]);
    assert!(
        asked.code == 0 && std::fs::read_dir(home.path("home")).expect("a folder").next().is_none(),
        "{asked:?}"
    );
    let both = home.run(["ask", "--direct", PRIME, "--no-ledger", "--ledger", "here"]);
    both.is_refused(&["cannot be used with", "--ledger"]);
}

#[test]
fn a_place_that_is_needed_is_asked_for_by_its_flag() {
    let home = Home::new("needed");
    let ledger = home.path("ledger").to_str().expect("UTF-8").to_owned();
    run(&home, None, &["ask", "--direct", PRIME]).is_refused(&["HOME", "--ledger PATH", "--no-ledger"]);
    run(&home, None, &["ask", "--direct", PRIME, "--ledger", &ledger]).is_refused(&["HOME", "--key FILE"]);
    run(&home, None, &["ledger", "show"]).is_refused(&["HOME", "--ledger PATH"]);
    run(&home, Some("/proc/home"), &["ask", "--direct", PRIME, "--ledger", &ledger])
        .is_refused(&["/proc/home/.config/nmk", "--key FILE"]);
    assert!(!home.path("ledger").exists(), "nothing was made before the key was refused");
}

#[test]
fn the_primitives_of_the_kernel_are_found_without_a_home() {
    let home = Home::new("homeless-prims");
    let listed = run(&home, None, &["prims", "list", "--json"]);
    assert_eq!((listed.code, &listed.json()["admitted"]), (0, &json!([])), "{listed:?}");
    let found = run(&home, None, &["prims", "find", "greatest common divisor", "--json"]);
    assert_eq!((found.code, &found.json()["try"]), (0, &json!(["gcd"])), "{found:?}");
    // A faulty configuration is no missing home.
    let path = home.write("work/bad.toml", "nonsense = 1\n").display().to_string();
    assert_eq!(run(&home, None, &["prims", "find", "gcd", "--config", &path]).code, 2);
}
