//! The driver: one device with its memory, one stream, and the loaded kernels.

// This file calls NVIDIA's driver.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cudarc::driver::sys::{self, CUdeviceptr, CUresult};
use cudarc::driver::{CudaContext, CudaFunction, CudaStream, DriverError, result};
use cudarc::nvrtc::Ptx;
use gpu::{Argument, Buffer, DeviceError, KernelTime, Launch, Role, kernels};

use crate::error::CudaError;
use crate::profile::Profile;

/// Memory is given out in multiples of this many bytes, so that blocks of similar sizes can be used again.
const UNIT: usize = 512;

/// The most lists of buffers that are kept on the device for later launches.
const MOST_LISTS: usize = 4096;

/// The number of bytes that are copied from the device at once.
const STAGED: usize = 4 << 20;

/// An open device. All work goes through one stream, so it takes effect in the order of the calls.
pub(crate) struct Driver {
    context: Arc<CudaContext>,
    stream: Arc<CudaStream>,
    functions: HashMap<&'static str, CudaFunction>,
    /// Blocks of memory that are not in use, by size. A block that is dropped may still be read by work in the
    /// stream; what writes to it next comes after that work.
    unused: Mutex<HashMap<usize, Vec<CUdeviceptr>>>,
    /// Lists of addresses that lie on the device, each with the address and the size of its own block. Launches
    /// of every pass ask for the same lists.
    lists: Mutex<HashMap<Vec<u64>, (CUdeviceptr, usize)>>,
    /// Memory through which results are read, once one was.
    staging: Mutex<Option<Staging>>,
    profile: Profile,
    /// True if a kernel may be started before the one before it has ended, because kernels wait for it.
    overlaps: bool,
}

/// A block of memory on the device, which goes back to the driver when it is dropped.
pub(crate) struct Memory {
    driver: Arc<Driver>,
    address: CUdeviceptr,
    size: usize,
}

/// Returns the number of devices, after the driver is loaded.
pub(crate) fn devices() -> Result<usize, CudaError> {
    // SAFETY: The call loads the library to see if it is there. NVIDIA's library runs no code of ours.
    if !unsafe { sys::is_culib_present() } {
        return Err(CudaError::NoDriver);
    }
    match CudaContext::device_count() {
        Ok(count) => Ok(usize::try_from(count).unwrap_or(0)),
        Err(DriverError(CUresult::CUDA_ERROR_NO_DEVICE)) => Err(CudaError::NoDevice),
        // A library that stands in for the driver, as in images without a device.
        Err(DriverError(CUresult::CUDA_ERROR_STUB_LIBRARY)) => Err(CudaError::NoDriver),
        Err(error) => Err(failed("cuInit")(error).into()),
    }
}

/// Returns a function that names the call which failed.
fn failed(call: &'static str) -> impl Fn(DriverError) -> DeviceError {
    move |error| DeviceError::Call { call, reason: format!("{error:?}") }
}

impl Driver {
    /// Opens a device without kernels.
    pub(crate) fn open(ordinal: usize) -> Result<Self, DeviceError> {
        let context = CudaContext::new(ordinal).map_err(failed("cuDevicePrimaryCtxRetain"))?;
        let stream = context.new_stream().map_err(failed("cuStreamCreate"))?;
        let (major, _) = context.compute_capability().map_err(failed("cuDeviceGetAttribute"))?;
        Ok(Self {
            context,
            stream,
            functions: HashMap::new(),
            unused: Mutex::default(),
            lists: Mutex::default(),
            staging: Mutex::default(),
            profile: Profile::default(),
            overlaps: major >= 9,
        })
    }

    /// Loads the kernels from machine code or PTX.
    pub(crate) fn load(&mut self, code: Ptx) -> Result<(), DeviceError> {
        let module = self.context.load_module(code).map_err(failed("cuModuleLoadData"))?;
        for kernel in kernels() {
            let function = module.load_function(kernel.name).map_err(failed(kernel.name))?;
            self.functions.insert(kernel.name, function);
        }
        Ok(())
    }

