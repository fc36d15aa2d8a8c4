//! The settings by which a local model is computed. Only the type of the state changes answers.

use std::num::NonZeroUsize;

use backend_cpu::{BackendError, CpuBackend, Isa, SupportedIsa};
use clap::Args;
use neural::StateDtype;
use proposer::Schedule;

/// The settings by which a local model is computed: threads, instruction set, passes, and the type of the
/// state.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compute {
    /// Number of threads that a local model computes on; answers do not depend on it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub threads: usize,
    /// The instruction set: portable, avx2, avx512, neon or wasm, by default the widest of this machine;
    /// answers do not depend on it.
    #[arg(long, value_name = "NAME")]
    pub isa: Option<Isa>,
    /// Number of tokens of the prompt that a local model computes at a time, by default all at once; answers
    /// do not depend on it.
    #[arg(long, value_name = "N")]
    pub chunk: Option<NonZeroUsize>,
    /// Number of tokens that are drafted from the text so far and verified in one pass; answers do not depend
    /// on it.
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub speculate: usize,
    /// The type in which a local model stores its residual, keys and values: f32, or bf16 with half the
    /// memory for keys and values. bf16 gives other answers, and the model another digest.
    #[arg(long, value_name = "NAME", default_value_t = StateDtype::F32)]
    pub state: StateDtype,
}

impl Default for Compute {
    /// Returns the widest instruction set of this machine, on the calling thread, with the state in f32.
    fn default() -> Self {
        Self { threads: 1, isa: None, chunk: None, speculate: 0, state: StateDtype::F32 }
    }
}

impl Compute {
    /// Returns the passes of an answer: the length of a chunk, and the number of drafted tokens.
    #[must_use]
    pub fn schedule(self) -> Schedule {
        Schedule { chunk: self.chunk, ahead: self.speculate }
    }

    /// Returns a backend with these settings.
    ///
    /// # Errors
    /// Fails if the machine lacks the instruction set, or if the system does not start the threads.
    pub fn backend(self) -> Result<CpuBackend, BackendError> {
        CpuBackend::new(self.isa.unwrap_or(SupportedIsa::best().get()))?.on_threads(self.threads)
    }
}
