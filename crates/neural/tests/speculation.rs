//! Drafts change the number of passes and nothing else.
//!
//! An answer with drafts must equal the answer without, in every token and every digest of logits, and leave
//! the session in the same state. That is worth what it notices: drafts must really be kept and really be
//! rolled back, and a backend whose bits depend on the pass must show.

mod common;

use std::num::NonZeroUsize;
use std::sync::Arc;

use common::drafters::{Adversary, adversaries, any_adversary};
use common::{faulty, fixture, shaped};
use neural::abi::{Digest, Stop};
use neural::{
    Ahead, Backend, Decoding, Drafter, Effort, Ended, Fault, GenerateSpec, Generation, LookupDrafter, Model,
    ModelDrafter, NoTraps, Sampler, SamplingSpec, Session, SessionError, Want, generate, generate_in,
};
use proptest::prelude::{ProptestConfig, any, proptest};
use synthetic::{ODD, Random, Shape, bits, parity};

/// An answer, the passes that it took, and the session that it left.
type Run = (Generation, Effort, Held);

/// The digest of a session's snapshot, which has every key and value, and the bits of the next logits.
type Held = (Digest, Vec<u32>);

fn run<B: Backend>(model: &Arc<Model<B>>, spec: &GenerateSpec<'_>, mut decoding: Decoding<'_>) -> Run {
    let mut session = Session::open(model);
    let mut shown = Vec::new();
    let (generation, effort) =
        generate_in(&mut session, spec, &mut decoding, &mut NoTraps, &mut |token| shown.push(token))
            .expect("an answer");
    assert_eq!(shown, generation.tokens, "what was shown is the answer");
    assert!(effort.accepted <= effort.drafted);
    let held = spec.prompt.len() + generation.tokens.len()
        - usize::from(generation.ended == Ended::Stop(Stop::Length));
    assert_eq!(session.position(), held, "every token before the last chosen one");
    (generation, effort, state(&mut session))
}

fn state<B: Backend>(session: &mut Session<B>) -> Held {
    let digest = session.snapshot().digest();
    let after = session.prefill(&[1, 2, 3], Want::All).expect("room for three");
    (digest, bits(after.values()))
}

fn drafted<B: Backend>(
    model: &Arc<Model<B>>,
    spec: &GenerateSpec<'_>,
    sampler: Sampler,
    drafter: &mut dyn Drafter,
    most: usize,
) -> Run {
    run(model, spec, Decoding { ahead: Some(Ahead { drafter, most }), ..Decoding::with(sampler) })
}

fn ids(generation: &Generation) -> Vec<u32> {
    generation.tokens.iter().map(|token| token.id).collect()
}

fn sampler(temperature: f64) -> Sampler {
    let filters =
        SamplingSpec { temperature, top_k: Some(40), top_p: Some(0.95), min_p: None, seed: 5, stream: 2 };
    Sampler::new(filters).expect("within the ranges")
}

/// Checks that the answer is one with every drafter, and with any number of tokens ahead.
fn check_drafters<B: Backend>(model: &Arc<Model<B>>, spec: &GenerateSpec<'_>, most: &[usize]) {
    for sampler in [Sampler::GREEDY, sampler(0.3), sampler(1.5)] {
        let (plain, effort, after) = run(model, spec, Decoding::with(sampler));
        assert_eq!((effort.drafted, effort.refused), (0, 0));
        for most in most.iter().copied() {
            let mut lookup = LookupDrafter { longest: 3 };
            let mut same = ModelDrafter::new(model, sampler);
            let mut drafters = adversaries(&ids(&plain), spec.prompt.len());
            let others = drafters.iter_mut().map(|drafter| drafter as &mut dyn Drafter);
            for (index, drafter) in others.chain([&mut lookup as &mut dyn Drafter, &mut same]).enumerate() {
                let (found, _, found_after) = drafted(model, spec, sampler, drafter, most);
                assert_eq!(found, plain, "drafter {index}, {most} ahead");
                assert!(found_after == after, "drafter {index}, {most} ahead, leaves another state");
            }
        }
    }
}

#[test]
fn answers_are_one_past_windows_and_dropped_pages() {
    let model = shaped(&ODD);
    for (length, most) in [(1, &[0, 1, 4][..]), (20, &[2, 9]), (330, &[5])] {
        let prompt = Random::new(21).tokens(length, ODD.vocab);
        let spec = GenerateSpec { prompt: &prompt, max_new: 24, end_tokens: &[] };
        check_drafters(&model, &spec, most);
    }
}

