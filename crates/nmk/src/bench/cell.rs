//! The summary of several runs of one measurement.

/// One value of a report.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell {
    /// Of several runs.
    Figure(Figure),
    /// Of paired runs.
    Ratio(Ratio),
    /// Counted, or computed from medians.
    Number(f64),
}

/// A figure of several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Figure {
    /// The figure of `runs`, one at least.
    pub(crate) fn of(mut runs: Vec<f64>) -> Self {
        runs.sort_by(f64::total_cmp);
        Self { median: runs[runs.len() / 2], least: runs[0], most: runs[runs.len() - 1] }
    }
}

/// The ratio of times: how many times as long one thing takes as another that ran beside it, round by round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ratio {
    /// The median over rounds.
    pub(crate) median: f64,
    /// With `high`, an interval that has the true median in at least 95 of 100 cases, however the ratios are
    /// distributed: two order statistics. Of less than six rounds there is none, and it is the least and the
    /// most.
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Ratio {
    /// The ratio of rounds, one at least.
    pub(crate) fn of(mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        let count = rounds.len();
        let below = tail(count);
        Self { median: rounds[count / 2], low: rounds[below], high: rounds[count - 1 - below] }
    }
}

/// The largest number that the heads of `count` fair coins do not exceed in at most 2.5 of 100 cases; 0 where there
/// is none.
fn tail(count: usize) -> usize {
    // Logarithms, because two to the power of minus a thousand rounds is no number of 64 bits.
    let mut term = -(count as f64) * std::f64::consts::LN_2;
    let (mut mass, mut below) = (term.exp(), 0);
    while below < count / 2 {
        term += ((count - below) as f64 / (below + 1) as f64).ln();
        mass += term.exp();
        if mass > 0.025 {
            break;
        }
        below += 1;
    }
    below
}

#[cfg(test)]
mod tests {
    use super::{Figure, Ratio, tail};

    #[test]
    fn a_figure_is_the_middle_and_the_ends() {
        let figure = Figure::of(vec![3.0, 1.0, 9.0, 2.0, 4.0]);
        assert_eq!(figure, Figure { median: 3.0, least: 1.0, most: 9.0 });
    }

    #[test]
    fn the_interval_of_a_ratio_is_that_of_the_sign_test() {
        // Tables of the sign test give the rank from 1.
        for (count, rank) in [(6, 1), (10, 2), (20, 6), (50, 18), (100, 40)] {
            assert_eq!(tail(count) + 1, rank, "{count} rounds");
        }
        assert_eq!(tail(1), 0);
        assert!((2_200..2_500).contains(&tail(5_000)), "{}", tail(5_000));
        let ratio = Ratio::of((0..100).map(f64::from).collect());
        assert_eq!(ratio, Ratio { median: 50.0, low: 39.0, high: 60.0 });
    }
}
