//! The canonical bytes of contracts and verdicts stay as they are.
//!
//! Ledgers name contracts by their digests and seal verdicts as bytes, so a change of either breaks every
//! ledger that was written before it. Each line of `golden/contracts.txt` and `golden/verdicts.txt` is a name
//! and a digest of the canonical bytes. A line that must change says why in the commit that changes it.

mod common;

use common::{Root, TASK, call, count_then_add, int, nested, proposed, seven};
use det::{
    AdmissionRecord, Case, Contract, Digest, Expectation, ExpectedFrom, Float, Form, Judged, Level, Lint,
    Origin, Proposal, Schema, TrustStore, Validator, Validators, Value, judge, readmit, subject_digest,
};
use ed25519_compact::{KeyPair, Seed};

const EXAM: ExpectedFrom = ExpectedFrom::Exam(Digest::from_bytes([5; 32]));

fn float(number: f64) -> Value {
    Value::Float(Float::new(number).expect("a number"))
}

fn expecting(form: Form, value: Value, from: ExpectedFrom) -> Contract {
    Contract::expecting(form, value, from, &Root).expect("the form can state it")
}

fn computed(form: Form, name: &str, operands: Vec<det::Operand>) -> Contract {
    Contract::computed(form, call(name, operands)).expect("the form can state it")
}

fn case(expected: i64, from: ExpectedFrom) -> Case {
    Case::returning(vec![Value::Int(4), Value::text("a")], Value::Int(expected), from)
}

fn cases(cases: Vec<Case>) -> Contract {
    Contract::cases("python", "f", cases, &Root).expect("cases that are shallow")
}

