//! Any number of processes share a ledger; what a process left open is ended by the next one, and nothing else is.

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use common::home::{Ended, Home};
use serde_json::json;
use synthetic::stub::{Step, Stub, says};

const PROMPT: &str = "Is 7 a prime number?";

/// An endpoint that answers rightly, after a while.
fn slow(wait: Duration) -> Stub {
    Stub::start(move |_| [vec![Step::Wait(wait)], says("Answer: yes")].concat())
}

fn ask(base: &str) -> [&str; 7] {
    ["ask", PROMPT, "--json", "--model", base, "--model-name", "small"]
}

/// A job that is in the ledger while its endpoint is waited for.
fn run(base: &str) -> [&str; 10] {
    ["run", "--request", "Say yes.", "--kind", "text", "--json", "--model", base, "--model-name", "small"]
}

fn wait(child: Child) -> Ended {
    Ended::from_output(child.wait_with_output().expect("the program ends"))
}

/// The ends of all jobs of the ledger, sorted, by the trace; the trace contradicts nothing.
fn ends(home: &Home) -> Vec<String> {
    let traced = home.run(["ledger", "trace", "--json"]);
    assert_eq!(traced.code, 0, "{traced:?}");
    let traced = traced.json();
    let jobs = traced["jobs"].as_array().expect("jobs").iter();
    let mut ends: Vec<String> = jobs.map(|job| job["end"].as_str().expect("a word").to_owned()).collect();
    ends.sort();
    ends
}

