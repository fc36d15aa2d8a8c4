//! A sequence gives the bits that it gives alone, whoever runs in between.

mod common;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use common::{PlainModel, shaped};
use neural::{
    Ahead, Commit, Decoding, GenerateSpec, GeneratedToken, Generation, LookupDrafter, NoTraps, PlainBackend,
    Sampler, SamplingSpec, SequenceId, SequenceLimits, SequenceRefusal, SequenceScheduler, SequenceSpec,
    SequenceState, SequenceTurn, Session, SessionError, Snapshot, TrapPlane, Want, generate_in,
};
use synthetic::{Random, SMALL};

type Plane = TrapPlane<PlainBackend>;

/// The request of one sequence.
struct Asked {
    prompt: Vec<u32>,
    max_new: usize,
    sampler: Sampler,
    chunk: usize,
    most: usize,
    priority: usize,
    /// Parks itself at every position that this divides.
    parks: Option<usize>,
}

impl Asked {
    fn drawn(random: &mut Random) -> Self {
        let mut below = |most: usize| random.tokens(1, most)[0] as usize;
        let (length, seed) = (1 + below(60), below(1000) as u64);
        let free =
            SamplingSpec { temperature: 1.2, top_k: Some(40), top_p: None, min_p: None, seed, stream: 0 };
        Self {
            max_new: 1 + below(30),
            sampler: if below(2) == 0 {
                Sampler::GREEDY
            } else {
                Sampler::new(free).expect("within the ranges")
            },
            chunk: 1 + below(20),
            most: below(5),
            priority: 1 + below(3),
            parks: (below(3) == 0).then(|| 5 + below(9)),
            prompt: Random::new(seed + 77).tokens(length, SMALL.vocab),
        }
    }

    fn spec(&self) -> GenerateSpec<'_> {
        GenerateSpec { prompt: &self.prompt, max_new: self.max_new, end_tokens: &[3] }
    }

    fn decoding<'a>(&self, drafter: &'a mut LookupDrafter) -> Decoding<'a> {
        let ahead = Some(Ahead { drafter, most: self.most });
        Decoding { ahead, chunk: NonZeroUsize::new(self.chunk), ..Decoding::with(self.sampler) }
    }

    fn traps(&self) -> Plane {
        let Some(every) = self.parks else { return Plane::default() };
        let park = move |position: usize, _: u32| {
            if position.is_multiple_of(every) { Commit::Park } else { Commit::Visible }
        };
        Plane { commit: Some(Box::new(park)), ..Plane::default() }.armed()
    }

    /// Returns the answer of a session that nobody interrupts, without drafts and with all of the prompt at
    /// once.
    fn alone(&self, model: &PlainModel) -> (Generation, Snapshot) {
        let mut session = Session::open(model);
        let mut decoding = Decoding::with(self.sampler);
        let done = generate_in(&mut session, &self.spec(), &mut decoding, &mut NoTraps, &mut |_| {});
        (done.expect("an answer").0, session.snapshot())
    }
}

fn quantum(passes: usize) -> NonZeroUsize {
    NonZeroUsize::new(passes).expect("a quantum")
}

/// Takes sequences through turns, holds and resumes at random, and compares each with itself alone.
fn play(model: &PlainModel, seed: u64, memory: usize, passes: usize) -> (usize, bool) {
    let mut random = Random::new(seed);
    let asked: Vec<Asked> = (0..9).map(|_| Asked::drawn(&mut random)).collect();
    let mut drafters = vec![LookupDrafter { longest: 3 }; asked.len()];
    let mut waiting = asked.iter().zip(&mut drafters);
    let mut sequences = SequenceScheduler::new(model, SequenceLimits { memory, quantum: quantum(passes) });
    let mut running: BTreeMap<SequenceId, (&Asked, Vec<GeneratedToken>)> = BTreeMap::new();
    let (mut finished, mut waited) = (0, false);
    let mut heard: Vec<(SequenceId, GeneratedToken)> = Vec::new();
    while finished < asked.len() {
        let choice = random.tokens(1, 10)[0];
        let ids: Vec<SequenceId> = running.keys().copied().collect();
        match choice {
            0..=2 => {
                if let Some((asked, drafter)) = waiting.next() {
                    let spec = SequenceSpec {
                        generate: asked.spec(),
                        decoding: asked.decoding(drafter),
                        traps: asked.traps(),
                        priority: quantum(asked.priority),
                    };
                    let id = sequences.admit(spec).expect("it fits");
                    running.insert(id, (asked, Vec::new()));
                }
            }
            3 if !ids.is_empty() => {
                sequences.hold(ids[random.tokens(1, ids.len())[0] as usize]);
            }
            4 | 5 => {
                ids.iter().filter(|id| sequences.resume(**id)).count();
            }
            _ => {
                sequences.turn(&mut |id, token| heard.push((id, token)));
            }
        }
        assert!(sequences.reserved() <= memory && sequences.used() <= sequences.reserved());
        waited |= ids.iter().any(|id| sequences.state(*id) == Some(SequenceState::Waiting));
        for (id, token) in heard.drain(..) {
            running.get_mut(&id).expect("a sequence that runs").1.push(token);
        }
        for id in ids {
            let Some(outcome) = sequences.take(id) else { continue };
            let (asked, shown) = running.remove(&id).expect("a sequence that ran");
            let (alone, snapshot) = asked.alone(model);
            let (generation, effort) = outcome.answer.expect("an answer");
            assert_eq!(generation, alone, "seed {seed}, {id:?}");
            assert_eq!(shown, alone.tokens);
            assert!(outcome.session.snapshot() == snapshot, "seed {seed}, {id:?}");
            assert!(effort.accepted <= effort.drafted);
            finished += 1;
        }
    }
    (finished, waited)
}

