//! `nmk memory` through the program: entries come back, refusals name the way out, and nothing is lost on the way.

mod common;

use common::home::Home;

#[test]
fn entries_are_stored_found_and_removed() {
    let home = Home::new("memory");
    let put = home.run(["memory", "put", "capital of France", "Paris", "--kind", "fact", "--json"]);
    assert_eq!((put.code, put.json()["replaced"].as_bool()), (0, Some(false)), "{put:?}");
    assert!(home.path("home/.local/state/nmk-memory/memory.sqlite").is_file(), "it lies beside the ledger");
    assert!(!home.ledger().exists(), "no ledger was made");
    assert_eq!(home.run(["memory", "get", "capital of France"]).out, "Paris\n");
    let list = r#"{"city": "Lyon", "country": "France", "people": 522250}"#;
    assert_eq!(home.run(["memory", "put", "silk", list, "--parse", "--worth", "3"]).code, 0);
    let got = home.run(["memory", "get", "silk", "--json"]).json();
    assert_eq!(got["entry"]["value"]["people"], 522_250);
    assert_eq!((&got["entry"]["worth"], &got["entry"]["kind"]), (&3.into(), &"note".into()));

    let found = home.run(["memory", "consult", "the capital of France?", "--json"]).json();
    let keys: Vec<&str> =
        found["recalled"].as_array().expect("a list").iter().filter_map(|one| one["key"].as_str()).collect();
    assert_eq!(keys, ["capital of France", "silk"]);
    assert!(found["tokens"].as_u64().expect("a number") <= 1000);
    let shown = home.run(["memory", "consult", "the capital of France?"]).out;
    assert!(shown.contains("capital of France (fact,") && shown.contains("\n  Paris\n"), "{shown}");

    let listed = home.run(["memory", "list", "--json"]).json();
    assert_eq!(listed["entries"].as_array().map(Vec::len), Some(3));
    assert_eq!(listed["entries"][0]["key"], "__governance__");
    assert_eq!(home.run(["memory", "delete", "silk"]).out, "deleted: silk\n");
    for words in [["delete", "silk"], ["get", "silk"], ["pin", "silk"]] {
        let ended = home.run([&["memory"][..], &words].concat());
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{ended:?}");
        assert!(ended.err.contains("no entry has the key `silk`"), "{ended:?}");
        let ended = home.run([&["memory"][..], &words, &["--json"]].concat());
        assert_eq!((ended.code, ended.json()["key"].as_str()), (1, Some("silk")), "{ended:?}");
    }
    let stats = home.run(["memory", "stats", "--check", "--json"]).json();
    assert_eq!((stats["entries"].as_u64(), stats["quota_bytes"].as_u64()), (Some(2), Some(100 << 20)));
}

#[test]
fn pins_and_rules_are_guarded() {
    let home = Home::new("memory-pins");
    assert_eq!(home.run(["memory", "put", "rule", "be brief", "--pin"]).code, 0);
    home.run(["memory", "delete", "rule"]).is_refused(&["`rule` is pinned", "unpin"]);
    home.run(["memory", "delete", "__governance__", "--pinned"]).is_refused(&["belongs to the store"]);
    assert_eq!(home.run(["memory", "unpin", "rule"]).out, "unpinned: rule\n");
    assert_eq!(home.run(["memory", "pin", "rule"]).out, "pinned: rule\n");
    assert_eq!(home.run(["memory", "delete", "rule", "--pinned"]).code, 0);
}

