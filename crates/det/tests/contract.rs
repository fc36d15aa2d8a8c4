//! Contracts: the ones that can be made, the levels that they reach, and the digests that tell them apart.

mod common;

use common::{Root, call, count_then_add, inner, int, nested, proposal, proposed, seven, text};
use det::{
    Call, Contract, ContractDraft, ContractError, ContractOrigin, Digest, Expectation, ExpectedFrom, Form,
    Level, Operand, ValidatorClass, Value,
};
use prims::CallError;

const EXAM: ExpectedFrom = ExpectedFrom::Exam(Digest::from_bytes([5; 32]));
const FORMS: [Form; 5] = [Form::Free, Form::Text, Form::Integer, Form::YesNo, Form::Value];

fn given(value: Value, from: ExpectedFrom) -> Expectation {
    Expectation::Given { value, from }
}

fn checked_by(validator: &str) -> Expectation {
    Expectation::CheckedBy { validator: validator.into() }
}

fn expecting(form: Form, value: Value, from: ExpectedFrom) -> Contract {
    Contract::expecting(form, value, from, &Root).expect("the form can state it")
}

fn check_reach(contract: &Contract, ceiling: Level, class: &ValidatorClass) {
    assert_eq!(contract.ceiling(), ceiling, "{contract:?}");
    assert_eq!(contract.class(), *class, "{contract:?}");
}

#[test]
fn ceilings_and_classes_follow_from_what_is_expected() {
    use ValidatorClass::{Answer, Text};
    let external = ValidatorClass::External("parses".into());
    let prime = || call("is_prime", vec![int(7)]);
    let yes_no = |call| Contract::computed(Form::YesNo, call).expect("a bool is yes or no");
    let user = ExpectedFrom::User;
    let cases = [
        (Contract::from_form(Form::Free), Level::None, &Text),
        (Contract::from_form(Form::Text), Level::Syntax, &Text),
        (Contract::from_form(Form::Value), Level::Syntax, &Answer),
        (Contract::from_form(Form::Integer), Level::Schema, &Answer),
        (Contract::from_form(Form::YesNo), Level::Schema, &Answer),
        (seven(), Level::Oracle, &Answer),
        (yes_no(prime()), Level::Oracle, &Answer),
        (Contract::computed_value(prime()), Level::Oracle, &Answer),
        (expecting(Form::Integer, Value::Int(7), user), Level::Oracle, &Answer),
        (expecting(Form::Text, Value::text("seven"), EXAM), Level::Oracle, &Answer),
        (expecting(Form::Value, nested(3), EXAM), Level::Oracle, &Answer),
        (Contract::checked_by("parses"), Level::Oracle, &external),
        // The same contracts, written by a proposer.
        (proposed(Form::Free, Expectation::Nothing), Level::None, &Text),
        (proposed(Form::Text, Expectation::Nothing), Level::Syntax, &Text),
        (proposed(Form::Value, Expectation::Nothing), Level::Syntax, &Answer),
        (proposed(Form::Integer, Expectation::Nothing), Level::Schema, &Answer),
        (proposed(Form::Integer, Expectation::Computed(count_then_add())), Level::Property, &Answer),
        (proposed(Form::Value, Expectation::Computed(prime())), Level::Property, &Answer),
        (proposed(Form::Integer, given(Value::Int(7), user)), Level::Property, &Answer),
        (proposed(Form::Text, given(Value::text("seven"), EXAM)), Level::Property, &Answer),
        (proposed(Form::Text, checked_by("parses")), Level::Property, &external),
    ];
    for (contract, ceiling, class) in &cases {
        check_reach(contract, *ceiling, class);
    }
}

