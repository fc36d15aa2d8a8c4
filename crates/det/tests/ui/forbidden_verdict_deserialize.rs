//! A disk returns claims, so a verdict cannot be deserialised.

use det::Verdict;

fn needs<T: serde::de::DeserializeOwned>() {}

fn main() {
    needs::<Verdict>();
}
