//! The calibration of a source of uncertainty: does a high score predict failure, on data that chose nothing?
//!
//! One half of the labelled items fixes the strata of length and the failure rate of each range of scores. The other half
//! gives the verdict. A score that only follows the length of a reply predicts nothing, because scores are compared within
//! strata of length alone.

use crate::Unit;

/// The resamples of the bootstrap interval.
const RESAMPLES: usize = 1000;
/// The least area under the curve of a calibrated source, as the reference demands a distance of 0.15 from chance.
pub(crate) const LEAST_AUC: f64 = 0.65;
/// The least failures, and the least successes, of each half.
const LEAST_EACH: usize = 20;
/// The ranges of scores whose failure rates are counted, and the strata of length.
const RANGES: usize = 8;
const STRATA: usize = 3;

/// One item with a known outcome: the score of the source, the outcome, and the length that is controlled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Labelled {
    /// The score of the source, higher where it is less sure. Any finite number.
    pub score: f64,
    /// True if the result was wrong.
    pub failed: bool,
    /// The length of the item in tokens.
    pub length: f64,
}

/// The verdict about a source of uncertainty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalibrationVerdict {
    /// High scores predict failure: the interval is above chance, and the area is 0.65 at least.
    Calibrated,
    /// The data shows neither direction, or too little of one.
    Flat,
    /// High scores predict success: the interval is below chance.
    Inverted,
}

impl CalibrationVerdict {
    /// Returns the word for the verdict in reports, for example `calibrated`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Calibrated => "calibrated",
            Self::Flat => "flat",
            Self::Inverted => "inverted",
        }
    }

    /// Returns the verdict that follows from an area under the curve and its interval.
    pub(crate) fn from_area(auc: f64, [low, high]: [f64; 2]) -> Self {
        match () {
            () if high < 0.5 => Self::Inverted,
            () if low > 0.5 && auc >= LEAST_AUC => Self::Calibrated,
            () => Self::Flat,
        }
    }
}

/// A range of scores, with the failure rate that one half expects and the outcomes of the other half.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreRange {
    /// The upper end of the range, which belongs to it. Infinite for the last range.
    pub up_to: f64,
    /// The failure rate of the fitting half, made monotone: a higher range never has a lower rate.
    pub expected: Unit,
    /// The items of the other half in this range.
    pub items: usize,
    /// The number of them that failed.
    pub failures: usize,
}

/// The measurement of a source on the half that chose nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// The items of that half.
    pub items: usize,
    /// The number of them that failed.
    pub failures: usize,
    /// The area under the curve for failure over all pairs, whatever their length.
    pub plain_auc: f64,
    /// The area within strata of length: the chance that a failure scores above a success of like length.
    pub auc: f64,
    /// The 95 % interval of `auc`, by bootstrap over items. In the other direction it is `1 - high` to `1 - low`.
    pub interval: [f64; 2],
    /// The verdict.
    pub verdict: CalibrationVerdict,
    /// The ranges of scores in ascending order.
    pub ranges: Vec<ScoreRange>,
}

/// The reason why a source cannot be measured.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum CalibrationError {
    /// A half has too few failures or successes.
    #[error(
        "{failures} failures and {successes} successes are too few in a half; {LEAST_EACH} of each are needed, so pass \
         more items"
    )]
    TooFew {
        /// The failures of the half.
        failures: usize,
        /// The successes of the half.
        successes: usize,
    },
    /// A score or a length is NaN or infinite.
    #[error("a score or a length is not a finite number")]
    NotFinite,
}

