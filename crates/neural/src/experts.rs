//! The experts of a layer, computed one after the other.

use crate::backend::{Backend, ExpertShare, WeightedRow};
use crate::config::Activation;
use crate::weights::{GatedWeights, Projection};

/// Returns what [`Backend::experts`] does, from the other operations of the backend. Each expert takes all rows
/// that chose it together.
pub fn experts_one_by_one<B: Backend>(
    backend: &B,
    experts: &[GatedWeights<B>],
    activation: &Activation,
    chosen: &[Vec<ExpertShare>],
    width: usize,
    x: &B::Rows,
) -> B::Rows {
    let mut sum = backend.rows(width, vec![0.0; chosen.len() * width]);
    // Ascending experts: each row's outputs are summed in that order.
    for (expert, weights) in experts.iter().enumerate() {
        let targets = users(chosen, expert);
        if targets.is_empty() {
            continue;
        }
        let rows: Vec<usize> = targets.iter().map(|target| target.row).collect();
        let output = gated(backend, weights, activation, &backend.gather(x, &rows));
        backend.accumulate(&mut sum, &targets, &output);
    }
    sum
}

/// Returns the output of a gated network for each row of `x`.
pub(crate) fn gated<B: Backend>(
    backend: &B,
    weights: &GatedWeights<B>,
    activation: &Activation,
    x: &B::Rows,
) -> B::Rows {
    let (gate, up) = (project(backend, &weights.gate, x), project(backend, &weights.up, x));
    project(backend, &weights.down, &backend.activate(activation, &gate, &up))
}

/// Returns the product of a projection and each row of `x`, with the bias added.
pub(crate) fn project<B: Backend>(backend: &B, projection: &Projection<B>, x: &B::Rows) -> B::Rows {
    let mut y = backend.matmul(&projection.matrix, x);
    if let Some(bias) = &projection.bias {
        backend.add_bias(&mut y, bias);
    }
    y
}

/// Returns what [`project`] returns for each of three projections of the same rows.
pub(crate) fn project_three<B: Backend>(
    backend: &B,
    projections: [&Projection<B>; 3],
    x: &B::Rows,
) -> [B::Rows; 3] {
    let mut products = backend.matmul_all(&projections.map(|projection| &projection.matrix), x).into_iter();
    projections.map(|projection| {
        let mut y = products.next().expect("a product for each matrix");
        if let Some(bias) = &projection.bias {
            backend.add_bias(&mut y, bias);
        }
        y
    })
}

/// Returns the rows that use `expert`, in ascending order, with their weights.
fn users(chosen: &[Vec<ExpertShare>], expert: usize) -> Vec<WeightedRow> {
    let share = |(row, shares): (usize, &Vec<ExpertShare>)| {
        let found = shares.iter().find(|share| share.expert == expert);
        found.map(|share| WeightedRow { row, weight: share.weight })
    };
    chosen.iter().enumerate().filter_map(share).collect()
}
