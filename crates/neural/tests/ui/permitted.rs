//! The untrusted plane proposes, and nothing more.

use abi::{Digest, Origin, Proposal, Value};

fn main() {
    let origin = Origin::LocalModel { model: Digest::from_bytes([1; 32]) };
    let proposal = Proposal { value: Value::text("Answer: 7"), origin };
    assert_eq!(proposal.value.type_name(), "text");
}
