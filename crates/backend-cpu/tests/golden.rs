//! The bits of `nmk-numerics-2` and of `nmk-numerics-2-bf16`, frozen.
//!
//! `fixtures/parity/<family>/<numerics version>.txt` has one line per sequence: the digest of the logits at
//! its last position. A difference means that an operation changed its order or its rounding: that is a new
//! numerics version, with new files, and never an edit of the old ones.
//!
//! No sum of those models has more inputs than one segment. `fixtures/embedded/<numerics version>.txt`
//! freezes the embedded model, whose sums have up to four. Its first line is the digest of the model: where
//! that differs, the weights changed and not the numerics.

mod common;

use std::sync::Arc;

use backend_cpu::CpuBackend;
use common::{backends, fixture, load};
use neural::{Model, Session, StateDtype, Want};
use synthetic::{Checkpoint, parity, repository_file};

#[test]
fn the_last_logits_have_the_frozen_digests() {
    for (family, state) in
        parity::FAMILIES.into_iter().flat_map(|family| StateDtype::ALL.map(|state| (family, state)))
    {
        let frozen =
            String::from_utf8(parity::file(family, &format!("{}.txt", state.numerics()))).expect("text");
        for backend in backends() {
            let isa = backend.isa();
            let model = Arc::new(fixture(family, backend).in_state(state));
            let digest = |ids: &[u32]| {
                let logits = Session::open(&model).prefill(ids, Want::Last).expect("a fixture");
                format!("{}\n", logits.digest(0))
            };
            let found: String = parity::expected(family).iter().map(|case| digest(&case.ids)).collect();
            assert_eq!(found, frozen, "{family} in {state} on {isa}");
        }
    }
}

/// Lengths of the frozen sequences of the embedded model: one token, past a window, and far past it.
const LENGTHS: [usize; 3] = [1, 70, 200];

fn embedded(backend: CpuBackend, state: StateDtype) -> Arc<Model<CpuBackend>> {
    let file = |name: &str| repository_file(&format!("crates/embedded/model/{name}"));
    let files = Checkpoint { config: file("config.json"), shards: vec![file("model.safetensors")] };
    Arc::new(load(&files, backend).in_state(state))
}

#[test]
fn the_embedded_model_has_the_frozen_digests() {
    for state in StateDtype::ALL {
        let frozen = repository_file(&format!("fixtures/embedded/{}.txt", state.numerics()));
        for backend in backends() {
            let isa = backend.isa();
            let model = embedded(backend, state);
            let mut found = format!("{}\n", model.digest());
            for length in LENGTHS {
                let ids: Vec<u32> = (0..length as u32).map(|place| (37 * place + 11) % 1024).collect();
                let logits = Session::open(&model).prefill(&ids, Want::Last).expect("finite logits");
                found.push_str(&format!("{}\n", logits.digest(0)));
            }
            assert_eq!(found, String::from_utf8_lossy(&frozen), "in {state} on {isa}");
        }
    }
}
