//! After an abstention, the remedy is one that applies there.

mod common;

use common::home::Home;
use serde_json::json;
use synthetic::stub::{Stub, chunked, says, stream, whole};

const GCD: &str = "What is the gcd of 84 and 36?";
const LATER: &str = "How many times does the letter r appear in strawberry? Add 4 to it.";

/// A way to abstain: its name, the words of `nmk ask`, what the endpoint says and why it ends, a part of the remedy, and
/// a word that the remedy must not have.
type Way = (&'static str, &'static [&'static str], &'static str, &'static str, &'static str, &'static str);

const REMOTE: [Way; 8] = [
    ("wrong, and a primitive answers", &[GCD], "Answer: 5", "stop", "--direct", "--max-new"),
    ("wrong, and none answers alone", &[LATER], "Answer: 5", "stop", "--model-name", "--direct"),
    ("cut by the limit", &[GCD, "--max-new", "2"], "I think", "length", "raise --max-new", "--direct"),
    (
        "cut by the endpoint",
        &[GCD, "--max-new", "900"],
        "I think",
        "length",
        "the endpoint's own limit",
        "--max-new",
    ),
    (
        "cut among thoughts",
        &["Hello!", "--max-new", "2"],
        "<think>Hm",
        "length",
        "--thinking off",
        "another model",
    ),
    ("refused", &[GCD], "", "content_filter", "word the question differently", "--max-new"),
    (
        "no level",
        &["Hello!", "--require", "oracle"],
        "Hi",
        "stop",
        "can be checked at that level",
        "--max-new",
    ),
    (
        "too high a level",
        &[GCD, "--require", "proven"],
        "Answer: 12",
        "stop",
        "lower --require",
        "ask something",
    ),
];

#[test]
fn the_remedy_behind_an_endpoint_applies() {
    let home = Home::new("remedies-remote");
    for (name, words, text, finish, part, never) in REMOTE {
        let stub = Stub::start(move |_| chunked("text/event-stream", &stream(&[text], finish), 4096));
        let base = stub.base();
        let ended = home.run([&["ask", "--json", "--model", &base, "--model-name", "m"], words].concat());
        let object = ended.json();
        let (said, reason) = (object["abstained"].as_str(), object["reason"].as_str());
        let said = said.unwrap_or_else(|| panic!("{name}: {ended:?}"));
        let remedy = said.strip_prefix(reason.expect("a reason")).expect("the remedy follows");
        assert_eq!(ended.code, 1, "{name}: {ended:?}");
        assert!(remedy.contains(part) && !remedy.contains(never), "{name}: {said}");
    }
}

/// An endpoint may count more tokens than it was allowed, for example those of thoughts that it hides.
#[test]
fn an_answer_of_too_many_tokens_says_so() {
    let home = Home::new("remedies-tokens");
    let counting = |tokens: u64| {
        Stub::start(move |_| {
            let choice = json!({"message": {"content": "Answer: 12"}, "finish_reason": "stop"});
            let object = json!({"choices": [choice], "usage": {"completion_tokens": tokens}});
            whole("200 OK", "application/json", object.to_string().as_bytes())
        })
    };
    let ask = |stub: &Stub| home.run(["ask", GCD, "--model", &stub.base(), "--model-name", "m"]);
    let ended = ask(&counting(5000));
    assert!(ended.code == 1 && ended.err.contains("counted 5000 tokens, and 1024 were allowed"), "{ended:?}");
    assert!(ended.err.contains("what would help: raise --max-new"), "{ended:?}");
    // A count that no reply can have is none.
    assert_eq!(ask(&counting(u64::MAX)).code, 0);
}

#[test]
fn the_remedy_for_a_local_model_applies() {
    let home = Home::new("remedies-local");
    home.write(
        "work/s.json",
        r#"{"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}"#,
    );
    home.write("work/poor.toml", "[policy]\ncost = 1.0\n");
    home.write("work/bare.toml", "facts = []\n");
    home.write("work/c.toml", "form = \"integer\"\nexpected = 41\n");
    let wrong = "How many times does the letter e appear in nevertheless? Add 17 to it.";
    let table: [(&[&str], &str, &[&str]); 4] = [
        (&[GCD, "--max-new", "1"], "raise --max-new", &["endpoint", "--model-name"]),
        (
            &["Hello!", "--contract", "c.toml"],
            "a larger model with --model, or a contract",
            &["endpoint", "--max-new"],
        ),
        (&[wrong, "--config", "poor.toml"], "`cost`", &["endpoint", "--max-new"]),
        (&[wrong, "--config", "bare.toml"], "`facts`", &["endpoint", "--max-new"]),
    ];
    let mut abstained = 0;
    for (words, part, never) in table {
        let ended = home.run([&["ask", "--json"], words].concat());
        let Some(said) = ended.json()["abstained"].as_str().map(str::to_owned) else { continue };
        abstained += 1;
        assert!(said.contains(part), "{words:?}: {said}");
        assert!(never.iter().all(|never| !said.contains(never)), "{words:?}: {said}");
    }
    assert!(abstained > 1, "the model must fail for this to show anything");
}

#[test]
fn the_remedy_fits_the_schema() {
    let home = Home::new("remedies-schema");
    let ask = |schema: &str| {
        home.write("work/s.json", schema);
        home.run(["ask", "--no-ledger", "--schema", "s.json", "Describe a cat."])
    };
    // A text without a bound can be as long as any limit.
    let open = r#"{"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}"#;
    let cut = ask(open);
    assert!(cut.code == 1 && cut.err.contains("raise --max-new, or state a maxLength"), "{cut:?}");
    let bounded = r#"{"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "minLength": 400, "maxLength": 500}}}"#;
    let bounded = ask(bounded);
    assert!(bounded.code == 1 && !bounded.err.contains("maxLength"), "{bounded:?}");
    for (schema, why) in [
        ("false", "the schema is `false`"),
        (r#"{"type": "integer", "minimum": 5, "maximum": 3}"#, "minimum (5)"),
        (r#"{"type": "string", "pattern": "^[0-9]+$", "enum": ["a"]}"#, "no text matches"),
        (r#"{"type": "object", "required": ["a"], "properties": {"a": false}}"#, "required member `a`"),
    ] {
        let impossible = ask(schema);
        assert!(impossible.code == 1 && impossible.err.contains(why), "{schema}: {impossible:?}");
        assert!(impossible.err.contains("change the schema, which no document satisfies"), "{impossible:?}");
    }
}

#[test]
fn a_question_under_a_contract_says_that_it_was_not_read() {
    let home = Home::new("remedies-contract");
    home.write("work/c.toml", "form = \"integer\"\n");
    let asked = ["ask", "--no-ledger", "--json", "How many r's are in strawberry?"];
    let under = home.run([&asked[..], &["--contract", "c.toml"]].concat()).json();
    let text = under["notes"][0]["text"].as_str().expect("a note");
    assert!(text.contains("leave the contract out") && text.contains("strawberry"), "{under}");
    assert_eq!(home.run(asked).json()["notes"], json!([]), "the control");
}

#[test]
fn the_limits_of_a_task_are_the_remedy_where_they_cut() {
    let home = Home::new("remedies-graph");
    let stub = Stub::start(|_| chunked("text/event-stream", &stream(&["a", "b"], "length"), 4096));
    let base = stub.base();
    let graph = "[[task]]\nname = \"d\"\noperation = \"model.draft\"\nprompt = \"x\"\nanswer = true\n";
    for (limits, part) in
        [("limits = { tokens = 2 }\n", "limits of the task d"), ("", "endpoint's own limit")]
    {
        home.write("work/g.toml", format!("{graph}{limits}"));
        let ended = home.run(["run", "g.toml", "--json", "--model", &base, "--model-name", "m"]);
        let object = ended.json();
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(object["abstained"].as_str().is_some_and(|said| said.contains(part)), "{limits}: {ended:?}");
    }
}

#[test]
fn a_level_that_nothing_shows_ends_alike_and_another_refusal_too() {
    let home = Home::new("exit-alike");
    let stub = Stub::start(|_| says("Answer: 12"));
    let base = stub.base();
    let model = ["--model", &base, "--model-name", "m"];
    home.write("work/c.toml", "form = \"text\"\nrequire = \"proven\"\n");
    home.write("work/g.toml", "[job]\nrequire = \"proven\"\n[[task]]\nname = \"d\"\noperation = \"model.draft\"\nprompt = \"x\"\nanswer = true\n");
    let asked = home.run([&["ask", "Hello!", "--contract", "c.toml", "--json"], &model[..]].concat());
    let requested =
        home.run([&["run", "--request", "Hello!", "--contract", "c.toml", "--json"], &model[..]].concat());
    let ran = home.run([&["run", "g.toml", "--json"], &model[..]].concat());
    for ended in [&asked, &requested, &ran] {
        let object = ended.json();
        assert_eq!((ended.code, &object["committed"]), (1, &json!(false)), "{ended:?}");
        assert!(object["reason"].as_str().is_some_and(|reason| reason.contains("proven")), "{ended:?}");
    }
    // What is wrong with the plan itself is bad input.
    home.write(
        "work/g.toml",
        "[[task]]\nname = \"d\"\noperation = \"commit\"\nafter = [\"e\"]\nanswer = true\n",
    );
    assert_eq!(home.run([&["run", "g.toml"], &model[..]].concat()).code, 2);
    let granted = home.run([&["run", "--request", "Hello!", "--grant", "op:datetim"], &model[..]].concat());
    granted.is_refused(&["--grant op:datetim", "op:datetime, op:fact_loop"]);
}

#[test]
fn one_thing_is_not_told_in_the_plural() {
    let home = Home::new("plurals");
    let cut = home.run(["ask", "Hello!", "--max-new", "1"]);
    assert!(cut.err.contains("cut off after 1 token") && cut.err.contains("1 generation"), "{cut:?}");
    let shown = home.run(["ledger", "show"]);
    assert!(shown.err.contains("1 of 1 job;"), "{shown:?}");
    let traced = home.run(["ledger", "trace"]);
    assert!(traced.err.contains("of 1 job, 0 open, 0 contradictions"), "{traced:?}");
    let verified = home.run(["ledger", "verify"]);
    assert!(!verified.out.contains("1 entries") && verified.out.contains(" entries, "), "{verified:?}");
    let two = home.run(["ask", "Hello!", "--max-new", "2"]);
    assert!(two.err.contains("2 tokens"), "the control: {two:?}");
}

#[test]
fn a_question_that_was_nearly_read_has_one_note() {
    let home = Home::new("nearly");
    let table = [
        ("97 not prime?", "negated"),
        ("What is 9223372036854775807 plus 1?", "64 bits"),
        ("What is 99999999999999999999 plus 1?", "64 bits"),
        ("What is 3.5 plus 2?", "whole numbers"),
        ("gcd of 12", "for example"),
        ("97 prime?", "Is 97 a prime number?"),
        ("12 times 11 equals what?", "product"),
        ("7x6", "product"),
        ("How much is 12 and 30?", "sum"),
        ("How many characters are in \"banana\"?", "text length"),
        ("How many r does strawberry have?", "letter count"),
    ];
    for (prompt, part) in table {
        let object = home.run(["ask", "--no-ledger", "--json", "--max-new", "4", prompt]).json();
        let notes: Vec<&str> = object["notes"]
            .as_array()
            .expect("notes")
            .iter()
            .filter(|note| note["kind"] != "cut")
            .map(|note| note["text"].as_str().expect("a text"))
            .collect();
        assert_eq!(notes.len(), 1, "{prompt}: {object}");
        assert!(notes[0].contains(part), "{prompt}: {notes:?}");
    }
    // The model takes a greeting for a question, and nobody is told so.
    let greeted = home.run(["ask", "--no-ledger", "--json", "Hello, how are you?"]).json();
    assert_eq!(greeted["notes"], json!([]), "{greeted}");
}
