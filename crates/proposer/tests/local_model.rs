//! A local model as a proposer: text in, text and its record out.

mod common;

use common::{SHAPE, tokenizer_json};
use neural::abi::{Decoding, Origin, Proposer, Request, Step, Stop};
use neural::{Ended, GenerateSpec, PlainBackend, SessionError, generate};
use proposer::{LoadError, LocalModel, ProposeError};
use synthetic::{ODD, parity};
use text::TokenizerError;

fn local(seed: u64) -> LocalModel<PlainBackend> {
    LocalModel::from_parts(&SHAPE.config(), &tokenizer_json(), &SHAPE.weights(seed), PlainBackend)
        .expect("a model")
}

fn request<'a>(prompt: &'a str, facts: &'a str, max_new: u32) -> Request<'a> {
    Request { prompt, facts, schema: None, max_new, decoding: Decoding::Greedy }
}

#[test]
fn a_draft_records_every_choice() {
    let mut model = local(7);
    let mut shown = String::new();
    let mut counts = Vec::new();
    let mut take = |step: Step<'_>| match step {
        Step::Answer(part) => shown.push_str(part),
        Step::Tokens(count) => counts.push(count),
        other => panic!("{other:?}"),
    };
    let proposal = model.propose(&request("hello", "", 12), &mut take).expect("a draft");
    let draft = proposal.value;
    assert_eq!(draft.tokens.len(), draft.logit_digests.len());
    assert_eq!(draft.text, model.tokenizer().decode(&draft.tokens).expect("its own ids"));
    assert!(draft.text.starts_with(&shown), "{shown:?} of {:?}", draft.text);
    assert_eq!(counts, (1..=draft.tokens.len() as u64).collect::<Vec<_>>());
    assert_eq!(proposal.origin, Origin::LocalModel { model: model.model().digest() });
    assert!(model.identity().reproducible && model.identity().model_digest.is_some());
    let again = local(7).propose(&request("hello", "", 12), &mut |_| {}).expect("a draft").value;
    assert_eq!((again.tokens, again.logit_digests), (draft.tokens, draft.logit_digests));
}

#[test]
fn without_facts_the_draft_is_that_of_plain_generation() {
    let mut model = local(7);
    let ids = model.prompt_ids("", "hello").expect("bytes are enough");
    let spec = GenerateSpec { prompt: &ids, max_new: 12, end_tokens: model.end_tokens() };
    let plain = generate(model.model(), &spec, &mut |_| {}).expect("a generation");
    let bare = model.propose(&request("hello", "", 12), &mut |_| {}).expect("a draft").value;
    let digests: Vec<_> = plain.tokens.iter().map(|token| token.logits).collect();
    assert_eq!(bare.logit_digests, digests);
    let informed = model.propose(&request("hello", "a = 3", 12), &mut |_| {}).expect("a draft").value;
    assert_ne!(informed.logit_digests, digests);
}

#[test]
fn generation_ends_at_an_end_token_and_leaves_it_out() {
    let model = local(7);
    let ids = model.prompt_ids("", "hello").expect("bytes are enough");
    let free = GenerateSpec { prompt: &ids, max_new: 6, end_tokens: &[] };
    let free = generate(model.model(), &free, &mut |_| {}).expect("a generation");
    assert_eq!(free.ended, Ended::Stop(Stop::Length));
    let third = free.tokens[2].id;
    let first = free.tokens.iter().position(|token| token.id == third).expect("it is there");
    let ended = GenerateSpec { prompt: &ids, max_new: 6, end_tokens: &[third] };
    let ended = generate(model.model(), &ended, &mut |_| {}).expect("a generation");
    assert_eq!((ended.ended, ended.tokens.as_slice()), (Ended::Stop(Stop::End), &free.tokens[..first]));
}

#[test]
fn the_digest_is_that_of_configuration_and_weights() {
    let digest = local(7).model().digest();
    assert_eq!(digest, local(7).model().digest());
    assert_ne!(digest, local(8).model().digest());
    let mut config = SHAPE.config();
    config.push(b'\n');
    let spaced =
        LocalModel::from_parts(&config, &tokenizer_json(), &SHAPE.weights(7), PlainBackend).expect("a model");
    assert_ne!(digest, spaced.model().digest());
}

#[test]
fn the_score_of_a_prompt_is_near_the_entropy_of_a_random_model() {
    let model = local(7);
    let score = model.mean_prompt_nll("an ordinary prompt").expect("a score");
    assert!((score - 262f64.ln()).abs() < 2.0, "{score}");
    assert_eq!(score.to_bits(), local(7).mean_prompt_nll("an ordinary prompt").expect("a score").to_bits());
}

#[test]
fn what_cannot_be_answered_is_an_error() {
    let mut model = local(7);
    for prompt in ["", " \n\t"] {
        let refusal = model.propose(&request(prompt, "", 4), &mut |_| {}).expect_err("no words");
        assert!(matches!(refusal, ProposeError::EmptyPrompt), "{refusal}");
        assert!(matches!(model.mean_prompt_nll(prompt), Err(ProposeError::EmptyPrompt)));
    }
    let refusal = model.propose(&request("hello", "", 0), &mut |_| {}).expect_err("nothing asked");
    assert!(matches!(refusal, ProposeError::NothingAsked), "{refusal}");
    let long = "word ".repeat(200);
    let refusal = model.propose(&request(&long, "", 4), &mut |_| {}).expect_err("too long");
    assert!(matches!(refusal, ProposeError::Session(SessionError::ContextOverflow { .. })), "{refusal}");
}

#[test]
fn parts_of_two_models_are_refused() {
    let refusal =
        LocalModel::from_parts(&ODD.config(), &tokenizer_json(), &ODD.weights(7), PlainBackend).err();
    assert!(matches!(refusal, Some(LoadError::Tokenizer(TokenizerError::VocabularyMismatch { .. }))));
}

#[test]
fn a_folder_without_files_says_which_is_missing() {
    let folder = parity::folder("cohere2_moe");
    let refusal = LocalModel::from_dir(&folder, PlainBackend).err().expect("no tokenizer there");
    assert!(refusal.to_string().contains("tokenizer.json"), "{refusal}");
}
