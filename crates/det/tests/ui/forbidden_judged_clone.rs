//! A judged value is one value; a copy could be committed twice.

use det::{Judged, Value};

fn needs<T: Clone>() {}

fn main() {
    needs::<Judged<Value>>();
}
