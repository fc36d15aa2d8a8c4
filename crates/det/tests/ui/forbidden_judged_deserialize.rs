//! What is read from a disk is a claim: a judged value cannot be deserialised.

use det::{Judged, Value};

fn needs<T: serde::de::DeserializeOwned>() {}

fn main() {
    needs::<Judged<Value>>();
}