    /// Returns the major and the minor number of the device's architecture.
    pub(crate) fn architecture(&self) -> Result<(i32, i32), DeviceError> {
        self.context.compute_capability().map_err(failed("cuDeviceGetAttribute"))
    }

    pub(crate) fn name(&self) -> Result<String, DeviceError> {
        self.context.name().map_err(failed("cuDeviceGetName"))
    }

    /// Returns the version of CUDA that the driver is for, for example 13000.
    pub(crate) fn version(&self) -> Result<i32, DeviceError> {
        let mut version = 0;
        // SAFETY: The pointer is to a number that lives through the call.
        unsafe { sys::cuDriverGetVersion(&mut version) }.result().map_err(failed("cuDriverGetVersion"))?;
        Ok(version)
    }

    /// Returns the bytes that are free, those of unused blocks included.
    pub(crate) fn free_bytes(&self) -> Result<u64, DeviceError> {
        let (free, _) = self.context.mem_get_info().map_err(failed("cuMemGetInfo"))?;
        let unused: usize = self.unused().iter().map(|(size, blocks)| size * blocks.len()).sum();
        Ok((free + unused) as u64)
    }

    /// Begins to measure the time of each launch.
    pub(crate) fn begin_profile(&self) -> Result<(), DeviceError> {
        self.profile.begin(&self.stream).map_err(failed("cuEventRecord"))
    }

    /// Returns the time of each kernel since the measurement began.
    pub(crate) fn end_profile(&self) -> Result<Vec<KernelTime>, DeviceError> {
        self.profile.end().map_err(failed("cuEventElapsedTime"))
    }

    pub(crate) fn finish(&self) -> Result<(), DeviceError> {
        self.stream.synchronize().map_err(failed("cuStreamSynchronize"))
    }

    fn bind(&self) -> Result<(), DeviceError> {
        self.context.bind_to_thread().map_err(failed("cuCtxSetCurrent"))
    }

