//! The bits of `nmk-numerics-2` and of `nmk-numerics-2-bf16`, frozen.
//!
//! `fixtures/parity/<family>/<numerics version>.txt` has one line per sequence: the digest of the logits at its
//! last position. A difference means that an operation changed its order or its rounding: that is a new numerics
//! version, with new files, and never an edit of the old ones.
//!
//! No sum of those models has more inputs than one segment. `fixtures/embedded/<numerics version>.txt` freezes the
//! embedded model, whose sums have up to four. Its first line is the digest of the model: where that differs, the
//! weights changed and not the numerics.

mod common;

use std::sync::Arc;

use backend_cpu::CpuBackend;
use battery::{ModelChoice, Parts};
use common::{FAMILIES, backends, expected, file, model};
use neural::{Model, Session, State, Want};

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

/// Lengths of the frozen sequences of the embedded model: one token, past a window, and far past it.
const LENGTHS: [usize; 3] = [1, 70, 200];

fn embedded(backend: CpuBackend, state: State) -> Arc<Model<CpuBackend>> {
    let parts = Parts::of(&ModelChoice::Embedded).expect("the one in the crate").remove(0);
    let model = Model::load(&parts.config, &parts.shards[0], backend).expect("the embedded model");
    Arc::new(model.in_state(state))
}

#[test]
fn the_embedded_model_has_the_frozen_digests() {
    for state in State::ALL {
        let frozen = file("../embedded", &format!("{}.txt", state.numerics()));
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