#[test]
fn an_export_is_imported_elsewhere() {
    let home = Home::new("memory-lines");
    home.run(["memory", "put", "a", "one\ntwo", "--pin"]);
    home.run(["memory", "put", "b", "[1, 0.1, 1e400]", "--parse"]);
    let exported = home.run(["memory", "export", "--to", "e.jsonl", "--json"]).json();
    assert_eq!(exported["entries"], 2);
    home.run(["memory", "export", "--to", "e.jsonl"]).is_refused(&["e.jsonl", "check the path"]);
    let imported = home.run(["memory", "import", "e.jsonl", "--memory", "other", "--json"]).json();
    assert_eq!((&imported["entries"], &imported["replaced"]), (&2.into(), &0.into()));
    home.run(["memory", "export", "--to", "f.jsonl", "--memory", "other"]);
    let read = |name: &str| std::fs::read_to_string(home.path("work").join(name)).expect("the file");
    assert_eq!(read("e.jsonl"), read("f.jsonl"));
    home.write("work/bad.jsonl", "{\"key\": \"x\", \"value\": 1}\n{\"key\": \"y\"}\n");
    home.run(["memory", "import", "bad.jsonl"]).is_refused(&["line 2", "`value` is missing"]);
    assert_eq!(home.run(["memory", "get", "x"]).code, 1, "nothing was imported");
    home.run(["memory", "import", "absent.jsonl"]).is_refused(&["absent.jsonl", "check the path"]);
}

#[test]
fn reading_makes_no_memory() {
    let home = Home::new("memory-missing");
    for folder_is_there in [false, true] {
        if folder_is_there {
            home.write("home/.local/state/nmk-memory/memory.sqlite", "");
        }
        assert_eq!(home.run(["memory", "get", "k"]).code, 1);
        assert_eq!(home.run(["memory", "get", "__governance__"]).code, 0);
        let listed = home.run(["memory", "list", "--json"]).json();
        assert_eq!(listed["entries"].as_array().map(Vec::len), Some(1), "{listed}");
        assert_eq!(home.run(["memory", "stats", "--check", "--json"]).json()["entries"], 1);
        assert_eq!(home.run(["memory", "consult", "anything"]).code, 0);
        assert_eq!(home.run(["memory", "delete", "k"]).code, 1);
        assert_eq!(home.run(["memory", "pin", "k"]).code, 1);
        let graph = home.write(
            "work/list.toml",
            "[[task]]\nname = \"list\"\noperation = \"tool.memory\"\narguments = { action = \"list\" }\nanswer = true\n",
        );
        let ran = home.run(["run", &graph.display().to_string(), "--grant", "op:memory"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let length =
            std::fs::metadata(home.path("home/.local/state/nmk-memory/memory.sqlite")).map(|file| file.len());
        assert_eq!(length.ok(), folder_is_there.then_some(0), "nothing was written");
    }
    assert_eq!(home.run(["memory", "put", "k", "v"]).code, 0);
    assert_eq!(home.run(["memory", "get", "k"]).out, "v\n");
}

#[test]
fn quota_and_place_come_from_the_configuration() {
    let home = Home::new("memory-config");
    let file = home.write("small.toml", "[memory]\nquota_bytes = 1048576\nfolder = \"here\"\n");
    let config = file.to_str().expect("a path");
    let stats = home.run(["memory", "stats", "--json", "--config", config]).json();
    assert_eq!(stats["quota_bytes"], 1_048_576);
    assert_eq!(home.run(["memory", "put", "k", "v", "--config", config]).code, 0);
    assert!(home.path("here/memory.sqlite").is_file());
    let large = "x".repeat(40_000);
    let ended = home.run(["memory", "put", "k", &large, "--config", config, "--json"]);
    assert_eq!((ended.code, ended.json()["code"].as_str()), (2, Some("memory")), "{ended:?}");
    let tiny = home.write("tiny.toml", "[memory]\nquota_bytes = 1000\n");
    let tiny = tiny.to_str().expect("a path");
    home.run(["memory", "stats", "--config", tiny]).is_refused(&[
        "memory.quota_bytes",
        "too small",
        "at least 1048576",
    ]);
    home.write("work/nmk.toml", "[memory]\nfolder = \"/tmp\"\n");
    home.run(["memory", "stats"]).is_refused(&["memory.folder", "pass --memory DIR"]);
    home.write("work/nmk.toml", "");
    home.write("home/.local/state/nmk-memory/memory.sqlite", "this is no database, whatever it is called");
    home.run(["memory", "stats"]).is_refused(&["is damaged", "memory.sqlite"]);
    let homeless = home.command(["memory", "stats"], &[]).env_remove("HOME").output().expect("it runs");
    let err = String::from_utf8_lossy(&homeless.stderr).into_owned();
    assert!(homeless.status.code() == Some(2) && err.contains("pass --memory DIR"), "{err}");
}
