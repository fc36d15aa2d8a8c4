//! A session has one set of bits, whatever the schedule.
//!
//! The raw bits of all logits are compared, over sequences that run past blocks, windows and the point where pages
//! are dropped; and logits must depend on what they should depend on.

mod common;

use common::{Driven, PlainModel, fixture, shaped};
use neural::{REWIND_HORIZON, Session, SessionError, State, Want};
use std::sync::Arc;
use synthetic::{ODD, Random, Schedules, Sequence, bits, parity};

fn run(model: &PlainModel, ids: &[u32]) -> Vec<u32> {
    Driven(Session::open(model)).feed(ids)
}

fn check(what: &str, model: &PlainModel, ids: &[u32], chunks: &[usize], parks: &[usize]) {
    let open = || Driven(Session::open(model));
    Schedules { ids, chunks, parks }.check(what, &run(model, ids), open);
}

#[test]
fn fixtures_have_one_set_of_bits() {
    for family in parity::FAMILIES {
        let ids = &parity::expected(family)[3].ids;
        for state in State::ALL {
            let model = Arc::new(fixture(family).in_state(state));
            check(&format!("{family} in {state}"), &model, ids, &[1, 7], &[0, 1, 8, 33]);
        }
    }
}

#[test]
fn odd_sizes_have_one_set_of_bits_past_dropped_pages() {
    let ids = Random::new(11).tokens(400, ODD.vocab);
    for state in State::ALL {
        let model = Arc::new(shaped(&ODD).in_state(state));
        check(&format!("odd sizes in {state}"), &model, &ids, &[3, 64, 400], &[144, 256, 350, 384, 399]);
    }
}
