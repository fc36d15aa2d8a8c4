//! The device: its choice, its kernels, and the trait of crate `gpu`.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use cudarc::nvrtc::Ptx;
use gpu::check::{arithmetic, phases};
use gpu::{Buffer, Device, DeviceError, KernelTime, Launch};

use crate::compiler::{OPTIONS, compile};
use crate::driver::{Driver, Memory, devices, start};
use crate::error::CudaError;

/// The number of triples of operands on which the arithmetic of a new device is checked.
const CHECKED: usize = 1 << 16;

/// The place from which a device gets its kernels: the compiler, or files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeSource {
    /// NVRTC compiles them now, for the architecture of the device.
    Compiler,
    /// Files of this folder that were compiled before: `sm_90.cubin` and the like, or `compute_80.ptx`, which the
    /// driver compiles.
    Folder(PathBuf),
}

/// The choice of a device among those of the machine, and of its kernels.
#[derive(Clone, Debug)]
pub struct CudaOptions {
    /// The number of the device, from 0; `None` for the only one.
    pub ordinal: Option<usize>,
    /// The place from which the kernels come.
    pub code: CodeSource,
    /// The folder for the messages of the compiler, which must exist.
    pub logs: PathBuf,
}

/// An open CUDA device with its kernels, whose arithmetic was checked.
pub struct CudaDevice {
    driver: Arc<Driver>,
    description: String,
}

impl CudaDevice {
    /// Opens a device, loads its kernels, and checks its arithmetic.
    ///
    /// # Errors
    /// [`CudaError`] if the machine lacks a driver, a device or the kernels, if there are several devices and
    /// none is chosen, or if the device does not compute the arithmetic of the contract.
    pub fn open(options: &CudaOptions) -> Result<Self, CudaError> {
        let ordinal = chosen(options.ordinal, devices()?)?;
        let mut driver = Driver::open(ordinal)?;
        let (major, minor) = driver.architecture()?;
        let architecture = format!("sm_{major}{minor}");
        let (code, origin) = match &options.code {
            CodeSource::Compiler => {
                let compiled = compile(&architecture, None, &options.logs)?;
                (Ptx::from_binary(compiled.cubin), format!("NVRTC {}", compiled.version))
            }
            CodeSource::Folder(folder) => prebuilt(folder, major, &architecture)?,
        };
        driver.load(code)?;
        let (name, version) = (driver.name()?, driver.version()?);
        let flags = OPTIONS.join(" ");
        let description = format!("cuda/{name}/{architecture} (driver for CUDA {version}, {origin} {flags})");
        let device = Self { driver: Arc::new(driver), description };
        arithmetic(&device, CHECKED, 1)?;
        phases(&device)?;
        Ok(device)
    }

    fn memory(
        &self,
        bytes: usize,
        fill: impl FnOnce(&mut Memory) -> Result<(), DeviceError>,
    ) -> Result<Buffer, DeviceError> {
        let mut memory = Memory::fresh(&self.driver, bytes)?;
        fill(&mut memory)?;
        Ok(Buffer::new(bytes, memory))
    }
}

/// Returns the number of the device to use.
fn chosen(asked: Option<usize>, count: usize) -> Result<usize, CudaError> {
    match (asked, count) {
        (_, 0) => Err(CudaError::NoDevice),
        (Some(asked), count) if asked >= count => Err(CudaError::NoSuchDevice { asked, count }),
        (Some(asked), _) => Ok(asked),
        (None, 1) => Ok(0),
        (None, count) => Err(CudaError::SeveralDevices { count }),
    }
}

/// Reads compiled kernels: machine code for the major version of the architecture, or PTX.
fn prebuilt(folder: &std::path::Path, major: i32, architecture: &str) -> Result<(Ptx, String), CudaError> {
    // Machine code for 8.0 runs on 8.6 too, and so on.
    let cubin = folder.join(format!("sm_{major}0.cubin"));
    let ptx = folder.join("compute_80.ptx");
    if cubin.is_file() {
        let code = fs::read(&cubin).map_err(CudaError::file(&cubin))?;
        Ok((Ptx::from_binary(code), format!("sm_{major}0.cubin")))
    } else if ptx.is_file() {
        let code = fs::read_to_string(&ptx).map_err(CudaError::file(&ptx))?;
        Ok((Ptx::from_src(code), "compute_80.ptx".to_owned()))
    } else {
        let (folder, architecture) = (folder.to_path_buf(), architecture.to_owned());
        Err(CudaError::NoCode { folder, architecture })
    }
}

impl Device for CudaDevice {
    fn describe(&self) -> String {
        self.description.clone()
    }

    fn free_bytes(&self) -> Result<u64, DeviceError> {
        self.driver.free_bytes()
    }

    fn fresh(&self, bytes: usize) -> Result<Buffer, DeviceError> {
        self.memory(bytes, |_| Ok(()))
    }

    fn zeroed(&self, bytes: usize) -> Result<Buffer, DeviceError> {
        self.memory(bytes, Memory::zero)
    }

    fn upload(&self, bytes: &[u8]) -> Result<Buffer, DeviceError> {
        self.memory(bytes.len(), |memory| memory.write(bytes))
    }

    fn copy(&self, buffer: &Buffer) -> Result<Buffer, DeviceError> {
        self.memory(buffer.bytes(), |memory| memory.copy_from(buffer.held(), buffer.bytes()))
    }

    fn read(&self, buffer: &Buffer) -> Result<Vec<u8>, DeviceError> {
        let mut bytes = Vec::with_capacity(buffer.bytes());
        self.read_part(buffer, 0, buffer.bytes(), &mut |piece| bytes.extend_from_slice(piece))?;
        Ok(bytes)
    }

    fn read_part(
        &self,
        buffer: &Buffer,
        first: usize,
        bytes: usize,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), DeviceError> {
        buffer.held::<Memory>().read_part(first, bytes, take)
    }

    fn run(&self, launch: &Launch<'_>, written: &mut [&mut Buffer]) -> Result<(), DeviceError> {
        start(&self.driver, launch, written)
    }

    fn begin_profile(&self) -> Result<(), DeviceError> {
        self.driver.begin_profile()
    }

    fn end_profile(&self) -> Result<Vec<KernelTime>, DeviceError> {
        self.driver.end_profile()
    }

    fn finish(&self) -> Result<(), DeviceError> {
        self.driver.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_device_is_chosen_and_of_several_the_one_that_is_named() {
        assert!(matches!((chosen(None, 1), chosen(Some(1), 2)), (Ok(0), Ok(1))));
        for (asked, count, words) in [
            (None, 0, "sees no CUDA device"),
            (None, 2, "there are 2 CUDA devices; choose one with --device 0 to --device 1"),
            (Some(2), 2, "there is no CUDA device 2; the driver sees 2"),
        ] {
            let error = chosen(asked, count).expect_err("no device").to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_folder_without_kernels_is_named() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let error = prebuilt(folder, 9, "sm_90").expect_err("no kernels").to_string();
        assert!(error.contains("no kernels for sm_90") && error.contains("backend-cuda"), "{error}");
    }
}
