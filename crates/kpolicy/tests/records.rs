//! The record of a decision reads back as what was decided, and shows every alteration.

mod common;

use abi::{Value, encode};
use common::{policy, signals};
use kpolicy::{Mode, Policy, RecordError, Recorded, Settings, Signals, Unit};
use proptest::prelude::*;

fn recorded() -> Recorded {
    Recorded {
        seam: "ladder_width".to_owned(),
        about: "reverse_words".to_owned(),
        policy: Policy::new(Settings::REFERENCE).expect("the reference is a policy"),
        signals: Signals { disagreement: Some(Unit::ONE), ..Signals::QUIET },
        remaining: Some(2.0),
        most: 6,
        mode: Mode::Reference,
        checks: Vec::new(),
    }
}

fn altered(key: &str, value: Value) -> Value {
    let mut body = recorded().to_value().into_map().expect("a map");
    body.insert(key.to_owned(), value);
    Value::Map(body)
}

fn is_true(body: &Value) -> bool {
    Recorded::from_value(body).is_ok_and(|recorded| encode(&recorded.to_value()) == encode(body))
}

#[test]
fn an_altered_decision_is_not_what_follows_from_its_signals() {
    assert!(is_true(&recorded().to_value()));
    for (key, value) in [
        ("k", Value::Int(4)),
        ("admitted", Value::Int(3)),
        ("signal", Value::text("risk_floor")),
        ("reason", Value::text("because")),
        ("budget", Value::text("ok")),
        ("remaining", Value::Null),
        ("more", Value::Null),
    ] {
        assert!(!is_true(&altered(key, value)), "{key}");
    }
    let mut without = recorded().to_value().into_map().expect("a map");
    drop(without.remove("signals"));
    assert_eq!(Recorded::from_value(&Value::Map(without)), Err(RecordError::NoSignals));
    assert_eq!(Recorded::from_value(&altered("most", Value::Int(-1))), Err(RecordError::Field("most")));
    assert_eq!(
        Recorded::from_value(&altered("signals", Value::Null)),
        Err(RecordError::Field("disagreement"))
    );
}

proptest! {
    #[test]
    fn what_was_decided_reads_back(
        policy in policy(), signals in signals(), remaining in proptest::option::of(0.0..100.0), most in 0u32..9,
    ) {
        let recorded = Recorded { policy, signals, remaining, most, ..recorded() };
        let body = recorded.to_value();
        prop_assert_eq!(Recorded::from_value(&body), Ok(recorded));
        prop_assert!(is_true(&body));
    }
}
