//! A trap from outside `neural` in a plane acts as that trap alone, at every site. The trap from outside is
//! another plane, which has something to do at each of them.

mod common;

use std::collections::BTreeMap;

use common::fixture;
use neural::{
    Commit, Decoding, EntropyTap, ExpertMask, GenerateSpec, Generation, Injection, Isolation, NoTraps,
    PlainBackend, Sampler, Session, Snapshot, TrapPlane, Traps, generate_in,
};
use synthetic::parity;

/// Returns the answer to a prompt, the session after it, and the ids that were shown.
fn answer<T: Traps<PlainBackend>>(traps: &mut T) -> (Generation, Snapshot, Vec<u32>) {
    let (model, prompt) = (fixture("olmoe"), &parity::expected("olmoe")[3].ids);
    let spec = GenerateSpec { prompt: &prompt[..20], max_new: 12, end_tokens: &[] };
    let (mut session, mut shown) = (Session::open(&model), Vec::new());
    let mut decoding = Decoding::with(Sampler::GREEDY);
    let done = generate_in(&mut session, &spec, &mut decoding, traps, &mut |token| shown.push(token.id));
    (done.expect("an answer").0, session.snapshot(), shown)
}

/// Returns a plane that adds rows, restricts routing to some experts, measures the routers, and halts at
/// position 28.
fn inner(armed: bool) -> TrapPlane<PlainBackend> {
    let width = fixture("olmoe").config().hidden_size;
    let rows = BTreeMap::from([(3, vec![0.25; width]), (24, vec![-0.5; width])]);
    let mask = ExpertMask::new(8, &[0, 2, 3, 7]).expect("a mask");
    let commit = |position: usize, _: u32| match position {
        28 => Commit::Halt,
        27 => Commit::Held,
        _ => Commit::Visible,
    };
    TrapPlane {
        armed,
        injection: Some(Injection { layer: 0, rows }),
        isolation: Some(Isolation::new(mask, 5..25)),
        entropy: Some(EntropyTap::default()),
        commit: Some(Box::new(commit)),
        ..TrapPlane::default()
    }
}

/// Returns a plane in which that plane is the trap from outside.
fn outer(armed: bool) -> TrapPlane<PlainBackend, TrapPlane<PlainBackend>> {
    TrapPlane { armed, interrupt: Some(inner(true)), ..TrapPlane::default() }
}

#[test]
fn a_trap_in_an_armed_plane_is_that_trap_alone() {
    let (mut alone, mut within) = (inner(true), outer(true));
    let found = answer(&mut within);
    assert!(found == answer(&mut alone));
    assert!(found != answer(&mut NoTraps), "the trap does something");
    assert_eq!(found.2.len(), 7, "held at 27 and halted at 28");
    let seen = |plane: &TrapPlane<PlainBackend>| plane.entropy.as_ref().map(|tap| tap.seen.clone());
    assert_eq!(within.interrupt.as_ref().and_then(seen), seen(&alone));
}

#[test]
fn a_trap_in_a_plane_that_is_not_armed_does_nothing() {
    let mut within = outer(false);
    assert!(answer(&mut within) == answer(&mut NoTraps));
    assert!(within.interrupt.and_then(|plane| plane.entropy).is_some_and(|tap| tap.seen.is_empty()));
}
