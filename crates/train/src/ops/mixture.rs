//! The routing of rows to a few experts each, and the weighted sum of the outputs of the experts.

use super::{tensor, values, view};
use candle_core::{CpuStorage, CustomOp1, CustomOp2, Device, Layout, Result, Shape, Tensor};
use std::sync::Arc;

/// One row that is sent to one expert.
#[derive(Debug, Clone, Copy)]
struct Slot {
    row: u32,
    expert: usize,
}

/// The routing of a batch: its slots, which are pairs of a row and an expert, by ascending expert, and within
/// an expert by ascending row.
#[derive(Debug)]
pub struct Plan {
    slots: Vec<Slot>,
    counts: Vec<usize>,
    /// The experts of each row, `kept` of them for each.
    picks: Vec<usize>,
    kept: usize,
}

/// Returns the `kept` experts with the highest probability; of equal ones the lower index.
fn likeliest(probabilities: &[f32], kept: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
    order.truncate(kept);
    order
}

impl Plan {
    /// Chooses the `kept` likeliest experts of each row. Fails if the tensor has the wrong shape.
    pub fn new(probabilities: &Tensor, kept: usize) -> Result<Self> {
        let experts = probabilities.dim(1)?;
        let picks: Vec<usize> =
            values(probabilities)?.chunks_exact(experts).flat_map(|p| likeliest(p, kept)).collect();
        let mut groups: Vec<Vec<Slot>> = vec![Vec::new(); experts];
        for (at, expert) in picks.iter().enumerate() {
            groups[*expert].push(Slot { row: (at / kept) as u32, expert: *expert });
        }
        let counts = groups.iter().map(Vec::len).collect();
        Ok(Self { slots: groups.concat(), counts, picks, kept })
    }

    /// Returns the number of rows that were sent to each expert.
    #[must_use]
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// Returns the rows of each expert as a tensor of indices; `None` for an expert without rows.
    pub fn rows(&self) -> Result<Vec<Option<Tensor>>> {
        let mut from = 0;
        let group = |count: &usize| {
            let rows: Vec<u32> = self.slots[from..from + count].iter().map(|s| s.row).collect();
            from += count;
            if rows.is_empty() { Ok(None) } else { Tensor::new(rows, &Device::Cpu).map(Some) }
        };
        self.counts.iter().map(group).collect()
    }
}

struct Weights {
    plan: Arc<Plan>,
    experts: usize,
}

/// Returns the weight of each slot of the plan: its probability, divided by the sum over the experts chosen
/// for its row.
pub fn slot_weights(probabilities: &Tensor, plan: &Arc<Plan>) -> Result<Tensor> {
    let experts = probabilities.dim(1)?;
    probabilities.apply_op1(Weights { plan: plan.clone(), experts })
}

impl Weights {
    /// Returns the index at which the probabilities of a slot's row begin, and the experts chosen for that
    /// row.
    fn row(&self, slot: &Slot) -> (usize, &[usize]) {
        let (row, kept) = (slot.row as usize, self.plan.kept);
        (row * self.experts, &self.plan.picks[row * kept..][..kept])
    }
}

impl CustomOp1 for Weights {
    fn name(&self) -> &'static str {
        "slot-weights"
    }

    fn cpu_fwd(&self, s: &CpuStorage, l: &Layout) -> Result<(CpuStorage, Shape)> {
        let p = view(s, l)?;
        let weight = |slot: &Slot| {
            let (base, picks) = self.row(slot);
            p[base + slot.expert] / picks.iter().map(|e| p[base + e]).sum::<f32>()
        };
        let out: Vec<f32> = self.plan.slots.iter().map(weight).collect();
        let shape = Shape::from(out.len());
        Ok((CpuStorage::F32(out), shape))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        let (p, dy) = (values(x)?, values(dy)?);
        let mut d = vec![0f32; p.len()];
        for (slot, dy) in self.plan.slots.iter().zip(dy) {
            let (base, picks) = self.row(slot);
            let total: f32 = picks.iter().map(|e| p[base + e]).sum();
            let pull = dy * p[base + slot.expert] / (total * total);
            picks.iter().for_each(|e| d[base + e] -= pull);
            d[base + slot.expert] += dy / total;
        }
        Ok(Some(tensor(d, x)?))
    }
}

struct Combine {
    plan: Arc<Plan>,
    rows: usize,
}

/// Returns `rows` rows, each of which is the sum of the outputs `y` of its slots, each times its weight.
pub fn combine(y: &Tensor, weights: &Tensor, plan: &Arc<Plan>, rows: usize) -> Result<Tensor> {
    y.apply_op2(weights, Combine { plan: plan.clone(), rows })
}

impl CustomOp2 for Combine {
    fn name(&self) -> &'static str {
        "combine"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (y, weights) = (view(s1, l1)?, view(s2, l2)?);
        let width = l1.dims()[1];
        let mut out = vec![0f32; self.rows * width];
        for ((slot, y), w) in self.plan.slots.iter().zip(y.chunks_exact(width)).zip(weights) {
            let o = &mut out[slot.row as usize * width..][..width];
            for (o, y) in o.iter_mut().zip(y) {
                *o += w * y;
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((self.rows, width))))
    }

    fn bwd(
        &self,
        y: &Tensor,
        w: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (mut ys, mut ws, dys) = (values(y)?, values(w)?, values(dy)?);
        let width = y.dim(1)?;
        for ((slot, y), w) in self.plan.slots.iter().zip(ys.chunks_exact_mut(width)).zip(ws.iter_mut()) {
            let d = &dys[slot.row as usize * width..][..width];
            let slope = super::math::dot(y, d);
            for (y, d) in y.iter_mut().zip(d) {
                *y = *w * d;
            }
            *w = slope;
        }
        Ok((Some(tensor(ys, y)?), Some(tensor(ws, w)?)))
    }
}
