//! The feed-forward networks: dense ones, and those of experts that a router chooses from.

use ndarray::{Array1, Array2, ArrayView1, Axis, Slice};

use crate::checkpoint::Checkpoint;
use crate::config::{Activation, Feed, Join, Layout, Scores, Sparse};
use crate::error::Error;
use crate::linear::Linear;
use crate::mask::ExpertMask;

/// The feed-forward network after attention.
#[derive(Clone, Debug)]
pub(crate) enum FeedForward {
    Dense(Box<Gated>),
    Sparse(Box<Experts>),
}

impl FeedForward {
    /// Reads the feed-forward network of one layer.
    pub(crate) fn read(
        checkpoint: &mut Checkpoint<'_>,
        layer: &str,
        feed: &Feed,
        hidden: usize,
    ) -> Result<Self, Error> {
        Ok(match feed {
            Feed::Dense { width } => {
                let gated = Gated::read(checkpoint, &format!("{layer}.mlp"), NAMES, hidden, *width)?;
                Self::Dense(Box::new(gated))
            }
            Feed::Sparse(plan) => Self::Sparse(Box::new(Experts::read(checkpoint, layer, plan, hidden)?)),
        })
    }

    /// Returns the output of the network for each row. The mask restricts the router, if there is one.
    pub(crate) fn rows(&self, x: &Array2<f64>, mask: &ExpertMask) -> Result<Array2<f64>, Error> {
        let mut result = Array2::zeros(x.raw_dim());
        for (row, mut to) in x.axis_iter(Axis(0)).zip(result.axis_iter_mut(Axis(0))) {
            to.assign(&match self {
                Self::Dense(gated) => gated.row(row),
                Self::Sparse(experts) => experts.row(row, mask)?,
            });
        }
        Ok(result)
    }
}

