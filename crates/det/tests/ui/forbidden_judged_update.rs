//! A judged value lends no verdict to another through struct update.

use det::{Judged, Value};

fn forge(judged: Judged<Value>) -> Judged<Value> {
    Judged { value: Value::Int(8), ..judged }
}

fn main() {
    let _ = forge;
}
