//! Judgements: the level that each reaches, its finding, and everything that its verdict binds.

mod common;

use common::{Root, TASK, call, count_then_add, int, judged, nested, proposal, proposed, seven, text};
use det::{
    Contract, ContractError, Digest, Expectation, ExpectedFrom, Form, JobId, JudgeError, Level, TaskId,
    Validator, ValidatorClass, Validators, Value, judge, subject_digest,
};

fn expecting(form: Form, value: Value) -> Contract {
    Contract::expecting(form, value, ExpectedFrom::User, &Root).expect("the form can state it")
}

/// Judges `subject` and compares level and finding; no finding means satisfied.
fn check(contract: &Contract, subject: Value, level: Level, finding: Option<&str>) {
    let shown = format!("{subject:?} under {contract:?}");
    let judged = judged(contract, subject).expect("a judgement");
    let verdict = judged.verdict();
    assert_eq!(verdict.level(), level, "{shown}");
    assert!(verdict.level() <= contract.ceiling(), "{shown}");
    assert_eq!(verdict.is_satisfied(), finding.is_none(), "{shown}");
    let sealed = verdict.to_value();
    let found = sealed.get("finding").expect("a finding");
    assert!(det::equal(found, &finding.map_or(Value::Null, Value::text)), "{shown}: {found:?}");
    for required in Level::ALL {
        assert_eq!(verdict.shows(required), finding.is_none() && level >= required, "{shown}");
    }
}

#[test]
fn every_form_reaches_its_level_or_says_why_not() {
    let blank = Some("the reply is blank");
    let no_integer = Some("the reply states no single integer");
    let eight = Some("the reply states 8, which is wrong");
    let free = Contract::from_form(Form::Free);
    for subject in [Value::Null, Value::text(""), Value::text("Hello!"), nested(64)] {
        check(&free, subject, Level::None, None);
    }
    let plain = Contract::from_form(Form::Text);
    check(&plain, Value::text("Hello!"), Level::Syntax, None);
    check(&plain, Value::text(" \n\u{2003}"), Level::None, blank);
    check(&plain, Value::Int(7), Level::None, Some("the result is a int, not text"));
    let integer = Contract::from_form(Form::Integer);
    check(&integer, Value::Int(7), Level::Schema, None);
    for reply in ["7", "Answer: 7", "about 7"] {
        check(&integer, Value::text(reply), Level::Syntax, no_integer);
    }
    check(
        &integer,
        Value::Bool(true),
        Level::None,
        Some("a result of the type bool is no answer of the form integer"),
    );
    let any = Contract::from_form(Form::Value);
    check(&any, nested(64), Level::Syntax, None);

    check(&seven(), Value::Int(7), Level::Oracle, None);
    check(&seven(), Value::Int(8), Level::Schema, eight);
    check(&seven(), Value::text("Answer: 7"), Level::Syntax, no_integer);
    check(&seven(), Value::text("There are 3. 3 + 4 = 7"), Level::Syntax, no_integer);
    check(&seven(), Value::text(""), Level::None, blank);
    check(
        &seven(),
        Value::Bytes(b"7".to_vec()),
        Level::None,
        Some("a result of the type bytes is no answer of the form integer"),
    );

    let prime = Contract::computed(Form::YesNo, call("is_prime", vec![int(97)])).expect("yes or no");
    check(&prime, Value::Bool(true), Level::Oracle, None);
    check(&prime, Value::Bool(false), Level::Schema, Some("the reply states no, which is wrong"));
    check(&prime, Value::text("1"), Level::Syntax, Some("the reply states no single yes or no"));

    let fact = Contract::computed_value(count_then_add());
    check(&fact, Value::Int(7), Level::Oracle, None);
    check(&fact, Value::Int(8), Level::Schema, eight);
    check(&fact, Value::text("7"), Level::Schema, Some("the reply states another result"));
    check(&fact, Value::Bool(true), Level::Schema, Some("the reply states yes, which is wrong"));

    let word = expecting(Form::Text, Value::text("seven"));
    check(&word, Value::text("seven"), Level::Oracle, None);
    check(&word, Value::text("seven\n"), Level::Schema, Some("the reply states another result"));
    let list = expecting(Form::Value, nested(3));
    check(&list, nested(3), Level::Oracle, None);
    check(&list, nested(4), Level::Schema, Some("the reply states another result"));
}

