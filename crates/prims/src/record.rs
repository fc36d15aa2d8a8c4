//! Records: the proofs by which primitives were admitted.

use core::fmt;

/// The way in which a proof chooses its cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The proof tries every case of the domain.
    Exhaustive,
    /// The proof tries cases of the domain that a generator of numbers draws from this seed.
    Sampled {
        /// The seed of the generator, so that every run draws the same cases.
        seed: u64,
    },
}

/// The proof by which a primitive was admitted: its cases, and the oracle that each result was compared with.
///
/// The proof is a test of this crate (`tests/proofs.rs`). The test runs it anew, compares the number of its cases
/// with the record, and shows that the same proof refuses a wrong variant of the primitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The way in which the cases were chosen.
    pub method: Method,
    /// The operands that the cases were taken from, in words.
    pub domain: &'static str,
    /// The other way in which each result was computed, in words. It shares no code with the primitive.
    pub oracle: &'static str,
    /// The number of results that were compared.
    pub cases: u64,
}

impl Record {
    pub(crate) const fn exhaustive(cases: u64, domain: &'static str, oracle: &'static str) -> Self {
        Self { method: Method::Exhaustive, domain, oracle, cases }
    }

    pub(crate) const fn sampled(cases: u64, domain: &'static str, oracle: &'static str) -> Self {
        Self { method: Method::Sampled { seed: SEED }, domain, oracle, cases }
    }
}

/// The seed of every sampled proof.
const SEED: u64 = 1;

/// The record in one line, for example `every case of n from 0 to 99 (100 cases), against repeated addition`.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, domain, oracle, cases } = self;
        match method {
            Method::Exhaustive => write!(f, "every case of {domain} ({cases} cases), against {oracle}"),
            Method::Sampled { seed } => {
                write!(f, "{cases} cases of {domain}, drawn from seed {seed}, against {oracle}")
            }
        }
    }
}
