//! The fitting of an entry head: minibatches under the optimiser Adam, in f64 and in one order.

use crate::rng::Rng;

/// The settings of a fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// Number of units of the hidden layer.
    pub(super) hidden: usize,
    /// Number of times that every row is used.
    pub(super) epochs: usize,
    /// Number of rows in one optimiser step.
    pub(super) batch: usize,
    /// The first learning rate, which falls linearly to zero over the fit.
    pub(super) rate: f64,
    /// The weight decay: the part of a weight that is removed in each step, as a factor of weight and
    /// learning rate.
    pub(super) decay: f64,
    /// The seed of the first weights and of the order of the rows.
    pub(super) seed: u64,
}

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPS: f64 = 1e-8;

/// The numbers of a fitted head, row by row, rounded to the stored precision.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fitted {
    pub(super) mean: Vec<f32>,
    pub(super) scale: Vec<f32>,
    pub(super) hidden: Vec<f32>,
    pub(super) hidden_bias: Vec<f32>,
    pub(super) output: Vec<f32>,
    pub(super) output_bias: Vec<f32>,
}

/// Fits a head that tells `count` classes apart. There must be at least one row, and one class for each row.
pub(super) fn fit(rows: &[&[f32]], classes: &[usize], count: usize, settings: &Settings) -> Fitted {
    let (mean, scale) = moments(rows);
    let inputs: Vec<Vec<f64>> = rows.iter().map(|row| centred(row, &mean, &scale)).collect();
    let mut rng = Rng::keyed(settings.seed, 0);
    let mut net = Net::new(mean.len(), settings.hidden, count, &mut rng);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let steps = settings.epochs * rows.len().div_ceil(settings.batch);
    let mut adam = Adam::new(net.values.len());
    for _ in 0..settings.epochs {
        shuffle(&mut order, &mut rng);
        for batch in order.chunks(settings.batch) {
            let rate = settings.rate * (1.0 - adam.done as f64 / steps as f64);
            let gradient = net.gradient(batch.iter().map(|at| (&*inputs[*at], classes[*at])), batch.len());
            adam.step(&mut net.values, &gradient, rate, settings.decay);
        }
    }
    net.fitted(mean, scale)
}

/// Shuffles `order` at random.
pub(super) fn shuffle<T>(order: &mut [T], rng: &mut Rng) {
    for at in (1..order.len()).rev() {
        order.swap(at, rng.below(at + 1));
    }
}

/// Returns the mean, and the reciprocal of the standard deviation, of each value over all rows.
fn moments(rows: &[&[f32]]) -> (Vec<f32>, Vec<f32>) {
    let count = rows.len() as f64;
    let width = rows.first().map_or(0, |row| row.len());
    let mean = |at: usize| rows.iter().map(|row| f64::from(row[at])).sum::<f64>() / count;
    let means: Vec<f64> = (0..width).map(mean).collect();
    let deviation = |at: usize| {
        let squares =
            rows.iter().map(|row| (f64::from(row[at]) - means[at]) * (f64::from(row[at]) - means[at]));
        (squares.sum::<f64>() / count).sqrt()
    };
    let scale = (0..width).map(|at| (1.0 / (deviation(at) + 1e-6)) as f32).collect();
    (means.iter().map(|mean| *mean as f32).collect(), scale)
}

fn centred(row: &[f32], mean: &[f32], scale: &[f32]) -> Vec<f64> {
    let values = row.iter().zip(mean.iter().zip(scale));
    values.map(|(value, (mean, scale))| (f64::from(*value) - f64::from(*mean)) * f64::from(*scale)).collect()
}

/// The weights of a head as one vector: hidden layer, its bias, output layer, its bias.
struct Net {
    width: usize,
    hidden: usize,
    classes: usize,
    values: Vec<f64>,
}

impl Net {
    fn new(width: usize, hidden: usize, classes: usize, rng: &mut Rng) -> Self {
        let mut values = Vec::new();
        for (outputs, inputs) in [(hidden, width), (classes, hidden)] {
            let deviation = (1.0 / inputs as f64).sqrt();
            values.extend((0..outputs * inputs).map(|_| f64::from(rng.normal()) * deviation));
            values.extend(std::iter::repeat_n(0.0, outputs));
        }
        Self { width, hidden, classes, values }
    }

    /// Returns the index at which each of the four parts of the vector ends.
    fn ends(&self) -> [usize; 4] {
        let hidden = self.hidden * self.width;
        let output = hidden + self.hidden + self.classes * self.hidden;
        [hidden, hidden + self.hidden, output, output + self.classes]
    }

