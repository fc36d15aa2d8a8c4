//! A device that runs the GPU kernels on the host, to test them where there is no GPU.
//!
//! [`HostKernels::compile`] gives the very text of the kernels to the system's C compiler, with contraction
//! off, and loads the shared object. A [`HostDevice`] runs the threads of each block one after the other, phase
//! by phase, in ascending, descending or random order. A kernel whose bits depend on that order has a race.
//!
//! The unsafe operations are the loading of the object and the calls into it, in `kernels.rs`.

#![deny(unsafe_code)]

mod device;
mod error;
mod kernels;
mod order;
mod wrappers;

pub use device::HostDevice;
pub use error::HostError;
pub use kernels::HostKernels;
pub use order::ThreadOrder;

pub use gpu;
