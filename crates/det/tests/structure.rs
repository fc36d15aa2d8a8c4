//! Contracts about structure and text: their levels, findings and actions, and reading them back.

mod common;

use common::*;
use det::{
    Action, Case, Contract, ContractError, Expected, ExpectedFrom, Form, JudgeError, Level, Lint, Schema,
    Tolerance, Validators, Value, Verification, extract,
};

fn pet() -> Contract {
    let schema = r#"{"type":"object","required":["name"],"properties":{"name":{"type":"string"},
        "legs":{"type":"integer","minimum":0}},"additionalProperties":false}"#;
    Contract::from_form(Form::Json).with_schema(Schema::parse(schema).unwrap()).unwrap()
}

fn verdict(contract: &Contract, text: &str) -> (Level, bool, String, Action) {
    let judged = judged(contract, Value::text(text)).unwrap();
    let verdict = judged.verdict();
    let finding = match verdict.outcome() {
        det::Outcome::Satisfied => String::new(),
        det::Outcome::Refuted(finding) => finding.to_string(),
    };
    (verdict.level(), verdict.is_satisfied(), finding, verdict.action(Level::Schema))
}

#[test]
fn json_is_judged_up_to_what_was_demanded_of_it() {
    let (level, met, _, action) = verdict(&pet(), r#" {"name": "Ada", "legs": 4} "#);
    assert_eq!((level, met, action), (Level::Schema, true, Action::Emit));
    let (level, met, finding, action) = verdict(&pet(), r#"{"name": "Ada", "legs": -1}"#);
    assert_eq!((level, met, action), (Level::Syntax, false, Action::Repair));
    assert_eq!(finding, "at /legs: minimum demands 0, found -1");
    for broken in ["{\"name\": \"Ada\"", "Here it is: {\"name\": \"Ada\"}", "```json\n{}\n```", ""] {
        let (level, met, _, action) = verdict(&pet(), broken);
        assert_eq!((level, met, action), (Level::None, false, Action::Repair), "{broken:?}");
    }
    // Without a schema a judgement shows the syntax only, and no further attempt can show more.
    let (level, met, _, action) = verdict(&Contract::from_form(Form::Json), "[]");
    assert_eq!((level, met, action), (Level::Syntax, true, Action::Bail));
    let subject = judged(&pet(), Value::Int(3)).unwrap();
    assert_eq!(subject.verdict().action(Level::Schema), Action::Reject);
}

#[test]
fn a_value_under_a_schema_is_judged_as_it_is() {
    let schema = Schema::parse(r#"{"type":"object","required":["epoch"]}"#).unwrap();
    let contract = Contract::from_form(Form::Value).with_schema(schema).unwrap();
    assert_eq!((contract.ceiling(), contract.class().to_string()), (Level::Schema, "structure".to_owned()));
    let good = judged(&contract, Value::map([("epoch", Value::Int(1))])).unwrap();
    assert!(good.verdict().shows(Level::Schema) && !good.verdict().shows(Level::Property));
    assert!(!judged(&contract, Value::map([("error", Value::Int(1))])).unwrap().verdict().is_satisfied());
}

#[test]
fn keys_and_parts_are_demanded() {
    let keys = Contract::from_form(Form::Json).requiring_keys(["a", "b"]).unwrap();
    assert_eq!(verdict(&keys, r#"{"a":1,"b":2}"#).0, Level::Schema);
    assert_eq!(verdict(&keys, r#"{"a":1}"#).2, "the result has no key b");
    let parts = Contract::from_form(Form::Text).including(["42"]).unwrap();
    assert_eq!((parts.ceiling(), verdict(&parts, "it is 42").1), (Level::Schema, true));
    assert_eq!(verdict(&parts, "it is 41").2, "the reply does not contain \"42\"");
    assert!(matches!(
        Contract::from_form(Form::Text).requiring_keys(["a"]),
        Err(ContractError::Unstatable { .. })
    ));
    assert!(matches!(
        Contract::from_form(Form::Value).including(["a"]),
        Err(ContractError::Unstatable { .. })
    ));
}

#[test]
fn an_expected_value_makes_json_an_oracle_or_a_property() {
    let value = parse(r#"{"a": 1}"#);
    let vouched = Contract::expecting(Form::Json, value, ExpectedFrom::User, &Root).unwrap();
    assert_eq!((vouched.ceiling(), verdict(&vouched, "{\"a\": 1.0}").0), (Level::Oracle, Level::Oracle));
    assert_eq!(verdict(&vouched, "{\"a\": 2}").2, "the reply states another result");
}

#[test]
fn xml_is_well_formed_or_not() {
    let xml = Contract::from_form(Form::Xml);
    assert_eq!(verdict(&xml, "<a><b x='1'/>text</a>").0, Level::Syntax);
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
    for broken in ["<a><b></a>", "<a>", "a", "<a/><b/>", bomb] {
        assert!(!verdict(&xml, broken).1, "{broken}");
    }
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let _ = verdict(&xml, &deep);
}

#[test]
fn numbers_are_read_from_replies() {
    let half = Value::Float(det::Float::new(2.5).unwrap());
    let holds = |contract: &Contract, reply: &str| {
        let stated = extract(reply, Form::Number).map_or_else(|| Value::text(reply), det::Answer::to_value);
        judged(contract, stated).unwrap().verdict().is_satisfied()
    };
    let contract = Contract::expecting(Form::Number, half, ExpectedFrom::User, &Root).unwrap();
    assert!(holds(&contract, "Answer: 2.5") && holds(&contract, "25e-1."));
    assert!(!holds(&contract, "Answer: 2.50001") && !holds(&contract, "two and a half"));
    let three = Contract::expecting(Form::Number, Value::Int(3), ExpectedFrom::User, &Root).unwrap();
    assert!(holds(&three, "3") && holds(&three, "Answer: 3.0"));
}

#[test]
fn a_demanded_value_is_met_in_type_too() {
    let fact = Contract::computed_value(count_then_add());
    let float = Value::Float(det::Float::new(7.0).unwrap());
    assert!(judged(&fact, Value::Int(7)).unwrap().verdict().is_satisfied());
    assert!(!judged(&fact, float).unwrap().verdict().is_satisfied());
}

#[test]
fn programs_are_not_judged_without_isolation() {
    let case = |from| Case::returning(vec![Value::Int(4), Value::Int(6)], Value::Int(2), from);
    let levels = [
        (vec![], Level::Syntax),
        (vec![case(ExpectedFrom::User)], Level::Property),
        (vec![case(ExpectedFrom::User), case(ExpectedFrom::Proposer)], Level::Property),
    ];
    for (cases, ceiling) in levels {
        let contract = Contract::cases("python", "gcd", cases, &Root).unwrap();
        assert_eq!(contract.ceiling(), ceiling);
        assert!(contract.class().missing_reason().unwrap().starts_with("no_isolation"));
        assert!(Validators::builtin().find(&contract.class()).is_none());
        let refused = judged(&contract, Value::text("def gcd(a, b): return 2")).unwrap_err();
        assert!(matches!(refused, JudgeError::NoValidator { .. }));
    }
}

#[test]
fn a_blind_second_attempt_is_worth_it_below_an_oracle() {
    let rows = Level::ALL.map(|ceiling| {
        let verification = Verification::intended(ceiling);
        (ceiling.word(), verification.word(), verification.in_repair_band())
    });
    let expected = [
        ("none", "judgment", true),
        ("syntax", "checked", true),
        ("schema", "checked", true),
        ("property", "validated", true),
        ("oracle", "verified", false),
        ("proven", "verified", false),
    ];
    assert_eq!(rows, expected);
    assert!(!Verification::Unverified.in_repair_band());
}

#[test]
fn every_contract_comes_back_from_its_canonical_value() {
    let case = Case::returning(vec![Value::Int(4)], Value::Int(2), ExpectedFrom::User);
    let other = Case {
        expected: Expected::Raises("ValueError".into()),
        tolerance: Tolerance::new(1e-9).unwrap(),
        is_held_out: true,
        ..case.clone()
    };
    let exam = ExpectedFrom::Exam(det::Digest::hash("test", b"exam"));
    let contracts = [
        seven(),
        pet().requiring_keys(["name"]).unwrap().including(["Ada"]).unwrap(),
        Contract::computed_value(count_then_add()),
        Contract::from_form(Form::Free),
        Contract::from_form(Form::Text).linted(Lint::ALL).unwrap(),
        Contract::checked_by("even"),
        Contract::expecting(Form::Json, parse("[1]"), exam, &Root).unwrap(),
        Contract::cases("python", "f", vec![case, other], &Root).unwrap(),
        proposed(Form::Integer, det::Expectation::Given { value: Value::Int(3), from: ExpectedFrom::User }),
    ];
    for contract in contracts {
        let value = contract.to_value();
        let back = Contract::from_value(&value, &Root).unwrap_or_else(|error| panic!("{value:?}: {error}"));
        assert_eq!(back.digest(), contract.digest());
        assert_eq!((back.ceiling(), back.class()), (contract.ceiling(), contract.class()));
        let mut fields = value.into_map().expect("a map");
        fields.insert("more".to_owned(), Value::Null);
        assert!(Contract::from_value(&Value::Map(fields.clone()), &Root).is_err());
        fields.remove("more");
        fields.remove("form");
        assert!(Contract::from_value(&Value::Map(fields), &Root).is_err());
    }
}

#[test]
fn a_value_that_nests_too_deeply_is_no_contract() {
    for depth in [62, 1_000_000] {
        let given =
            Value::map([("given", nested(depth)), ("origin", Value::map([("from", Value::text("user"))]))]);
        let value = Value::map([
            ("expectation", given),
            ("form", Value::text("value")),
            ("origin", Value::text("kernel")),
        ]);
        let contract = Contract::from_value(&value, &Root).map(drop);
        let expected = if depth == 62 { Ok(()) } else { Err(ContractError::Unreadable { field: "nesting" }) };
        assert_eq!(contract, expected);
    }
}

fn parse(text: &str) -> Value {
    det::parse_json(text).unwrap()
}
