//! The device under the backend: buffers, and launches of kernels.

use std::any::Any;

use thiserror::Error;

use crate::kernel::{Kernel, Role, kernel};

/// The reason why a device could not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeviceError {
    /// The device has no room for a buffer.
    #[error(
        "the device has no room for {bytes} more bytes; use a smaller model, fewer sessions, or end other programs"
    )]
    Memory {
        /// Number of bytes that were asked for.
        bytes: usize,
    },
    /// A model does not fit into the memory of the device that is free.
    #[error("the model needs {needed} bytes on the device, of which {free} are free; use a smaller model")]
    Model {
        /// Number of bytes that the weights take.
        needed: u64,
        /// Number of bytes that are free.
        free: u64,
    },
    /// A call of the device's driver failed. The device may be lost.
    #[error("{call} failed: {reason}")]
    Call {
        /// The name of the call, or of the kernel.
        call: &'static str,
        /// The reason in the words of the driver.
        reason: String,
    },
}

/// A buffer in the memory of a device. Dropping it frees the memory.
pub struct Buffer {
    bytes: usize,
    held: Box<dyn Any + Send + Sync>,
}

impl Buffer {
    /// Creates a buffer of `bytes` bytes, from what the device needs to find its memory again.
    pub fn new(bytes: usize, held: impl Any + Send + Sync) -> Self {
        Self { bytes, held: Box::new(held) }
    }

    /// Returns the number of bytes that were asked for when the buffer was made.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns what the device made the buffer from.
    ///
    /// # Panics
    /// If the buffer belongs to a device of another kind.
    #[must_use]
    pub fn held<T: Any>(&self) -> &T {
        self.held.downcast_ref().expect("a buffer of this device")
    }

    /// Returns what the device made the buffer from, to write to it.
    ///
    /// # Panics
    /// If the buffer belongs to a device of another kind.
    #[must_use]
    pub fn held_mut<T: Any>(&mut self) -> &mut T {
        self.held.downcast_mut().expect("a buffer of this device")
    }
}

/// An argument of a kernel after the buffer that the kernel writes.
#[derive(Clone, Copy)]
pub enum Argument<'a> {
    /// A buffer that is read.
    Buffer(&'a Buffer),
    /// A buffer that is read from this byte on, a multiple of 16.
    Part(&'a Buffer, usize),
    /// Buffers that are read, in the order in which the kernel numbers them.
    Table(&'a [&'a Buffer]),
    /// A whole number.
    Uint(u32),
    /// A number in f32.
    Float(f32),
}

impl Argument<'_> {
    fn fits(&self, role: Role, element: &str) -> bool {
        match self {
            Self::Buffer(_) | Self::Part(..) => role == Role::In,
            Self::Table(_) => role == Role::Table,
            Self::Uint(_) => (role, element) == (Role::Value, "uint"),
            Self::Float(_) => (role, element) == (Role::Value, "float"),
        }
    }
}

/// A call of one kernel over a number of blocks. Holding one proves that the arguments are of the kinds that
/// the kernel declares, and that this crate computed their sizes for the kernel's text.
pub struct Launch<'a> {
    kernel: &'static Kernel,
    blocks: u32,
    arguments: &'a [Argument<'a>],
}

impl<'a> Launch<'a> {
    /// Creates the call of the kernel with this name.
    ///
    /// # Panics
    /// If the arguments do not fit the kernel, or the blocks have no 31-bit number. Both are bugs.
    pub(crate) fn new(name: &str, blocks: usize, arguments: &'a [Argument<'a>]) -> Self {
        let kernel = kernel(name);
        let declared = &kernel.parameters[1..];
        let fit = declared
            .iter()
            .zip(arguments)
            .all(|(parameter, argument)| argument.fits(parameter.role, parameter.element));
        assert!(fit && declared.len() == arguments.len(), "arguments of {name}");
        let blocks = i32::try_from(blocks).expect("a number of blocks").unsigned_abs();
        Self { kernel, blocks, arguments }
    }

    /// Returns the kernel that is called, with its threads and parameters.
    #[must_use]
    pub fn kernel(&self) -> &'static Kernel {
        self.kernel
    }

    /// Returns the number of blocks, which is above 0 and below 2^31.
    #[must_use]
    pub fn blocks(&self) -> u32 {
        self.blocks
    }

    /// Returns the arguments after the buffer that the kernel writes.
    #[must_use]
    pub fn arguments(&self) -> &'a [Argument<'a>] {
        self.arguments
    }
}

