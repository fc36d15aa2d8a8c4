//! The choice of a token from a row of logits.
//!
//! A pure function of the row, the sampler and the token's position: the generator is counter-based, so a
//! position has one draw whatever was drawn before, and rolling tokens back rolls the generator back. The
//! order of every operation is in `docs/numerics.md`, under Sampling.

use abi::Digest;
use thiserror::Error;

use crate::session::Logits;
use crate::traps::TokenMask;

/// Domain of the one draw at a position.
const DRAW_DOMAIN: &str = "nmk.draw.v1";

/// Mass of the likeliest token. Masses are whole numbers, so their sum is exact in any order.
const UNIT: f64 = (1u64 << 40) as f64;

/// How tokens are drawn, as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamplingSpec {
    /// Divides the logits; at least 0, and 0 is the token with the largest logit, whatever else is said.
    pub temperature: f64,
    /// Keeps this many of the largest logits, at least 1; all where `None`.
    pub top_k: Option<usize>,
    /// Then keeps the likeliest tokens that have this share of the mass together, in (0, 1]; all where `None`.
    pub top_p: Option<f64>,
    /// Then keeps tokens at least this likely, as a share of the likeliest one, in [0, 1]; all where `None`.
    pub min_p: Option<f64>,
    /// Seed of the generator.
    pub seed: u64,
    /// Number of the sequence, which the caller gives: sequences with one seed draw apart from each other.
    pub stream: u64,
}

/// Why a way of sampling is refused.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum SamplingError {
    /// The temperature is negative or not finite.
    #[error("the temperature is {found}; give 0 for the likeliest token, or a positive number")]
    Temperature {
        /// What was given.
        found: f64,
    },
    /// No token would be kept.
    #[error("top-k is 0; give 1 at least, or leave it out to keep all tokens")]
    TopK,
    /// The share is not in (0, 1].
    #[error("top-p is {found}; give a number above 0 and at most 1")]
    TopP {
        /// What was given.
        found: f64,
    },
    /// The share is not in [0, 1].
    #[error("min-p is {found}; give a number from 0 to 1")]
    MinP {
        /// What was given.
        found: f64,
    },
}

/// A checked way of choosing tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler {
    /// `None` takes the largest logit; otherwise every number is within its range and the temperature above 0.
    drawn: Option<SamplingSpec>,
}

impl Sampler {
    /// Takes the largest logit; of those that tie, the lowest id.
    pub const GREEDY: Self = Self { drawn: None };

    /// Draws as `spec` says.
    ///
    /// # Errors
    /// [`SamplingError`] for a number out of its range.
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
        // A share of 1 keeps every token, also where the sum of masses is rounded.
        let spec = SamplingSpec { top_p: top_p.filter(|share| *share < 1.0), ..spec };
        Ok(Self { drawn: (temperature > 0.0).then_some(spec) })
    }

    /// The token at `position` of its sequence, given the logits that predict it.
    ///
    /// # Panics
    /// If `row` is not below [`Logits::rows`].
    #[must_use]
    pub fn choose(&self, logits: &Logits, row: usize, position: usize) -> u32 {
        self.choose_from(logits.row(row), position)
    }

    /// As [`choose`](Self::choose), as if the tokens that `mask` forbids were not in the vocabulary. None where
    /// it forbids all of them.
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
        // Ascending ids stay ascending, so ties and draws come out as they would.
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

/// The id with the largest logit; the lowest of those that tie.
pub(crate) fn largest(row: &[f32]) -> u32 {
    let mut best = 0;
    for (id, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = id;
        }
    }
    best as u32
}

/// A token that may be drawn.
#[derive(Clone, Copy)]
struct Candidate {
    id: u32,
    logit: f32,
    /// Relative to [`UNIT`], rounded down; above 0.
    mass: u64,
}

/// The tokens that have mass, ascending by id.
fn candidates(row: &[f32], largest: f32, temperature: f64) -> Vec<Candidate> {
    let mass = |logit: f32| (UNIT * libm::exp((f64::from(logit) - f64::from(largest)) / temperature)) as u64;
    let all = row.iter().zip(0..).map(|(logit, id)| Candidate { id, logit: *logit, mass: mass(*logit) });
    all.filter(|candidate| candidate.mass > 0).collect()
}

/// Leaves what top-k, then top-p, then min-p keep, ascending by id.
fn filter(kept: &mut Vec<Candidate>, spec: &SamplingSpec) {
    if spec.top_k.is_some() || spec.top_p.is_some() {
        // A zero added makes the two zeros one, as they are for the largest logit.
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

/// How many of the first candidates have `share` of the mass together.
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

/// The draw at a position: the first 8 bytes of BLAKE3 under `nmk.draw.v1` over seed, stream and position,
/// u64 and little-endian.
fn draw(seed: u64, stream: u64, position: usize) -> u64 {
    let key = [seed, stream, position as u64].map(u64::to_le_bytes);
    let digest = Digest::of(DRAW_DOMAIN, key.as_flattened());
    u64::from_le_bytes(*digest.as_bytes().first_chunk().expect("a digest has 32 bytes"))
}

#[cfg(test)]
mod tests;
