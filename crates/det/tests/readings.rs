//! A validator that reads otherwise than before has another version.
//!
//! Verdicts name the validator and its version, so that a replay tells a judgement that must repeat from one of an older
//! reader. `golden/readings.txt` has a line for each version of each validator that is built in: its name, the version, the
//! number of readings in the table below, and their digest. A line is never changed: a validator whose readings differ gets
//! the next version, and a line more. A table that grows counts as another reading.

mod common;
mod questions;

use common::TASK;
use det::{
    Contract, Digest, Form, Lint, Origin, Outcome, Proposal, Schema, Validators, Value, extract_under, judge,
};
use questions::{divisor, length, letters, prime, steps, sum};

/// Words at each place of a reply where a reader decides by the word: those that state, hedge, limit, deny, count and
/// announce, and many that do none of it.
const WORDS: &str = "\
a about above actually add after again all almost altogether always and announce another answer any apparently appears \
approximately are around as at avoid away barely be because before below better between bogus both but by call cannot certainly \
claim clearly close code come compare composite compound conclude contains correct count couple decoy definitely deny different \
digit discard divided divides divisible divisor do does don't double doubt dozen draft duo each edit eight either end even \
exactly example except factor factored factors fake false far few fewer final finally find first fit foursome from get give \
goes greater guess half hardly has have hence hoax hopefully however if ignore imagine in incorrect indeed instead is isn't it \
it's joke just kind largest last least leaves less letter lie like likely make many maybe mean might mine minus more most much \
multiple must myth near nearly neither never next no nobody none nonsense nor not nothing now number obviously occurs of off oh \
ok old on once one only oops opposite or other outdated over pair perhaps placeholder plain please plus possibly prime print \
probably product puts quadruple quartet quite rather read really reject remainder reply result return reverse right roughly \
rubbish same say second seems short should show single small so some sort still strike sum suppose sure surely take than that \
that's the then there therefore they think this three thus times too total trap trick trio truly try twice two typo unclear \
under unless unlikely until up update usually value verdict very wait was we well what when whether which while with without \
word would write wrong yes yet you zero";

/// Replies that no word list makes: forms, marks, bases, equations, code, other scripts.
const REPLIES: &str = include_str!("golden/replies.txt");

/// Returns the replies that are read under each question: those of the file, and those that the words make.
fn replies(answer: &str, other: &str) -> Vec<String> {
    let lines = REPLIES.lines().map(|line| line.replace("{answer}", answer).replace("{other}", other));
    let mut replies: Vec<String> = lines.map(|line| line.replace("\\n", "\n")).collect();
    for word in WORDS.split_whitespace() {
        for second in
            [word.to_owned(), format!("{word}:"), format!("{word} {other}"), format!("It is {word} {other}.")]
        {
            replies.push(format!("{second}\nAnswer: {answer}"));
        }
        replies.push(format!("Answer: {word} {answer}"));
        replies.push(format!("{word} {answer}"));
    }
    replies
}

/// Returns a line for each reply: what it states under the contract.
fn answers() -> Vec<String> {
    let questions: [(Contract, &str, &str); 5] = [
        (letters(), "3", "4"),
        (prime(), "yes", "no"),
        (sum(), "42", "43"),
        (divisor(), "6", "12"),
        (steps(), "7", "8"),
    ];
    let mut found = Vec::new();
    for (contract, answer, other) in &questions {
        found.extend(
            replies(answer, other).iter().map(|reply| format!("{:?}", extract_under(reply, contract))),
        );
    }
    found.extend(
        REPLIES.lines().map(|line| format!("{:?}", extract_under(&line.replace("\\n", "\n"), &length()))),
    );
    found
}

/// Returns a line for each text under a contract: the level and the finding.
fn judgements(contracts: &[Contract], texts: &[&str]) -> Vec<String> {
    let validators = Validators::builtin();
    let mut found = Vec::new();
    for contract in contracts {
        for text in texts {
            let origin = Origin::RemoteModel { name: "a stranger".into() };
            let proposal = Proposal { value: Value::text(*text), origin };
            let judged = judge(&validators, TASK, contract, Vec::new(), proposal);
            found.push(match &judged {
                Ok(judged) => match judged.verdict().outcome() {
                    Outcome::Satisfied => format!("{}", judged.verdict().level()),
                    Outcome::Refuted(finding) => format!("{}: {finding}", judged.verdict().level()),
                },
                Err(error) => error.to_string(),
            });
        }
    }
    found
}