/// The time that the launches of one kernel took, from the end of the launch before each of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KernelTime {
    /// The name of the kernel.
    pub name: &'static str,
    /// Number of launches.
    pub launches: usize,
    /// The time of all of them in seconds.
    pub seconds: f64,
}

/// A device that holds buffers and runs the kernels of [`text`](crate::text()). Calls take effect in the order
/// in which they are made.
pub trait Device: Send + Sync {
    /// Returns the name of the device with its driver, compiler and flags, for reports.
    fn describe(&self) -> String;

    /// Returns the number of bytes that buffers can still take.
    ///
    /// # Errors
    /// [`DeviceError::Call`] if the device does not answer.
    fn free_bytes(&self) -> Result<u64, DeviceError>;

    /// Creates a buffer with any contents.
    ///
    /// # Errors
    /// [`DeviceError::Memory`] if there is no room, and [`DeviceError::Call`] if the device fails.
    fn fresh(&self, bytes: usize) -> Result<Buffer, DeviceError>;

    /// Creates a buffer of `bytes` bytes, each of which is 0.
    ///
    /// # Errors
    /// As [`fresh`](Self::fresh).
    fn zeroed(&self, bytes: usize) -> Result<Buffer, DeviceError>;

    /// Creates a buffer that holds these bytes.
    ///
    /// # Errors
    /// As [`fresh`](Self::fresh).
    fn upload(&self, bytes: &[u8]) -> Result<Buffer, DeviceError>;

    /// Creates a buffer with the contents of another one.
    ///
    /// # Errors
    /// As [`fresh`](Self::fresh).
    fn copy(&self, buffer: &Buffer) -> Result<Buffer, DeviceError>;

    /// Returns the contents of a buffer, after all launches before this call.
    ///
    /// # Errors
    /// [`DeviceError::Call`] if a launch or the reading failed.
    fn read(&self, buffer: &Buffer) -> Result<Vec<u8>, DeviceError>;

    /// Passes `bytes` bytes of a buffer, from the byte `first` on, to `take`, after all launches before this call.
    /// The values come in order, in pieces whose lengths are multiples of 16 but for the last one.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn read_part(
        &self,
        buffer: &Buffer,
        first: usize,
        bytes: usize,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), DeviceError> {
        take(&self.read(buffer)?[first..][..bytes]);
        Ok(())
    }

    /// Runs a kernel, which writes to `written` and only reads its arguments. There is one buffer to write, or as
    /// many as the kernel takes in a list.
    ///
    /// # Errors
    /// [`DeviceError::Call`] if the launch fails. A device may report the failure of a launch at a later call.
    fn run(&self, launch: &Launch<'_>, written: &mut [&mut Buffer]) -> Result<(), DeviceError>;

    /// Begins to measure the time of each launch, as far as the device can.
    ///
    /// # Errors
    /// [`DeviceError::Call`] if the device fails.
    fn begin_profile(&self) -> Result<(), DeviceError> {
        Ok(())
    }

    /// Ends the measurement that [`begin_profile`](Self::begin_profile) began, and returns the time of each kernel
    /// since then. The list is empty if the device cannot measure it.
    ///
    /// # Errors
    /// [`DeviceError::Call`] if the device or a launch failed.
    fn end_profile(&self) -> Result<Vec<KernelTime>, DeviceError> {
        Ok(Vec::new())
    }

    /// Waits until all launches before this call are done.
    ///
    /// # Errors
    /// [`DeviceError::Call`] if one of them failed.
    fn finish(&self) -> Result<(), DeviceError>;
}
