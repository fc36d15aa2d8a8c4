//! The device: buffers in the memory of the host, and launches one block after the other.

use std::sync::Arc;

use gpu::check::{arithmetic, phases};
use gpu::{Buffer, Device, DeviceError, Launch};

use crate::error::HostError;
use crate::kernels::HostKernels;
use crate::order::ThreadOrder;

/// The number of triples of operands on which the arithmetic of a new device is checked.
const CHECKED: usize = 4096;

/// The byte that fresh memory is filled with. Floats of it are no numbers, so a kernel that leaves out an
/// element shows.
const POISON: u8 = 0xff;

/// A device that runs the GPU kernels on the calling thread, in a chosen order of their threads.
pub struct HostDevice {
    kernels: Arc<HostKernels>,
    order: ThreadOrder,
    /// The most bytes that one buffer may have; `None` for as many as the host gives.
    room: Option<u64>,
}

impl HostDevice {
    /// Creates a device from compiled kernels.
    ///
    /// # Errors
    /// [`HostError::Check`] if the compiled code does not compute the arithmetic of the contract.
    pub fn new(kernels: Arc<HostKernels>, order: ThreadOrder) -> Result<Self, HostError> {
        let device = Self::unchecked(kernels, order);
        arithmetic(&device, CHECKED, 1)?;
        phases(&device)?;
        Ok(device)
    }

    /// Creates a device without a check of its arithmetic, for kernels with a fault.
    #[must_use]
    pub fn unchecked(kernels: Arc<HostKernels>, order: ThreadOrder) -> Self {
        Self { kernels, order, room: None }
    }

    /// Returns this device with room for `bytes` bytes in one buffer, as a small device would have.
    #[must_use]
    pub fn with_room(self, bytes: u64) -> Self {
        Self { room: Some(bytes), ..self }
    }

    fn filled(&self, bytes: usize, byte: u8) -> Result<Buffer, DeviceError> {
        if self.room.is_some_and(|room| bytes as u64 > room) {
            return Err(DeviceError::Memory { bytes });
        }
        // Words of sixteen bytes, the largest that a kernel reads at once.
        Ok(Buffer::new(bytes, vec![u128::from_le_bytes([byte; 16]); bytes.div_ceil(16)]))
    }
}

impl Device for HostDevice {
    fn describe(&self) -> String {
        format!("gpu-host/{} ({})", self.order, self.kernels.compiler())
    }

    fn free_bytes(&self) -> Result<u64, DeviceError> {
        Ok(self.room.unwrap_or(u64::MAX))
    }

    fn fresh(&self, bytes: usize) -> Result<Buffer, DeviceError> {
        self.filled(bytes, POISON)
    }

    fn zeroed(&self, bytes: usize) -> Result<Buffer, DeviceError> {
        self.filled(bytes, 0)
    }

    fn upload(&self, bytes: &[u8]) -> Result<Buffer, DeviceError> {
        let mut buffer = self.filled(bytes.len(), 0)?;
        for (word, bytes) in buffer.held_mut::<Vec<u128>>().iter_mut().zip(bytes.chunks(16)) {
            let mut whole = [0; 16];
            whole[..bytes.len()].copy_from_slice(bytes);
            *word = u128::from_ne_bytes(whole);
        }
        Ok(buffer)
    }

    fn copy(&self, buffer: &Buffer) -> Result<Buffer, DeviceError> {
        Ok(Buffer::new(buffer.bytes(), buffer.held::<Vec<u128>>().clone()))
    }

    fn read(&self, buffer: &Buffer) -> Result<Vec<u8>, DeviceError> {
        let words = buffer.held::<Vec<u128>>();
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        bytes.truncate(buffer.bytes());
        Ok(bytes)
    }

    fn run(&self, launch: &Launch<'_>, written: &mut [&mut Buffer]) -> Result<(), DeviceError> {
        self.kernels.run(launch, self.order, written);
        Ok(())
    }

    fn finish(&self) -> Result<(), DeviceError> {
        Ok(())
    }
}
