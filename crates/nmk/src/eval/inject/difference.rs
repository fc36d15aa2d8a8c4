//! The difference of two rates over the same questions, with its interval.

use holdout::Share;
use serde_json::{Value as Json, json};

/// The difference of two rates that were measured on the same questions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Difference {
    /// The first rate minus the second, from -1 to 1.
    pub(crate) rate: f64,
    /// The 95 % interval of the difference: that of Newcombe for pairs (his method 10), which is made of two Wilson
    /// intervals and the correlation of the outcomes.
    pub(crate) interval: [f64; 2],
    /// The questions.
    pub(crate) pairs: usize,
}

impl Difference {
    /// Returns the difference of the outcomes of two arms, question by question.
    pub(crate) fn new(pairs: &[(bool, bool)]) -> Self {
        let (first, second): (Vec<bool>, Vec<bool>) = pairs.iter().copied().unzip();
        let [one, two] = [first, second].map(|outcomes| Share::from_outcomes(&outcomes));
        let [[l1, u1], [l2, u2]] = [one, two].map(Share::interval);
        let (p1, p2) = (one.rate(), two.rate());
        let phi = correlation(pairs);
        let reach = |x: f64, y: f64| (x * x - 2.0 * phi * x * y + y * y).max(0.0).sqrt();
        let low = p1 - p2 - reach(p1 - l1, u2 - p2);
        let high = p1 - p2 + reach(u1 - p1, p2 - l2);
        Self { rate: p1 - p2, interval: [low.max(-1.0), high.min(1.0)], pairs: pairs.len() }
    }

    pub(crate) fn json(&self) -> Json {
        json!({ "pairs": self.pairs, "rate": self.rate, "ci": self.interval })
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [low, high] = self.interval;
        write!(f, "{:+.1} points [{:+.1}, {:+.1}]", 100.0 * self.rate, 100.0 * low, 100.0 * high)
    }
}

/// Returns the correlation of the outcomes, with the correction for continuity of the method. 0 if one of the arms has
/// one outcome alone.
fn correlation(pairs: &[(bool, bool)]) -> f64 {
    let of = |wanted: (bool, bool)| pairs.iter().filter(|pair| **pair == wanted).count() as f64;
    let (both, first, second, none) =
        (of((true, true)), of((true, false)), of((false, true)), of((false, false)));
    let product = (both + first) * (second + none) * (both + second) * (first + none);
    if product == 0.0 {
        return 0.0;
    }
    let excess = both * none - first * second;
    let corrected = if excess > 0.0 { (excess - pairs.len() as f64 / 2.0).max(0.0) } else { excess };
    corrected / product.sqrt()
}

#[cfg(test)]
mod tests {
    use super::Difference;

    fn of(counts: [usize; 4]) -> Difference {
        let kinds = [(true, true), (true, false), (false, true), (false, false)];
        let pairs: Vec<(bool, bool)> =
            kinds.iter().zip(counts).flat_map(|(kind, count)| vec![*kind; count]).collect();
        Difference::new(&pairs)
    }

    /// Two examples of Newcombe, Statistics in Medicine 17 (1998), 2635.
    #[test]
    fn intervals_are_those_of_the_publication() {
        for (counts, low, high) in [([36, 12, 2, 0], 0.0569, 0.3404), ([20, 12, 2, 16], 0.0562, 0.3292)] {
            let found = of(counts);
            let [l, h] = found.interval;
            assert!((l - low).abs() < 1e-4 && (h - high).abs() < 1e-4, "{counts:?}: {l} {h}");
        }
    }

    #[test]
    fn equal_arms_differ_by_nothing_and_opposite_ones_by_all() {
        let same = of([50, 0, 0, 50]);
        assert!(same.rate == 0.0 && same.interval[0] <= 0.0 && same.interval[1] >= 0.0);
        let apart = of([0, 100, 0, 0]);
        assert!(apart.rate == 1.0 && apart.interval[0] > 0.9 && apart.interval[1] == 1.0);
    }
}
