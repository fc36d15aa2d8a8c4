//! The settings by which a local model is computed. Only the type of the state changes answers.

use std::num::NonZeroUsize;

use backend_cpu::{BackendError, CpuBackend, Isa, SupportedIsa};
use clap::Args;
use neural::StateDtype;
use proposer::Schedule;

/// The settings by which a local model is computed: threads, instruction set, passes, and the type of the
/// state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compute {
    /// The number of threads.
    pub threads: usize,
    /// The instruction set. None stands for the widest of this machine.
    pub isa: Option<Isa>,
    /// The number of tokens of the prompt that are computed at a time. None stands for all at once.
    pub chunk: Option<NonZeroUsize>,
    /// The number of tokens that are drafted from the text so far and verified in one pass.
    pub speculate: usize,
    /// The type in which residual, keys and values are stored.
    pub state: StateDtype,
}

/// The flags that state how a local model is computed. A flag that is not passed is None.
#[derive(Args, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComputeFlags {
    /// Number of threads that a local model computes on, by default 1; answers do not depend on it.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// The instruction set: portable, avx2, avx512, neon or wasm, by default the widest of this machine;
    /// answers do not depend on it.
    #[arg(long, value_name = "NAME")]
    pub isa: Option<Isa>,
    /// Number of tokens of the prompt that a local model computes at a time, by default all at once; answers
    /// do not depend on it.
    #[arg(long, value_name = "N")]
    pub chunk: Option<NonZeroUsize>,
    /// Number of tokens that are drafted from the text so far and verified in one pass, by default 0; answers do
    /// not depend on it.
    #[arg(long, value_name = "K")]
    pub speculate: Option<usize>,
    /// The type in which a local model stores its residual, keys and values: f32, which is the default, or bf16
    /// with half the memory for keys and values. bf16 gives other answers, and the model another digest.
    #[arg(long, value_name = "NAME")]
    pub state: Option<StateDtype>,
}

impl ComputeFlags {
    /// Returns the settings that the flags state, and the defaults for those that they do not.
    #[must_use]
    pub fn compute(self) -> Compute {
        let Compute { threads, speculate, state, .. } = Compute::default();
        Compute {
            threads: self.threads.unwrap_or(threads),
            isa: self.isa,
            chunk: self.chunk,
            speculate: self.speculate.unwrap_or(speculate),
            state: self.state.unwrap_or(state),
        }
    }

    /// Returns the first flag that is passed, or None if none is.
    #[must_use]
    pub fn stated(self) -> Option<&'static str> {
        let stated = [
            ("--threads", self.threads.is_some()),
            ("--isa", self.isa.is_some()),
            ("--chunk", self.chunk.is_some()),
            ("--speculate", self.speculate.is_some()),
            ("--state", self.state.is_some()),
        ];
        stated.into_iter().find(|(_, is_stated)| *is_stated).map(|(flag, _)| flag)
    }
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