/// A proposer's own contract does not carry its result past `Property`, even if the contract names a
/// computation, somebody else's word or a validator.
#[test]
fn a_proposers_contract_stays_at_property() {
    let given = |from| Expectation::Given { value: Value::Int(7), from };
    let exam = ExpectedFrom::Exam(Digest::from_bytes([5; 32]));
    for expectation in [
        Expectation::Computed(count_then_add()),
        given(ExpectedFrom::User),
        given(exam),
        given(ExpectedFrom::Proposer),
    ] {
        check(&proposed(Form::Integer, expectation), Value::Int(7), Level::Property, None);
    }
    check(&proposed(Form::Value, given(exam)), Value::Int(7), Level::Property, None);
    check(&proposed(Form::Integer, Expectation::Nothing), Value::Int(7), Level::Schema, None);
    check(&proposed(Form::Free, Expectation::Nothing), Value::text("7"), Level::None, None);
}

fn external(ceiling: Level) -> Validators {
    let is_even = |text: &str| text.trim().len().is_multiple_of(2);
    let validator = Validator::external("even", 3, ceiling, is_even, &Root).expect("oracle at most");
    let mut validators = Validators::builtin();
    validators.install(validator).expect("the first of its name");
    validators
}

#[test]
fn external_validators_are_held_under_both_ceilings() {
    let checked_by = || Expectation::CheckedBy { validator: "even".into() };
    let kernel = Contract::checked_by("even");
    let own = proposed(Form::Text, checked_by());
    for ceiling in [Level::None, Level::Syntax, Level::Schema, Level::Property, Level::Oracle] {
        let validators = external(ceiling);
        for (contract, limit) in [(&kernel, Level::Oracle), (&own, Level::Property)] {
            let judge = |reply: &str| {
                judge(&validators, TASK, contract, vec![], proposal(Value::text(reply))).expect("a judgement")
            };
            let accepted = judge("even");
            assert!(accepted.verdict().is_satisfied());
            assert_eq!(accepted.verdict().level(), ceiling.min(limit));
            let refused = judge("odd");
            assert!(!refused.verdict().is_satisfied());
            assert_eq!(refused.verdict().level(), ceiling.min(Level::Syntax));
            assert!(!judge(" ").verdict().is_satisfied());
        }
    }
}

#[test]
fn validators_from_outside_stay_below_proven_and_under_their_own_name() {
    let make = |name: &str, ceiling| Validator::external(name, 1, ceiling, |_| true, &Root);
    let refused = make("mine", Level::Proven).map(|_| ()).expect_err("only admission is proven");
    assert!(matches!(refused, ContractError::CeilingTooHigh { ceiling: Level::Proven, .. }));
    let mut validators = Validators::builtin();
    for name in ["text", "answer", "admission", ""] {
        let validator = make(name, Level::Oracle).expect("oracle at most");
        assert_eq!(validator.name(), format!("external:{name}"));
        validators.install(validator).expect("the first of its name");
        let again = validators.install(make(name, Level::Oracle).expect("oracle at most"));
        assert!(matches!(again, Err(ContractError::AlreadyInstalled { .. })), "{name}");
    }
    let level = |class| validators.find(&class).map(Validator::ceiling);
    assert_eq!(level(ValidatorClass::Text), Some(Level::Syntax));
    assert_eq!(level(ValidatorClass::Answer), Some(Level::Oracle));
}

#[test]
fn no_judgement_without_grounds() {
    let error = |contract: &Contract, subject| judged(contract, subject).map(|_| ()).expect_err("no grounds");
    let class = ValidatorClass::External("even".into());
    let missing = error(&Contract::checked_by("even"), Value::text("even"));
    assert_eq!(missing, JudgeError::NoValidator { class });
    let overflow = call("add", vec![int(i64::MAX), int(1)]);
    let overflow = Contract::computed(Form::Integer, overflow).expect("an integer");
    assert!(matches!(error(&overflow, Value::Int(7)), JudgeError::Undefined(_)));
    let letters = call("letter_count", vec![text("strawberry"), text("rr")]);
    assert!(matches!(error(&Contract::computed_value(letters), Value::Int(0)), JudgeError::Undefined(_)));
}

