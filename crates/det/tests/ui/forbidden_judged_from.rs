//! A value does not convert into a judged one.

use det::{Judged, Value};

fn needs<T: From<Value>>() {}

fn main() {
    needs::<Judged<Value>>();
}
