//! A sequence has the bits that it has alone, whoever is computed beside it.
//!
//! Sequences at different positions, with chunks of different lengths, join and leave passes; the raw bits of
//! every row are compared with those of each sequence by itself in one chunk. The same comparison must notice
//! sequences that are mixed up.

mod common;

use std::sync::Arc;

use common::{PlainModel, alone, fixture, half, shaped};
use neural::{
    EntropyTap, ExpertMask, Injection, Isolation, Model, PlainBackend, Session, SessionError, Site, Snapshot,
    TrapPlane, Turn, Want, prefill_together, prefill_together_trapped,
};
use synthetic::{ODD, Random, SMALL, bits, edited, parity};

/// Returns the bits of all logits of each sequence, in joint passes over chunks whose lengths `random`
/// chooses: from 0, where a sequence sits a pass out, to `longest`.
fn together(model: &PlainModel, sequences: &[Vec<u32>], longest: u32, random: &mut Random) -> Vec<Vec<u32>> {
    let mut sessions: Vec<Session<PlainBackend>> = sequences.iter().map(|_| Session::open(model)).collect();
    let mut found = vec![Vec::new(); sequences.len()];
    while sessions.iter().zip(sequences).any(|(session, ids)| session.position() < ids.len()) {
        let mut turns = Vec::new();
        let mut places = Vec::new();
        for (place, (session, ids)) in sessions.iter_mut().zip(sequences).enumerate() {
            let rest = &ids[session.position()..];
            let count = rest.len().min((random.bits() % (longest + 1)) as usize);
            if count > 0 {
                places.push(place);
                turns.push(Turn { session, tokens: &rest[..count], want: Want::All });
            }
        }
        for (place, logits) in places.into_iter().zip(prefill_together(&mut turns)) {
            found[place].extend(bits(logits.expect("a valid turn").values()));
        }
    }
    found
}

fn sequences(random: &mut Random, lengths: &[usize], vocab: usize) -> Vec<Vec<u32>> {
    lengths.iter().map(|length| random.tokens(*length, vocab)).collect()
}

fn check(model: &PlainModel, sequences: &[Vec<u32>], longest: u32, reference: &[Vec<u32>]) {
    let mut random = Random::new(u64::from(longest));
    let found = together(model, sequences, longest, &mut random);
    for (place, (found, reference)) in found.iter().zip(reference).enumerate() {
        assert!(found == reference, "sequence {place} in chunks of up to {longest}");
    }
}

#[test]
fn families_have_one_set_of_bits_in_batches() {
    for family in parity::FAMILIES {
        let model = fixture(family);
        let sequences: Vec<Vec<u32>> = parity::expected(family).into_iter().map(|case| case.ids).collect();
        let reference: Vec<Vec<u32>> = sequences.iter().map(|ids| alone(&model, ids)).collect();
        for longest in [1, 7] {
            check(&model, &sequences, longest, &reference);
        }
    }
}

#[test]
fn odd_sizes_have_one_set_of_bits_in_batches_past_dropped_pages() {
    let sequences = sequences(&mut Random::new(21), &[400, 1, 70, 64, 130], ODD.vocab);
    let model = shaped(&ODD);
    let reference: Vec<Vec<u32>> = sequences.iter().map(|ids| alone(&model, ids)).collect();
    check(&model, &sequences, 30, &reference);
    check(&model, &sequences[..2], 3, &reference[..2]);
    check(&model, &sequences[..1], 64, &reference[..1]);
}

#[test]
fn sequences_in_bf16_have_in_one_pass_what_they_have_alone() {
    let model = half(&shaped(&ODD));
    let sequences = [70, 3, 129].map(|length| Random::new(length as u64).tokens(length, ODD.vocab));
    let reference: Vec<Vec<u32>> = sequences.iter().map(|ids| alone(&model, ids)).collect();
    check(&model, &sequences, 129, &reference);
}

#[test]
fn the_last_rows_are_those_of_each_sequence() {
    let model = shaped(&ODD);
    let sequences = sequences(&mut Random::new(23), &[3, 8, 1], ODD.vocab);
    let mut sessions = [(); 3].map(|()| Session::open(&model));
    let wants = [Want::Last, Want::All, Want::Last];
    let parts = sessions.iter_mut().zip(&sequences).zip(wants);
    let mut turns: Vec<Turn<'_, _>> =
        parts.map(|((session, tokens), want)| Turn { session, tokens, want }).collect();
    let found = prefill_together(&mut turns);
    for ((logits, ids), want) in found.into_iter().zip(&sequences).zip(wants) {
        let logits = logits.expect("a valid turn");
        let all = alone(&model, ids);
        let first = (ids.len() - logits.rows()) * ODD.vocab;
        assert_eq!(logits.rows(), if want == Want::All { ids.len() } else { 1 });
        assert!(bits(logits.values()) == all[first..]);
    }
}