/// A value that nests a million deep can be built in memory, and a recursive walk would overflow the stack.
#[test]
fn subjects_that_nest_too_deeply_are_refused_before_anything_walks_them() {
    for contract in [Contract::from_form(Form::Free), seven(), Contract::checked_by("missing")] {
        for depth in [65, 1_000_000] {
            let error = judged(&contract, nested(depth)).map(|_| ()).expect_err("too deep");
            assert_eq!(error, JudgeError::TooDeep { depth });
        }
    }
    let in_maps = (0..200_000).fold(Value::Null, |inner, _| Value::map([("a", inner), ("b", Value::Null)]));
    let error = judged(&seven(), in_maps).map(|_| ()).expect_err("too deep");
    assert_eq!(error, JudgeError::TooDeep { depth: 200_000 });
}

#[test]
fn the_verdict_binds_everything_that_went_in() {
    let inputs = vec![Digest::from_bytes([1; 32]), Digest::from_bytes([2; 32])];
    let other = TaskId { job: JobId(8), number: 0 };
    let judged = |task, inputs: &[Digest], value: i64| {
        let subject = proposal(Value::Int(value));
        judge(&Validators::builtin(), task, &seven(), inputs.to_vec(), subject).expect("a judgement")
    };
    let base = judged(TASK, &inputs, 7);
    let verdict = base.verdict();
    assert_eq!(verdict.task(), TASK);
    assert_eq!(verdict.contract(), seven().digest());
    assert_eq!(verdict.subject(), subject_digest(base.value()));
    let sealed = verdict.to_value();
    let has = |key: &str, expected: &Value| {
        assert!(sealed.get(key).is_some_and(|value| det::equal(value, expected)), "{key}");
    };
    has("level", &Value::text("oracle"));
    has("satisfied", &Value::Bool(true));
    has("validator", &Value::text("answer"));
    has("validator_version", &Value::Int(6));
    has("task", &Value::text(TASK.to_string()));
    has("inputs", &Value::List(inputs.iter().map(|input| input.to_value()).collect()));
    has("vouched_by", &Value::text(format!("primitive:{}", count_then_add().primitive().digest())));

    let reversed: Vec<Digest> = inputs.iter().rev().copied().collect();
    let others = [
        judged(other, &inputs, 7),
        judged(TASK, &reversed, 7),
        judged(TASK, &[], 7),
        judged(TASK, &inputs, 8),
    ];
    let bytes = abi::encode(&sealed);
    for other in others {
        assert_ne!(abi::encode(&other.verdict().to_value()), bytes);
    }
    let (value, verdict) = base.into_parts();
    assert_eq!(verdict.subject(), subject_digest(&value));
}

#[test]
fn who_vouched_is_named() {
    let exam = ExpectedFrom::Exam(Digest::from_bytes([0xab; 32]));
    let given = |from| Contract::expecting(Form::Integer, Value::Int(7), from, &Root).expect("an integer");
    let cases = [
        (Contract::from_form(Form::Free), "nobody".to_string()),
        (given(ExpectedFrom::User), "user".to_string()),
        (given(exam), format!("exam:{}", "ab".repeat(32))),
        (
            proposed(Form::Integer, Expectation::Given { value: Value::Int(7), from: ExpectedFrom::User }),
            "proposer".to_string(),
        ),
    ];
    for (contract, expected) in cases {
        let sealed = judged(&contract, Value::Int(7)).expect("a judgement").verdict().to_value();
        let vouched = sealed.get("vouched_by").expect("who vouched");
        assert!(det::equal(vouched, &Value::text(expected)), "{vouched:?}");
    }
}

#[test]
fn levels_are_a_ladder_of_words() {
    assert!(Level::ALL.is_sorted());
    for level in Level::ALL {
        assert_eq!(level.word().parse(), Ok(level));
        assert_eq!(level.to_string(), level.word());
    }
    for word in ["", "Oracle", "oracle ", "verified", "4"] {
        assert!(word.parse::<Level>().is_err(), "{word:?}");
    }
}
