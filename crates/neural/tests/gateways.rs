//! Gateways and injections are the identity at rest, and alive otherwise.

mod common;

use std::collections::BTreeMap;

use common::gateways::{gateway, small_weights};
use common::{fixture, run_trapped as run};
use neural::{Backend, Gateway, GatewayWeights, Injection, NoTraps, TrapPlane, Traps};
use synthetic::{bits, parity};

#[test]
fn an_injection_is_the_identity_at_rest_and_alive_otherwise() {
    let model = fixture("mixtral");
    let ids = &parity::expected("mixtral")[2].ids;
    let width = model.config().hidden_size;
    let plain = run(&model, ids, ids.len(), &mut NoTraps);
    let injection =
        |row: Vec<f32>, position: usize| Injection { layer: 1, rows: BTreeMap::from([(position, row)]) };
    for zero in [0.0, -0.0] {
        for chunk in [1, ids.len()] {
            let mut rest = injection(vec![zero; width], 9);
            assert!(run(&model, ids, chunk, &mut rest) == plain, "{zero} in chunks of {chunk}");
        }
    }
    let mut row = vec![0.0; width];
    row[3] = 0.5;
    let whole = run(&model, ids, ids.len(), &mut injection(row.clone(), 9));
    let vocab = model.config().vocab_size;
    assert!(whole[..9 * vocab] == plain[..9 * vocab], "nothing before it changes");
    assert!(whole[9 * vocab..10 * vocab] != plain[9 * vocab..10 * vocab], "its own position does");
    for chunk in [1, 3, 10] {
        assert!(run(&model, ids, chunk, &mut injection(row.clone(), 9)) == whole, "chunks of {chunk}");
    }
}

#[test]
fn a_gateway_is_the_identity_at_rest_and_alive_otherwise() {
    for family in parity::FAMILIES {
        let model = fixture(family);
        let ids = &parity::expected(family)[2].ids;
        let (width, vocab) = (model.config().hidden_size, model.config().vocab_size);
        let plain = run(&model, ids, ids.len(), &mut NoTraps);
        let (rest, up) = (vec![0.0; width * 6], small_weights(6, width * 6));
        for result in [None, Some(&[1.0, -2.0, 0.25][..])] {
            for chunk in [1, ids.len()] {
                let mut traps = gateway(&model, &rest, 0..usize::MAX, result);
                assert!(run(&model, ids, chunk, &mut traps) == plain, "{family} at rest");
                assert_eq!(traps.edit(3), None);
            }
            let from = ids.len() / 2;
            let alive = run(&model, ids, ids.len(), &mut gateway(&model, &up, from..usize::MAX, result));
            assert!(alive[..from * vocab] == plain[..from * vocab], "{family}: nothing before it changes");
            assert!(alive[from * vocab..(from + 1) * vocab] != plain[from * vocab..(from + 1) * vocab]);
            for chunk in [1, 3, 7] {
                let found = run(&model, ids, chunk, &mut gateway(&model, &up, from..usize::MAX, result));
                assert!(found == alive, "{family} in chunks of {chunk}");
            }
            // Installed and not armed, it is not there.
            let mut disarmed = TrapPlane { armed: false, ..gateway(&model, &up, 0..usize::MAX, result) };
            assert!(run(&model, ids, 7, &mut disarmed) == plain, "{family} disarmed");
        }
        // Another result is another addition: the injector is alive.
        let told = |result: &[f32]| run(&model, ids, 7, &mut gateway(&model, &up, 2..9, Some(result)));
        assert!(told(&[1.0, 0.0]) != told(&[0.0, 1.0]), "{family}");
    }
}

#[test]
fn negative_zeros_survive_what_is_at_rest() {
    let model = fixture("mixtral");
    let (backend, width) = (model.backend(), model.config().hidden_size);
    let mut rows = small_weights(11, 3 * width);
    rows.iter_mut().step_by(3).for_each(|value| *value = -0.0);
    let rest = vec![0.0; width * 6];
    let mut plane = gateway(&model, &rest, 0..usize::MAX, Some(&[2.0]));
    plane.injection = Some(Injection { layer: 1, rows: BTreeMap::from([(1, vec![-0.0; width])]) });
    let mut found = backend.rows(width, rows.clone());
    plane.block(backend, 1, 0, &mut found);
    assert_eq!(bits(&backend.read(&found)), bits(&rows));
    // The plain sum would have lost them.
    assert_ne!(bits(&rows.iter().map(|value| value + 0.0).collect::<Vec<f32>>()), bits(&rows));
}

#[test]
fn gateways_of_another_shape_are_refused() {
    let model = fixture("mixtral");
    let (backend, width) = (model.backend(), model.config().hidden_size);
    let good = small_weights(1, width * 2);
    let mut spoilt = good.clone();
    spoilt[3] = f32::NAN;
    for (down, up, part) in
        [(&good[1..], &good[..], "down"), (&good, &good[1..], "up"), (&good, &spoilt, "up")]
    {
        let weights = GatewayWeights { down, up, scale: 1.0 };
        let error = Gateway::new(backend, (0, 0..9), (width, 2), weights).err().expect("refused");
        assert_eq!(error.part, part);
    }
    let make = || {
        let weights = GatewayWeights { down: &good, up: &good, scale: 1.0 };
        Gateway::new(backend, (0, 0..9), (width, 2), weights).expect("a gateway")
    };
    for (projection, result, part) in [
        (&good[..3], &[1.0, 2.0][..], "projection"),
        (&good, &[1.0, f32::INFINITY], "result"),
        (&[], &[], "projection"),
    ] {
        let error = make().conditioned(backend, projection, result).err().expect("refused");
        assert_eq!(error.part, part, "{error}");
    }
}
