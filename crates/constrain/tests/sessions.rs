//! A constrained answer that is stopped in the middle: it goes on from a snapshot, a fork, a rewind and a hold as if it
//! had never stopped.

mod common;

use std::num::NonZeroUsize;

use common::{END, SCHEMA, bytes, compiled, drawing, is_document, model, spec};
use constrain::SchemaConstraint;
use neural::{
    Decoding, GenerateSpec, GeneratedToken, Generation, PlainBackend, Sampler, SequenceLimits,
    SequenceScheduler, SequenceSpec, SequenceTurn, Session, Snapshot, generate_in,
};

const PROMPT: [u32; 3] = [5, 6, 7];

/// Generates at most `max_new` tokens after `tokens`, which are appended to the session.
fn go_on(
    session: &mut Session<PlainBackend>,
    tokens: &[u32],
    max_new: usize,
    sampler: Sampler,
    constraint: &mut SchemaConstraint,
) -> Generation {
    let spec = GenerateSpec { prompt: tokens, max_new, end_tokens: &[END] };
    let mut decoding = Decoding::with(sampler);
    generate_in(session, &spec, &mut decoding, constraint, &mut |_: GeneratedToken| {}).expect("an answer").0
}

/// Returns seeds and samplers whose answers end with a whole document.
fn whole_answers() -> Vec<(u64, Sampler, Generation)> {
    let compiled = compiled(bytes(), SCHEMA);
    let tried = [(1, drawing(3)), (2, drawing(8)), (1, drawing(11)), (3, drawing(4)), (2, Sampler::GREEDY)];
    let answers = tried.map(|(seed, sampler)| {
        let mut session = Session::open(&model(seed));
        let mut constraint = SchemaConstraint::new(&compiled);
        (seed, sampler, go_on(&mut session, &PROMPT, 1200, sampler, &mut constraint))
    });
    answers.into_iter().filter(|(_, _, answer)| is_document(answer)).collect()
}

#[test]
fn an_answer_goes_on_from_a_snapshot_a_fork_and_a_rewind() {
    let compiled = compiled(bytes(), SCHEMA);
    let answers = whole_answers();
    assert!(answers.len() >= 2, "{} answers are whole", answers.len());
    let mut went_on = 0;
    for (seed, sampler, once) in answers {
        let ids: Vec<u32> = once.tokens.iter().map(|token| token.id).collect();
        for cut in [1, ids.len() / 3, ids.len() / 2, ids.len() - 1] {
            let model = model(seed);
            let mut session = Session::open(&model);
            let mut constraint = SchemaConstraint::new(&compiled);
            let begun = go_on(&mut session, &PROMPT, cut, sampler, &mut constraint);
            assert_eq!(begun.tokens, once.tokens[..cut], "cut at {cut}");
            let written: Vec<u32> = PROMPT.iter().chain(&ids[..cut]).copied().collect();
            let position = session.position();
            let rest = ids.len() - cut + 1;

            // A snapshot is bytes, and the constraint is read again from the tokens, as another process would.
            let snapshot =
                Snapshot::from_bytes(session.snapshot().as_bytes().to_vec()).expect("its own bytes");
            let mut restored = Session::restore(&model, &snapshot).expect("its own model");
            let mut read_again =
                SchemaConstraint::after(&compiled, PROMPT.len(), &ids[..cut]).expect("a beginning");
            // The fork goes another way, which is taken back in a second fork.
            let (mut forked, mut copied) = (session.fork(), constraint.clone());
            let (mut detour, mut astray) = (session.fork(), constraint.clone());
            let other = go_on(&mut detour, &written[position..], 3, drawing(99), &mut astray);
            assert!(!other.tokens.is_empty());
            detour.rewind(position).expect("it was there");
            astray.retract(PROMPT.len() + cut);
            let ways: [(&mut Session<PlainBackend>, &mut SchemaConstraint); 4] = [
                (&mut restored, &mut read_again),
                (&mut forked, &mut copied),
                (&mut detour, &mut astray),
                (&mut session, &mut constraint),
            ];
            for (session, constraint) in ways {
                let found = go_on(session, &written[position..], rest, sampler, constraint);
                assert_eq!(
                    (found.tokens, found.ended),
                    (once.tokens[cut..].to_vec(), once.ended),
                    "cut at {cut}"
                );
                went_on += 1;
            }
            // The control: a constraint that has not read the beginning cannot go on with it.
            let mut fresh = SchemaConstraint::new(&compiled);
            let mut late = Session::restore(&model, &snapshot).expect("its own model");
            let found = go_on(&mut late, &written[position..], rest, sampler, &mut fresh);
            assert_ne!(found.tokens, once.tokens[cut..], "cut at {cut}");
        }
    }
    println!("{went_on} answers went on as if they had not stopped");
    assert!(went_on >= 32);
}

#[test]
fn a_sequence_that_is_held_goes_on_where_it_was() {
    let compiled = compiled(bytes(), SCHEMA);
    let answers: Vec<_> = whole_answers().into_iter().filter(|(seed, ..)| *seed == 1).collect();
    let model = model(1);
    assert!(!answers.is_empty());
    let limits = SequenceLimits { memory: usize::MAX, quantum: NonZeroUsize::MIN };
    let mut scheduler = SequenceScheduler::new(&model, limits);
    let mut admit = |sampler| {
        let spec = SequenceSpec {
            generate: spec(&PROMPT),
            decoding: Decoding::with(sampler),
            traps: SchemaConstraint::new(&compiled),
            priority: NonZeroUsize::MIN,
        };
        scheduler.admit(spec).expect("room")
    };
    let held = admit(answers[0].1);
    let other = admit(drawing(5));
    for _ in 0..6 {
        scheduler.turn(&mut |_, _| {});
    }
    assert!(scheduler.hold(held));
    // The other one runs to its end meanwhile.
    while scheduler.turn(&mut |id, _| assert_ne!(id, held)) != SequenceTurn::Idle {}
    assert!(scheduler.take(other).is_some() && scheduler.resume(held));
    while scheduler.turn(&mut |_, _| {}) != SequenceTurn::Idle {}
    let outcome = scheduler.take(held).expect("ended").answer.expect("an answer").0;
    assert_eq!(outcome, answers[0].2);
}
