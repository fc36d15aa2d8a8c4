//! A ledger that is handed over: checked under a key that is named, never written without its private key, and what is
//! forgotten in it is named wherever else it lies.

mod common;

use std::path::PathBuf;

use common::home::Home;
use synthetic::stub::{Stub, says};

const PROMPT: &str = "My secret number is 4221. Good morning!";

/// Asks a stub server for conversation.
fn ask(home: &Home) -> common::home::Ended {
    let stub = Stub::start(|_| says("Good morning!"));
    home.run(["ask", PROMPT, "--model", &stub.base(), "--model-name", "small"])
}

/// Returns the place of the private key.
fn key(home: &Home) -> PathBuf {
    PathBuf::from(home.run(["config", "--json"]).json()["key"].as_str().expect("a path"))
}

#[test]
fn a_lone_public_key_checks_and_does_not_write() {
    let home = Home::new("handed-over");
    assert_eq!(ask(&home).code, 0);
    let (private, elsewhere) = (key(&home), home.path("private"));
    std::fs::rename(&private, &elsewhere).expect("the private key");
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
    ask(&home).is_refused(&["only a public key is here", "checked and not written"]);
    assert!(!private.exists(), "no other private key is put beside it");
    assert_eq!(home.run(["ledger", "verify"]).code, 0, "what was refused left it as it was");
    // The public key is named by its file, in any place.
    let public = home.path("from-a-friend.pub");
    std::fs::rename(private.with_extension("pub"), &public).expect("the public key");
    home.run(["ledger", "verify"]).is_refused(&["no public key"]);
    let named = public.to_str().expect("UTF-8");
    let verified = home.run(["ledger", "verify", "--key", named]);
    assert!(verified.code == 0 && verified.out.contains("from-a-friend.pub"), "{verified:?}");
}

/// Whoever can replace the pair of keys decides whom a verification trusts.
#[cfg(unix)]
#[test]
fn a_folder_of_keys_that_all_users_may_change_is_refused() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new("handed-over-open");
    assert_eq!(ask(&home).code, 0);
    let folder = key(&home).parent().expect("a folder").to_path_buf();
    let set = |mode| std::fs::set_permissions(&folder, Permissions::from_mode(mode)).expect("its owner");
    set(0o777);
    home.run(["ledger", "verify"]).is_refused(&["others may change it"]);
    ask(&home).is_refused(&["others may change it"]);
    set(0o1777);
    assert_eq!(
        home.run(["ledger", "verify"]).code,
        0,
        "nobody may replace another's file in a sticky folder"
    );
    set(0o755);
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
}

#[test]
fn where_there_is_no_ledger_that_is_what_is_said() {
    let home = Home::new("handed-over-nothing");
    for command in ["verify", "replay", "repair"] {
        home.run(["ledger", command]).is_refused(&["no ledger in"]);
    }
}

#[test]
fn what_is_forgotten_is_named_wherever_else_it_lies() {
    let home = Home::new("handed-over-forgotten");
    assert_eq!(ask(&home).code, 0);
    let shown = home.run(["ledger", "show", "--json"]).json();
    let entries = shown["entries"].as_array().expect("entries");
    let proposed = entries.iter().find(|entry| entry["kind"] == "proposed").expect("a proposal");
    let prompt = proposed["body"]["record"]["blobs"]["prompt"].as_str().expect("a digest");
    let first = home.run(["ledger", "forget", prompt, "--reason", "private", "--json"]);
    let also = first.json()["also_in"].as_array().expect("a list").clone();
    assert_eq!((first.code, also.len()), (0, 1), "the input of the task has the prompt too: {first:?}");
    assert!(first.err.contains("forget that one too"), "{first:?}");
    let also = also[0].as_str().expect("a digest");
    let second = home.run(["ledger", "forget", also, "--reason", "private", "--json"]);
    assert_eq!((second.code, second.json()["also_in"].clone()), (0, serde_json::json!([])), "{second:?}");
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
    assert!(!in_some_blob(&home.ledger().join("blobs")), "the text is nowhere in the ledger");
}

/// Returns true if a file below `folder` contains the secret.
fn in_some_blob(folder: &std::path::Path) -> bool {
    std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).any(|path| {
        if path.is_dir() {
            return in_some_blob(&path);
        }
        std::fs::read(&path).expect("a blob").windows(4).any(|part| part == b"4221")
    })
}