#[test]
fn a_lane_held_and_resumed_at_random_points_is_the_lane_alone() {
    let model = shaped(&SMALL);
    let one = model.session_bytes(100, 65);
    let (mut finished, mut waits) = (0, 0);
    for seed in 0..60 {
        let (memory, passes) = (one * [1, 2, 20][seed as usize % 3], 1 + seed as usize % 4);
        let (done, waited) = play(&model, seed, memory, passes);
        finished += done;
        waits += usize::from(waited);
    }
    assert_eq!(finished, 60 * 9);
    assert!(waits > 20, "the bound is felt: {waits}");
}

#[test]
fn priorities_share_turns_and_starve_nobody() {
    let model = shaped(&SMALL);
    let prompt = [5, 6];
    let mut sequences =
        SequenceScheduler::new(&model, SequenceLimits { memory: usize::MAX, quantum: quantum(2) });
    let ids: Vec<SequenceId> = [1, 4, 2]
        .map(|priority| {
            let generate = GenerateSpec { prompt: &prompt, max_new: 60, end_tokens: &[] };
            let decoding = Decoding::with(Sampler::GREEDY);
            let spec = SequenceSpec { generate, decoding, traps: NoTraps, priority: quantum(priority) };
            sequences.admit(spec).expect("it fits")
        })
        .to_vec();
    for _round in 0..4 {
        let mut turns = BTreeMap::new();
        for _ in 0..7 {
            match sequences.turn(&mut |_, _| {}) {
                SequenceTurn::Ran(id, passes) => {
                    assert_eq!(passes, 2);
                    *turns.entry(id).or_insert(0) += 1;
                }
                SequenceTurn::Idle => panic!("three are ready"),
            }
        }
        assert_eq!(ids.iter().map(|id| turns[id]).collect::<Vec<_>>(), [1, 4, 2]);
    }
    for id in &ids {
        assert!(sequences.hold(*id) && !sequences.hold(*id));
    }
    assert_eq!(sequences.turn(&mut |_, _| {}), SequenceTurn::Idle);
    assert!(sequences.resume(ids[0]));
    for _ in 0..3 {
        assert_eq!(sequences.turn(&mut |_, _| {}), SequenceTurn::Ran(ids[0], 2));
    }
    let cancelled = sequences.cancel(ids[1]).expect("it is there");
    let (generation, _) = cancelled.answer.expect("what it had");
    assert_eq!((generation.tokens.len(), generation.ended), (32, neural::Ended::Halted));
    assert!(
        sequences.state(ids[1]).is_none() && sequences.cancel(ids[1]).is_none() && !sequences.resume(ids[1])
    );
}

#[test]
fn refusals_say_what_would_admit() {
    let model = shaped(&SMALL);
    let long = Random::new(3).tokens(50, SMALL.vocab);
    let generate = GenerateSpec { prompt: &long, max_new: 20, end_tokens: &[] };
    let admit = |memory| {
        let mut sequences = SequenceScheduler::new(&model, SequenceLimits { memory, quantum: quantum(1) });
        let decoding = Decoding::with(Sampler::GREEDY);
        let spec = SequenceSpec { generate, decoding, traps: NoTraps, priority: quantum(1) };
        let admitted = sequences.admit(spec);
        assert_eq!(sequences.reserved() == 0, admitted.is_err());
        admitted
    };
    let Err(SequenceRefusal::Memory { needed, memory: 1000 }) = admit(1000) else {
        panic!("1000 bytes are too few")
    };
    assert_eq!(admit(needed - 1), Err(SequenceRefusal::Memory { needed, memory: needed - 1 }));
    assert!(admit(needed).is_ok(), "the least that would admit it does");
    let mut sequences =
        SequenceScheduler::new(&model, SequenceLimits { memory: usize::MAX, quantum: quantum(1) });
    let beyond = GenerateSpec { max_new: usize::MAX, ..generate };
    let spec = |generate| SequenceSpec {
        generate,
        decoding: Decoding::with(Sampler::GREEDY),
        traps: NoTraps,
        priority: quantum(1),
    };
    let refused = sequences.admit(spec(beyond));
    assert!(matches!(refused, Err(SequenceRefusal::Session(SessionError::ContextOverflow { .. }))));
    // One that fails by itself ends; the others go on.
    let unknown = [1, 9_999];
    let bad = sequences.admit(spec(GenerateSpec { prompt: &unknown, ..generate })).expect("admitted");
    let good = sequences.admit(spec(generate)).expect("admitted");
    while sequences.turn(&mut |_, _| {}) != SequenceTurn::Idle {}
    let failed = sequences.take(bad).expect("ended").answer.expect_err("no such token");
    assert!(matches!(failed, SessionError::TokenOutOfVocabulary { token: 9_999, .. }));
    assert_eq!(sequences.take(good).expect("ended").answer.expect("an answer").0.tokens.len(), 20);
    assert_eq!(sequences.reserved(), 0);
}