/// The names of the three projections of a gated network: gate, up and down.
type Names = [&'static str; 3];

const NAMES: Names = ["gate_proj", "up_proj", "down_proj"];
const MIXTRAL_NAMES: Names = ["w1", "w3", "w2"];

/// One expert, or a dense network, which computes `down(activation(gate(x), up(x)))`.
#[derive(Clone, Debug)]
pub(crate) struct Gated {
    gate: Linear,
    up: Linear,
    down: Linear,
    activation: Activation,
}

impl Gated {
    fn read(
        checkpoint: &mut Checkpoint<'_>,
        prefix: &str,
        [gate, up, down]: Names,
        hidden: usize,
        width: usize,
    ) -> Result<Self, Error> {
        let mut linear =
            |name: &str, shape| Linear::read(checkpoint, &format!("{prefix}.{name}"), shape, false);
        Ok(Self {
            gate: linear(gate, (width, hidden))?,
            up: linear(up, (width, hidden))?,
            down: linear(down, (hidden, width))?,
            activation: Activation::Silu,
        })
    }

    fn row(&self, x: ArrayView1<'_, f64>) -> Array1<f64> {
        let (gate, up) = (self.gate.row(x), self.up.row(x));
        let pairs = gate.iter().zip(&up);
        let inner: Array1<f64> = pairs.map(|(gate, up)| self.activation.apply(*gate, *up)).collect();
        self.down.row(inner.view())
    }
}

impl Activation {
    /// Returns the activated product of one element of each branch.
    fn apply(self, gate: f64, up: f64) -> f64 {
        match self {
            Activation::Silu => gate * sigmoid(gate) * up,
            Activation::Clamped { alpha, limit } => {
                let gate = gate.min(limit);
                gate * sigmoid(alpha * gate) * (up.clamp(-limit, limit) + 1.0)
            }
        }
    }
}

/// A router, its experts, and the shared expert, which every token uses as well.
#[derive(Clone, Debug)]
pub(crate) struct Experts {
    plan: Sparse,
    router: Linear,
    experts: Vec<Gated>,
    shared: Option<Shared>,
}

/// The shared expert of a layer.
#[derive(Clone, Debug)]
struct Shared {
    block: Gated,
    join: Join,
    gate: Option<Linear>,
}

impl Experts {
    fn read(
        checkpoint: &mut Checkpoint<'_>,
        layer: &str,
        plan: &Sparse,
        hidden: usize,
    ) -> Result<Self, Error> {
        let Sparse { experts: count, width, .. } = *plan;
        let (block, router) = match plan.layout {
            Layout::Mixtral => ("block_sparse_moe", "gate"),
            Layout::Separate => ("mlp", "gate"),
            Layout::Stacked => ("mlp", "router"),
        };
        let block = format!("{layer}.{block}");
        let biased = matches!(plan.layout, Layout::Stacked);
        let router = Linear::read(checkpoint, &format!("{block}.{router}"), (count, hidden), biased)?;
        let names = if matches!(plan.layout, Layout::Mixtral) { MIXTRAL_NAMES } else { NAMES };
        let experts = match plan.layout {
            Layout::Stacked => stacked(checkpoint, &format!("{block}.experts"), plan, hidden)?,
            _ => (0..count)
                .map(|expert| {
                    Gated::read(checkpoint, &format!("{block}.experts.{expert}"), names, hidden, width)
                })
                .collect::<Result<_, _>>()?,
        };
        let shared = match plan.shared {
            None => None,
            Some((width, join)) => Some(Shared::read(checkpoint, &block, join, hidden, width)?),
        };
        Ok(Self { plan: plan.clone(), router, experts, shared })
    }

    /// Returns the output of the experts for one row.
    fn row(&self, x: ArrayView1<'_, f64>, mask: &ExpertMask) -> Result<Array1<f64>, Error> {
        let left = mask.left(self.experts.len())?;
        let outputs = self.router.row(x);
        let mut sum = Array1::zeros(x.len());
        for (expert, weight) in route(&outputs, &left, &self.plan) {
            sum.scaled_add(weight, &self.experts[expert].row(x));
        }
        let Some(shared) = &self.shared else { return Ok(sum) };
        let besides = shared.block.row(x);
        Ok(match (shared.join, &shared.gate) {
            (Join::Average, _) => (sum + besides) / 2.0,
            (Join::Gated, Some(gate)) => sum + besides * sigmoid(gate.row(x)[0]),
            (Join::Sum | Join::Gated, _) => sum + besides,
        })
    }
}

impl Shared {
    fn read(
        checkpoint: &mut Checkpoint<'_>,
        block: &str,
        join: Join,
        hidden: usize,
        width: usize,
    ) -> Result<Self, Error> {
        let name = if join == Join::Gated { "shared_expert" } else { "shared_experts" };
        let shared = Gated::read(checkpoint, &format!("{block}.{name}"), NAMES, hidden, width)?;
        let gate = match join {
            Join::Gated => {
                Some(Linear::read(checkpoint, &format!("{block}.shared_expert_gate"), (1, hidden), false)?)
            }
            Join::Sum | Join::Average => None,
        };
        Ok(Self { block: shared, join, gate })
    }
}

/// Reads experts from tensors that hold all of them, inputs by outputs. The outputs of gate and up alternate.
fn stacked(
    checkpoint: &mut Checkpoint<'_>,
    prefix: &str,
    plan: &Sparse,
    hidden: usize,
) -> Result<Vec<Gated>, Error> {
    let Sparse { experts, width, activation, .. } = *plan;
    let inner = checkpoint.cube(&format!("{prefix}.gate_up_proj"), [experts, hidden, 2 * width])?;
    let inner_bias = checkpoint.matrix(&format!("{prefix}.gate_up_proj_bias"), experts, 2 * width)?;
    let down = checkpoint.cube(&format!("{prefix}.down_proj"), [experts, width, hidden])?;
    let down_bias = checkpoint.matrix(&format!("{prefix}.down_proj_bias"), experts, hidden)?;
    let every_other = |expert: usize, from: isize| Linear {
        weight: inner
            .index_axis(Axis(0), expert)
            .slice_axis(Axis(1), Slice::new(from, None, 2))
            .reversed_axes()
            .to_owned(),
        bias: Some(inner_bias.row(expert).slice_axis(Axis(0), Slice::new(from, None, 2)).to_owned()),
    };
    let one = |expert: usize| Gated {
        gate: every_other(expert, 0),
        up: every_other(expert, 1),
        down: Linear {
            weight: down.index_axis(Axis(0), expert).reversed_axes().to_owned(),
            bias: Some(down_bias.row(expert).to_owned()),
        },
        activation,
    };
    Ok((0..experts).map(one).collect())
}

/// Returns the chosen experts among those that are `left`, with their weights.
fn route(outputs: &Array1<f64>, left: &[usize], plan: &Sparse) -> Vec<(usize, f64)> {
    let of_left: Vec<f64> = left.iter().map(|expert| outputs[*expert]).collect();
    // Both score functions are increasing, so the largest outputs have the largest scores.
    let mut order: Vec<usize> = (0..left.len()).collect();
    order.sort_by(|a, b| of_left[*b].total_cmp(&of_left[*a]));
    order.truncate(plan.chosen);
    let scores = match plan.scores {
        Scores::Softmax => softmax(&of_left),
        Scores::Sigmoid => of_left.iter().copied().map(sigmoid).collect(),
    };
    let total: f64 = if plan.renormalised { order.iter().map(|at| scores[*at]).sum() } else { 1.0 };
    order.into_iter().map(|at| (left[at], scores[at] / total)).collect()
}

fn softmax(outputs: &[f64]) -> Vec<f64> {
    let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = outputs.iter().map(|output| (output - largest).exp()).sum();
    outputs.iter().map(|output| (output - largest).exp() / sum).collect()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
