//! Shares of successes, with their confidence intervals by Wilson's formula.

/// A share of successes: how many of a number of independent trials succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Number of trials that succeeded.
    pub hits: usize,
    /// Number of all trials.
    pub trials: usize,
}

impl Share {
    /// Returns the share of the outcomes that are true, counted as successes.
    #[must_use]
    pub fn from_outcomes(outcomes: &[bool]) -> Self {
        Self { hits: outcomes.iter().filter(|outcome| **outcome).count(), trials: outcomes.len() }
    }

    /// Returns the share of successes, from 0 to 1; 0 if there were no trials.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.hits as f64 / self.trials.max(1) as f64
    }

    /// Returns the lower and the upper end of the 95 % confidence interval of the rate, by Wilson's formula.
    #[must_use]
    pub fn interval(self) -> [f64; 2] {
        const Z: f64 = 1.959_963_984_540_054;
        let (n, p) = (self.trials.max(1) as f64, self.rate());
        let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        [(centre - half).max(0.0), (centre + half).min(1.0)]
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.trials == 0 {
            return f.write_str("-");
        }
        let [low, high] = self.interval();
        write!(f, "{:.1} % [{:.1}, {:.1}]", 100.0 * self.rate(), 100.0 * low, 100.0 * high)
    }
}

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn intervals_are_those_of_the_textbook() {
        for (hits, trials, low, high) in
            [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962)]
        {
            let [l, h] = Share { hits, trials }.interval();
            assert!((l - low).abs() < 1e-4 && (h - high).abs() < 1e-4, "{hits}/{trials}: {l} {h}");
        }
    }
}
