//! An expected value enters together with the root.

use det::{Contract, ExpectedFrom, Form, Value};

fn main() {
    let _ = Contract::expecting(Form::Integer, Value::Int(8), ExpectedFrom::User);
}
