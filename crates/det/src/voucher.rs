//! Vouchers: those on whose word an expected value counts.

use abi::Digest;

/// The one who vouches for an expected value that no primitive computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedFrom {
    /// The person who runs the program, who states the expected value in a file or an argument.
    User,
    /// An instance of an exam of the hold-out gate, named by the digest of its transcript.
    Exam(Digest),
    /// The proposer itself. Agreement with such a value shows [`Level::Property`] at most.
    Proposer,
}
