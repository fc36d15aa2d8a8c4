//! A judged value cannot be put together, not even from a value and a genuine verdict.

use det::{Judged, Value, Verdict};

fn forge(verdict: Verdict) -> Judged<Value> {
    Judged { value: Value::Int(8), verdict: verdict.into() }
}

fn main() {
    let _ = forge;
}
