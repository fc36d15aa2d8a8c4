//! The choice of a backend by its name. Devices are features of the build, and none is in the default one.

use std::path::PathBuf;

use battery::Compute;

/// The choice among several devices, and of their kernels.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeviceChoice {
    /// The number of the device, from 0; `None` for the only one.
    pub(crate) number: Option<usize>,
    /// The folder of compiled kernels; `None` if they are to be compiled now.
    pub(crate) kernels: Option<PathBuf>,
}

/// The reason why a backend cannot be used.
pub(crate) enum Refused {
    /// The build or the machine lacks it, so nothing is shown about it.
    Absent(String),
    /// Something else is wrong.
    Failed(String),
}

/// Opens the backend of this name.
pub(crate) fn open(name: &str, choice: &DeviceChoice) -> Result<Compute, Refused> {
    match name {
        "cpu" => Ok(Compute::Cpu),
        "gpu-host" => host::open(),
        "cuda" => cuda::open(choice),
        "metal" => Err(Refused::Absent("the backend metal is not built".to_owned())),
        other => {
            Err(Refused::Failed(format!("there is no backend {other}; there are cpu, gpu-host and cuda")))
        }
    }
}

#[cfg(feature = "gpu-host")]
mod host {
    use std::sync::Arc;

    use battery::Compute;
    use gpu::GpuBackend;
    use gpu_host::{HostDevice, HostError, HostKernels, ThreadOrder};

    use super::Refused;

    pub(super) fn open() -> Result<Compute, Refused> {
        let parent = std::env::temp_dir();
        let folder = parent.join(format!("nmk-battery-kernels-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| Refused::Failed(format!("{}: {error}", folder.display())))?;
        let refused = |error: HostError| match error {
            HostError::NoCompiler(_) => Refused::Absent(error.to_string()),
            error => Refused::Failed(error.to_string()),
        };
        // If the compiler refuses the kernels, the folder stays with its messages. A loaded object stays in memory
        // when its file is removed.
        let kernels = HostKernels::compile(&folder, None).map_err(refused)?;
        let removed = std::fs::remove_dir_all(&folder);
        removed.map_err(|error| Refused::Failed(format!("{}: {error}", folder.display())))?;
        let kernels = Arc::new(kernels);
        let device = HostDevice::new(kernels, ThreadOrder::Random(17));
        let device = device.map_err(|error| Refused::Failed(error.to_string()))?;
        Ok(Compute::Gpu(GpuBackend::new(Arc::new(device))))
    }
}

#[cfg(not(feature = "gpu-host"))]
mod host {
    use battery::Compute;

    use super::Refused;

    pub(super) fn open() -> Result<Compute, Refused> {
        Err(Refused::Absent(
            "this build has no backend gpu-host; build it with --features gpu-host".to_owned(),
        ))
    }
}

#[cfg(feature = "cuda")]
mod cuda {
    use std::sync::Arc;

    use backend_cuda::{CodeSource, CudaDevice, CudaOptions};
    use battery::Compute;
    use gpu::GpuBackend;

    use super::{DeviceChoice, Refused};

    pub(super) fn open(choice: &DeviceChoice) -> Result<Compute, Refused> {
        let code = choice.kernels.clone().map_or(CodeSource::Compiler, CodeSource::Folder);
        let options = CudaOptions { ordinal: choice.number, code, logs: std::env::temp_dir() };
        match CudaDevice::open(&options) {
            Ok(device) => Ok(Compute::Gpu(GpuBackend::new(Arc::new(device)))),
            Err(error) if error.is_absence() => Err(Refused::Absent(error.to_string())),
            Err(error) => Err(Refused::Failed(error.to_string())),
        }
    }
}

#[cfg(not(feature = "cuda"))]
mod cuda {
    use battery::Compute;

    use super::{DeviceChoice, Refused};

    pub(super) fn open(_: &DeviceChoice) -> Result<Compute, Refused> {
        Err(Refused::Absent("this build has no backend cuda; build it with --features cuda".to_owned()))
    }
}
