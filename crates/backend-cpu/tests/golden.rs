//! The bits of `nmk-numerics-1`, frozen.
//!
//! `fixtures/parity/<family>/nmk-numerics-1.txt` has one line per sequence: the digest of the logits at its last
//! position. A difference means that an operation changed its order or its rounding: that is a new numerics
//! version, with new files, and never an edit of the old ones.

mod common;

use common::{FAMILIES, backends, expected, file, model};
use neural::{NUMERICS_VERSION, Session, Want};

#[test]
fn the_last_logits_have_the_frozen_digests() {
    for family in FAMILIES {
        let frozen = String::from_utf8(file(family, &format!("{NUMERICS_VERSION}.txt"))).expect("text");
        for backend in backends() {
            let isa = backend.isa();
            let model = model(family, backend);
            let digest = |ids: &[u32]| {
                let logits = Session::open(&model).prefill(ids, Want::Last).expect("a fixture");
                format!("{}\n", logits.digest(0))
            };
            let found: String = expected(family).iter().map(|case| digest(&case.ids)).collect();
            assert_eq!(found, frozen, "{family} on {}", isa);
        }
    }
}
