use abi::{JobId, Origin, Proposal, TaskId, Value, decode, encode};
use det::{Call, Contract, Form, Level, Operand, Validators, judge, subject_digest};

/// Checks a call of a primitive, given as an encoded value: a second evaluation must give the same result,
/// and only that result may be judged `Oracle`.
pub(super) fn call(bytes: &[u8]) {
    let Ok(value) = decode(bytes) else { return };
    let Some(call) = read(&value) else { return };
    let contract = Contract::computed_value(call.clone());
    let canonical = encode(&contract.to_value());
    assert!(decode(&canonical).is_ok(), "a contract has no canonical value");
    assert_eq!(Contract::computed_value(call.clone()).digest(), contract.digest());
    for form in [Form::Integer, Form::YesNo, Form::Number, Form::Word, Form::Integers] {
        if let Ok(contract) = Contract::computed(form, call.clone()) {
            assert!(contract.ceiling() <= Level::Oracle);
        }
    }
    let Ok(computed) = call.evaluate() else { return };
    let again = call.evaluate().expect("it had a value");
    assert_eq!(subject_digest(&again), subject_digest(&computed));
    assert!(judged(&contract, computed.clone()));
    assert!(!judged(&contract, Value::List(vec![computed])));
}

fn judged(contract: &Contract, subject: Value) -> bool {
    let subject = Proposal { value: subject, origin: Origin::RemoteModel { name: "fuzz".into() } };
    let task = TaskId { job: JobId(1), number: 1 };
    let judged = judge(&Validators::builtin(), task, contract, Vec::new(), subject).expect("a judgement");
    judged.verdict().is_satisfied() && judged.verdict().shows(Level::Oracle)
}

/// Reads a call from a map of `name` and `operands`. An operand that is such a map is a call itself. Returns
/// `None` for any other value.
fn read(value: &Value) -> Option<Call> {
    let (Some(Value::Text(name)), Some(Value::List(operands))) = (value.get("name"), value.get("operands"))
    else {
        return None;
    };
    let operand = |value: &Value| match read(value) {
        Some(call) => Operand::Call(Box::new(call)),
        None => Operand::Literal(value.clone()),
    };
    Call::new(name, operands.iter().map(operand).collect()).ok()
}