#[test]
fn answers_are_one_for_families() {
    for family in ["cohere2_moe", "mixtral", "gpt_oss"] {
        let model = fixture(family);
        let sequence = &parity::expected(family)[0];
        let spec = GenerateSpec { prompt: &sequence.ids, max_new: 9, end_tokens: &[] };
        check_drafters(&model, &spec, &[3]);
        let found = drafted(&model, &spec, Sampler::GREEDY, &mut LookupDrafter { longest: 2 }, 3).0;
        let both = found.tokens.len().min(sequence.greedy.len());
        assert_eq!(ids(&found)[..both], sequence.greedy[..both], "{family}");
    }
}

#[test]
fn an_end_inside_a_draft_ends_the_answer_there() {
    let model = shaped(&ODD);
    let prompt = Random::new(22).tokens(30, ODD.vocab);
    let free = GenerateSpec { prompt: &prompt, max_new: 16, end_tokens: &[] };
    let sampled = sampler(1.0);
    let answer = ids(&run(&model, &free, Decoding::with(sampled)).0);
    for end in &answer {
        let ends = [*end];
        let spec = GenerateSpec { end_tokens: &ends, ..free };
        let (plain, _, after) = run(&model, &spec, Decoding::with(sampled));
        assert_eq!(plain.ended, Ended::Stop(Stop::End));
        let mut knows = Adversary::Knows { answer: answer.clone(), prompt: prompt.len(), wrong: 0 };
        let (found, _, found_after) = drafted(&model, &spec, sampled, &mut knows, 7);
        assert_eq!(found, plain);
        assert!(found_after == after, "the state after end token {end}");
    }
}

#[test]
fn right_drafts_save_passes_and_wrong_ones_cost_none() {
    let model = shaped(&ODD);
    let prompt = Random::new(23).tokens(25, ODD.vocab);
    let spec = GenerateSpec { prompt: &prompt, max_new: 41, end_tokens: &[] };
    let answer = ids(&generate(&model, &spec, &mut |_| {}).expect("an answer"));
    let effort = |drafter: &mut dyn Drafter, most| drafted(&model, &spec, Sampler::GREEDY, drafter, most).1;
    let knows = |wrong| Adversary::Knows { answer: answer.clone(), prompt: prompt.len(), wrong };
    assert_eq!(effort(&mut knows(0), 4), Effort { passes: 8, drafted: 32, accepted: 32, refused: 0 });
    assert_eq!(effort(&mut ModelDrafter::new(&model, Sampler::GREEDY), 4), effort(&mut knows(0), 4));
    assert_eq!(effort(&mut knows(1), 1), Effort { passes: 40, drafted: 39, accepted: 0, refused: 0 });
    assert_eq!(
        effort(&mut Adversary::Garbage, 2),
        Effort { passes: 40, drafted: 0, accepted: 0, refused: 77 }
    );
    assert_eq!(effort(&mut Adversary::Silent, 2), Effort { passes: 40, ..Effort::default() });
    let flooded = effort(&mut Adversary::Floods, usize::MAX - 1000);
    assert!(flooded.refused >= 1000 && flooded.drafted > 0, "{flooded:?}");
    let most = effort(&mut knows(0), usize::MAX);
    assert_eq!((most.passes, most.accepted), (1, 39), "{most:?}");
}

#[test]
fn a_draft_that_overflows_the_model_changes_nothing() {
    let model = faulty(&ODD, Fault::InfiniteEmbedding);
    let prompt: Vec<u32> = Random::new(24).tokens(25, ODD.vocab - 1);
    let spec = GenerateSpec { prompt: &prompt, max_new: 12, end_tokens: &[Fault::POISON] };
    let (plain, _, after) = run(&model, &spec, Decoding::with(Sampler::GREEDY));
    assert!(plain.tokens.len() > 2, "{plain:?}");
    let (found, effort, found_after) = drafted(&model, &spec, Sampler::GREEDY, &mut Adversary::Poisons, 3);
    assert_eq!((&found, effort.accepted), (&plain, 0));
    assert!(found_after == after && effort.drafted > 0 && effort.passes > plain.tokens.len(), "{effort:?}");
    let mut session = Session::open(&model);
    assert!(matches!(session.prefill(&[1, Fault::POISON], Want::Last), Err(SessionError::NonFinite(_))));
}

#[test]
fn a_backend_whose_bits_depend_on_the_pass_is_noticed() {
    let prompt = Random::new(25).tokens(12, ODD.vocab);
    let spec = GenerateSpec { prompt: &prompt, max_new: 40, end_tokens: &[] };
    for fault in [Fault::FlippedKeyBit, Fault::FlippedValueBit] {
        let model = faulty(&ODD, fault);
        let (plain, _, after) = run(&model, &spec, Decoding::with(Sampler::GREEDY));
        let mut same = ModelDrafter::new(&model, Sampler::GREEDY);
        let (found, effort, found_after) = drafted(&model, &spec, Sampler::GREEDY, &mut same, 9);
        assert!(effort.accepted > 0, "{fault:?}");
        assert!(found != plain && found_after != after, "{fault:?} is not noticed");
    }
}

