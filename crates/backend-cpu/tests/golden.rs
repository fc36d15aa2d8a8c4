//! The bits of `nmk-numerics-1` and of `nmk-numerics-1-bf16`, frozen.
//!
//! `fixtures/parity/<family>/<numerics version>.txt` has one line per sequence: the digest of the logits at its
//! last position. A difference means that an operation changed its order or its rounding: that is a new numerics
//! version, with new files, and never an edit of the old ones.

mod common;

use std::sync::Arc;

use common::{FAMILIES, backends, expected, file, model};
use neural::{Session, State, Want};

#[test]
fn the_last_logits_have_the_frozen_digests() {
    for (family, state) in FAMILIES.into_iter().flat_map(|family| State::ALL.map(|state| (family, state))) {
        let frozen = String::from_utf8(file(family, &format!("{}.txt", state.numerics()))).expect("text");
        for backend in backends() {
            let isa = backend.isa();
            let model = Arc::new(model(family, backend).in_state(state));
            let digest = |ids: &[u32]| {
                let logits = Session::open(&model).prefill(ids, Want::Last).expect("a fixture");
                format!("{}\n", logits.digest(0))
            };
            let found: String = expected(family).iter().map(|case| digest(&case.ids)).collect();
            assert_eq!(found, frozen, "{family} in {state} on {isa}");
        }
    }
}
