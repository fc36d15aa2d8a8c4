//! The residuals of a prompt's last position after each block, exactly as the live prefill computes them.

use backend_cpu::CpuBackend;
use neural::{Backend, Session, Traps, Want};

use crate::TrainError;
use crate::shipped::Shipped;

/// The residual rows of one prompt, one for each layer.
pub(super) type Layers = Vec<Vec<f32>>;

/// A trap that keeps the last row of the residual after every block.
struct LastRows {
    width: usize,
    rows: Layers,
}

impl Traps<CpuBackend> for LastRows {
    fn block(&mut self, backend: &CpuBackend, _: usize, _: usize, rows: &mut <CpuBackend as Backend>::Rows) {
        let values = backend.read(rows);
        self.rows.push(values[values.len() - self.width..].to_vec());
    }
}

/// Runs a prompt without facts up to the start of its answer, and returns the last row of the residual after
/// each block.
pub(super) fn last_rows(model: &Shipped, prompt: &str) -> Result<Layers, TrainError> {
    let local = model.local();
    let ids = local.prompt_ids("", prompt)?;
    let mut last = LastRows { width: local.model().config().hidden_size, rows: Vec::new() };
    Session::open(local.model()).prefill_trapped(&ids, Want::Last, &mut last)?;
    Ok(last.rows)
}