#[test]
fn another_stream_is_another_answer() {
    let model = shaped(&ODD);
    let prompt = Random::new(26).tokens(12, ODD.vocab);
    let spec = GenerateSpec { prompt: &prompt, max_new: 20, end_tokens: &[] };
    let answer = |seed, stream| {
        let free = SamplingSpec { temperature: 1.0, top_k: None, top_p: None, min_p: None, seed, stream };
        ids(&run(&model, &spec, Decoding::with(Sampler::new(free).expect("within the ranges"))).0)
    };
    assert_eq!(answer(1, 1), answer(1, 1));
    assert_ne!(answer(1, 1), answer(2, 1));
    assert_ne!(answer(1, 1), answer(1, 2));
}

#[test]
fn a_session_that_goes_on_answers_as_a_fresh_one() {
    let model = shaped(&ODD);
    let prompt = Random::new(27).tokens(40, ODD.vocab);
    let whole = GenerateSpec { prompt: &prompt, max_new: 15, end_tokens: &[] };
    let (plain, _, after) = run(&model, &whole, Decoding::with(sampler(1.0)));
    let mut session = Session::open(&model);
    session.prefill(&prompt[..23], Want::Last).expect("valid tokens");
    let rest = GenerateSpec { prompt: &prompt[23..], ..whole };
    let mut drafter = ModelDrafter::new(&model, sampler(1.0));
    let mut decoding = Decoding {
        chunk: NonZeroUsize::new(5),
        ahead: Some(Ahead { drafter: &mut drafter, most: 3 }),
        ..Decoding::with(sampler(1.0))
    };
    let found =
        generate_in(&mut session, &rest, &mut decoding, &mut NoTraps, &mut |_| {}).expect("an answer").0;
    assert_eq!(found, plain);
    assert!(state(&mut session) == after);
    let refused = generate_in(
        &mut session,
        &GenerateSpec { max_new: 500, ..rest },
        &mut decoding,
        &mut NoTraps,
        &mut |_| {},
    );
    assert!(
        matches!(refused, Err(SessionError::ContextOverflow { position: 74, added: 500, capacity: 512 })),
        "{refused:?}"
    );
    assert_eq!(session.position(), 57);
}

#[test]
fn a_drafter_whose_model_refuses_says_why() {
    let small = shaped(&Shape { vocab: 50, ..ODD });
    let mut drafter = ModelDrafter::new(&small, Sampler::GREEDY);
    assert!(drafter.draft(&[1, 2, 55], 3).is_empty());
    assert!(matches!(drafter.failure(), Some(SessionError::TokenOutOfVocabulary { token: 55, .. })));
    assert_eq!(drafter.draft(&[1, 2, 3], 3).len(), 3);
    assert_eq!(drafter.failure(), None);
    let drafts = |tokens: &[u32]| ModelDrafter::new(&small, Sampler::GREEDY).draft(tokens, 4);
    for tokens in [&[1, 2, 3, 4, 5][..], &[1, 2], &[9], &[1, 2, 3]] {
        assert_eq!(drafter.draft(tokens, 4), drafts(tokens), "after {tokens:?}, rewound to what is common");
    }
    assert!(drafter.draft(&[], 4).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_draft_leaves_the_answer(
        mut drafter in any_adversary(),
        (seed, length, max_new) in (any::<u64>(), 1..60usize, 0..24usize),
        (most, chunk, temperature) in (0..12usize, 0..9usize, 0..4u32),
        ends in proptest::collection::vec(0..ODD.vocab as u32, 0..3),
    ) {
        let model = shaped(&ODD);
        let prompt = Random::new(seed).tokens(length, ODD.vocab);
        let spec = GenerateSpec { prompt: &prompt, max_new, end_tokens: &ends };
        let sampler = Sampler::new(SamplingSpec {
            temperature: f64::from(temperature) / 2.0, top_k: None, top_p: Some(0.9), min_p: Some(0.01), seed, stream: 0,
        }).expect("within the ranges");
        let mut session = Session::open(&model);
        let (plain, _) = generate_in(&mut session, &spec, &mut Decoding::with(sampler), &mut NoTraps, &mut |_| {}).expect("an answer");
        if let Adversary::Knows { answer, prompt, .. } = &mut drafter {
            (*answer, *prompt) = (ids(&plain), length);
        }
        let mut other = Session::open(&model);
        let ahead = Some(Ahead { drafter: &mut drafter, most });
        let mut decoding = Decoding { chunk: NonZeroUsize::new(chunk), ahead, ..Decoding::with(sampler) };
        let (found, _) = generate_in(&mut other, &spec, &mut decoding, &mut NoTraps, &mut |_| {}).expect("an answer");
        assert_eq!(found, plain);
        assert_eq!(other.position(), session.position());
        assert!(state(&mut other) == state(&mut session), "another state is left");
    }
}