#[test]
fn a_proposer_cannot_borrow_an_origin() {
    for from in [ExpectedFrom::User, EXAM, ExpectedFrom::Proposer] {
        let contract = proposed(Form::Integer, given(Value::Int(7), from));
        assert_eq!(contract.origin(), ContractOrigin::Proposer);
        let is_the_proposers = matches!(
            contract.expectation(),
            Expectation::Given { value: Value::Int(7), from: ExpectedFrom::Proposer }
        );
        assert!(is_the_proposers, "{from:?} became {:?}", contract.expectation());
    }
    let refused = Contract::expecting(Form::Integer, Value::Int(7), ExpectedFrom::Proposer, &Root);
    assert_eq!(refused.map(|_| ()), Err(ContractError::ProposerVouched));
}

/// Tries each type with each form. A result that the form cannot state cannot be demanded by anyone.
#[test]
fn only_what_the_form_can_state_is_demanded() {
    let values = [
        Value::Null,
        Value::Bool(true),
        Value::Int(1),
        Value::text("1"),
        Value::Bytes(vec![1]),
        Value::List(vec![]),
        Value::map([("a", Value::Null)]),
    ];
    for form in FORMS {
        for value in &values {
            let found = value.type_name();
            let fits = matches!(
                (form, found),
                (Form::Value, _) | (Form::Integer, "int") | (Form::YesNo, "bool") | (Form::Text, "text")
            );
            let expected =
                if fits { Ok(()) } else { Err(ContractError::Unstatable { form: form.word(), found }) };
            let kernel = Contract::expecting(form, value.clone(), ExpectedFrom::User, &Root);
            assert_eq!(kernel.map(|_| ()), expected, "{form:?} of {found}");
            check_draft(form, given(value.clone(), ExpectedFrom::User), expected);
        }
        let fits = matches!(form, Form::Integer | Form::Value);
        let expected = if fits { Ok(()) } else { unstatable(form, "int") };
        let computed = Contract::computed(form, count_then_add()).map(|_| ());
        assert_eq!(computed, expected, "{form:?}");
        check_draft(form, Expectation::Computed(count_then_add()), expected);
        let expected = if form == Form::Text { Ok(()) } else { unstatable(form, "text") };
        check_draft(form, checked_by("parses"), expected);
    }
}

fn unstatable(form: Form, found: &'static str) -> Result<(), ContractError> {
    Err(ContractError::Unstatable { form: form.word(), found })
}

fn check_draft(form: Form, expectation: Expectation, expected: Result<(), ContractError>) {
    let contract = Contract::proposed(proposal(ContractDraft { form, expectation }));
    assert_eq!(contract.map(|_| ()), expected, "{form:?} in a draft");
}

fn check_call(name: &str, operands: Vec<Operand>, expected: Result<(), ContractError>) {
    assert_eq!(Call::new(name, operands).map(|_| ()), expected, "{name}");
}

#[test]
fn calls_fit_their_primitives() {
    let wrong = |primitive, parameter, expected, found| {
        Err(ContractError::Operands(CallError::OperandType { primitive, parameter, expected, found }))
    };
    let arity = |primitive, expected, found| {
        Err(ContractError::Operands(CallError::Arity { primitive, expected, found }))
    };
    let unknown = |name: &str| Err(ContractError::UnknownPrimitive { name: name.into() });
    let prime = || inner(call("is_prime", vec![int(7)]));
    check_call("add", vec![int(1), int(2)], Ok(()));
    check_call("divide", vec![int(1), int(2)], unknown("divide"));
    check_call("Add", vec![int(1), int(2)], unknown("Add"));
    check_call("", vec![], unknown(""));
    check_call("add", vec![int(1)], arity("add", 2, 1));
    check_call("add", vec![int(1), int(2), int(3)], arity("add", 2, 3));
    check_call("is_prime", vec![], arity("is_prime", 1, 0));
    check_call("add", vec![int(1), text("2")], wrong("add", "b", "int", "text"));
    check_call("add", vec![prime(), int(1)], wrong("add", "a", "int", "bool"));
    check_call("letter_count", vec![text("a"), int(1)], wrong("letter_count", "letter", "text", "int"));
    for literal in [Value::Null, Value::Bool(true), Value::Bytes(vec![1]), nested(1)] {
        let found = literal.type_name();
        check_call("is_prime", vec![Operand::Literal(literal)], wrong("is_prime", "n", "int", found));
    }
}

