//! Allowed programs that the forbidden ones come close to: judging, reading, taking apart, and bringing in
//! outside truth beside a root.

use det::{
    Contract, ExpectedFrom, Form, JobId, Judged, Level, Origin, Proposal, TaskId, TrustRoot, TrustStore,
    Validator, Validators, Value, Verdict, judge,
};

struct Root;

// SAFETY: this program passes in nothing but what it writes down itself.
unsafe impl TrustRoot for Root {}

fn needs<T: std::fmt::Debug>() {}

fn main() {
    needs::<Judged<Value>>();
    needs::<Verdict>();
    let mut validators = Validators::builtin();
    let validator = Validator::external("short", 1, Level::Property, |text| text.len() < 9, &Root).unwrap();
    validators.install(validator).unwrap();
    let contract = Contract::expecting(Form::Integer, Value::Int(7), ExpectedFrom::User, &Root).unwrap();
    let task = TaskId { job: JobId(1), number: 0 };
    let subject = Proposal { value: Value::Int(7), origin: Origin::User };
    let judged = judge(&validators, task, &contract, vec![], subject).unwrap();
    assert!(judged.verdict().shows(Level::Oracle));
    assert_eq!(judged.value().type_name(), "int");
    let (mut value, _verdict) = judged.into_parts();
    value = Value::List(vec![value]);
    assert_eq!(value.type_name(), "list");
    let _store = TrustStore::new(vec![[1; 32]], &Root);
}