    /// Returns the mean gradient of the cross-entropy over `count` rows.
    fn gradient<'a>(&self, rows: impl Iterator<Item = (&'a [f64], usize)>, count: usize) -> Vec<f64> {
        let [hidden_end, bias_end, output_end, _] = self.ends();
        let (weights, bias) = (&self.values[..hidden_end], &self.values[hidden_end..bias_end]);
        let (output, output_bias) = (&self.values[bias_end..output_end], &self.values[output_end..]);
        let mut gradient = vec![0.0; self.values.len()];
        for (input, class) in rows {
            let mut hidden = product(weights, bias, input);
            hidden.iter_mut().for_each(|value| *value = if *value > 0.0 { *value } else { 0.0 });
            let mut error = softmax(&product(output, output_bias, &hidden));
            error[class] -= 1.0;
            error.iter_mut().for_each(|error| *error /= count as f64);
            let mut back = vec![0.0; self.hidden];
            for (at, error) in error.iter().enumerate() {
                add(&mut gradient[bias_end + at * self.hidden..][..self.hidden], *error, &hidden);
                gradient[output_end + at] += error;
                add(&mut back, *error, &output[at * self.hidden..][..self.hidden]);
            }
            for (at, back) in back.iter().enumerate().filter(|(at, _)| hidden[*at] > 0.0) {
                add(&mut gradient[at * self.width..][..self.width], *back, input);
                gradient[hidden_end + at] += back;
            }
        }
        gradient
    }

    fn fitted(&self, mean: Vec<f32>, scale: Vec<f32>) -> Fitted {
        let [hidden_end, bias_end, output_end, end] = self.ends();
        let part = |from: usize, to: usize| self.values[from..to].iter().map(|value| *value as f32).collect();
        Fitted {
            mean,
            scale,
            hidden: part(0, hidden_end),
            hidden_bias: part(hidden_end, bias_end),
            output: part(bias_end, output_end),
            output_bias: part(output_end, end),
        }
    }
}

fn product(weights: &[f64], bias: &[f64], input: &[f64]) -> Vec<f64> {
    let rows = weights.chunks_exact(input.len()).zip(bias);
    rows.map(|(row, bias)| bias + dot(row, input)).collect()
}

/// Returns the dot product in eight strided partial sums, which are added in ascending order.
fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (left, left_rest) = left.as_chunks::<8>();
    let (right, right_rest) = right.as_chunks::<8>();
    for (left, right) in left.iter().zip(right) {
        for lane in 0..8 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let rest: f64 = left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum();
    sums.iter().sum::<f64>() + rest
}

fn add(sum: &mut [f64], factor: f64, values: &[f64]) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}

/// Returns the softmax of a row of outputs.
fn softmax(outputs: &[f64]) -> Vec<f64> {
    let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = outputs.iter().map(|output| libm::exp(output - largest)).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// The state of the optimiser Adam.
struct Adam {
    done: usize,
    /// The powers of the two betas, kept as products, because the platform's power function may differ.
    powers: [f64; 2],
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Adam {
    fn new(count: usize) -> Self {
        Self { done: 0, powers: [1.0, 1.0], first: vec![0.0; count], second: vec![0.0; count] }
    }

    fn step(&mut self, values: &mut [f64], gradient: &[f64], rate: f64, decay: f64) {
        self.done += 1;
        self.powers = [self.powers[0] * BETA1, self.powers[1] * BETA2];
        let [first_share, second_share] = self.powers.map(|power| 1.0 - power);
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((value, g), (first, second)) in values.iter_mut().zip(gradient).zip(moments) {
            *first = BETA1 * *first + (1.0 - BETA1) * g;
            *second = BETA2 * *second + (1.0 - BETA2) * g * g;
            let step = (*first / first_share) / ((*second / second_share).sqrt() + EPS);
            *value -= rate * (step + decay * *value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_the_slope_of_the_loss() {
        let mut rng = Rng::keyed(3, 0);
        let mut net = Net::new(9, 4, 3, &mut rng);
        let inputs: Vec<Vec<f64>> =
            (0..5).map(|_| (0..9).map(|_| f64::from(rng.normal())).collect()).collect();
        let rows = || inputs.iter().enumerate().map(|(at, row)| (&**row, at % 3));
        let gradient = net.gradient(rows(), 5);
        for (at, expected) in gradient.iter().enumerate() {
            let (step, value) = (1e-6, net.values[at]);
            let [above, below] = [value + step, value - step].map(|value| {
                net.values[at] = value;
                loss(&net, rows())
            });
            net.values[at] = value;
            let slope = (above - below) / (2.0 * step);
            assert!((slope - expected).abs() < 1e-7, "{at}: {slope}, {expected}");
        }
    }

    fn loss<'a>(net: &Net, rows: impl Iterator<Item = (&'a [f64], usize)>) -> f64 {
        let [hidden_end, bias_end, output_end, _] = net.ends();
        let values = &net.values;
        let losses = rows.map(|(input, class)| {
            let hidden = product(&values[..hidden_end], &values[hidden_end..bias_end], input);
            let hidden: Vec<f64> = hidden.into_iter().map(|value| value.max(0.0)).collect();
            -softmax(&product(&values[bias_end..output_end], &values[output_end..], &hidden))[class].ln()
        });
        losses.sum::<f64>() / 5.0
    }
}
