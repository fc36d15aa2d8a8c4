//! A call is checked against its primitive's signature before it exists.

use det::{Call, Operand, Value};

fn bend(call: &Call) -> Call {
    Call { primitive: call.primitive(), operands: vec![Operand::Literal(Value::text("7"))] }
}

fn main() {
    let _ = bend;
}
