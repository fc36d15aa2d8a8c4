//! A judged value has no constructor under any of the usual names.

use det::{Judged, Value};

fn main() {
    let _ = Judged::<Value>::new(Value::Int(8));
}
