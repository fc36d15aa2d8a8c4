//! The CPU kernels of the forward pass, in the fixed order of `docs/numerics.md`.
//!
//! Each kernel is one piece of safe source in which sixteen lanes never read each other. A macro compiles it
//! for AVX-512, AVX2 and the target's baseline, and the widest set that the machine has is used. The bits are
//! the same for all, because the order of the operations of a lane is the same. The one unsafe operation here
//! is the call of a function that was compiled for more than the baseline, in the macro of `isa`.

#![deny(unsafe_code)]

#[cfg(target_endian = "big")]
compile_error!("weights, snapshots and digests are little-endian; a big-endian host is not supported");

mod attention;
mod backend;
mod elementwise;
mod environment;
mod half;
mod isa;
mod lanes;
mod math;
mod matrix;
mod norm;
mod page;
mod rotation;
mod router;
mod threads;

pub use backend::{BackendError, CpuBackend, CpuRows};
pub use environment::{EnvironmentError, check_environment};
pub use isa::{Isa, IsaError, SupportedIsa};
pub use matrix::PackedMatrix;
pub use page::Page;
pub use rotation::Rotation;
pub use threads::{MAX_THREADS, ThreadsError};

pub use neural;
