//! The trapped decoder under one arm, and the comparison of logits bit for bit.

use abi::{Fact, Value};
use backend_cpu::CpuBackend;
use factloop::{Routed, block};
use neural::{
    Ahead, Decoding, GenerateSpec, Injector, InjectorError, LookupDrafter, NoTraps, Sampler, Session,
    TrapPlane, Traps, Want, generate_in,
};
use proposer::{LocalModel, ProposeError};

use super::{Arm, Mode, Question};
use crate::Error;

/// The largest number of tokens that a look-up compares to find a continuation to draft.
const LONGEST_MATCH: usize = 4;

/// The injectors of an evaluation, all of one model.
pub(crate) struct Injectors {
    /// Trained on bare counts.
    pub(crate) trained: Injector,
    /// Trained with random values that had nothing to do with the answers.
    pub(crate) placebo: Injector,
    /// Trained on counts to which a number is added too.
    pub(crate) sums: Injector,
}

impl Injectors {
    /// Reads the shipped injectors for `model`. With `is_control` they are read for any model of the same shape: what the
    /// answers follow then is not the merit of a training.
    ///
    /// # Errors
    /// [`Error::Injector`] if the injectors belong to another model.
    pub(crate) fn open(model: &LocalModel<CpuBackend>, is_control: bool) -> Result<Self, Error> {
        let read = |bytes: &[u8]| -> Result<Injector, InjectorError> {
            let shape = model.model().config().hidden_size;
            let parts = Injector::parts_of(bytes, shape)?;
            let digest = if is_control { model.model().digest() } else { parts.model };
            Injector::new(neural::InjectorParts { model: digest, ..parts }, model.model())
        };
        let open = |bytes| read(bytes).map_err(|cause| Error::Injector(Box::new(cause)));
        Ok(Self {
            trained: open(embedded::INJECTOR)?,
            placebo: open(embedded::INJECTOR_PLACEBO)?,
            sums: open(embedded::INJECTOR_SUMS)?,
        })
    }

    fn of(&self, mode: Mode) -> Option<&Injector> {
        match mode {
            Mode::Base | Mode::Tokens => None,
            Mode::Residual => Some(&self.trained),
            Mode::Placebo => Some(&self.placebo),
            Mode::Sums => Some(&self.sums),
        }
    }
}

/// A reply under one arm.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) text: String,
    /// The tokens of the prompt with its facts.
    pub(crate) prompt: Vec<u32>,
    /// The tokens of the reply.
    pub(crate) tokens: Vec<u32>,
}

/// Generates the reply to `question` under `arm`, greedily, on the decoder of `nmk ask`.
///
/// # Errors
/// [`Error`] if the model refuses the prompt or the injector the value.
pub(crate) fn reply(
    model: &LocalModel<CpuBackend>,
    injectors: &Injectors,
    (question, routed): (&Question, &Routed),
    arm: Arm,
    max_new: u32,
) -> Result<Reply, Error> {
    let refused = |cause: ProposeError| Error::Generation { place: model.name().to_owned(), cause };
    let value = arm.given.value(question);
    let facts = match arm.mode {
        Mode::Tokens => block(&[Fact { label: routed.fact.to_string(), value: Value::Int(value) }]),
        _ => String::new(),
    };
    let prompt = model.prompt_ids(&facts, &question.prompt).map_err(refused)?;
    let mut plane = match injectors.of(arm.mode) {
        Some(injector) => plane(model, injector, value, prompt.len())?.armed(),
        None => TrapPlane::default(),
    };
    let spec = GenerateSpec {
        prompt: &prompt,
        max_new: usize::try_from(max_new).unwrap_or(usize::MAX),
        end_tokens: model.end_tokens(),
    };
    let schedule = model.schedule();
    let mut drafter = LookupDrafter { longest: LONGEST_MATCH };
    let ahead = (schedule.ahead > 0).then_some(Ahead { drafter: &mut drafter, most: schedule.ahead });
    let mut decoding = Decoding { chunk: schedule.chunk, ahead, ..Decoding::with(Sampler::GREEDY) };
    let mut session = Session::open(model.model());
    let generated = generate_in(&mut session, &spec, &mut decoding, &mut plane, &mut |_| {});
    let (generation, _) = generated.map_err(|cause| refused(cause.into()))?;
    let tokens: Vec<u32> = generation.tokens.iter().map(|token| token.id).collect();
    let read = model.chat().read_reply(model.tokenizer(), &tokens).map_err(|cause| refused(cause.into()))?;
    Ok(Reply { text: read.answer, prompt, tokens })
}

/// Returns a plane with the gateway that tells `value`, not armed.
fn plane(
    model: &LocalModel<CpuBackend>,
    injector: &Injector,
    value: i64,
    prompt: usize,
) -> Result<TrapPlane<CpuBackend>, Error> {
    let value = u64::try_from(value).map_err(|_| Error::Kernel("a negative value is injected".to_owned()))?;
    let gateway = injector
        .gateway(model.model().backend(), value, prompt)
        .map_err(|cause| Error::Injector(Box::new(cause)))?;
    Ok(TrapPlane { gateways: vec![gateway], ..TrapPlane::default() })
}

/// How many logits of one sequence differ in their bits from those of the decoder without traps, when a value is injected.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bits {
    /// The logits that were compared.
    pub(crate) compared: usize,
    /// The installed injector is not armed.
    pub(crate) disarmed: usize,
    /// The injector's `up` is zero.
    pub(crate) zero_up: usize,
    /// The injector is armed as in mode B.
    pub(crate) armed: usize,
}

impl std::ops::AddAssign for Bits {
    fn add_assign(&mut self, other: Self) {
        self.compared += other.compared;
        self.disarmed += other.disarmed;
        self.zero_up += other.zero_up;
        self.armed += other.armed;
    }
}

/// Compares the logits at all positions of the prompt and the reply of `base`, which had no facts.
///
/// # Errors
/// [`Error`] if the model refuses the sequence.
pub(crate) fn bits(
    model: &LocalModel<CpuBackend>,
    injectors: &Injectors,
    value: i64,
    base: &Reply,
) -> Result<Bits, Error> {
    let ids = [&base.prompt[..], &base.tokens[..]].concat();
    let prompt = base.prompt.len();
    let plain = logits(model, &ids, &mut NoTraps)?;
    let differing = |found: Vec<u32>| found.iter().zip(&plain).filter(|(one, other)| one != other).count();
    let trained = &injectors.trained;
    let silent = trained.with_zero_up();
    let mut disarmed = plane(model, trained, value, prompt)?;
    let mut zero = plane(model, &silent, value, prompt)?.armed();
    let mut armed = plane(model, trained, value, prompt)?.armed();
    Ok(Bits {
        compared: plain.len(),
        disarmed: differing(logits(model, &ids, &mut disarmed)?),
        zero_up: differing(logits(model, &ids, &mut zero)?),
        armed: differing(logits(model, &ids, &mut armed)?),
    })
}

/// Returns the bits of the logits at every position.
fn logits<T: Traps<CpuBackend>>(
    model: &LocalModel<CpuBackend>,
    ids: &[u32],
    traps: &mut T,
) -> Result<Vec<u32>, Error> {
    let found = Session::open(model.model()).prefill_trapped(ids, Want::All, traps);
    let found =
        found.map_err(|cause| Error::Generation { place: model.name().to_owned(), cause: cause.into() })?;
    Ok(found.values().iter().map(|value| value.to_bits()).collect())
}
