//! Generation under traps that decide about each token: what is shown and when, and that schedules do not
//! matter.

mod common;

use std::sync::{Arc, Mutex};

use common::answers::{answer, holds_exactly, ids, samplers};
use common::shaped;
use neural::{
    Backend, Commit, Decoding, Ended, GenerateSpec, NoTraps, PlainBackend, PlainRows, Session, TrapPlane,
    Traps, generate_in,
};
use synthetic::{Random, SMALL};

fn plane() -> TrapPlane<PlainBackend> {
    TrapPlane::default().armed()
}

#[test]
fn tokens_are_seen_at_commit_points_only() {
    let model = shaped(&SMALL);
    let prompt = Random::new(31).tokens(20, SMALL.vocab);
    let spec = GenerateSpec { prompt: &prompt, max_new: 300, end_tokens: &[] };
    let [_, sampler] = samplers();
    let free = answer(&model, &spec, sampler, (0, 0), &mut NoTraps).expect("an answer").generation;
    // Held until every hundredth position, then halted: longer than a rewind reaches.
    for schedule in [(0, 0), (7, 4)] {
        for (every, halt, left) in [(10, 57, 51), (1, 40, 40), (400, 290, 0), (200, 290, 181)] {
            let points = Arc::new(Mutex::new(Vec::new()));
            let heard = Arc::clone(&points);
            let commit = move |position: usize, _: u32| {
                let number = position - 20;
                match number {
                    number if number == halt => Commit::Halt,
                    number if position.is_multiple_of(every) => {
                        heard.lock().expect("one thread").push(number);
                        Commit::Visible
                    }
                    _ => Commit::Held,
                }
            };
            let mut traps = TrapPlane { commit: Some(Box::new(commit)), ..plane() };
            let found = answer(&model, &spec, sampler, schedule, &mut traps).expect("an answer");
            assert_eq!(found.generation.ended, Ended::Halted);
            assert_eq!(found.generation.tokens.len(), left, "every {every}, halted at {halt}");
            assert_eq!(found.generation.tokens, free.tokens[..left], "what was committed");
            assert_eq!(found.shown, found.generation.tokens);
            let points = points.lock().expect("one thread");
            assert_eq!(points.last().map_or(0, |last| last + 1), left);
            holds_exactly(&found.session, &[&prompt[..], &ids(&free.tokens[..left])].concat());
        }
    }
}

#[test]
fn a_parked_answer_goes_on_as_if_it_had_not_been() {
    let model = shaped(&SMALL);
    let prompt = Random::new(31).tokens(20, SMALL.vocab);
    let spec = GenerateSpec { prompt: &prompt, max_new: 24, end_tokens: &[] };
    for sampler in samplers() {
        let free = answer(&model, &spec, sampler, (0, 0), &mut NoTraps).expect("an answer").generation;
        for parked in [20, 23, 31, 42] {
            let park = move |position: usize, _: u32| {
                if position == parked { Commit::Park } else { Commit::Visible }
            };
            let mut traps = TrapPlane { commit: Some(Box::new(park)), ..plane() };
            let first = answer(&model, &spec, sampler, (5, 3), &mut traps).expect("an answer");
            let count = parked - 19;
            assert_eq!(first.generation.ended, Ended::Parked);
            assert_eq!(first.generation.tokens, free.tokens[..count]);
            // Through a snapshot, as another process would.
            let snapshot = first.session.snapshot();
            let mut session = Session::restore(&model, &snapshot).expect("its own");
            let last = [first.generation.tokens[count - 1].id];
            let rest = GenerateSpec { prompt: &last, max_new: 24 - count, end_tokens: &[] };
            let rest =
                generate_in(&mut session, &rest, &mut Decoding::with(sampler), &mut traps, &mut |_| {});
            assert_eq!(rest.expect("an answer").0.tokens, free.tokens[count..], "parked at {parked}");
        }
    }
}

/// Adds numbers to the residual that depend on the token that was committed last.
struct Echo {
    last: Option<u32>,
    /// True if the trap states that it is sequential.
    honest: bool,
}

impl Traps<PlainBackend> for Echo {
    fn block(&mut self, backend: &PlainBackend, layer: usize, _: usize, rows: &mut PlainRows) {
        let Some(last) = self.last.filter(|_| layer == 1) else { return };
        let mut values = backend.read(rows);
        values.iter_mut().step_by(7).for_each(|value| *value += last as f32 / 100.0);
        *rows = backend.rows(SMALL.hidden, values);
    }

    fn sequential(&self) -> bool {
        self.honest
    }

    fn commit(&mut self, _: usize, token: u32) -> Commit {
        self.last = Some(token);
        Commit::Visible
    }
}

#[test]
fn a_trap_that_needs_what_was_committed_is_decoded_one_token_at_a_time() {
    let model = shaped(&SMALL);
    let prompt = Random::new(31).tokens(20, SMALL.vocab);
    let spec = GenerateSpec { prompt: &prompt, max_new: 24, end_tokens: &[] };
    let [_, sampler] = samplers();
    let run = |schedule, honest| {
        let mut traps = Echo { last: None, honest };
        answer(&model, &spec, sampler, schedule, &mut traps).expect("an answer").generation
    };
    let once = run((0, 0), true);
    let plain = answer(&model, &spec, sampler, (0, 0), &mut NoTraps).expect("an answer").generation;
    assert_ne!(once, plain, "it has an effect");
    for schedule in [(3, 4), (0, 9), (20, 1)] {
        assert_eq!(run(schedule, true), once, "{schedule:?}");
    }
    // One that does not say so is drafted for, and its answer shows it.
    assert_ne!(run((0, 9), false), once);
}