/// Measures a source on `held_out`, with the strata and ranges that `fit` fixes. The bootstrap draws under `seed`, so the
/// same items give the same interval.
///
/// # Errors
/// [`CalibrationError`] if a half has too few failures or successes, or a number is not finite.
pub fn calibrate(
    fit: &[Labelled],
    held_out: &[Labelled],
    seed: u64,
) -> Result<Calibration, CalibrationError> {
    for half in [fit, held_out] {
        let failures = half.iter().filter(|item| item.failed).count();
        let successes = half.len() - failures;
        if failures.min(successes) < LEAST_EACH {
            return Err(CalibrationError::TooFew { failures, successes });
        }
        if half.iter().any(|item| !item.score.is_finite() || !item.length.is_finite()) {
            return Err(CalibrationError::NotFinite);
        }
    }
    let cuts = quantiles(fit.iter().map(|item| item.length), STRATA);
    let stratum = |item: &Labelled| cuts.iter().filter(|cut| item.length > **cut).count();
    let mut strata = vec![Vec::new(); STRATA];
    held_out.iter().for_each(|item| strata[stratum(item)].push(*item));
    let auc = area(&strata);
    let interval = bootstrap(&strata, seed);
    Ok(Calibration {
        items: held_out.len(),
        failures: held_out.iter().filter(|item| item.failed).count(),
        plain_auc: area(&[held_out.to_vec()]),
        auc,
        interval,
        verdict: CalibrationVerdict::from_area(auc, interval),
        ranges: ranges(fit, held_out),
    })
}

/// Returns the values that divide a list into `parts` of about equal size.
fn quantiles(values: impl Iterator<Item = f64>, parts: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    (1..parts).map(|part| sorted[(part * sorted.len() / parts).min(sorted.len() - 1)]).collect()
}

/// Returns the share of pairs of a failure and a success of one stratum in which the failure scores higher. A tie counts
/// half. Without any pair it is 0.5.
fn area(strata: &[Vec<Labelled>]) -> f64 {
    let (mut above, mut pairs) = (0.0, 0.0);
    for items in strata {
        let mut sorted: Vec<&Labelled> = items.iter().collect();
        sorted.sort_by(|one, other| one.score.total_cmp(&other.score));
        let mut below = 0.0;
        for tied in sorted.chunk_by(|one, other| one.score == other.score) {
            let failures = tied.iter().filter(|item| item.failed).count() as f64;
            let successes = tied.len() as f64 - failures;
            above += failures * (below + successes / 2.0);
            below += successes;
        }
        pairs += below * (items.len() as f64 - below);
    }
    if pairs > 0.0 { above / pairs } else { 0.5 }
}

/// Returns the middle 95 % of the area over resamples of each stratum.
fn bootstrap(strata: &[Vec<Labelled>], seed: u64) -> [f64; 2] {
    let mut state = seed;
    let mut areas: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn: Vec<Vec<Labelled>> = strata
                .iter()
                .map(|items| items.iter().map(|_| items[below(&mut state, items.len())]).collect())
                .collect();
            area(&drawn)
        })
        .collect();
    areas.sort_by(f64::total_cmp);
    [areas[RESAMPLES * 25 / 1000], areas[RESAMPLES * 975 / 1000 - 1]]
}

/// Returns a number below `bound` from the generator splitmix64.
fn below(state: &mut u64, bound: usize) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((u128::from(z ^ (z >> 31)) * bound as u128) >> 64) as usize
}

/// Returns the ranges, whose expected rates never fall: neighbours that would are pooled.
fn ranges(fit: &[Labelled], held_out: &[Labelled]) -> Vec<ScoreRange> {
    let mut ends = quantiles(fit.iter().map(|item| item.score), RANGES);
    ends.dedup();
    ends.push(f64::INFINITY);
    let counted = |items: &[Labelled], low: f64, high: f64| {
        let within: Vec<&Labelled> =
            items.iter().filter(|item| item.score > low && item.score <= high).collect();
        (within.len(), within.iter().filter(|item| item.failed).count())
    };
    let mut pooled: Vec<(f64, usize, usize)> = Vec::new();
    let mut low = f64::NEG_INFINITY;
    for end in ends {
        let (items, failures) = counted(fit, low, end);
        pooled.push((end, items, failures));
        low = end;
        while let [.., (_, n, f), (to, m, g)] = *pooled.as_slice()
            && f * m > g * n
        {
            pooled.truncate(pooled.len() - 2);
            pooled.push((to, n + m, f + g));
        }
    }
    let mut low = f64::NEG_INFINITY;
    let range = |(up_to, items, failures): (f64, usize, usize)| {
        let rate = failures as f64 / items.max(1) as f64;
        let (items, failures) = counted(held_out, low, up_to);
        low = up_to;
        ScoreRange { up_to, expected: Unit::clamped(rate).unwrap_or(Unit::ZERO), items, failures }
    };
    pooled.into_iter().map(range).collect()
}
