//! A judged value does not come from nowhere.

use det::{Judged, Value};

fn needs<T: Default>() {}

fn main() {
    needs::<Judged<Value>>();
}
