//! The entropy of a model's routers over labelled questions: what it says about wrong answers.

use abi::{Digest, Proposer, Request, Value};
use backend_cpu::CpuBackend;
use factloop::operations::stated;
use kpolicy::Labelled;
use neural::{Decoding, EntropyTap, GenerateSpec, Sampler, SamplingSpec, Session, TrapPlane, generate_in};
use proposer::{LocalModel, ProposeError};

use super::question::{Kind, Question};
use crate::Error;
use crate::engine::model_failure;

/// The domain of the digest of labelled items.
const DATA_DOMAIN: &str = "nmk.calibration.items.v1";

/// The scores that are made of one generation, each a mean over the sparse layers at every position. The first is the one
/// that the verdict is about; it was chosen before anything was measured.
pub(crate) const SOURCES: [&str; 3] =
    ["router_entropy.reply_mean", "router_entropy.prompt_mean", "router_entropy.reply_peak"];

/// One labelled item: the scores of the tap, and the outcome.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    /// In the order of [`SOURCES`].
    pub(crate) scores: [f64; 3],
    pub(crate) failed: bool,
    /// The positions of prompt and reply.
    pub(crate) length: usize,
    /// The reply as it was tapped.
    tokens: Vec<u32>,
}

impl Item {
    /// Returns the item as the calibration of the source at `place` reads it.
    pub(crate) fn labelled(&self, place: usize) -> Labelled {
        Labelled { score: self.scores[place], failed: self.failed, length: self.length as f64 }
    }
}

/// Asks `question` with the tap installed, and labels the answer.
///
/// # Errors
/// [`Error`] if the model refuses the question, or the grammar does not read it.
pub(crate) fn tapped(
    model: &LocalModel<CpuBackend>,
    question: &Question,
    max_new: u32,
) -> Result<Item, Error> {
    let refused = |cause: ProposeError| Error::Generation { place: model.name().to_owned(), cause };
    let routed = factloop::route(&question.prompt).ok_or_else(|| {
        Error::Kernel(format!("a question of the evaluation is not read: {}", question.prompt))
    })?;
    let prompt = model.prompt_ids("", &question.prompt).map_err(refused)?;
    let greedy = SamplingSpec { temperature: 0.0, top_k: None, top_p: None, min_p: None, seed: 0, stream: 0 };
    let spec = GenerateSpec {
        prompt: &prompt,
        max_new: usize::try_from(max_new).unwrap_or(usize::MAX),
        end_tokens: model.end_tokens(),
    };
    let mut plane: TrapPlane<CpuBackend> =
        TrapPlane { armed: true, entropy: Some(EntropyTap::default()), ..TrapPlane::default() };
    let mut session = Session::open(model.model());
    let mut decoding = Decoding::with(Sampler::new(greedy)?);
    let generated = generate_in(&mut session, &spec, &mut decoding, &mut plane, &mut |_| {});
    let (generation, _) = generated.map_err(|cause| refused(cause.into()))?;
    let tokens: Vec<u32> = generation.tokens.iter().map(|token| token.id).collect();
    let read = model.chat().read_reply(model.tokenizer(), &tokens).map_err(|cause| refused(cause.into()))?;
    let answer: Value = stated(&routed.contract, &read.answer);
    let means = plane.entropy.as_ref().map(EntropyTap::means).unwrap_or_default();
    // The last position of the prompt chooses the first token of the reply.
    let (asked, replied) = means.split_at(means.len().min(prompt.len() - 1));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    Ok(Item {
        kind: question.kind,
        scores: [mean(replied), mean(asked), replied.iter().copied().fold(0.0, f64::max)],
        failed: !det::equal(&answer, &question.expected),
        length: prompt.len() + tokens.len(),
        tokens,
    })
}

/// Returns true if the model replies to `question` without a tap what it replied with one.
///
/// # Errors
/// [`Error`] if the model refuses the question.
pub(crate) fn is_inert(
    model: &mut LocalModel<CpuBackend>,
    question: &Question,
    item: &Item,
    max_new: u32,
) -> Result<bool, Error> {
    let decoding = abi::Decoding::Greedy;
    let request = Request { prompt: &question.prompt, facts: "", schema: None, max_new, decoding };
    let name = model.name().to_owned();
    let proposed = model.propose(&request, &mut |_| {});
    let draft = proposed.map_err(|cause| model_failure(name, cause.into()))?.value;
    Ok(draft.tokens == item.tokens)
}

/// Returns the digest that names the labelled items: prompts, outcomes, and the scores that they got.
pub(crate) fn data_digest(questions: &[Question], items: &[Item]) -> Digest {
    let lines: Vec<String> = questions
        .iter()
        .zip(items)
        .map(|(question, item)| format!("{:?} {} {:?}\n", question.prompt, item.failed, item.scores))
        .collect();
    Digest::hash_parts(DATA_DOMAIN, lines.iter().map(String::as_bytes))
}