fn pet() -> Contract {
    let schema = Schema::parse(r#"{"type":"object","properties":{"legs":{"type":"integer","minimum":0}}}"#);
    Contract::from_form(Form::Json).with_schema(schema.expect("in the subset")).expect("structured")
}

fn keyed() -> Contract {
    Contract::from_form(Form::Json).requiring_keys(["a", "b"]).expect("structured")
}

fn with_parts() -> Contract {
    Contract::from_form(Form::Text).including(["42", "ä"]).expect("textual")
}

fn linted() -> Contract {
    Contract::from_form(Form::Text).linted(Lint::ALL).expect("textual")
}

/// Compares `name digest` lines with the frozen ones, and names the first that differs.
fn check(frozen: &str, found: &[(&str, Digest)]) {
    let lines: Vec<String> = found.iter().map(|(name, digest)| format!("{name} {digest}")).collect();
    for (at, line) in lines.iter().enumerate() {
        assert_eq!(frozen.lines().nth(at), Some(line.as_str()), "all of them:\n{}", lines.join("\n"));
    }
    assert_eq!(frozen.lines().count(), lines.len(), "every frozen line is checked");
}

#[test]
fn contracts_keep_their_bytes() {
    let user = ExpectedFrom::User;
    let given = |value, from| Expectation::Given { value, from };
    let own_cases = Expectation::Cases {
        language: "python".into(),
        entry: "f".into(),
        cases: vec![case(2, user), case(3, EXAM)],
    };
    let contracts = [
        ("form_free", Contract::from_form(Form::Free)),
        ("form_text", Contract::from_form(Form::Text)),
        ("form_integer", Contract::from_form(Form::Integer)),
        ("form_yes_no", Contract::from_form(Form::YesNo)),
        ("form_number", Contract::from_form(Form::Number)),
        ("form_word", Contract::from_form(Form::Word)),
        ("form_integers", Contract::from_form(Form::Integers)),
        ("form_json", Contract::from_form(Form::Json)),
        ("form_xml", Contract::from_form(Form::Xml)),
        ("form_value", Contract::from_form(Form::Value)),
        ("computed_integer", seven()),
        ("computed_yes_no", computed(Form::YesNo, "is_prime", vec![int(97)])),
        ("computed_number", computed(Form::Number, "gcd", vec![int(12), int(18)])),
        ("computed_word", computed(Form::Word, "roman", vec![int(14)])),
        ("computed_integers", computed(Form::Integers, "prime_factors", vec![int(12)])),
        ("computed_json", computed(Form::Json, "subtract", vec![int(12), int(18)])),
        ("computed_value", Contract::computed_value(count_then_add())),
        ("given_text_user", expecting(Form::Text, Value::text("seven"), user)),
        ("given_integer_exam", expecting(Form::Integer, Value::Int(7), EXAM)),
        ("given_yes_no_user", expecting(Form::YesNo, Value::Bool(false), user)),
        ("given_number_user", expecting(Form::Number, float(2.5), user)),
        ("given_json_exam", expecting(Form::Json, nested(3), EXAM)),
        ("given_value_user", expecting(Form::Value, Value::Bytes(vec![0, 255]), user)),
        ("checked_by", Contract::checked_by("even")),
        ("cases_none", cases(Vec::new())),
        ("cases_of_each", cases(vec![case(1, user), case(2, EXAM), case(3, ExpectedFrom::Proposer)])),
        ("schema", pet()),
        ("keys", keyed()),
        ("parts", with_parts()),
        ("lints", linted()),
        ("parts_of_json", pet().including(["legs"]).expect("textual")),
        ("keys_of_a_value", Contract::from_form(Form::Value).requiring_keys(["a"]).expect("structured")),
        ("proposed_nothing", proposed(Form::Text, Expectation::Nothing)),
        ("proposed_computed", proposed(Form::Integer, Expectation::Computed(count_then_add()))),
        ("proposed_given", proposed(Form::Value, given(Value::Null, user))),
        ("proposed_checked_by", proposed(Form::Text, Expectation::CheckedBy { validator: "even".into() })),
        ("proposed_cases", proposed(Form::Text, own_cases)),
    ];
    let found: Vec<_> = contracts.iter().map(|(name, contract)| (*name, contract.digest())).collect();
    check(include_str!("golden/contracts.txt"), &found);
    for (name, contract) in &contracts {
        assert_eq!(Digest::hash_value("nmk.contract.v1", &contract.to_value()), contract.digest(), "{name}");
    }
}

/// Returns the digest of a verdict's canonical bytes, after checking that both writers give the same bytes.
fn digest_of(judged: &Judged<Value>) -> Digest {
    let verdict = judged.verdict();
    let bytes = abi::encode(&verdict.to_value());
    assert_eq!(verdict.to_canonical().as_bytes(), bytes);
    Digest::hash("nmk.test.verdict.v1", &bytes)
}

fn validators() -> Validators {
    let mut validators = Validators::builtin();
    let even = Validator::external("even", 3, Level::Oracle, |text| text.len().is_multiple_of(2), &Root);
    validators.install(even.expect("oracle at most")).expect("the first of its name");
    validators
}

fn admitted() -> Judged<Value> {
    let (content, contract) = (Value::text("def f(n): return n"), seven());
    let key = KeyPair::from_seed(Seed::new([1; 32]));
    let record = AdmissionRecord {
        subject: subject_digest(&content),
        contract: contract.digest(),
        draws: 300,
        alpha_ppm: 50_000,
        evidence: Digest::from_bytes([5; 32]),
        signer: *key.pk,
    };
    let signature = *key.sk.sign(record.digest().as_bytes(), None);
    let store = TrustStore::new(vec![*key.pk], &Root);
    let content =
        Proposal { value: content, origin: Origin::LocalModel { model: Digest::from_bytes([9; 32]) } };
    readmit(content, &contract, TASK, &record, &signature, &store).expect("the right record")
}

#[test]
fn verdicts_keep_their_bytes() {
    let user = ExpectedFrom::User;
    let own = |value| proposed(Form::Integer, Expectation::Given { value: Value::Int(value), from: user });
    let exam_text = || expecting(Form::Text, Value::text("seven"), EXAM);
    let judgements = [
        ("free", Contract::from_form(Form::Free), Value::Null),
        ("text", Contract::from_form(Form::Text), Value::text("Hello!")),
        ("integer", Contract::from_form(Form::Integer), Value::Int(7)),
        ("json", Contract::from_form(Form::Json), Value::text("[1, 2]")),
        ("xml", Contract::from_form(Form::Xml), Value::text("<a/>")),
        ("value", Contract::from_form(Form::Value), nested(64)),
        ("computed", seven(), Value::Int(7)),
        ("fact", Contract::computed_value(count_then_add()), Value::Int(7)),
        ("given_by_the_user", expecting(Form::Number, float(2.5), user), float(2.5)),
        ("given_by_an_exam", exam_text(), Value::text("seven")),
        ("given_by_the_proposer", own(7), Value::Int(7)),
        ("checked_by", Contract::checked_by("even"), Value::text("even")),
        ("schema", pet(), Value::text(r#"{"legs": 4}"#)),
        ("linted", linted(), Value::text("See `cargo test --release`.")),
        ("not_text", seven(), Value::Bytes(b"7".to_vec())),
        ("blank", seven(), Value::text(" \n")),
        ("no_integer", seven(), Value::text("about 7")),
        ("no_number", expecting(Form::Number, float(2.5), user), Value::text("two and a half")),
        ("no_yes_no", computed(Form::YesNo, "is_prime", vec![int(97)]), Value::text("maybe")),
        ("wrong_integer", seven(), Value::Int(8)),
        ("wrong_yes_no", computed(Form::YesNo, "is_prime", vec![int(97)]), Value::Bool(false)),
        ("wrong_text", exam_text(), Value::text("eight")),
        ("wrong_value", Contract::computed_value(count_then_add()), float(7.0)),
        ("not_json", pet(), Value::text(r#"{"legs": 4"#)),
        ("not_xml", Contract::from_form(Form::Xml), Value::text("<a><b></a>")),
        ("wrong_schema", pet(), Value::text(r#"{"legs": -4}"#)),
        ("missing_key", keyed(), Value::text(r#"{"a": 1}"#)),
        ("missing_text", with_parts(), Value::text("42")),
        ("lint", linted(), Value::text("It works.")),
        ("not_accepted", Contract::checked_by("even"), Value::text("odd")),
    ];
    let validators = validators();
    let inputs = vec![Digest::from_bytes([1; 32]), Digest::from_bytes([2; 32])];
    let by = |origin: &Origin, contract: &Contract, value: &Value| {
        let subject = Proposal { value: value.clone(), origin: origin.clone() };
        digest_of(&judge(&validators, TASK, contract, inputs.clone(), subject).expect("a judgement"))
    };
    let remote = Origin::RemoteModel { name: "a stranger".into() };
    let mut found: Vec<_> =
        judgements.iter().map(|(name, contract, subject)| (*name, by(&remote, contract, subject))).collect();
    let local = Origin::LocalModel { model: Digest::from_bytes([9; 32]) };
    let primitive = Origin::Primitive { digest: count_then_add().primitive().digest() };
    found.extend([
        ("by_a_local_model", by(&local, &seven(), &Value::Int(7))),
        ("by_a_primitive", by(&primitive, &Contract::computed_value(count_then_add()), &Value::Int(7))),
        ("by_the_user", by(&Origin::User, &seven(), &Value::Int(7))),
        ("readmitted", digest_of(&admitted())),
    ]);
    check(include_str!("golden/verdicts.txt"), &found);
}
