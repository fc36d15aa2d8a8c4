//! The choice of a token from a row of logits.
//!
//! The choice is a pure function of the row, the sampler and the token's position. The generator is
//! counter-based, so each position has one draw whatever was drawn before, and a rewind of tokens rewinds the
//! generator. The order of every operation is in `docs/numerics.md`, under Sampling.

use abi::Digest;
use thiserror::Error;

use crate::session::Logits;
use crate::traps::TokenMask;

/// Domain of the one draw at a position.
const DRAW_DOMAIN: &str = "nmk.draw.v1";

/// The mass of the likeliest token. Masses are whole numbers, so that their sum is exact in any order.
const UNIT: f64 = (1u64 << 40) as f64;

/// The parameters of a [`Sampler`], as they come from a command line or a request. Nothing is checked yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamplingSpec {
    /// The divisor of the logits, at least 0. With 0 the token with the largest logit is taken, and the other
    /// fields do not matter.
    pub temperature: f64,
    /// The number of tokens with the largest logits that are kept, at least 1; with `None` all are kept.
    pub top_k: Option<usize>,
    /// The share of the probability that the kept tokens have together, in (0, 1]. The likeliest tokens are
    /// kept until they reach it; with `None` all are kept.
    pub top_p: Option<f64>,
    /// The least probability of a kept token, as a share of that of the likeliest one, in [0, 1]; with `None`
    /// all are kept.
    pub min_p: Option<f64>,
    /// The seed of the random numbers; the same seed gives the same draws.
    pub seed: u64,
    /// The number of the sequence, chosen by the caller, so that sequences with the same seed draw
    /// independently.
    pub stream: u64,
}

/// The reason why a [`Sampler`] is refused: a parameter is out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum SamplingError {
    /// The temperature is negative or not finite.
    #[error("the temperature is {found}; give 0 for the likeliest token, or a positive number")]
    Temperature {
        /// The temperature that was given.
        found: f64,
    },
    /// The number `top_k` is 0, so that no token would be kept.
    #[error("top-k is 0; give 1 at least, or leave it out to keep all tokens")]
    TopK,
    /// The share `top_p` is not above 0 and at most 1.
    #[error("top-p is {found}; give a number above 0 and at most 1")]
    TopP {
        /// The share that was given.
        found: f64,
    },
    /// The share `min_p` is not from 0 to 1.
    #[error("min-p is {found}; give a number from 0 to 1")]
    MinP {
        /// The share that was given.
        found: f64,
    },
}

/// A checked rule that chooses a token from a row of logits. Holding one proves that every parameter is
/// within its range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler {
    /// `None` takes the largest logit; otherwise every number is within its range and the temperature above
    /// 0.
    drawn: Option<SamplingSpec>,
}

impl Sampler {
    /// The sampler that takes the largest logit; of equal logits, the one with the lowest id.
    pub const GREEDY: Self = Self { drawn: None };

    /// Creates a sampler that draws as `spec` says, or takes the largest logit if its temperature is 0.
    ///
    /// # Errors
    /// [`SamplingError`] if a number is out of its range.
    pub fn new(spec: SamplingSpec) -> Result<Self, SamplingError> {
        let SamplingSpec { temperature, top_k, top_p, min_p, .. } = spec;
        if !(0.0..f64::INFINITY).contains(&temperature) {
            return Err(SamplingError::Temperature { found: temperature });
        }
        if top_k == Some(0) {
            return Err(SamplingError::TopK);
        }
        if let Some(found) = top_p.filter(|share| !(*share > 0.0 && *share <= 1.0)) {
            return Err(SamplingError::TopP { found });
        }
        if let Some(found) = min_p.filter(|share| !(0.0..=1.0).contains(share)) {
            return Err(SamplingError::MinP { found });
        }
        // A share of 1 keeps every token, even if the sum of masses is rounded.
        let spec = SamplingSpec { top_p: top_p.filter(|share| *share < 1.0), ..spec };
        Ok(Self { drawn: (temperature > 0.0).then_some(spec) })
    }

    /// Returns the token at `position` of its sequence, chosen from row `row` of the logits that predict it.
    /// The same arguments always give the same token.
    ///
    /// # Panics
    /// If `row` is not below [`Logits::rows`].
    #[must_use]
    pub fn choose(&self, logits: &Logits, row: usize, position: usize) -> u32 {
        self.choose_from(logits.row(row), position)
    }

