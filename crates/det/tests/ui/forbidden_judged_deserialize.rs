//! A disk returns claims, so a judged value cannot be deserialised.

use det::{Judged, Value};

fn needs<T: serde::de::DeserializeOwned>() {}

fn main() {
    needs::<Judged<Value>>();
}
