//! Stop sequences end an answer where its bytes say so, however they are split over tokens and passes.

mod common;

use common::{PlainModel, shaped, token_bytes};
use neural::abi::Stop;
use neural::{
    Ahead, Decoding, Ended, GenerateSpec, Generation, ModelDrafter, NoTraps, Sampler, SamplingSpec, Session,
    StopSequences, generate_in,
};
use synthetic::{Random, SMALL};

fn sampler() -> Sampler {
    let free = SamplingSpec { temperature: 1.0, top_k: None, top_p: None, min_p: None, seed: 9, stream: 0 };
    Sampler::new(free).expect("within the ranges")
}

/// Returns the answer of 40 tokens at most, with `most` tokens drafted ahead, and the position of the session
/// after it.
fn answer(
    model: &PlainModel,
    prompt: &[u32],
    stops: Option<(&StopSequences, &[Vec<u8>])>,
    most: usize,
) -> (Generation, usize) {
    let mut session = Session::open(model);
    let spec = GenerateSpec { prompt, max_new: 40, end_tokens: &[] };
    let mut drafter = ModelDrafter::new(model, sampler());
    let ahead = Some(Ahead { drafter: &mut drafter, most });
    let mut decoding = Decoding { stops, ahead, ..Decoding::with(sampler()) };
    let found =
        generate_in(&mut session, &spec, &mut decoding, &mut NoTraps, &mut |_| {}).expect("an answer").0;
    (found, session.position())
}

#[test]
fn an_answer_ends_at_the_bytes_and_not_elsewhere() {
    let (model, bytes) = (shaped(&SMALL), token_bytes());
    let prompt = Random::new(31).tokens(20, SMALL.vocab);
    let (free, _) = answer(&model, &prompt, None, 0);
    let pieces: Vec<&[u8]> = free.tokens.iter().map(|token| &*bytes[token.id as usize]).collect();
    let text = pieces.concat();
    for (start, length) in [(0, 1), (0, 3), (5, 1), (7, 4), (11, 2), (text.len() - 3, 3)] {
        let stop = text[start..start + length].to_vec();
        let first = text.windows(length).position(|window| window == stop).expect("it is there");
        let tokens = (1..).find(|count| pieces[..*count].concat().len() >= first + length).expect("reached");
        let stops = StopSequences::new(vec![vec![0xFF; 9], stop]).expect("none is empty");
        for most in [0, 1, 4, 9] {
            let (found, position) = answer(&model, &prompt, Some((&stops, &bytes)), most);
            assert_eq!(found.tokens, free.tokens[..tokens], "{start} and {length}, {most} ahead");
            let stopped = found.stopped.expect("a stop sequence");
            assert_eq!((found.ended, stopped.sequence, stopped.kept), (Ended::Stop(Stop::End), 1, first));
            assert_eq!(position, prompt.len() + tokens - 1, "what was drafted behind it is rolled back");
        }
    }
}

#[test]
fn bytes_that_are_not_in_the_answer_do_not_end_it() {
    let (model, bytes) = (shaped(&SMALL), token_bytes());
    let prompt = Random::new(31).tokens(20, SMALL.vocab);
    let (free, _) = answer(&model, &prompt, None, 0);
    let text: Vec<u8> = free.tokens.iter().flat_map(|token| &bytes[token.id as usize]).copied().collect();
    let last = *prompt.iter().rev().find(|id| !bytes[**id as usize].is_empty()).expect("a byte");
    let across = [&bytes[last as usize], &text[..1]].concat();
    assert!(!text.windows(2).any(|window| window == across), "the case is what it says");
    for stops in [vec![], vec![across], vec![[&text[..], b"x"].concat()]] {
        let stops = StopSequences::new(stops).expect("none is empty");
        let (found, _) = answer(&model, &prompt, Some((&stops, &bytes)), 3);
        assert_eq!((&found, found.ended), (&free, Ended::Stop(Stop::Length)));
    }
}