    fn unused(&self) -> MutexGuard<'_, HashMap<usize, Vec<CUdeviceptr>>> {
        // The list is whole even if a thread panicked between two calls.
        self.unused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the address of a list of addresses on the device.
    fn list(&self, addresses: Vec<u64>) -> Result<CUdeviceptr, DeviceError> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((address, _)) = lists.get(&addresses) {
            return Ok(*address);
        }
        if lists.len() >= MOST_LISTS {
            // Launches that still read a list come before the work that writes to its block next.
            for (_, (address, size)) in lists.drain() {
                self.unused().entry(size).or_default().push(address);
            }
        }
        let bytes: Vec<u8> = addresses.iter().flat_map(|address| address.to_le_bytes()).collect();
        let size = bytes.len().max(1).next_multiple_of(UNIT);
        let address = self.take(size)?;
        self.write(address, &bytes)?;
        lists.insert(addresses, (address, size));
        Ok(address)
    }

    /// Writes bytes to a block of memory that has room for them.
    fn write(&self, address: CUdeviceptr, bytes: &[u8]) -> Result<(), DeviceError> {
        self.bind()?;
        let stream = self.stream.cu_stream();
        // SAFETY: The caller owns the block, which has room for the bytes. The bytes are in memory that the
        // driver does not know, so it copies them before the call returns.
        unsafe { result::memcpy_htod_async(address, bytes, stream) }.map_err(failed("cuMemcpyHtoD"))
    }

    /// Takes an unused block of this size, or a new one. If there is no room for a new one, the unused blocks
    /// of other sizes are given back to the driver first.
    fn take(&self, size: usize) -> Result<CUdeviceptr, DeviceError> {
        if let Some(address) = self.unused().get_mut(&size).and_then(Vec::pop) {
            return Ok(address);
        }
        self.bind()?;
        // SAFETY: The size is above 0. The address is kept until the block is given back in `release`.
        let first = unsafe { result::malloc_sync(size) };
        let made = first.or_else(|_| {
            self.release();
            // SAFETY: As above.
            unsafe { result::malloc_sync(size) }
        });
        made.map_err(|error| match error {
            DriverError(CUresult::CUDA_ERROR_OUT_OF_MEMORY) => DeviceError::Memory { bytes: size },
            error => failed("cuMemAlloc")(error),
        })
    }

    /// Gives all unused blocks back to the driver, after the work that may still read them.
    fn release(&self) {
        let blocks: Vec<CUdeviceptr> = self.unused().drain().flat_map(|(_, blocks)| blocks).collect();
        drop(self.finish());
        for address in blocks {
            // SAFETY: The block came from `malloc_sync`, is on no list any more, and nothing in the stream uses
            // it. A failure leaves only memory behind.
            let _ = unsafe { result::free_sync(address) };
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if self.bind().is_ok() {
            drop(self.staging.get_mut().map(Option::take));
            let lists: Vec<_> = self.lists.get_mut().map(|lists| lists.drain().collect()).unwrap_or_default();
            for (_, (address, size)) in lists {
                self.unused().entry(size).or_default().push(address);
            }
            self.release();
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.driver.unused().entry(self.size).or_default().push(self.address);
    }
}

impl Memory {
    /// Takes memory for `bytes` bytes, with any contents.
    pub(crate) fn fresh(driver: &Arc<Driver>, bytes: usize) -> Result<Self, DeviceError> {
        let size = bytes.max(1).next_multiple_of(UNIT);
        Ok(Self { driver: Arc::clone(driver), address: driver.take(size)?, size })
    }

    /// Fills the memory with zeros.
    pub(crate) fn zero(&mut self) -> Result<(), DeviceError> {
        self.driver.bind()?;
        let stream = self.driver.stream.cu_stream();
        // SAFETY: The block has `size` bytes, and this value owns it.
        unsafe { result::memset_d8_async(self.address, 0, self.size, stream) }.map_err(failed("cuMemset"))
    }

    /// Writes bytes to the start of the memory.
    ///
    /// # Panics
    /// If there are more bytes than the memory has.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), DeviceError> {
        assert!(bytes.len() <= self.size, "bytes of this memory");
        self.driver.write(self.address, bytes)
    }

    /// Copies the first `bytes` bytes of other memory.
    ///
    /// # Panics
    /// If either has fewer bytes.
    pub(crate) fn copy_from(&mut self, other: &Self, bytes: usize) -> Result<(), DeviceError> {
        assert!(bytes <= self.size && bytes <= other.size, "bytes of both memories");
        self.driver.bind()?;
        let stream = self.driver.stream.cu_stream();
        // SAFETY: Both blocks have that many bytes, and they are two, because this one is borrowed mutably.
        unsafe { result::memcpy_dtod_async(self.address, other.address, bytes, stream) }
            .map_err(failed("cuMemcpyDtoD"))
    }

    /// Passes bytes of the memory to `take` piece by piece, after all work before this call.
    ///
    /// # Panics
    /// If the memory has fewer bytes.
    pub(crate) fn read_part(
        &self,
        first: usize,
        bytes: usize,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), DeviceError> {
        assert!(first + bytes <= self.size, "bytes of this memory");
        self.driver.bind()?;
        let mut held = self.driver.staging.lock().unwrap_or_else(PoisonError::into_inner);
        let staging = match &mut *held {
            Some(staging) => staging,
            none => none.insert(Staging::new().map_err(failed("cuMemHostAlloc"))?),
        };
        let stream = self.driver.stream.cu_stream();
        for start in (0..bytes).step_by(STAGED) {
            let piece = staging.bytes(STAGED.min(bytes - start));
            // SAFETY: The block has these bytes, and the piece is not touched until the stream is done below.
            let copied =
                unsafe { result::memcpy_dtoh_async(piece, self.address + (first + start) as u64, stream) };
            self.driver.finish()?;
            copied.map_err(failed("cuMemcpyDtoH"))?;
            take(piece);
        }
        Ok(())
    }
}

/// Memory of [`STAGED`] bytes whose pages stay where they are. A copy to other memory goes through such memory of
/// the driver's, which is slower.
struct Staging(*mut c_void);

