//! The settings by which a local model is computed. Only the dtype of the state changes bits.

use std::num::NonZeroUsize;

use backend_cpu::{BackendError, CpuBackend, Isa, SupportedIsa};
use clap::Args;
use neural::StateDtype;
use proposer::Schedule;

/// The settings by which a local model is computed: threads, instruction set, passes, state.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compute {
    /// Threads that a local model computes on; the answer does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub threads: usize,
    /// portable, avx2, avx512, neon or wasm, the widest of this machine without; the answer does not depend on it.
    #[arg(long, value_name = "NAME")]
    pub isa: Option<Isa>,
    /// Tokens of the prompt that a local model computes at a time, all at once without; the answer does not depend
    /// on it.
    #[arg(long, value_name = "N")]
    pub chunk: Option<NonZeroUsize>,
    /// Tokens that are drafted from what was said before and verified in one pass; the answer does not depend on
    /// it.
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub speculate: usize,
    /// What a local model keeps its residual, keys and values in, f32 or bf16: other answers, under another digest of
    /// the model, and half the memory for keys and values.
    #[arg(long, value_name = "NAME", default_value_t = StateDtype::F32)]
    pub state: StateDtype,
}

impl Default for Compute {
    /// The widest instruction set, on the calling thread; the state in f32.
    fn default() -> Self {
        Self { threads: 1, isa: None, chunk: None, speculate: 0, state: StateDtype::F32 }
    }
}

impl Compute {
    /// Returns the passes of an answer: the chunk, and the drafted tokens.
    #[must_use]
    pub fn schedule(self) -> Schedule {
        Schedule { chunk: self.chunk, ahead: self.speculate }
    }

    /// The backend that computes so.
    ///
    /// # Errors
    /// The machine lacks the instruction set, or gives no such threads.
    pub fn backend(self) -> Result<CpuBackend, BackendError> {
        CpuBackend::new(self.isa.unwrap_or(SupportedIsa::best().get()))?.on_threads(self.threads)
    }
}