#[test]
fn calls_compute_innermost_first_and_nest_up_to_eight() {
    assert!(matches!(count_then_add().evaluate(), Ok(Value::Int(7))));
    assert_eq!(count_then_add().to_string(), "add(letter_count(strawberry, r), 4)");
    let mut calls = call("add", vec![int(1), int(1)]);
    for _ in 1..8 {
        calls = call("add", vec![inner(calls.clone()), inner(calls)]);
    }
    assert!(matches!(calls.evaluate(), Ok(Value::Int(256))));
    check_call("add", vec![inner(calls), int(1)], Err(ContractError::TooDeep { limit: 8 }));
}

#[test]
fn given_values_nest_as_deep_as_a_stored_contract_can_be_read() {
    let deepest = expecting(Form::Value, nested(62), ExpectedFrom::User);
    let stored = abi::encode(&deepest.to_value());
    assert!(abi::decode(&stored).is_ok());
    let refused = Err(ContractError::TooDeep { limit: 62 });
    for depth in [63, 64, 65, 1_000_000] {
        let contract = Contract::expecting(Form::Value, nested(depth), ExpectedFrom::User, &Root);
        assert_eq!(contract.map(|_| ()), refused, "{depth}");
        check_draft(Form::Value, given(nested(depth), ExpectedFrom::User), refused.clone());
    }
}

#[test]
fn digests_differ_whenever_anything_differs() {
    let count = |word, letter| call("letter_count", vec![text(word), text(letter)]);
    let sum = |a, b| call("add", vec![int(a), int(b)]);
    let computed = |call| Contract::computed(Form::Integer, call).expect("an integer");
    let other_exam = ExpectedFrom::Exam(Digest::from_bytes([6; 32]));
    let mut contracts: Vec<Contract> = FORMS.into_iter().map(Contract::from_form).collect();
    contracts.extend(FORMS.into_iter().map(|form| proposed(form, Expectation::Nothing)));
    contracts.extend([
        computed(sum(1, 2)),
        computed(sum(2, 1)),
        computed(sum(1, 3)),
        computed(call("subtract", vec![int(1), int(2)])),
        computed(call("gcd", vec![int(1), int(2)])),
        computed(count("ab", "c")),
        computed(count("a", "bc")),
        computed(count("AB", "c")),
        computed(call("add", vec![inner(sum(1, 2)), int(3)])),
        computed(call("add", vec![int(1), inner(sum(2, 3))])),
        computed(call("add", vec![int(3), int(3)])),
        Contract::computed_value(sum(1, 2)),
        proposed(Form::Integer, Expectation::Computed(sum(1, 2))),
        proposed(Form::Value, Expectation::Computed(sum(1, 2))),
        expecting(Form::Integer, Value::Int(3), ExpectedFrom::User),
        expecting(Form::Integer, Value::Int(4), ExpectedFrom::User),
        expecting(Form::Integer, Value::Int(3), EXAM),
        expecting(Form::Integer, Value::Int(3), other_exam),
        expecting(Form::Value, Value::Int(3), EXAM),
        expecting(Form::Value, Value::text("3"), EXAM),
        expecting(Form::Value, Value::Bytes(b"3".to_vec()), EXAM),
        expecting(Form::Text, Value::text("3"), EXAM),
        expecting(Form::Value, Value::Null, ExpectedFrom::User),
        proposed(Form::Integer, given(Value::Int(3), EXAM)),
        Contract::checked_by("parses"),
        Contract::checked_by("Parses"),
        Contract::checked_by(""),
        proposed(Form::Text, checked_by("parses")),
    ]);
    for (at, contract) in contracts.iter().enumerate() {
        assert_eq!(contract.digest(), contract.clone().digest());
        for other in &contracts[at + 1..] {
            assert_ne!(contract.digest(), other.digest(), "{contract:?} and {other:?}");
        }
    }
}
