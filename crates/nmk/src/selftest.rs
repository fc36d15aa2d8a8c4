//! The self-test of a checkpoint: every schedule gives the same bits, and the model makes sense.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use abi::Digest;
use backend_cpu::{CpuBackend, Isa, SupportedIsa};
use neural::{Logits, Model, REWIND_HORIZON, Session, SessionError, Want};
use text::Tokenizer;

use crate::Error;
use crate::checkpoint::{Loaded, load};
use crate::compute::Compute;

/// The result of a self-test of a checkpoint.
#[derive(Debug)]
pub(crate) struct Selftest {
    /// The number of schedules that were run.
    pub(crate) cells: usize,
    /// The schedules whose logits have other bits than the reference.
    pub(crate) differing: Vec<String>,
    /// The number of controls: changes of the tokens, each of which must change bits.
    pub(crate) controls: usize,
    /// The controls that changed no bit, so that the test would not notice a fault.
    pub(crate) missed: Vec<String>,
    /// True if the model finds sentences likelier than their reverse. None if it has no tokenizer.
    pub(crate) coherent: Option<bool>,
    /// The digest of the logits of the reference.
    pub(crate) digest: Digest,
    /// The number of tokens of the sequence: the length that was asked for, or the model's context if that is shorter.
    pub(crate) length: usize,
}

/// The number of tokens that are timed for an estimate.
const PROBE: usize = 8;

/// The memory and the time that a self-test needs.
#[derive(Debug)]
pub(crate) struct Estimate {
    /// The size of the weights on disk, in bytes.
    pub(crate) weights: u64,
    /// The time that the self-test will take, estimated from a short probe of the model.
    pub(crate) time: Duration,
}

impl Estimate {
    /// Returns the memory that the self-test needs, in words: about twice the size of the weights, because
    /// the files stay in memory while they are packed.
    pub(crate) fn memory(&self) -> String {
        format!("{:.1} GiB", self.weights as f64 * 2.0 / f64::from(1 << 30))
    }
}

/// Estimates the self-test of the model at `place` with a sequence of `length` tokens, from the time that
/// loading takes and the time of a few tokens in one pass and one by one.
pub(crate) fn estimate(place: &Path, compute: Compute, length: usize) -> Result<Estimate, Error> {
    let begun = Instant::now();
    let plain = Compute { state: compute.state, ..Compute::default() };
    let Loaded { model, weight_bytes, .. } = load(place, plain)?;
    let loading = begun.elapsed();
    let ids = noise(model.config().vocab_size, PROBE.min(model.config().max_positions));
    let timed = |chunk| {
        let begun = Instant::now();
        whole(&model, &ids, chunk).map_err(|cause| failed(place, cause))?;
        Ok::<f64, Error>(begun.elapsed().as_secs_f64() / ids.len() as f64)
    };
    let (together, one_by_one) = (timed(ids.len())?, timed(1)?);
    let sets = SupportedIsa::all().len() as f64;
    // Every token alone once and in threes once; in long passes for the reference, chunks, rewinds, forks, threads and
    // controls; and once on each instruction set, of which the portable one takes several times as long.
    let tokens = length.min(model.config().max_positions) as f64;
    let passes = tokens * (1.5 * one_by_one + (17.0 + 8.0 * sets) * together);
    let time = Duration::from_secs_f64(passes) + loading * (3 + SupportedIsa::all().len() as u32);
    Ok(Estimate { weights: weight_bytes as u64, time })
}

struct Matrix<'a> {
    place: &'a Path,
    ids: Vec<u32>,
    reference: Vec<u32>,
    out: Selftest,
}

/// Computes a sequence of `length` tokens under every schedule, with the type of state of `compute`, and
/// compares the bits with a reference. Calls `watch` with a description of each schedule.
pub(crate) fn run(
    place: &Path,
    compute: Compute,
    length: usize,
    watch: &mut dyn FnMut(&str),
) -> Result<Selftest, Error> {
    let plain = Compute { state: compute.state, ..Compute::default() };
    let of = |isa, threads| load(place, Compute { threads, isa, ..plain }).map(|loaded| loaded.model);
    watch("the reference");
    let Loaded { model, tokenizer, .. } = load(place, plain)?;
    let length = length.min(model.config().max_positions);
    let ids = noise(model.config().vocab_size, length);
    let all = whole(&model, &ids, ids.len()).map_err(|cause| failed(place, cause))?;
    let digest = all.tensor_digest();
    let out = Selftest {
        cells: 0,
        differing: Vec::new(),
        controls: 0,
        missed: Vec::new(),
        coherent: None,
        digest,
        length,
    };
    let mut matrix = Matrix { place, ids, reference: bits(&all), out };
    for chunk in [1, 3, 7, 64] {
        watch(&format!("chunks of {chunk}"));
        matrix.cell(&format!("chunks of {chunk}"), &model, chunk)?;
    }
    watch("rewinds and forks");
    matrix.rewinds(&model)?;
    for isa in SupportedIsa::all() {
        let isa: Isa = isa.get();
        watch(&format!("{isa}"));
        matrix.cell(&format!("{isa}, one thread"), &of(Some(isa), 1)?, length)?;
    }
    for threads in [2, 3, compute.threads.max(8)] {
        watch(&format!("{threads} threads"));
        matrix.cell(&format!("{threads} threads"), &of(None, threads)?, 64)?;
    }
    watch("controls");
    matrix.controls(&model)?;
    watch("coherence");
    if let Some(tokenizer) = &tokenizer {
        matrix.out.coherent = Some(coherent(&model, tokenizer, place)?);
    }
    Ok(matrix.out)
}

