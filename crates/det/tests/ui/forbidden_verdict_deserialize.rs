//! What is read from a disk is a claim: a verdict cannot be deserialised.

use det::Verdict;

fn needs<T: serde::de::DeserializeOwned>() {}

fn main() {
    needs::<Verdict>();
}
