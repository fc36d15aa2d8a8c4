//! Every flag acts or is refused: no command ignores what it was told.

mod common;

use std::collections::BTreeSet;
use std::net::TcpListener;

use common::home::Home;

/// A flag of a command, with the command lines in which it would change nothing.
type Row = (&'static str, &'static str, &'static [&'static [&'static str]]);

const HTTP: &[&str] = &["--model", "http://127.0.0.1:9/v1", "--model-name", "m"];
const GRAPH: &[&str] = &["docs/sum.toml"];
const DRY: &[&str] = &["--request", "Describe a cat.", "--dry-run"];
const LOCAL: &[&str] = &["--model", "embedded"];
const PLACE: &[&str] = &["--ledger", "place"];
const CONTRACTS: &[&[&str]] = &[&["Hi", "--schema", "s.json"], &["Hi", "--contract", "c.toml"]];
const DRAWN: &[&[&str]] = &[&[], &["--temperature", "0"]];
const KEY: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const ALWAYS: &[&[&str]] = &[&[]];

/// The flags of every command. A flag without a command line acts in every one.
const TABLE: &[Row] = &[
    ("ask", "--file", &[&["Hi"]]),
    ("ask", "--system", &[]),
    ("ask", "--messages", &[]),
    ("ask", "--model", &[]),
    ("ask", "--model-name", &[&["Hi"], LOCAL]),
    ("ask", "--ca-file", &[&["Hi"], LOCAL, HTTP]),
    ("ask", "--require", &[]),
    ("ask", "--schema", &[&["Hi", "--direct"], &["Hi", "--contract", "c.toml"]]),
    ("ask", "--contract", &[&["Hi", "--direct"], &["Hi", "--schema", "s.json"]]),
    ("ask", "--python", &[&["Hi"]]),
    ("ask", "--remember", &[]),
    ("ask", "--show-unproven", &[]),
    ("ask", "--thinking", &[]),
    ("ask", "--show-thinking", &[]),
    (
        "ask",
        "--no-stream",
        &[&["Hi", "--json"], &["Hi", "--schema", "s.json"], &["Hi", "--contract", "c.toml"]],
    ),
    ("ask", "--direct", &[&["Hi", "--schema", "s.json"], &["Hi", "--contract", "c.toml"]]),
    ("ask", "--max-new", &[]),
    ("ask", "--cost", CONTRACTS),
    ("ask", "--importance", CONTRACTS),
    ("ask", "--budget", CONTRACTS),
    ("ask", "--policy-mode", CONTRACTS),
    ("ask", "--risk", CONTRACTS),
    ("ask", "--grant", CONTRACTS),
    ("ask", "--deny", CONTRACTS),
    ("ask", "--threads", &[HTTP]),
    ("ask", "--isa", &[HTTP]),
    ("ask", "--chunk", &[HTTP]),
    ("ask", "--speculate", &[HTTP]),
    ("ask", "--state", &[HTTP]),
    ("ask", "--forbid", &[HTTP, &["Hi", "--direct"]]),
    ("ask", "--forbid-word", &[HTTP, &["Hi", "--direct"]]),
    ("ask", "--forbid-pattern", &[HTTP, &["Hi", "--direct"]]),
    ("ask", "--ledger", &[&["Hi", "--no-ledger"]]),
    ("ask", "--key", &[&["Hi", "--no-ledger"]]),
    ("ask", "--no-ledger", &[&["Hi", "--ledger", "place"], &["Hi", "--key", "place"]]),
    ("ask", "--config", &[]),
    ("ask", "--json", &[]),
    ("run", "--request", &[GRAPH]),
    ("run", "--kind", &[GRAPH]),
    ("run", "--template", &[GRAPH]),
    (
        "run",
        "--learnings",
        &[GRAPH, DRY, &["--request", "Hi", "--no-ledger"], &["--request", "Hi", "--no-memory"]],
    ),
    ("run", "--no-memory", &[DRY, &["--request", "Hi", "--learnings"]]),
    ("run", "--schema", &[GRAPH, &["--request", "Hi", "--contract", "c.toml"]]),
    ("run", "--contract", &[GRAPH, &["--request", "Hi", "--schema", "s.json"]]),
    ("run", "--python", &[GRAPH, DRY]),
    ("run", "--planner", &[GRAPH, DRY]),
    ("run", "--dry-run", &[]),
    ("run", "--workers", &[DRY]),
    ("run", "--cost", &[DRY]),
    ("run", "--importance", &[GRAPH, DRY]),
    ("run", "--budget", &[GRAPH, DRY]),
    ("run", "--risk", &[GRAPH, DRY]),
    ("run", "--policy-mode", &[GRAPH, DRY]),
    ("run", "--grant", &[]),
    ("run", "--primitives", &[GRAPH, DRY]),
    ("run", "--model", &[GRAPH, DRY]),
    ("run", "--model-name", &[GRAPH, DRY]),
    ("run", "--ca-file", &[GRAPH, DRY]),
    ("run", "--max-new", &[GRAPH, DRY]),
    ("run", "--thinking", &[GRAPH, DRY]),
    ("run", "--show-thinking", &[GRAPH, DRY]),
    ("run", "--threads", &[GRAPH, DRY]),
    ("run", "--isa", &[GRAPH, DRY]),
    ("run", "--chunk", &[GRAPH, DRY]),
    ("run", "--speculate", &[GRAPH, DRY]),
    ("run", "--state", &[GRAPH, DRY]),
    ("run", "--forbid", &[GRAPH, DRY]),
    ("run", "--forbid-word", &[GRAPH, DRY]),
    ("run", "--forbid-pattern", &[GRAPH, DRY]),
    ("run", "--ledger", &[DRY, &["docs/sum.toml", "--no-ledger"]]),
    ("run", "--key", &[DRY, &["docs/sum.toml", "--no-ledger"]]),
    ("run", "--no-ledger", &[DRY, &["docs/sum.toml", "--ledger", "place"]]),
    ("run", "--config", &[DRY]),
    ("run", "--json", &[]),
    ("model inspect", "--positions", &[]),
    ("model inspect", "--threads", ALWAYS),
    ("model inspect", "--isa", ALWAYS),
    ("model inspect", "--chunk", ALWAYS),
    ("model inspect", "--speculate", ALWAYS),
    ("model inspect", "--state", &[]),
    ("model inspect", "--json", &[]),
    ("model tokenize", "--json", &[]),
    ("model logits", "--tokens", &[]),
    ("model logits", "--out", &[]),
    ("model logits", "--threads", &[]),
    ("model logits", "--isa", &[]),
    ("model logits", "--chunk", &[]),
    ("model logits", "--speculate", &[&["--tokens", "5"]]),
    ("model logits", "--state", &[]),
    ("model generate", "--tokens", &[&["--prompt", "Hi"]]),
    ("model generate", "--prompt", &[&["--tokens", "5"]]),
    ("model generate", "--max-new", &[]),
    ("model generate", "--ignore-eos", &[]),
    ("model generate", "--temperature", &[]),
    ("model generate", "--top-k", DRAWN),
    ("model generate", "--top-p", DRAWN),
    ("model generate", "--min-p", DRAWN),
    ("model generate", "--seed", DRAWN),
    ("model generate", "--forbid", &[]),
    ("model generate", "--forbid-word", &[]),
    ("model generate", "--forbid-pattern", &[]),
    ("model generate", "--entropy", &[]),
    ("model generate", "--threads", &[]),
    ("model generate", "--isa", &[]),
    ("model generate", "--chunk", &[]),
    ("model generate", "--speculate", &[]),
    ("model generate", "--state", &[]),
    ("model selftest", "--length", &[]),
    ("model selftest", "--threads", &[]),
    ("model selftest", "--isa", ALWAYS),
    ("model selftest", "--chunk", ALWAYS),
    ("model selftest", "--speculate", ALWAYS),
    ("model selftest", "--state", &[]),
    ("model selftest", "--json", &[]),
    ("bench sched", "--folder", &[]),
    ("bench sched", "--json", &[]),
    ("bench memory", "--folder", &[]),
    ("bench memory", "--quick", &[]),
    ("bench memory", "--json", &[]),
    ("bench prefill", "--model", &[&["--random"]]),
    ("bench prefill", "--random", &[LOCAL]),
    ("bench prefill", "--isa", &[]),
    ("bench prefill", "--state", &[]),
    ("bench prefill", "--quick", &[]),
    ("bench prefill", "--json", &[]),
    ("bench prefill", "--threads", &[]),
    ("bench decode", "--model", &[&["--random"]]),
    ("bench decode", "--random", &[LOCAL]),
    ("bench decode", "--isa", &[]),
    ("bench decode", "--state", &[]),
    ("bench decode", "--quick", &[]),
    ("bench decode", "--json", &[]),
    ("bench decode", "--threads", &[]),
    ("bench park", "--model", &[&["--random"]]),
    ("bench park", "--random", &[LOCAL]),
    ("bench park", "--isa", &[]),
    ("bench park", "--state", &[]),
    ("bench park", "--quick", &[]),
    ("bench park", "--json", &[]),
    ("bench park", "--threads", &[]),
    ("bench trap", "--model", &[&["--random"]]),
    ("bench trap", "--random", &[LOCAL]),
    ("bench trap", "--isa", &[]),
    ("bench trap", "--state", &[]),
    ("bench trap", "--quick", &[]),
    ("bench trap", "--json", &[]),
    ("bench trap", "--threads", &[]),
    ("bench park", "--folder", &[]),
    ("bench policy", "--json", &[]),
    ("eval dispatch", "--log", &[]),
    ("eval dispatch", "--threads", &[]),
    ("eval dispatch", "--isa", &[]),
    ("eval dispatch", "--chunk", &[]),
    ("eval dispatch", "--speculate", &[]),
    ("eval dispatch", "--state", &[]),
    ("eval dispatch", "--json", &[]),
    ("eval entropy", "--items", &[]),
    ("eval entropy", "--seed", &[]),
    ("eval entropy", "--model", &[]),
    ("eval entropy", "--max-new", &[]),
    ("eval entropy", "--plot", &[]),
    ("eval entropy", "--certificate", &[]),
    ("eval entropy", "--days", &[]),
    ("eval entropy", "--key", &[]),
    ("eval entropy", "--log", &[]),
    ("eval entropy", "--threads", &[]),
    ("eval entropy", "--isa", &[]),
    ("eval entropy", "--chunk", &[]),
    ("eval entropy", "--speculate", &[]),
    ("eval entropy", "--state", &[]),
    ("eval entropy", "--json", &[]),
    ("eval factloop", "--items", &[]),
    ("eval factloop", "--seeds", &[]),
    ("eval factloop", "--model", &[]),
    ("eval factloop", "--max-new", &[]),
    ("eval factloop", "--cost", &[]),
    ("eval factloop", "--importance", &[]),
    ("eval factloop", "--risk", &[]),
    ("eval factloop", "--budget", &[]),
    ("eval factloop", "--picture", &[]),
    ("eval factloop", "--log", &[]),
    ("eval factloop", "--threads", &[]),
    ("eval factloop", "--isa", &[]),
    ("eval factloop", "--chunk", &[]),
    ("eval factloop", "--speculate", &[]),
    ("eval factloop", "--state", &[]),
    ("eval factloop", "--json", &[]),
    ("eval inject", "--items", &[]),
    ("eval inject", "--seeds", &[]),
    ("eval inject", "--model", &[]),
    ("eval inject", "--max-new", &[]),
    ("eval inject", "--log", &[]),
    ("eval inject", "--threads", &[]),
    ("eval inject", "--isa", &[]),
    ("eval inject", "--chunk", &[]),
    ("eval inject", "--speculate", &[]),
    ("eval inject", "--state", &[]),
    ("eval inject", "--json", &[]),
    ("eval memory", "--items", &[]),
    ("eval memory", "--seed", &[]),
    ("eval memory", "--model", &[]),
    ("eval memory", "--max-new", &[]),
    ("eval memory", "--log", &[]),
    ("eval memory", "--threads", &[]),
    ("eval memory", "--isa", &[]),
    ("eval memory", "--chunk", &[]),
    ("eval memory", "--speculate", &[]),
    ("eval memory", "--state", &[]),
    ("eval memory", "--json", &[]),
    ("eval width", "--python", &[]),
    ("eval width", "--log", &[]),
    ("eval width", "--json", &[]),
    ("ledger verify", "--ledger", &[]),
    ("ledger verify", "--config", &[]),
    ("ledger verify", "--json", &[]),
    ("ledger verify", "--head", &[]),
    ("ledger verify", "--key", &[]),
    ("ledger replay", "--ledger", &[]),
    ("ledger replay", "--key", &[]),
    ("ledger replay", "--config", &[]),
    ("ledger replay", "--json", &[]),
    ("ledger replay", "--job", &[]),
    ("ledger replay", "--model", &[]),
    ("ledger replay", "--python", &[]),
    ("ledger replay", "--threads", &[]),
    ("ledger replay", "--isa", &[]),
    ("ledger replay", "--chunk", &[]),
    ("ledger replay", "--speculate", &[]),
    ("ledger replay", "--state", &[]),
    ("ledger forget", "--ledger", &[]),
    ("ledger forget", "--key", &[]),
    ("ledger forget", "--config", &[]),
    ("ledger forget", "--json", &[]),
    ("ledger forget", "--reason", &[]),
    ("ledger repair", "--ledger", &[]),
    ("ledger repair", "--key", &[]),
    ("ledger repair", "--config", &[]),
    ("ledger repair", "--json", &[]),
    ("ledger trace", "--ledger", &[]),
    ("ledger trace", "--config", &[PLACE]),
    ("ledger trace", "--json", &[]),
    ("ledger trace", "--job", &[]),
    ("jobs", "--ledger", &[]),
    ("jobs", "--config", &[]),
    ("jobs", "--key", &[]),
    ("jobs", "--last", &[]),
    ("jobs", "--kind", &[]),
    ("jobs", "--since", &[]),
    ("jobs", "--watch", &[&["--json"]]),
    ("jobs", "--json", &[&["--watch"]]),
    ("trace check", "--ledger", &[]),
    ("trace check", "--config", &[]),
    ("trace check", "--key", &[]),
    ("trace check", "--except", &[]),
    ("trace check", "--json", &[]),
    ("ledger show", "--ledger", &[]),
    ("ledger show", "--config", &[PLACE]),
    ("ledger show", "--json", &[]),
    ("ledger show", "--last", &[]),
    ("ledger blob", "--ledger", &[]),
    ("ledger blob", "--config", &[&["4f1c", "--ledger", "place"]]),
    ("ledger blob", "--json", &[]),
    ("ledger show", "--entries", &[&["--json"]]),
    ("memory put", "--kind", &[]),
    ("memory put", "--worth", &[]),
    ("memory put", "--pin", &[]),
    ("memory put", "--parse", &[]),
    ("memory put", "--memory", &[]),
    ("memory put", "--config", &[]),
    ("memory put", "--json", &[]),
    ("memory get", "--memory", &[]),
    ("memory get", "--config", &[]),
    ("memory get", "--json", &[]),
    ("memory list", "--most", &[]),
    ("memory list", "--memory", &[]),
    ("memory list", "--config", &[]),
    ("memory list", "--json", &[]),
    ("memory delete", "--pinned", &[]),
    ("memory delete", "--memory", &[]),
    ("memory delete", "--config", &[]),
    ("memory delete", "--json", &[]),
    ("memory pin", "--memory", &[]),
    ("memory pin", "--config", &[]),
    ("memory pin", "--json", &[]),
    ("memory unpin", "--memory", &[]),
    ("memory unpin", "--config", &[]),
    ("memory unpin", "--json", &[]),
    ("memory stats", "--check", &[]),
    ("memory stats", "--memory", &[]),
    ("memory stats", "--config", &[]),
    ("memory stats", "--json", &[]),
    ("memory consult", "--tokens", &[]),
    ("memory consult", "--memory", &[]),
    ("memory consult", "--config", &[]),
    ("memory consult", "--json", &[]),
    ("memory export", "--to", &[]),
    ("memory export", "--memory", &[]),
    ("memory export", "--config", &[]),
    ("memory export", "--json", &[]),
    ("memory import", "--memory", &[]),
    ("memory import", "--config", &[]),
    ("memory import", "--json", &[]),
    ("prims list", "--primitives", &[]),
    ("prims list", "--ledger", &[&["--no-ledger"]]),
    ("prims list", "--key", &[&["--no-ledger"]]),
    ("prims list", "--no-ledger", &[&["--ledger", "place"], &["--key", "place"]]),
    ("prims list", "--config", &[]),
    ("prims list", "--json", &[]),
    ("solve", "--model", &[]),
    ("solve", "--model-name", &[&[], LOCAL]),
    ("solve", "--ca-file", &[&[], LOCAL, HTTP]),
    ("solve", "--k", &[]),
    ("solve", "--cost", &[&["--k", "1"]]),
    ("solve", "--importance", &[&["--k", "1"]]),
    ("solve", "--budget", &[&["--k", "1"]]),
    ("solve", "--policy-mode", &[&["--k", "1"]]),
    ("solve", "--max-new", &[]),
    ("solve", "--grant", &[]),
    ("solve", "--executor", &[]),
    ("solve", "--python", &[]),
    ("solve", "--primitives", &[]),
    ("solve", "--threads", &[HTTP]),
    ("solve", "--isa", &[HTTP]),
    ("solve", "--chunk", &[HTTP]),
    ("solve", "--speculate", &[HTTP]),
    ("solve", "--state", &[HTTP]),
    ("solve", "--ledger", &[&["--no-ledger"]]),
    ("solve", "--key", &[&["--no-ledger"]]),
    ("solve", "--no-ledger", &[&["--ledger", "place"], &["--key", "place"]]),
    ("solve", "--config", &[]),
    ("solve", "--json", &[]),
    ("prims find", "--name", &[]),
    ("prims find", "--cost", &[]),
    ("prims find", "--importance", &[]),
    ("prims find", "--budget", &[]),
    ("prims find", "--policy-mode", &[]),
    ("prims find", "--primitives", &[]),
    ("prims find", "--ledger", &[&["--no-ledger"]]),
    ("prims find", "--key", &[&["--no-ledger"]]),
    ("prims find", "--no-ledger", &[&["--ledger", "place"], &["--key", "place"]]),
    ("prims find", "--config", &[]),
    ("prims find", "--json", &[]),
    ("prims show", "--file", &[]),
    ("prims show", "--primitives", &[]),
    ("prims show", "--ledger", &[&["--no-ledger"]]),
    ("prims show", "--key", &[&["--no-ledger"]]),
    ("prims show", "--no-ledger", &[&["--ledger", "place"], &["--key", "place"]]),
    ("prims show", "--config", &[]),
    ("prims show", "--json", &[]),
    ("prims call", "--args", &[]),
    ("prims call", "--python", &[]),
    ("prims call", "--primitives", &[]),
    ("prims call", "--ledger", &[&["--no-ledger"]]),
    ("prims call", "--key", &[&["--no-ledger"]]),
    ("prims call", "--no-ledger", &[&["--ledger", "place"], &["--key", "place"]]),
    ("prims call", "--config", &[]),
    ("prims call", "--json", &[]),
    ("prims export", "--to", &[]),
    ("prims export", "--primitives", &[]),
    ("prims export", "--ledger", &[&["--no-ledger"]]),
    ("prims export", "--key", &[&["--no-ledger"]]),
    ("prims export", "--no-ledger", &[&["--ledger", "place"], &["--key", "place"]]),
    ("prims export", "--config", &[]),
    ("prims export", "--json", &[]),
    ("prims import", "--trust", &[&["FILE", "--recheck"]]),
    ("prims import", "--recheck", &[]),
    ("prims import", "--python", &[&["FILE"], &["FILE", "--trust", KEY]]),
    ("prims import", "--primitives", &[]),
    ("prims import", "--ledger", &[&["--no-ledger"]]),
    ("prims import", "--key", &[&["--no-ledger"]]),
    ("prims import", "--no-ledger", &[&["--ledger", "place"], &["--key", "place"]]),
    ("prims import", "--config", &[]),
    ("prims import", "--json", &[]),
    ("prims revoke", "--because", &[]),
    ("prims revoke", "--primitives", &[]),
    ("prims revoke", "--ledger", &[&["--no-ledger"]]),
    ("prims revoke", "--key", &[&["--no-ledger"]]),
    ("prims revoke", "--no-ledger", &[&["--ledger", "place"], &["--key", "place"]]),
    ("prims revoke", "--config", &[]),
    ("prims revoke", "--json", &[]),
    ("prims trust", "--withdraw", &[]),
    ("prims trust", "--primitives", &[]),
    ("prims trust", "--ledger", &[&["--no-ledger"]]),
    ("prims trust", "--key", &[&["--no-ledger"]]),
    ("prims trust", "--no-ledger", &[&["--ledger", "place"], &["--key", "place"]]),
    ("prims trust", "--config", &[]),
    ("prims trust", "--json", &[]),
    ("prims recheck", "--python", &[]),
    ("prims recheck", "--primitives", &[]),
    ("prims recheck", "--ledger", &[&["--no-ledger"]]),
    ("prims recheck", "--key", &[&["--no-ledger"]]),
    ("prims recheck", "--no-ledger", &[&["--ledger", "place"], &["--key", "place"]]),
    ("prims recheck", "--config", &[]),
    ("prims recheck", "--json", &[]),
    ("policy decide", "--signals", &[]),
    ("policy decide", "--policy", &[]),
    ("policy decide", "--sysinfo", &[]),
    ("policy decide", "--cost-model", &[&["--json"]]),
    ("policy decide", "--lanes", &[]),
    ("policy decide", "--mode", &[]),
    ("policy decide", "--checks", &[&["--json"], &["--mode", "reference"]]),
    ("policy decide", "--budget", &[]),
    ("policy decide", "--certificate", &[]),
    ("policy decide", "--score", &[]),
    ("policy decide", "--scored-by", &[]),
    ("policy decide", "--trust", &[]),
    ("policy decide", "--json", &[]),
    ("config", "--config", &[&["--documented"]]),
    ("config", "--documented", &[]),
    ("config", "--json", &[&["--documented"]]),
];

/// Returns a value that `flag` takes, or None if it takes none.
fn value(flag: &str) -> Option<&'static str> {
    Some(match flag {
        "--file" | "--out" | "--config" => "absent",
        "--ledger" | "--key" | "--folder" | "--primitives" => "place",
        "--model" => "embedded",
        "--python" => "python3",
        "--schema" => "s.json",
        "--contract" => "c.toml",
        "--ca-file" => "authority.pem",
        "--require" => "none",
        "--thinking" => "off",
        "--isa" => "portable",
        "--state" => "bf16",
        "--request" | "--prompt" | "--forbid" | "--forbid-word" | "--forbid-pattern" | "--model-name" => {
            "text"
        }
        "--template" => "direct",
        "--kind" | "--name" | "--because" => "text",
        "--trust" | "--withdraw" => KEY,
        "--args" => "[]",
        "--to" => "out",
        "--executor" => "monty",
        "--k" => "1",
        "--cost-model" => "{}",
        "--checks" => "[]",
        "--mode" | "--policy-mode" => "improved",
        "--cost" | "--importance" | "--risk" | "--budget" => "0.5",
        "--deny" => "fact:gcd",
        "--grant" => "op:datetime",
        "--top-p" | "--min-p" | "--temperature" => "0.5",
        "--max-new" | "--threads" | "--chunk" | "--speculate" | "--workers" | "--positions" | "--tokens"
        | "--top-k" | "--seed" | "--length" => "9",
        _ => return None,
    })
}

#[test]
fn what_would_change_nothing_is_refused_with_what_to_do() {
    let home = Home::new("idle-flags");
    home.write("work/docs/sum.toml", include_str!("../../../docs/sum.toml"));
    home.write("work/s.json", "{}");
    home.write("work/c.toml", "form = \"text\"\n");
    home.write("work/spec.toml", include_str!("../../../docs/gate/reverse_words.toml"));
    let mut refused = 0;
    for (command, flag, cases) in TABLE {
        for case in *cases {
            let mut words: Vec<&str> = command.split(' ').collect();
            if *command == "ask" && !case.contains(&"Hi") {
                words.push("Hi");
            }
            let named = match *command {
                "solve" => Some("spec.toml"),
                "prims call" | "prims export" => None,
                of if of.starts_with("prims ")
                    && !["prims list", "prims trust"].contains(&of)
                    && !case.contains(&"FILE") =>
                {
                    Some("third")
                }
                _ => None,
            };
            words.extend(named);
            match *command {
                "prims call" => words.extend(["third", "--args", "[]"]),
                "prims export" => words.extend(["third", "--to", "out"]),
                "prims revoke" if *flag != "--because" => words.extend(["--because", "text"]),
                _ => {}
            }
            if command.starts_with("model") {
                words.push("embedded");
            }
            if *command == "model generate" {
                words.extend(["--max-new", "2"]);
                if !["--tokens", "--prompt"].contains(flag) {
                    words.extend(["--tokens", "5"]);
                }
            }
            words.extend(*case);
            words.push(flag);
            words.extend(value(flag));
            // A flag twice is another fault.
            if words.iter().filter(|word| *word == flag).count() > 1 {
                continue;
            }
            let out = ["leave", "write it there", "pass ", "need a local one"];
            let ended = home.run(&words);
            let is_refused = ended.code == 2 && ended.err.starts_with("nmk: ") && ended.err.contains(flag);
            assert!(is_refused, "{words:?} {ended:?}");
            assert!(out.iter().any(|part| ended.err.contains(part)), "no way out: {words:?} {ended:?}");
            refused += 1;
        }
    }
    assert!(refused > 60, "{refused}");
    assert!(!home.ledger().exists(), "no ledger was made");
}

#[test]
fn the_table_has_every_flag() {
    let home = Home::new("every-flag");
    let commands: BTreeSet<&str> = TABLE.iter().map(|(command, ..)| *command).collect();
    for command in commands {
        let help = home.run(command.split(' ').chain(["--help"])).out;
        let words = help.split_whitespace().filter(|word| word.starts_with("--"));
        let shown: BTreeSet<&str> = help
            .lines()
            .filter(|line| line.starts_with("  "))
            .filter_map(|line| line.trim_start().strip_prefix("-h, ").or(Some(line.trim_start())))
            .filter_map(|line| line.split_whitespace().next())
            // A line of prose may begin with the name of a flag.
            .filter(|word| !word.ends_with(','))
            .filter(|word| word.starts_with("--") && !["--", "--help", "--color"].contains(word))
            .collect();
        assert!(words.count() >= shown.len());
        // A flag that a command never reads is refused, and is no part of its help.
        let known = |never: bool| {
            TABLE
                .iter()
                .filter(move |(of, _, cases)| *of == command && (*cases == ALWAYS) == never)
                .map(|(_, flag, _)| *flag)
        };
        for flag in known(true) {
            assert!(!shown.contains(flag), "{command} shows {flag}, which it never reads");
        }
        let logits_speculate = |flag: &&str| command != "model logits" || *flag != "--speculate";
        assert_eq!(shown, known(false).filter(logits_speculate).collect(), "{command}");
    }
}

#[test]
fn a_graph_can_be_shown_without_running() {
    let home = Home::new("dry-graph");
    home.write("work/sum.toml", include_str!("../../../docs/sum.toml"));
    let ended = home.run(["run", "sum.toml", "--dry-run"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("check · prim.add") && ended.out.contains("after check"), "{ended:?}");
    let object = home.run(["run", "sum.toml", "--dry-run", "--json"]).json();
    assert!(object["kind"].is_null() && object["tasks"].as_array().is_some_and(|tasks| tasks.len() == 2));
    assert!(!home.ledger().exists(), "no ledger was made");
}

#[test]
fn a_model_that_fails_has_the_exit_code_of_a_failure_in_both_commands() {
    let home = Home::new("exit-codes");
    let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    let base = format!("http://{free}/v1");
    let model = ["--model", base.as_str(), "--model-name", "m"];
    let asked = home.run(["ask", "Describe a cat."].iter().chain(&model));
    let ran = home.run(["run", "--request", "Describe a cat."].iter().chain(&model));
    assert_eq!((asked.code, ran.code), (2, 2), "{asked:?} {ran:?}");
    assert!(ran.err.contains("refused the connection") && ran.err.contains("not committed"), "{ran:?}");
    // The control: an answer that is refuted is a negative result in both.
    home.write("work/c.toml", "form = \"integer\"\nexpected = 41\n");
    let contract = ["--contract", "c.toml"];
    let asked = home.run(["ask", "Good morning!"].iter().chain(&contract));
    let ran = home.run(["run", "--request", "Good morning!"].iter().chain(&contract));
    assert_eq!((asked.code, ran.code), (1, 1), "{asked:?} {ran:?}");
}