#[test]
fn a_lane_that_is_cancelled_leaves_what_it_had_committed() {
    let model = shaped(&SMALL);
    let prompt = Random::new(5).tokens(10, SMALL.vocab);
    let generate = GenerateSpec { prompt: &prompt, max_new: 300, end_tokens: &[] };
    // Held from the fourth token on: some, and more than a rewind reaches.
    for turns in [1, 3, 8, 40, 250] {
        let mut sequences =
            SequenceScheduler::new(&model, SequenceLimits { memory: usize::MAX, quantum: quantum(1) });
        let commit = |position: usize, _: u32| if position < 13 { Commit::Visible } else { Commit::Held };
        let traps = Plane { commit: Some(Box::new(commit)), ..Plane::default() }.armed();
        let decoding = Decoding { chunk: NonZeroUsize::new(4), ..Decoding::with(Sampler::GREEDY) };
        let id = sequences
            .admit(SequenceSpec { generate, decoding, traps, priority: quantum(1) })
            .expect("it fits");
        let mut shown = Vec::new();
        for _ in 0..turns {
            sequences.turn(&mut |_, token| shown.push(token));
        }
        let outcome = sequences.cancel(id).expect("it is there");
        let tokens = outcome.answer.expect("what it had").0.tokens;
        assert_eq!(tokens, shown);
        let all: Vec<u32> = prompt.iter().copied().chain(tokens.iter().map(|token| token.id)).collect();
        let mut plain = Session::open(&model);
        plain.prefill(&all[..outcome.session.position()], Want::Last).expect("a history");
        assert!(outcome.session.snapshot() == plain.snapshot(), "after {turns} turns");
    }
}

#[test]
fn what_is_held_stays_within_what_is_reserved() {
    let model = shaped(&SMALL);
    let prompt = Random::new(5).tokens(10, SMALL.vocab);
    let (mut most, mut reserved) = (0, 0);
    for max_new in [40, 480] {
        let generate = GenerateSpec { prompt: &prompt, max_new, end_tokens: &[] };
        let mut sequences =
            SequenceScheduler::new(&model, SequenceLimits { memory: usize::MAX, quantum: quantum(1) });
        let traps = Plane { commit: Some(Box::new(|_, _| Commit::Held)), ..Plane::default() }.armed();
        let decoding = Decoding::with(Sampler::GREEDY);
        sequences.admit(SequenceSpec { generate, decoding, traps, priority: quantum(1) }).expect("it fits");
        while sequences.turn(&mut |_, _| {}) != SequenceTurn::Idle {
            assert!(sequences.used() <= sequences.reserved(), "{max_new} new tokens");
            most = most.max(sequences.used());
        }
        reserved = sequences.reserved();
    }
    let alone = model.session_bytes(490, 65);
    assert!(
        most > alone && most <= reserved,
        "the session at the commit point is counted: {most} of {alone}"
    );
}

#[test]
fn sequences_that_keep_coming_starve_nobody() {
    let model = shaped(&SMALL);
    let prompt = [5, 6];
    let mut sequences =
        SequenceScheduler::new(&model, SequenceLimits { memory: usize::MAX, quantum: quantum(1) });
    let spec = |max_new, priority| SequenceSpec {
        generate: GenerateSpec { prompt: &prompt, max_new, end_tokens: &[] },
        decoding: Decoding::with(Sampler::GREEDY),
        traps: NoTraps,
        priority: quantum(priority),
    };
    let patient = sequences.admit(spec(3, 1)).expect("it fits");
    for _ in 0..40 {
        sequences.admit(spec(1, 5)).expect("it fits");
        sequences.turn(&mut |_, _| {});
    }
    assert_eq!(sequences.state(patient), Some(SequenceState::Ended));
}
