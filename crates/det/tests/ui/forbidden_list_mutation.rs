//! An item inside a judged value is read, not changed.

use det::{Judged, Value};

fn change(judged: &mut Judged<Value>) {
    if let Value::List(items) = judged.value() {
        items.clear();
    }
}

fn main() {
    let _ = change;
}
