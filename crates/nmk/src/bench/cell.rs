//! The summaries of several runs of one measurement.

/// One measured value of a report.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell {
    /// A time or a rate of several runs.
    Figure(Figure),
    /// A ratio of times over several rounds.
    Ratio(Ratio),
    /// A number that was counted, or computed from medians.
    Number(f64),
}

/// The median, the least and the most of one measurement over several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Figure {
    /// Returns the figure of `runs`, which must not be empty.
    pub(crate) fn from_runs(mut runs: Vec<f64>) -> Self {
        runs.sort_by(f64::total_cmp);
        Self { median: runs[runs.len() / 2], least: runs[0], most: runs[runs.len() - 1] }
    }
}

/// The ratio of the times of two kinds of work that ran side by side in every round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ratio {
    /// The median of the ratios over all rounds.
    pub(crate) median: f64,
    /// The lower end of an interval, up to `high`, that has the true median in at least 95 of 100 cases,
    /// however the ratios are distributed. Fewer than six rounds give no such interval; `low` and `high` are
    /// then the least and the most ratio.
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Ratio {
    /// Returns the ratio of `rounds`, the ratio of each round, which must not be empty.
    pub(crate) fn from_rounds(mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        let count = rounds.len();
        let below = tail(count);
        Self { median: rounds[count / 2], low: rounds[below], high: rounds[count - 1 - below] }
    }
}

/// Returns the largest number `n` for which `count` fair coins show at most `n` heads in at most 2.5 of 100
/// cases, or 0 if there is none.
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
        let figure = Figure::from_runs(vec![3.0, 1.0, 9.0, 2.0, 4.0]);
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
        let ratio = Ratio::from_rounds((0..100).map(f64::from).collect());
        assert_eq!(ratio, Ratio { median: 50.0, low: 39.0, high: 60.0 });
    }
}