#[test]
fn sequences_that_are_mixed_up_are_noticed() {
    let model = shaped(&ODD);
    let sequences = sequences(&mut Random::new(24), &[20, 20], ODD.vocab);
    let swapped: Vec<Vec<u32>> = sequences.iter().rev().map(|ids| alone(&model, ids)).collect();
    let found = together(&model, &sequences, 4, &mut Random::new(1));
    assert!(found.iter().zip(&swapped).all(|(found, other)| found != other));
    let mut one = sequences.clone();
    one[0][3] = (one[0][3] + 1) % ODD.vocab as u32;
    let other = together(&model, &one, 4, &mut Random::new(1));
    assert_ne!(other[0], found[0], "a token of its own");
    assert_eq!(other[1], found[1], "a token of its neighbour");
}

/// Gives `tokens` to the sequence at `bad` of a batch, whose others must go on as they do alone. Returns the
/// refusal.
fn check_refused(model: &PlainModel, bad: usize, tokens: &[u32]) -> SessionError {
    let mut sessions = [(); 3].map(|()| Session::open(model));
    let (good, vocab) = (Random::new(25).tokens(6, ODD.vocab), ODD.vocab);
    sessions.iter_mut().for_each(|session| {
        session.prefill(&good[..4], Want::Last).expect("a valid chunk");
    });
    let given = |place| if place == bad { tokens } else { &good[4..] };
    let places = sessions.iter_mut().enumerate();
    let mut turns: Vec<Turn<'_, _>> =
        places.map(|(place, session)| Turn { session, tokens: given(place), want: Want::All }).collect();
    let mut found = prefill_together(&mut turns);
    let refusal = found.remove(bad).expect_err("not a chunk");
    for logits in found {
        assert!(bits(logits.expect("a valid turn").values()) == alone(model, &good)[4 * vocab..]);
    }
    assert_eq!(sessions[bad].position(), 4);
    let after = sessions[bad].prefill(&good[4..], Want::All).expect("it was left as it was");
    assert!(bits(after.values()) == alone(model, &good)[4 * vocab..]);
    refusal
}

#[test]
fn a_turn_that_is_refused_leaves_the_others_alone() {
    let model = shaped(&ODD);
    for bad in 0..3 {
        assert_eq!(check_refused(&model, bad, &[]), SessionError::Empty);
        let refusal = check_refused(&model, bad, &[1, 61]);
        assert_eq!(refusal, SessionError::TokenOutOfVocabulary { token: 61, index: 1, vocab_size: 61 });
        let refusal = check_refused(&model, bad, &[1; 509]);
        assert_eq!(refusal, SessionError::ContextOverflow { position: 4, added: 509, capacity: 512 });
    }
}

#[test]
fn nobody_and_sessions_of_another_model_are_served() {
    assert!(prefill_together::<PlainBackend>(&mut []).is_empty());
    let (one, other) = (shaped(&ODD), shaped(&SMALL));
    let (ids, others) = (Random::new(26).tokens(9, ODD.vocab), Random::new(27).tokens(9, SMALL.vocab));
    let (mut first, mut second) = (Session::open(&one), Session::open(&other));
    let mut turns = [
        Turn { session: &mut first, tokens: &ids, want: Want::All },
        Turn { session: &mut second, tokens: &others, want: Want::All },
    ];
    let found = prefill_together(&mut turns);
    let found: Vec<_> = found.into_iter().map(|logits| bits(logits.expect("valid").values())).collect();
    assert!(found == [alone(&one, &ids), alone(&other, &others)]);
}

/// Returns a model that overflows in its first layer on the token `bad`. That token alone has a first
/// element, from which the values of the layer are made beyond all bounds.
fn overflowing(bad: usize) -> PlainModel {
    let weights = edited(&parity::file("mixtral", "model.safetensors"), |tensors| {
        for tensor in tensors {
            let width = tensor.shape.last().copied().unwrap_or(1);
            match tensor.name.as_str() {
                "model.embed_tokens.weight" => {
                    tensor.change(|at, old| match (at / width == bad, at % width) {
                        (is_bad, 0) => f32::from(u8::from(is_bad)),
                        (true, _) => 0.0,
                        (false, _) => old,
                    })
                }
                "model.layers.0.self_attn.v_proj.weight" => {
                    tensor.change(|at, old| if at % width == 0 { f32::MAX } else { old });
                }
                _ => {}
            }
        }
    });
    let config = parity::file("mixtral", "config.json");
    Arc::new(Model::load(&config, &weights, PlainBackend).expect("finite weights"))
}

