//! The forward pass on a GPU, in the fixed order of `docs/numerics.md`.
//!
//! [`GpuBackend`] implements every operation of `neural::Backend` once, over a [`Device`]: a thing that holds
//! buffers and runs kernels. The kernels are text in a small dialect of C ([`text`]). Each device defines the
//! macros of the dialect and compiles the same text, so what is tested on one device is what runs on another.
//! `docs/backends.md` describes the dialect.
//!
//! A kernel reads some buffers and writes one. Only the pages of keys and values are changed in place, and
//! only while nobody else holds them. A [`Launch`] can be made in this crate alone: the sizes of its buffers
//! stand beside the text that they must fit, and a device may rely on them.

#![forbid(unsafe_code)]

mod attention;
mod backend;
pub mod check;
mod device;
mod experts;
mod kernel;
mod matrix;
mod norm;
mod product;
mod router;
mod rows;
mod speed;

pub use backend::GpuBackend;
pub use device::{Argument, Buffer, Device, DeviceError, KernelTime, Launch};
pub use kernel::{Kernel, KernelFault, Parameter, Role, kernels, text};
pub use matrix::GpuMatrix;
pub use rows::{FiniteRecord, GpuPage, GpuRotation, GpuRows};

pub use neural;
