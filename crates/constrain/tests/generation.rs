//! Generation under a schema: whole documents of the schema, whatever the schedule.

mod common;

use std::num::NonZeroUsize;
use std::sync::Arc;

use common::{END, SCHEMA, SHAPE, bytes, compiled, drawing, is_document, model, spec, text};
use constrain::{DeadEnd, SchemaConstraint};
use neural::{
    Ahead, Commit, Decoding, Ended, GeneratedToken, Generation, Model, ModelDrafter, PassSite, PlainBackend,
    Sampler, SequenceLimits, SequenceScheduler, SequenceSpec, SequenceTurn, Session, SessionError, TokenMask,
    Traps, generate_in,
};

/// Generates in chunks of `chunk` tokens, with up to `most` tokens drafted ahead by the model itself.
fn answer<T: Traps<PlainBackend>>(
    model: &Arc<Model<PlainBackend>>,
    prompt: &[u32],
    sampler: Sampler,
    (chunk, most): (usize, usize),
    traps: &mut T,
) -> Result<Generation, SessionError> {
    let mut drafter = ModelDrafter::new(model, sampler);
    let ahead = (most > 0).then_some(Ahead { drafter: &mut drafter, most });
    let mut decoding = Decoding { chunk: NonZeroUsize::new(chunk), ahead, ..Decoding::with(sampler) };
    let mut session = Session::open(model);
    Ok(generate_in(&mut session, &spec(prompt), &mut decoding, traps, &mut |_: GeneratedToken| {})?.0)
}

/// Generates under the constraint alone, once, in one pass for the prompt and without drafts.
fn constrained(seed: u64, sampler: Sampler) -> Generation {
    let compiled = compiled(bytes(), SCHEMA);
    answer(&model(seed), &[5, 6, 7], sampler, (0, 0), &mut SchemaConstraint::new(&compiled))
        .expect("an answer")
}

#[test]
fn every_answer_that_ends_is_a_document_of_the_schema() {
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 0..40 {
        let found = constrained(seed % 4, drawing(seed));
        assert!(is_document(&found), "{seed}: {}", String::from_utf8_lossy(&text(&found)));
        kinds.insert(text(&found));
    }
    assert!(kinds.len() > 30, "draws differ: {}", kinds.len());
}

/// A constraint that lets one token pass which its schema forbids: the one with the id `leak` at the answer's
/// token number `at`.
struct Leaky {
    constraint: SchemaConstraint,
    mask: TokenMask,
    at: usize,
    leak: u32,
    taken: usize,
}

impl Traps<PlainBackend> for Leaky {
    fn ignores(&self, _: PassSite) -> bool {
        true
    }

    fn mask(&mut self, _: usize) -> Option<&TokenMask> {
        self.mask = self.constraint.mask().clone();
        if self.taken == self.at {
            // Nothing else is left, so the leak is chosen for certain.
            self.mask = TokenMask::allowing(&[], SHAPE.vocab as u32);
            self.mask.allow(self.leak);
        }
        Some(&self.mask)
    }

    fn commit(&mut self, position: usize, token: u32) -> Commit {
        self.taken += 1;
        self.constraint.commit(position, token)
    }

    fn finish(&mut self, cut: usize) -> bool {
        Traps::<PlainBackend>::finish(&mut self.constraint, cut)
    }
}

#[test]
fn a_token_that_slips_past_the_mask_is_noticed() {
    let compiled = compiled(bytes(), SCHEMA);
    for (at, leak) in [(0, b'['), (1, b'}'), (2, 0xff), (5, b'{')] {
        let constraint = SchemaConstraint::new(&compiled);
        let mut leaky = Leaky { constraint, mask: TokenMask::default(), at, leak: u32::from(leak), taken: 0 };
        let found = answer(&model(1), &[5, 6, 7], drawing(3), (0, 0), &mut leaky).expect("an answer");
        assert_eq!(found.ended, Ended::Halted, "{leak} at {at}");
        assert!(!is_document(&found));
    }
    let end = |at| {
        let constraint = SchemaConstraint::new(&compiled);
        let mut leaky = Leaky { constraint, mask: TokenMask::default(), at, leak: END, taken: 0 };
        answer(&model(1), &[5, 6, 7], drawing(3), (0, 0), &mut leaky).expect("an answer")
    };
    assert!(!is_document(&end(4)), "an end in the middle is no document");
    assert!(is_document(&end(usize::MAX)), "without a leak the same draws are one");
}