    /// Returns the token that [`choose`](Self::choose) would return if the tokens that `mask` forbids were
    /// not in the vocabulary. Returns `None` if the mask forbids all of them.
    ///
    /// # Panics
    /// If `row` is not below [`Logits::rows`].
    #[must_use]
    pub fn choose_within(
        &self,
        mask: &TokenMask,
        logits: &Logits,
        row: usize,
        position: usize,
    ) -> Option<u32> {
        let row = logits.row(row);
        let allowed: Vec<u32> = (0..).take(row.len()).filter(|id| mask.allows(*id)).collect();
        let left: Vec<f32> = allowed.iter().map(|id| row[*id as usize]).collect();
        // Ascending ids stay ascending, so ties and draws come out as without the forbidden tokens.
        (!left.is_empty()).then(|| allowed[self.choose_from(&left, position) as usize])
    }

    fn choose_from(&self, row: &[f32], position: usize) -> u32 {
        let likeliest = largest(row);
        let Some(spec) = &self.drawn else { return likeliest };
        let mut kept = candidates(row, row[likeliest as usize], spec.temperature);
        filter(&mut kept, spec);
        let total: u128 = kept.iter().map(|candidate| u128::from(candidate.mass)).sum();
        // 56 bits of the draw, so that the product fits for any vocabulary of 32-bit ids.
        let point = (u128::from(draw(spec.seed, spec.stream, position) >> 8) * total) >> 56;
        let mut below = 0;
        let found = kept.iter().find(|candidate| {
            below += u128::from(candidate.mass);
            point < below
        });
        found.map_or(likeliest, |candidate| candidate.id)
    }
}

/// Returns the id with the largest logit; of equal logits, the lowest id.
pub(crate) fn largest(row: &[f32]) -> u32 {
    let mut best = 0;
    for (id, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = id;
        }
    }
    best as u32
}

/// A token that can be drawn.
#[derive(Clone, Copy)]
struct Candidate {
    id: u32,
    logit: f32,
    /// Mass relative to [`UNIT`], rounded down; above 0.
    mass: u64,
}

/// Returns the tokens that have mass, in ascending order of their ids.
fn candidates(row: &[f32], largest: f32, temperature: f64) -> Vec<Candidate> {
    let mass = |logit: f32| (UNIT * libm::exp((f64::from(logit) - f64::from(largest)) / temperature)) as u64;
    let all = row.iter().zip(0..).map(|(logit, id)| Candidate { id, logit: *logit, mass: mass(*logit) });
    all.filter(|candidate| candidate.mass > 0).collect()
}

/// Keeps the tokens that top-k, then top-p, then min-p leave, in ascending order of their ids.
fn filter(kept: &mut Vec<Candidate>, spec: &SamplingSpec) {
    if spec.top_k.is_some() || spec.top_p.is_some() {
        // Adding zero makes -0 and +0 equal, as they are for the largest logit.
        kept.sort_unstable_by(|a, b| (b.logit + 0.0).total_cmp(&(a.logit + 0.0)).then(a.id.cmp(&b.id)));
        kept.truncate(spec.top_k.unwrap_or(usize::MAX));
        if let Some(share) = spec.top_p {
            kept.truncate(nucleus(kept, share));
        }
        kept.sort_unstable_by_key(|candidate| candidate.id);
    }
    if let Some(share) = spec.min_p {
        kept.retain(|candidate| candidate.mass as f64 >= share * UNIT);
    }
}

/// Returns how many of the first candidates it takes to have `share` of the mass together.
fn nucleus(ordered: &[Candidate], share: f64) -> usize {
    let total: u128 = ordered.iter().map(|candidate| u128::from(candidate.mass)).sum();
    let enough = share * total as f64;
    let mut sum = 0;
    let reached = ordered.iter().position(|candidate| {
        sum += u128::from(candidate.mass);
        sum as f64 >= enough
    });
    reached.map_or(ordered.len(), |last| last + 1)
}

/// Returns the draw at a position: the first 8 bytes of BLAKE3 under `nmk.draw.v1` over seed, stream and
/// position, each u64 and little-endian.
fn draw(seed: u64, stream: u64, position: usize) -> u64 {
    let key = [seed, stream, position as u64].map(u64::to_le_bytes);
    let digest = Digest::hash(DRAW_DOMAIN, key.as_flattened());
    u64::from_le_bytes(*digest.as_bytes().first_chunk().expect("a digest has 32 bytes"))
}

#[cfg(test)]
mod tests;
