//! The reasons why there is no CUDA device.

use std::io;
use std::path::PathBuf;

use gpu::DeviceError;
use gpu::check::CheckError;
use thiserror::Error;

/// The reason why a CUDA device could not be opened, or kernels could not be compiled for one.
#[derive(Debug, Error)]
pub enum CudaError {
    /// The driver's library is not on this machine.
    #[error("NVIDIA's driver is not on this machine (no libcuda is found); use the backend cpu")]
    NoDriver,
    /// The driver sees no device.
    #[error("the driver sees no CUDA device; use the backend cpu")]
    NoDevice,
    /// There are several devices and none was chosen.
    #[error("there are {count} CUDA devices; choose one with --device 0 to --device {}", count - 1)]
    SeveralDevices {
        /// Number of devices.
        count: usize,
    },
    /// The device that was chosen is not there.
    #[error("there is no CUDA device {asked}; the driver sees {count}, counted from 0")]
    NoSuchDevice {
        /// The number that was asked for.
        asked: usize,
        /// Number of devices.
        count: usize,
    },
    /// The compiler's library is not on this machine.
    #[error(
        "NVIDIA's compiler NVRTC is not on this machine (no libnvrtc is found); put its folder into LD_LIBRARY_PATH, or pass compiled kernels with --kernels DIR"
    )]
    NoCompiler,
    /// The compiler refused the kernels. Its messages are in a file.
    #[error("the kernels do not compile for {architecture}; the messages of NVRTC are in {}", log.display())]
    Compile {
        /// The architecture that was compiled for, for example `sm_90`.
        architecture: String,
        /// The path of the file with the messages.
        log: PathBuf,
    },
    /// A call of the compiler failed.
    #[error("NVRTC failed: {0}")]
    Compiler(String),
    /// A folder of compiled kernels has none for this device.
    #[error("{} has no kernels for {architecture}: neither {architecture}.cubin nor compute_80.ptx", folder.display())]
    NoCode {
        /// The folder.
        folder: PathBuf,
        /// The architecture of the device, for example `sm_90`.
        architecture: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A call of the driver failed.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The device does not compute the arithmetic of the contract.
    #[error(transparent)]
    Check(#[from] CheckError),
}

impl CudaError {
    /// Returns true if nothing is wrong but what the machine lacks: a driver, a device or a compiler.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::NoDriver | Self::NoDevice | Self::NoCompiler)
    }

    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        |source| Self::File { path, source }
    }
}
