//! Confidence intervals of shares.

/// A count of successes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Successes.
    pub hits: usize,
    /// Trials.
    pub of: usize,
}

impl Share {
    /// Counts what is true.
    #[must_use]
    pub fn of(outcomes: &[bool]) -> Self {
        Self { hits: outcomes.iter().filter(|outcome| **outcome).count(), of: outcomes.len() }
    }

    /// The share of successes; zero where there were no trials.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.hits as f64 / self.of.max(1) as f64
    }

    /// The 95 % Wilson interval.
    #[must_use]
    pub fn interval(self) -> [f64; 2] {
        const Z: f64 = 1.959_963_984_540_054;
        let (n, p) = (self.of.max(1) as f64, self.rate());
        let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        [(centre - half).max(0.0), (centre + half).min(1.0)]
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [low, high] = self.interval();
        write!(f, "{:.1} % [{:.1}, {:.1}]", 100.0 * self.rate(), 100.0 * low, 100.0 * high)
    }
}

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn intervals_are_those_of_the_textbook() {
        for (hits, of, low, high) in [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962)]
        {
            let [l, h] = Share { hits, of }.interval();
            assert!((l - low).abs() < 1e-4 && (h - high).abs() < 1e-4, "{hits}/{of}: {l} {h}");
        }
    }
}