// SAFETY: The memory belongs to this value alone, and any thread may use it.
unsafe impl Send for Staging {}

impl Staging {
    /// Takes the memory. The calling thread must be bound to a context.
    fn new() -> Result<Self, DriverError> {
        // SAFETY: A context is bound. The memory is given back when the value is dropped.
        let place = unsafe { result::malloc_host(STAGED, 0) }?;
        // SAFETY: The memory is new and has that many bytes.
        unsafe { place.cast::<u8>().write_bytes(0, STAGED) };
        Ok(Self(place))
    }

    /// Returns the first bytes of the memory.
    ///
    /// # Panics
    /// If there are more than [`STAGED`].
    fn bytes(&mut self, count: usize) -> &mut [u8] {
        assert!(count <= STAGED, "bytes of the staging memory");
        // SAFETY: The memory has so many bytes, which were written, and is borrowed with this value.
        unsafe { std::slice::from_raw_parts_mut(self.0.cast(), count) }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // SAFETY: The memory came from `malloc_host`, and nothing uses it after this. A failure leaves only memory
        // behind.
        let _ = unsafe { result::free_host(self.0) };
    }
}

/// Starts a kernel.
///
/// # Errors
/// [`DeviceError`] if there is no room for the lists of buffers, or the launch is refused.
pub(crate) fn start(
    driver: &Arc<Driver>,
    launch: &Launch<'_>,
    written: &mut [&mut Buffer],
) -> Result<(), DeviceError> {
    let kernel = launch.kernel();
    let address = |buffer: &Buffer| buffer.held::<Memory>().address;
    let written: Vec<u64> = written.iter_mut().map(|buffer| buffer.held_mut::<Memory>().address).collect();
    let mut words = match kernel.parameters[0].role {
        Role::ChangedTable => vec![driver.list(written)?],
        _ => written,
    };
    for argument in launch.arguments() {
        words.push(match argument {
            Argument::Buffer(buffer) => address(buffer),
            Argument::Part(buffer, first) => address(buffer) + *first as u64,
            Argument::Uint(value) => u64::from(*value),
            Argument::Float(value) => u64::from(value.to_bits()),
            Argument::Table(buffers) => {
                driver.list(buffers.iter().map(|buffer| address(buffer)).collect())?
            }
        });
    }
    // A parameter of 32 bits is read from the lower half of its word: all hosts of these devices are
    // little-endian.
    let mut parameters: Vec<*mut c_void> =
        words.iter_mut().map(|word| std::ptr::from_mut(word).cast()).collect();
    driver.bind()?;
    let function = &driver.functions[kernel.name];
    let mut overlap = sys::CUlaunchAttribute {
        id: sys::CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION,
        pad: [0; 4],
        value: sys::CUlaunchAttributeValue { programmaticStreamSerializationAllowed: 1 },
    };
    let config = sys::CUlaunchConfig {
        gridDimX: launch.blocks(),
        gridDimY: 1,
        gridDimZ: 1,
        blockDimX: kernel.threads as u32,
        blockDimY: 1,
        blockDimZ: 1,
        sharedMemBytes: 0,
        hStream: driver.stream.cu_stream(),
        attrs: &mut overlap,
        numAttrs: u32::from(driver.overlaps),
    };
    // SAFETY: The function is the kernel of this name, whose module is kept beside it. A `Launch` proves that
    // the arguments are of the kinds that the kernel declares, in that order, and that crate `gpu` gave the
    // buffers the sizes that the kernel's text uses. The buffers in `written` are borrowed mutably, so none of them
    // is read. The driver copies the parameters before the call returns. Memory that is dropped before the
    // kernel has run is written again only by later work of the same stream.
    // A kernel that starts early reads and writes nothing until those before it have ended.
    unsafe {
        sys::cuLaunchKernelEx(&config, function.cu_function(), parameters.as_mut_ptr(), std::ptr::null_mut())
    }
    .result()
    .map_err(failed(kernel.name))?;
    driver.profile.record(kernel.name, &driver.stream).map_err(failed("cuEventRecord"))
}
