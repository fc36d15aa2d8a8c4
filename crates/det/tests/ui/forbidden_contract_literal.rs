//! A contract is made by its constructors, which bound what it reaches.

use det::{Contract, ContractOrigin, Expectation, ExpectedFrom, Form, Value};

fn main() {
    let expectation = Expectation::Given { value: Value::Int(8), from: ExpectedFrom::User };
    let _ = Contract { form: Form::Integer, expectation, origin: ContractOrigin::Kernel };
}
