//! The proofs of the primitives: each result is compared with one that was computed in another way.
//!
//! A proof admits a primitive only if it refuses a wrong variant of it. The record of a primitive has the number of the
//! cases, which is compared with what the proof counts here.

#[path = "proofs/bits.rs"]
mod bits;
#[path = "proofs/calendar.rs"]
mod calendar;
#[path = "proofs/documents.rs"]
mod documents;
#[path = "proofs/letters.rs"]
mod letters;
#[path = "proofs/lists.rs"]
mod lists;
#[path = "proofs/matching.rs"]
mod matching;
#[path = "proofs/numbers.rs"]
mod numbers;
#[path = "proofs/numerals.rs"]
mod numerals;
#[path = "proofs/polynomial.rs"]
mod polynomial;
#[path = "proofs/primes.rs"]
mod primes;
#[path = "proofs/searches.rs"]
mod searches;
#[path = "proofs/texts.rs"]
mod texts;
#[path = "proofs/trial.rs"]
mod trial;

use prims::{Method, Primitive, all};
use trial::{Proof, Trial};

/// Returns the proof of a primitive. A primitive without one is not admitted.
fn proof(name: &str) -> &'static Proof {
    let all = [
        bits::PROOFS,
        calendar::PROOFS,
        documents::PROOFS,
        letters::PROOFS,
        lists::PROOFS,
        matching::PROOFS,
        numbers::PROOFS,
        numerals::PROOFS,
        polynomial::PROOFS,
        primes::PROOFS,
        searches::PROOFS,
        texts::PROOFS,
    ];
    let found: Vec<&Proof> = all.into_iter().flatten().filter(|proof| proof.name == name).collect();
    assert_eq!(found.len(), 1, "{name} has {} proofs", found.len());
    found[0]
}

fn seed(primitive: &Primitive) -> u64 {
    match primitive.record.method {
        Method::Exhaustive => 0,
        Method::Sampled { seed } => seed,
    }
}

#[test]
fn every_primitive_passes_the_proof_of_its_record() {
    let mut wrong = Vec::new();
    for primitive in all() {
        let function = |operands: &[prims::Value]| primitive.call(operands);
        let mut trial = Trial::new(seed(primitive), &function);
        (proof(primitive.name).run)(&mut trial);
        println!("{}: {}", primitive.name, primitive.record);
        assert_eq!(trial.refuted, None, "{}", primitive.name);
        assert!(!trial.has_drawn || primitive.record.method != Method::Exhaustive, "{}", primitive.name);
        if trial.cases != primitive.record.cases {
            wrong.push(format!(
                "{}: {} cases, recorded {}",
                primitive.name, trial.cases, primitive.record.cases
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_wrong_variant_of_every_primitive_is_refused() {
    for primitive in all() {
        let Proof { run, wrong, .. } = proof(primitive.name);
        let variant = |operands: &[prims::Value]| wrong(operands, primitive.call(operands));
        let mut trial = Trial::new(seed(primitive), &variant);
        run(&mut trial);
        let refuted = trial.refuted.unwrap_or_else(|| panic!("a wrong {} passes", primitive.name));
        println!("{}: {refuted}", primitive.name);
    }
}
