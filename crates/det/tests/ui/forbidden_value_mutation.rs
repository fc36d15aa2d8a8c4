//! A judged value is read, not changed.

use det::{Judged, Value};

fn change(judged: &mut Judged<Value>) {
    *judged.value() = Value::Int(8);
}

fn main() {
    let _ = change;
}
