//! The rotary embedding: queries and keys are rotated by their position.

use std::f64::consts::PI;

use ndarray::ArrayViewMut1;

/// The change of the frequencies for contexts longer than the one in training.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scaling {
    None,
    Linear {
        factor: f64,
    },
    /// Low frequencies are divided by `factor`, and high ones are kept, with a ramp between two wavelengths.
    Llama3 {
        factor: f64,
        low: f64,
        high: f64,
        original: f64,
    },
    /// The frequencies are changed along a ramp over the number of turns in the training context. All sines
    /// and cosines are multiplied by `magnitude`.
    Yarn {
        factor: f64,
        fast: f64,
        slow: f64,
        original: f64,
        truncate: bool,
        magnitude: f64,
    },
}

/// The pairs of elements of a head that are rotated together.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pairs {
    /// Elements 0 and 1 form a pair, 2 and 3 another, and so on.
    Neighbours,
    /// Each element of the first half forms a pair with its counterpart in the second half.
    Halves,
}

/// The rotation of heads of one width.
#[derive(Clone, Debug)]
pub(crate) struct Rope {
    /// The angle in radians that each pair turns by for each position. It is in f32 as in the reference
    /// implementations, because that rounding is part of the model: at position 4,000, exact frequencies give
    /// another angle.
    frequencies: Vec<f32>,
    magnitude: f64,
    pairs: Pairs,
}

impl Rope {
    /// Creates the rotation of heads whose even width is `width`.
    pub(crate) fn new(width: usize, theta: f64, scaling: Scaling, pairs: Pairs) -> Self {
        let count = width / 2;
        let period = |pair: usize| theta.powf(f64::from((2 * pair) as f32 / width as f32)) as f32;
        let plain = |pair: usize| 1.0 / f64::from(period(pair));
        let frequency = |pair: usize| scale(scaling, plain(pair), pair, width, theta) as f32;
        let frequencies = (0..count).map(frequency).collect();
        let magnitude = match scaling {
            Scaling::Yarn { magnitude, .. } => magnitude,
            _ => 1.0,
        };
        Self { frequencies, magnitude, pairs }
    }

    /// Rotates one head in place by the angles of `position`.
    pub(crate) fn turn(&self, mut head: ArrayViewMut1<'_, f64>, position: usize) {
        let half = self.frequencies.len();
        for (pair, frequency) in self.frequencies.iter().enumerate() {
            let (first, second) = match self.pairs {
                Pairs::Neighbours => (2 * pair, 2 * pair + 1),
                Pairs::Halves => (pair, pair + half),
            };
            let (sine, cosine) = f64::from(position as f32 * frequency).sin_cos();
            let (a, b) = (head[first], head[second]);
            head[first] = (a * cosine - b * sine) * self.magnitude;
            head[second] = (a * sine + b * cosine) * self.magnitude;
        }
    }
}

/// Returns the scaled frequency of one pair.
fn scale(scaling: Scaling, frequency: f64, pair: usize, width: usize, theta: f64) -> f64 {
    match scaling {
        Scaling::None => frequency,
        Scaling::Linear { factor } => frequency / factor,
        Scaling::Llama3 { factor, low, high, original } => {
            let turns = original * frequency / (2.0 * PI);
            let kept = ((turns - low) / (high - low)).clamp(0.0, 1.0);
            frequency * (kept + (1.0 - kept) / factor)
        }
        Scaling::Yarn { factor, fast, slow, original, truncate, .. } => {
            // The pair, as a real number, that makes `turns` turns in the training context.
            let pair_of =
                |turns: f64| width as f64 * (original / (turns * 2.0 * PI)).ln() / (2.0 * theta.ln());
            let (first, last) = (pair_of(fast), pair_of(slow));
            let (first, last) = if truncate { (first.floor(), last.ceil()) } else { (first, last) };
            let (first, mut last) = (first.max(0.0), last.min(width as f64 - 1.0));
            if first == last {
                last += 0.001;
            }
            let slowed = ((pair as f64 - first) / (last - first)).clamp(0.0, 1.0);
            frequency * ((1.0 - slowed) + slowed / factor)
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};

    use super::*;

    fn turned(scaling: Scaling, position: usize) -> Array1<f64> {
        let mut head = Array1::from_vec((0..16).map(f64::from).collect());
        Rope::new(16, 10_000.0, scaling, Pairs::Halves).turn(head.view_mut(), position);
        head
    }

    fn close(a: &Array1<f64>, b: &Array1<f64>) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6)
    }

    #[test]
    fn pairs_turn_by_the_angle() {
        let mut head = array![1.0, 0.0, 0.0, 1.0];
        Rope::new(4, 100.0, Scaling::None, Pairs::Neighbours).turn(head.view_mut(), 3);
        assert!(close(&head, &array![3f64.cos(), 3f64.sin(), -0.3f64.sin(), 0.3f64.cos()]), "{head}");
        let mut head = array![1.0, 0.0, 0.0, 1.0];
        Rope::new(4, 100.0, Scaling::None, Pairs::Halves).turn(head.view_mut(), 3);
        assert!(close(&head, &array![3f64.cos(), -0.3f64.sin(), 3f64.sin(), 0.3f64.cos()]), "{head}");
    }

    #[test]
    fn linear_is_a_slower_walk() {
        assert!(close(&turned(Scaling::Linear { factor: 4.0 }, 20), &turned(Scaling::None, 5)));
    }

    /// Chooses `original` so long, or so short, that every pair is high, or low.
    #[test]
    fn ramps_end_where_nothing_and_where_everything_is_scaled() {
        let llama3 = |original| Scaling::Llama3 { factor: 4.0, low: 1.0, high: 4.0, original };
        let yarn = |original| Scaling::Yarn {
            factor: 4.0,
            fast: 32.0,
            slow: 1.0,
            original,
            truncate: false,
            magnitude: 1.0,
        };
        assert!(close(&turned(llama3(1e9), 20), &turned(Scaling::None, 20)));
        assert!(close(&turned(llama3(1e-3), 20), &turned(Scaling::None, 5)));
        assert!(close(&turned(yarn(1e9), 20), &turned(Scaling::None, 20)));
        let between = turned(llama3(600.0), 20);
        assert!(!close(&between, &turned(Scaling::None, 20)) && !close(&between, &turned(Scaling::None, 5)));
    }
}