fn structures() -> Vec<String> {
    let schemas = [
        r#"{"type":"object","properties":{"legs":{"type":"integer","minimum":0,"multipleOf":2}},"required":["legs"]}"#,
        r#"{"type":"object","additionalProperties":false,"properties":{"a":false,"b":{"not":{"const":1}}}}"#,
        r#"{"type":"array","uniqueItems":true,"minItems":1,"items":{"enum":[1,1.5,"a",null,12345678901234567890]}}"#,
        r#"{"anyOf":[{"format":"date"},{"format":"email"},{"pattern":"^[a-z]+\\d?$"}],"maxLength":12}"#,
        r#"{"oneOf":[{"type":"number","exclusiveMaximum":10},{"type":"number","minimum":5}]}"#,
    ];
    let documents = [
        "{\"legs\": 4}",
        "{\"legs\": 3}",
        "{\"legs\": -2}",
        "{\"legs\": \"4\"}",
        "{}",
        "{\"a\": 1}",
        "{\"b\": 1}",
        "{\"b\": 2}",
        "{\"c\": 1}",
        "[1, 1.0]",
        "[1, 1.5, \"a\", null]",
        "[12345678901234567890]",
        "[12345678901234567891]",
        "[]",
        "[2]",
        "\"2024-02-30\"",
        "\"2024-02-29\"",
        "\"a@b.example\"",
        "\"abc1\"",
        "\"ABC\"",
        "4",
        "7",
        "12",
        "1e400",
        "01",
        "{\"a\":1,\"a\":2}",
        "{\"legs\": 4",
        "nothing",
        "",
        "\"\\ud800\"",
        "[1,]",
        "NaN",
        "{'legs': 4}",
        "```json\n{\"legs\": 4}\n```",
    ];
    let contracts: Vec<Contract> = schemas
        .iter()
        .map(|schema| {
            Contract::from_form(Form::Json).with_schema(Schema::parse(schema).expect("in the subset"))
        })
        .map(|contract| contract.expect("structured"))
        .chain([Contract::from_form(Form::Json), Contract::from_form(Form::Xml)])
        .collect();
    let markup = [
        "<a/>",
        "<a><b>1</b></a>",
        "<a><b></a>",
        "<a x='1' x='2'/>",
        "<a:b/>",
        "<a xmlns:a='u'><a:b/></a>",
        "<a>&amp;&lt;</a>",
        "<a>&nbsp;</a>",
        "<!DOCTYPE a><a/>",
        "<a/><b/>",
        "<?xml version='1.0'?><a/>",
        "<a><!-- -- --></a>",
        "<a>]]></a>",
        "<a>\u{1}</a>",
        "a",
        "<a b=c/>",
        "<1/>",
    ];
    let mut found = judgements(&contracts[..6], &documents);
    found.extend(judgements(&contracts[6..], &markup));
    found
}

fn texts() -> Vec<String> {
    let included = Contract::from_form(Form::Text).including(["42", "\u{e4}"]).expect("textual");
    judgements(
        &[Contract::from_form(Form::Text), included],
        &["", " \n", "42", "42 \u{e4}", "a\u{308} 42", "\u{e4}42"],
    )
}

fn lints() -> Vec<String> {
    let contracts = Lint::ALL.map(|lint| Contract::from_form(Form::Text).linted([lint]).expect("textual"));
    judgements(
        &contracts,
        &[
            "It works.",
            "See `cargo test`.",
            "12/12 passed",
            "12 of 12 are fine",
            "I have no evidence.",
            "src/lib.rs says so",
            "<think>so</think> yes",
            "password = hunter22",
            "password = your_password",
            "https://user:secret@host.example/",
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB",
            "xxxxxxxx",
            "-----BEGIN PRIVATE KEY-----",
            "",
        ],
    )
}

#[test]
fn readings_belong_to_a_version() {
    let validators = Validators::builtin();
    let version = |contract: &Contract| {
        let validator = validators.find(&contract.class()).expect("one that is built in");
        (validator.name().to_owned(), validator.version())
    };
    let linted = Contract::from_form(Form::Text).linted(Lint::ALL).expect("textual");
    let tables = [
        (version(&Contract::from_form(Form::Text)), texts()),
        (version(&linted), lints()),
        (version(&Contract::from_form(Form::Json)), structures()),
        (version(&letters()), answers()),
    ];
    let golden = include_str!("golden/readings.txt");
    for ((name, version), readings) in tables {
        let digest = Digest::hash("nmk.test.readings.v1", readings.join("\n").as_bytes());
        let found = format!("{name} {version} {} {digest}", readings.len());
        let lines = || golden.lines().filter(|line| line.split(' ').next() == Some(name.as_str()));
        let versions: Vec<u32> = lines().filter_map(|line| line.split(' ').nth(1)?.parse().ok()).collect();
        assert!(
            versions.is_sorted_by(|one, next| one < next),
            "{name}: a version has one line, and lines stay in order"
        );
        assert_eq!(
            lines().next_back(),
            Some(found.as_str()),
            "the readings of `{name}` are other ones: raise its version in `validator.rs`, and add this line to golden/readings.txt"
        );
    }
}