/// Waits until the ledger has an open job, whose process therefore waits for its endpoint.
fn wait_for_an_open_job(home: &Home) {
    for _ in 0..2000 {
        let traced = home.run(["ledger", "trace", "--json"]);
        if traced.out.contains("\"end\":\"open\"") {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("no job was opened");
}

#[test]
fn twelve_at_once_all_answer() {
    let home = Home::new("twelve");
    let stub = slow(Duration::from_millis(150));
    let base = stub.base();
    let children: Vec<Child> = (0..12).map(|_| home.start(ask(&base))).collect();
    let ended: Vec<Ended> = children.into_iter().map(wait).collect();
    let mut heads = BTreeSet::new();
    for ended in &ended {
        assert_eq!((ended.code, &ended.json()["answer"]), (0, &json!("yes")), "{ended:?}");
        heads.insert(ended.json()["ledger"]["head"].as_str().expect("a head").to_owned());
    }
    assert_eq!(heads.len(), 12, "each has a head of its own");
    for head in &heads {
        assert_eq!(home.run(["ledger", "verify", "--head", head]).code, 0);
    }
    assert_eq!(ends(&home), vec!["committed"; 12]);
    assert!(std::fs::read_dir(home.ledger().join("jobs")).expect("a folder").next().is_none());
}

#[test]
fn a_killed_job_is_closed_by_the_next_writer_and_a_living_one_is_not() {
    let home = Home::new("interrupted");
    let stub = slow(Duration::from_secs(2));
    let base = stub.base();
    let mut killed = home.start(run(&base));
    wait_for_an_open_job(&home);
    killed.kill().expect("it runs");
    killed.wait().expect("it is dead");
    assert_eq!(ends(&home), ["open"]);
    // The living job is open while the other process works on the same ledger.
    let living = home.start(run(&base));
    for _ in 0..2000 {
        if ends(&home) == ["abstained", "open"] {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let direct = home.run(["ask", PROMPT, "--direct", "--json"]);
    assert_eq!((direct.code, direct.err.contains("closed in the ledger")), (0, false), "{direct:?}");
    assert_eq!(ends(&home), ["abstained", "committed", "open"]);
    let living = wait(living);
    assert_eq!(living.code, 0, "{living:?}");
    assert!(living.err.contains("1 job closed in the ledger"), "{living:?}");
    assert_eq!(ends(&home), ["abstained", "committed", "committed"]);
    let shown = home.run(["ledger", "show", "--json"]).json();
    let causes =
        shown["entries"].as_array().expect("entries").iter().filter(|entry| entry["kind"] == "abstained");
    let causes: Vec<_> = causes.map(|entry| entry["body"]["reason"].clone()).collect();
    assert_eq!(causes, [json!("the process ended before the job did")]);
}

/// Returns the names in the folder of claims, which is empty when no process works on a job.
fn claims(home: &Home) -> Vec<String> {
    let names = std::fs::read_dir(home.ledger().join("jobs")).expect("a folder");
    names.map(|name| name.expect("a name").file_name().into_string().expect("UTF-8")).collect()
}

#[test]
fn a_question_that_is_killed_while_it_waits_is_closed_by_the_next_writer() {
    let schema = ["ask", PROMPT, "--json", "--schema", "yes.json", "--model-name", "small", "--model"];
    for (name, words) in [("killed-ask", None), ("killed-ask-under", Some(schema))] {
        let home = Home::new(name);
        home.write("work/yes.json", "{\"type\": \"boolean\"}");
        let stub = slow(Duration::from_secs(20));
        let base = stub.base();
        let mut killed = match words {
            None => home.start(ask(&base)),
            Some(words) => home.start(words.into_iter().chain([base.as_str()])),
        };
        wait_for_an_open_job(&home);
        assert_eq!(claims(&home).len(), 1, "its process lives");
        killed.kill().expect("it runs");
        killed.wait().expect("it is dead");
        assert_eq!((ends(&home), claims(&home).len()), (vec!["open".to_owned()], 1));
        let next = home.run(["ask", PROMPT, "--direct", "--json"]);
        assert!(next.code == 0 && next.err.contains("1 job closed in the ledger"), "{next:?}");
        assert_eq!(ends(&home), ["abstained", "committed"]);
        assert_eq!(claims(&home), Vec::<String>::new(), "nothing stays behind");
        assert_eq!(home.run(["ledger", "verify"]).code, 0);
        let again = home.run(["ask", PROMPT, "--direct", "--json"]);
        assert_eq!((again.code, again.err.contains("closed in the ledger")), (0, false), "{again:?}");
    }
}

#[test]
fn a_claim_of_nobody_is_removed_and_that_of_a_living_process_is_not() {
    let home = Home::new("claims");
    assert_eq!(home.run(["ask", PROMPT, "--direct"]).code, 0);
    // A process that is killed before it opens its job leaves this, and one that is killed right after the end too.
    for job in ["job-0000000000000007", "job-ffffffffffffffff"] {
        std::fs::write(home.ledger().join("jobs").join(job), "").expect("a claim");
    }
    let stub = slow(Duration::from_secs(2));
    let living = home.start(ask(&stub.base()));
    wait_for_an_open_job(&home);
    let living_claim = claims(&home);
    assert_eq!(living_claim.len(), 1, "{living_claim:?}");
    let direct = home.run(["ask", PROMPT, "--direct"]);
    assert_eq!((direct.code, direct.err.contains("closed in the ledger")), (0, false), "{direct:?}");
    assert_eq!(claims(&home), living_claim, "the living process keeps its claim");
    assert_eq!(wait(living).code, 0);
    assert_eq!((claims(&home), ends(&home)), (Vec::new(), vec!["committed".to_owned(); 3]));
}

#[test]
fn a_job_whose_claim_is_removed_is_ended_once() {
    for removed in [false, true] {
        let home = Home::new(if removed { "unclaimed" } else { "claimed" });
        let stub = slow(Duration::from_millis(1500));
        let base = stub.base();
        let first = home.start(run(&base));
        wait_for_an_open_job(&home);
        if removed {
            std::fs::remove_dir_all(home.ledger().join("jobs")).expect("the claims");
        }
        let second = home.run(["ask", PROMPT, "--direct", "--json"]);
        assert_eq!(
            (second.code, second.err.contains("1 job closed in the ledger")),
            (0, removed),
            "{second:?}"
        );
        let first = wait(first);
        if removed {
            let error = first.json()["error"].to_string();
            assert!(first.code == 2 && error.contains("has ended in this history"), "{first:?}");
            assert_eq!(first.json()["code"], json!("ledger"));
            assert!(!first.out.contains("\"answer\""), "what is not recorded is not shown: {first:?}");
        } else {
            assert_eq!(first.code, 0, "{first:?}");
        }
        let expected = if removed { ["abstained", "committed"] } else { ["committed", "committed"] };
        assert_eq!(ends(&home), expected);
        assert_eq!(home.run(["ledger", "verify"]).code, 0);
    }
}

#[test]
fn a_lock_that_is_removed_while_an_answer_is_waited_for_changes_nothing() {
    let home = Home::new("unlocked");
    let stub = slow(Duration::from_millis(800));
    let base = stub.base();
    let first = home.start(run(&base));
    wait_for_an_open_job(&home);
    std::fs::remove_file(home.ledger().join("lock")).expect("the lock");
    let second = home.run(["ask", PROMPT, "--direct", "--json"]);
    let first = wait(first);
    for ended in [&first, &second] {
        assert_eq!(ended.code, 0, "{ended:?}");
        let head = ended.json()["ledger"]["head"].as_str().expect("a head").to_owned();
        assert_eq!(home.run(["ledger", "verify", "--head", &head]).code, 0);
    }
    assert_eq!(ends(&home), ["committed", "committed"]);
}

#[test]
fn an_older_head_that_is_put_back_is_refused_and_nothing_is_cut() {
    let home = Home::new("rolled-back");
    let direct = || home.run(["ask", PROMPT, "--direct", "--json"]);
    assert_eq!(direct().code, 0);
    let (head, entries) = (home.ledger().join("head"), home.ledger().join("entries"));
    let older = std::fs::read(&head).expect("the head");
    assert_eq!(direct().code, 0);
    let newest = std::fs::read(&head).expect("the head");
    let whole = std::fs::read(&entries).expect("the entries");
    std::fs::write(&head, &older).expect("the head");
    let refused = direct();
    assert_eq!(refused.code, 2, "{refused:?}");
    let words = ["that no writer announced", "restore the newest one", "nmk ledger repair"];
    assert!(words.iter().all(|words| refused.err.contains(words)), "{refused:?}");
    assert_eq!(home.run(["ledger", "verify"]).code, 1);
    assert_eq!(std::fs::read(&entries).expect("the entries"), whole);
    std::fs::write(&head, &newest).expect("the head");
    assert_eq!((direct().code, ends(&home).len()), (0, 3));
    // Told to, it sets them aside; then the history is the older one, and goes on.
    std::fs::write(&head, &older).expect("the head");
    let repaired = home.run(["ledger", "repair", "--json"]);
    assert_eq!(repaired.code, 0, "{repaired:?}");
    assert!(repaired.json()["set_aside_bytes"].as_u64() > Some(0), "{repaired:?}");
    let aside = std::fs::read(home.ledger().join("aside/0.entries")).expect("what was set aside");
    assert!(!aside.is_empty());
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
    assert_eq!((direct().code, ends(&home).len()), (0, 2));
}

#[cfg(unix)]
#[test]
fn a_cloned_folder_makes_nothing_outside_change() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let home = Home::new("cloned");
    let diary = home.write("home/diary", "dear");
    let outside = home.path("home/outside");
    std::fs::create_dir(&outside).expect("a folder");
    std::fs::set_permissions(&outside, PermissionsExt::from_mode(0o755)).expect("a mode");
    home.write("work/nmk.toml", "ledger = \"ledger\"\n");
    let ledger = home.path("work/ledger");
    let make = |name: &str, target: &Path| symlink(target, ledger.join(name)).expect("a link");
    let direct = |more: &[&str]| home.run([&["ask", PROMPT, "--direct"], more].concat());
    // As the configuration says: refused before anything is opened.
    std::fs::create_dir(&ledger).expect("a folder");
    direct(&[]).is_refused(&["`ledger`", "work/nmk.toml", "--ledger"]);
    assert!(std::fs::read_dir(&ledger).expect("a folder").next().is_none());
    // As the user says who trusts the folder too much: each name of a ledger leads elsewhere.
    for name in ["entries", "head", "head.new", "head.tmp", "blob.tmp", "lock", "blobs", "jobs", "aside"] {
        for target in [&diary, &outside, &home.path("home/new"), Path::new("/dev/null")] {
            std::fs::remove_dir_all(&ledger).expect("a folder");
            std::fs::create_dir(&ledger).expect("a folder");
            make(name, target);
            let refused = direct(&["--ledger", "ledger"]);
            assert_eq!(refused.code, 2, "{name}: {refused:?}");
            assert!(
                refused.err.contains("symbolic link") && refused.err.contains(name),
                "{name}: {refused:?}"
            );
        }
    }
    std::fs::remove_dir_all(&ledger).expect("a folder");
    symlink(&outside, &ledger).expect("a link");
    direct(&["--ledger", "ledger"]).is_refused(&["symbolic link", "ledger"]);
    assert_eq!(std::fs::read_to_string(&diary).expect("the diary"), "dear");
    assert!(!home.path("home/new").exists());
    assert!(std::fs::read_dir(&outside).expect("a folder").next().is_none());
    assert_eq!(std::fs::metadata(&outside).expect("a folder").mode() & 0o777, 0o755);
}

#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_named_at_once() {
    let home = Home::new("strange");
    let direct = |more: &[&str]| home.run([&["ask", PROMPT, "--direct"], more].concat());
    assert_eq!(direct(&[]).code, 0);
    for name in ["entries", "head", "head.new", "lock", "head.tmp", "aside", "note"] {
        let (path, kept) = (home.ledger().join(name), home.path("kept"));
        let was_there = std::fs::rename(&path, &kept).is_ok();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
        let verified = home.run(["ledger", "verify", "--json"]);
        assert_eq!(verified.code, 1, "{name}: {verified:?}");
        assert!(verified.err.contains("FIFO") && verified.err.contains(name), "{verified:?}");
        if name != "note" {
            direct(&[]).is_refused(&["FIFO", name]);
        }
        std::fs::remove_file(&path).expect("the FIFO");
        if was_there {
            std::fs::rename(&kept, &path).expect("it was there");
        }
        assert_eq!(home.run(["ledger", "verify"]).code, 0, "{name}");
    }
}

#[test]
fn verify_says_whom_it_trusts_and_compares_the_pair() {
    let home = Home::new("trusted");
    assert_eq!(home.run(["ask", PROMPT, "--direct"]).code, 0);
    let public = std::fs::read_to_string(home.path("home/.config/nmk/key.pub")).expect("the key");
    let verified = home.run(["ledger", "verify"]);
    let said = [public.trim(), "home/.config/nmk/key.pub", "the pair of the private key"];
    assert!(said.iter().all(|words| verified.out.contains(words)), "{verified:?}");
    let object = home.run(["ledger", "verify", "--json"]).json();
    assert_eq!((&object["key"]["public"], &object["key"]["paired"]), (&json!(public.trim()), &json!(true)));
    // Another's ledger and another's public key, in place of the user's own.
    let other = Home::new("other");
    assert_eq!(other.run(["ask", PROMPT, "--direct"]).code, 0);
    std::fs::remove_dir_all(home.ledger()).expect("the ledger");
    std::fs::rename(other.ledger(), home.ledger()).expect("a ledger");
    std::fs::copy(other.path("home/.config/nmk/key.pub"), home.path("home/.config/nmk/key.pub"))
        .expect("a key");
    home.run(["ledger", "verify"]).is_refused(&["is not the public key of the key beside it", "key.pub"]);
    home.run(["ledger", "replay"]).is_refused(&["is not the public key of the key beside it"]);
    // Without the private key there is nothing to compare, and that is said.
    std::fs::remove_file(home.path("home/.config/nmk/key")).expect("the key");
    let verified = home.run(["ledger", "verify"]);
    assert!(verified.code == 0 && verified.out.contains("no private key there"), "{verified:?}");
}

#[test]
fn nothing_that_was_run_again_is_no_success() {
    let home = Home::new("nothing");
    assert_eq!(home.run(["ask", PROMPT, "--direct"]).code, 0);
    let nobody = ["--job", "job-0000000000000001"];
    for command in [["ledger", "replay"], ["ledger", "trace"]] {
        assert_eq!(home.run(command).code, 0, "{command:?}");
        let ended = home.run(command.iter().chain(&nobody));
        assert_eq!(ended.code, 2, "{ended:?}");
    }
}