#[test]
fn schedules_drafts_and_forks_give_the_same_answer() {
    let compiled = compiled(bytes(), SCHEMA);
    for (seed, sampler) in [(1, Sampler::GREEDY), (1, drawing(3)), (2, drawing(8))] {
        let once = constrained(seed, sampler);
        for schedule in [(1, 0), (2, 1), (0, 4), (64, 9)] {
            let found =
                answer(&model(seed), &[5, 6, 7], sampler, schedule, &mut SchemaConstraint::new(&compiled));
            assert_eq!(found.expect("an answer"), once, "{schedule:?}");
        }
        if !is_document(&once) {
            continue;
        }
        let ids: Vec<u32> = once.tokens.iter().map(|token| token.id).collect();
        for cut in [1, ids.len() / 2, ids.len() - 1] {
            // The answer goes on from another process, from a copy, and after a detour that was taken back.
            let position = 3;
            let mut moved = SchemaConstraint::after(&compiled, position, &ids[..cut]).expect("its beginning");
            let mut forked =
                SchemaConstraint::after(&compiled, position, &ids).expect("its beginning").clone();
            forked.retract(position + cut);
            for constraint in [&mut moved, &mut forked] {
                let prompt: Vec<u32> = [5, 6, 7].iter().chain(&ids[..cut]).copied().collect();
                let rest = answer(&model(seed), &prompt, sampler, (0, 3), constraint).expect("an answer");
                assert_eq!(rest.tokens, once.tokens[cut..], "cut at {cut}");
            }
        }
    }
}

#[test]
fn sequences_that_take_turns_keep_their_own_state() {
    let (compiled, model) = (compiled(bytes(), SCHEMA), model(1));
    let limits = SequenceLimits { memory: usize::MAX, quantum: NonZeroUsize::MIN };
    let mut scheduler = SequenceScheduler::new(&model, limits);
    let samplers = [drawing(3), drawing(4), drawing(5)];
    let ids = samplers.map(|sampler| {
        let spec = SequenceSpec {
            generate: spec(&[5, 6, 7]),
            decoding: Decoding::with(sampler),
            traps: SchemaConstraint::new(&compiled),
            priority: NonZeroUsize::MIN,
        };
        scheduler.admit(spec).expect("room")
    });
    while scheduler.turn(&mut |_, _| {}) != SequenceTurn::Idle {}
    for (id, sampler) in ids.into_iter().zip(samplers) {
        let outcome = scheduler.take(id).expect("ended");
        assert_eq!(outcome.answer.expect("an answer").0, constrained(1, sampler));
    }
}

#[test]
fn a_vocabulary_that_cannot_spell_a_byte_is_a_dead_end_with_a_name() {
    let mut poor = bytes();
    for token in &mut poor {
        if token.contains(&b'}') {
            token.clear();
        }
    }
    let compiled = compiled(
        poor,
        r#"{"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"], "additionalProperties": false}"#,
    );
    let mut constraint = SchemaConstraint::new(&compiled);
    let failed = answer(&model(1), &[5, 6, 7], drawing(3), (0, 0), &mut constraint);
    assert!(matches!(failed, Err(SessionError::NothingAllowed { .. })), "{failed:?}");
    // The tokens that led there are rolled back, and the reason stays.
    let Some(DeadEnd::NoToken { written }) = constraint.dead_end() else {
        panic!("{:?}", constraint.dead_end())
    };
    assert!(written.starts_with("{\"a\""), "{written}");
}

#[test]
fn only_whole_documents_may_end_and_nothing_follows_them() {
    let compiled = compiled(bytes(), r#"{"enum": ["ab", "abc", 12]}"#);
    let ends = |text: &str| {
        let ids: Vec<u32> = text.bytes().map(u32::from).collect();
        SchemaConstraint::after(&compiled, 0, &ids).map(|mut constraint| constraint.mask().allows(END))
    };
    let cases = [
        ("\"ab\"", Some(true)),
        ("\"abc\"", Some(true)),
        ("12", Some(true)),
        ("\"ab", Some(false)),
        ("1", Some(false)),
        ("", Some(false)),
        ("123", None),
        ("\"b", None),
        ("\"ab\"x", None),
    ];
    for (text, expected) in cases {
        assert_eq!(ends(text), expected, "{text}");
    }
}
