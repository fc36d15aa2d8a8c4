//! The CUDA device of the GPU backend.
//!
//! [`CudaDevice::open`] loads NVIDIA's driver, and its compiler NVRTC where it is needed, when the program runs:
//! a build needs neither, and a machine without them gets an error that names what is absent. Kernels are
//! compiled for the device with every operation rounded as it is written ([`OPTIONS`]), or were compiled
//! before, by [`compile`] on any machine that has NVRTC.
//!
//! The unsafe operations are the calls of NVIDIA's libraries, in `driver.rs` and `compiler.rs`.

#![deny(unsafe_code)]

mod compiler;
mod device;
mod driver;
mod error;
mod profile;
mod wrappers;

pub use compiler::{Compiled, OPTIONS, compile};
pub use device::{CodeSource, CudaDevice, CudaOptions};
pub use error::CudaError;

pub use gpu;