#[test]
fn a_sequence_that_overflows_leaves_the_others_alone() {
    let model = overflowing(9);
    let (bad, good) = ([1, 9, 2], [3, 4, 5, 6]);
    let (mut first, mut second) = (Session::open(&model), Session::open(&model));
    let mut turns = [
        Turn { session: &mut first, tokens: &good, want: Want::All },
        Turn { session: &mut second, tokens: &bad, want: Want::All },
    ];
    let [Ok(logits), Err(SessionError::NonFinite(found))] = &prefill_together(&mut turns)[..] else {
        panic!("one goes on and the other does not");
    };
    assert_eq!((found.site, found.first, found.last), (Site::Layer(0), 0, 2));
    assert!(bits(logits.values()) == alone(&model, &good));
    assert_eq!((first.position(), second.position()), (4, 0));
}

#[test]
fn each_sequence_of_a_batch_has_its_own_traps() {
    for family in ["cohere2_moe", "gpt_oss", "mixtral"] {
        let model = fixture(family);
        let (width, vocab) = (model.config().hidden_size, model.config().vocab_size);
        let lengths = [40, 7, 33];
        let sequences = sequences(&mut Random::new(5), &lengths, vocab);
        let traps = |place: usize| {
            let rows = (0..50).step_by(3).map(|at| (at, vec![0.25; width])).collect();
            let injection = (place != 1).then_some(Injection { layer: place, rows });
            let mask = ExpertMask::new(8, &[place, 3, 4, 5]).expect("a mask");
            let isolation = (place != 0).then(|| Isolation::new(mask, 3..20));
            let entropy = Some(EntropyTap::default());
            TrapPlane { injection, isolation, entropy, ..TrapPlane::default() }.armed()
        };
        let alone: Vec<(Snapshot, Vec<u32>, TrapPlane<PlainBackend>)> = (0..3)
            .map(|place| {
                let (mut session, mut traps) = (Session::open(&model), traps(place));
                let logits = session.prefill_trapped(&sequences[place], Want::All, &mut traps);
                (session.snapshot(), bits(logits.expect("a valid sequence").values()), traps)
            })
            .collect();
        let mut sessions: Vec<Session<PlainBackend>> =
            lengths.iter().map(|_| Session::open(&model)).collect();
        let mut planes: Vec<TrapPlane<PlainBackend>> = (0..3).map(traps).collect();
        let mut found = vec![Vec::new(); 3];
        for chunk in [[0..4, 0..1, 0..9], [4..5, 1..6, 9..10], [5..40, 6..7, 10..33]] {
            let mut turns: Vec<Turn<'_, PlainBackend>> = sessions
                .iter_mut()
                .zip(&sequences)
                .zip(chunk)
                .map(|((session, ids), chunk)| Turn { session, tokens: &ids[chunk], want: Want::All })
                .collect();
            let logits = prefill_together_trapped(&mut turns, &mut planes);
            for (found, logits) in found.iter_mut().zip(logits) {
                found.extend(bits(logits.expect("a valid turn").values()));
            }
        }
        for place in 0..3 {
            let (snapshot, logits, plane) = &alone[place];
            assert!(found[place] == *logits, "{family} sequence {place}");
            assert!(sessions[place].snapshot() == *snapshot, "{family} sequence {place}");
            let seen = |plane: &TrapPlane<PlainBackend>| {
                let mut seen = plane.entropy.clone().expect("it taps").seen;
                seen.sort_by_key(|(layer, position, _)| (*layer, *position));
                seen
            };
            assert_eq!(seen(&planes[place]), seen(plane), "{family} sequence {place}");
            let plain = self::alone(&model, &sequences[place]);
            assert!(*logits != plain, "{family}: the traps do something");
        }
        // A mask that leaves too few experts concerns the one that has it.
        let few = ExpertMask::new(8, &[0]).expect("a mask");
        planes[2].isolation = Some(Isolation::everywhere(few));
        let before = sessions[2].snapshot();
        let mut turns: Vec<Turn<'_, PlainBackend>> =
            sessions.iter_mut().map(|session| Turn { session, tokens: &[5, 6], want: Want::Last }).collect();
        let outcomes = prefill_together_trapped(&mut turns, &mut planes);
        assert!(matches!(outcomes[2], Err(SessionError::FewExperts { .. })));
        assert!(outcomes[0].is_ok() && outcomes[1].is_ok() && sessions[2].snapshot() == before);
    }
}