impl Matrix<'_> {
    fn cell(&mut self, name: &str, model: &Arc<Model<CpuBackend>>, chunk: usize) -> Result<(), Error> {
        let found = whole(model, &self.ids, chunk).map_err(|cause| failed(self.place, cause))?;
        self.compare(name, &bits(&found));
        Ok(())
    }

    fn compare(&mut self, name: &str, found: &[u32]) {
        self.out.cells += 1;
        if found != self.reference {
            self.out.differing.push(name.to_owned());
        }
    }

    /// Compares the logits of a fork, and of a session that was rewound after other tokens, at several
    /// positions.
    fn rewinds(&mut self, model: &Arc<Model<CpuBackend>>) -> Result<(), Error> {
        let (length, vocab) = (self.ids.len(), model.config().vocab_size);
        for to in [1, length / 2, length - 1] {
            let failed = |cause| failed(self.place, cause);
            let mut session = Session::open(model);
            let before = session.prefill(&self.ids[..to], Want::All).map_err(failed)?;
            let mut fork = session.fork();
            // Other tokens, as many as a rewind goes back: behind a window older keys are dropped.
            let other = vec![0; (length - to).min(REWIND_HORIZON)];
            session.prefill(&other, Want::Last).map_err(failed)?;
            session.rewind(to).map_err(failed)?;
            for (what, session) in [("rewound", &mut session), ("forked", &mut fork)] {
                let after = session.prefill(&self.ids[to..], Want::All).map_err(failed)?;
                let found = [bits(&before), bits(&after)].concat();
                self.out.cells += 1;
                if found[..length * vocab] != self.reference {
                    self.out.differing.push(format!("{what} at {to}"));
                }
            }
        }
        Ok(())
    }

    /// Checks that another history gives other bits, because a comparison of bits is worth only what it
    /// notices.
    fn controls(&mut self, model: &Arc<Model<CpuBackend>>) -> Result<(), Error> {
        let vocab = model.config().vocab_size;
        let mut other = self.ids.clone();
        other[0] = (other[0] + 1) % vocab as u32;
        let mut swapped = self.ids.clone();
        swapped.rotate_left(1);
        for (name, ids) in [("another first token", other), ("other positions", swapped)] {
            let found = bits(&whole(model, &ids, 64).map_err(|cause| failed(self.place, cause))?);
            self.out.controls += 1;
            let last = found.len() - vocab;
            if found[last..] == self.reference[last..] {
                self.out.missed.push(name.to_owned());
            }
        }
        Ok(())
    }
}

fn failed(place: &Path, cause: SessionError) -> Error {
    Error::Generation { place: place.display().to_string(), cause: cause.into() }
}

fn whole(model: &Arc<Model<CpuBackend>>, ids: &[u32], chunk: usize) -> Result<Logits, SessionError> {
    let mut session = Session::open(model);
    let mut chunks = ids.chunks(chunk);
    let first = session.prefill(chunks.next().unwrap_or_default(), Want::All)?;
    chunks.try_fold(first, |all, ids| Ok(all.followed_by(&session.prefill(ids, Want::All)?)))
}

fn bits(logits: &Logits) -> Vec<u32> {
    logits.values().iter().map(|value| value.to_bits()).collect()
}

/// Returns `length` token ids without a pattern, the same each time.
pub(crate) fn noise(vocab: usize, length: usize) -> Vec<u32> {
    let digest = |index: usize| Digest::hash("nmk.selftest.v1", &(index as u64).to_le_bytes());
    let id = |index: usize| {
        let bytes = digest(index).as_bytes()[..4].try_into().expect("4 of 32 bytes");
        u32::from_le_bytes(bytes) % vocab as u32
    };
    (0..length).map(id).collect()
}

/// Sentences as people write them.
const SENTENCES: [&str; 3] = [
    "How many times does the letter r appear in the word strawberry?",
    "The sun rises in the east and sets in the west.",
    "Is 17 a prime number? If it is, add 4 to it.",
];

/// Returns true if the model finds the sentences likelier than their tokens in the opposite order.
fn coherent(model: &Arc<Model<CpuBackend>>, tokenizer: &Tokenizer, place: &Path) -> Result<bool, Error> {
    let (mut forwards, mut backwards) = (0.0, 0.0);
    for sentence in SENTENCES {
        let mut ids = tokenizer
            .encode(sentence)
            .map_err(|cause| Error::Generation { place: place.display().to_string(), cause: cause.into() })?;
        forwards += likelihood(model, &ids).map_err(|cause| failed(place, cause))?;
        ids.reverse();
        backwards += likelihood(model, &ids).map_err(|cause| failed(place, cause))?;
    }
    Ok(forwards > backwards)
}

/// Returns the logarithm of the likelihood of all tokens but the first.
fn likelihood(model: &Arc<Model<CpuBackend>>, ids: &[u32]) -> Result<f64, SessionError> {
    let logits = Session::open(model).prefill(ids, Want::All)?;
    let of = |row: usize| {
        let values = logits.row(row);
        let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = values.iter().map(|value| f64::from(value - largest).exp()).sum();
        f64::from(values[ids[row + 1] as usize] - largest) - sum.ln()
    };
    Ok((0..ids.len() - 1).map(of).sum())
}
