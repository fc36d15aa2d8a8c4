//! Checks of a device before it computes a model: IEEE arithmetic, and the order of threads.

use thiserror::Error;

use crate::backend::uint;
use crate::device::{Argument, Device, DeviceError, Launch};

/// The names of the results of the kernel `check_arithmetic`, in their order.
const RESULTS: [&str; 6] = ["fma", "division", "square root", "product", "product and sum", "exponential"];

/// The number of threads in a block of the kernels that check the order of threads.
const THREADS: usize = 256;

/// The reason why a device is not used: its bits would differ from every other machine's.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum CheckError {
    /// The device failed.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// An operation of the device gives other bits than IEEE arithmetic.
    #[error(
        "{operation} of {a:?}, {b:?}, {c:?} gives {found:#010x} on the device and {expected:#010x} here; the device does not compute IEEE arithmetic"
    )]
    Arithmetic {
        /// The name of the operation.
        operation: &'static str,
        /// First operand.
        a: f32,
        /// Second operand.
        b: f32,
        /// Third operand.
        c: f32,
        /// The bits that the device gives.
        found: u32,
        /// The bits that the contract gives.
        expected: u32,
    },
    /// A value that one thread wrote before a barrier was not what another one read after it.
    #[error(
        "thread {thread} read {found} after a barrier, and not {expected}; the device runs blocks out of order"
    )]
    Phases {
        /// Number of the thread, over all blocks.
        thread: usize,
        /// The value that it read.
        found: u32,
        /// The value that was written.
        expected: u32,
    },
}

/// Compares fused products, divisions, square roots, subnormal numbers and the exponential on `count` triples
/// of numbers with what this processor computes. Returns the number of results that were compared.
///
/// # Errors
/// [`CheckError::Arithmetic`] for the first result whose bits differ. A result that is not a number may have
/// any of its bits.
pub fn arithmetic(device: &dyn Device, count: usize, seed: u64) -> Result<usize, CheckError> {
    let mut operands = Operands { state: seed };
    let mut three = [Vec::new(), Vec::new(), Vec::new()];
    for number in 0..count {
        let drawn = operands.next(number);
        three.iter_mut().zip(drawn).for_each(|(all, value)| all.push(value));
    }
    let buffers: Vec<_> =
        three.iter().map(|values| device.upload(&bytes(values))).collect::<Result<_, _>>()?;
    let arguments = [
        Argument::Buffer(&buffers[0]),
        Argument::Buffer(&buffers[1]),
        Argument::Buffer(&buffers[2]),
        uint(count),
    ];
    let mut written = device.fresh(4 * RESULTS.len() * count)?;
    device.run(&Launch::new("check_arithmetic", count.div_ceil(THREADS), &arguments), &mut [&mut written])?;
    let found = words(&device.read(&written)?);
    for (number, found) in found.chunks_exact(RESULTS.len()).enumerate() {
        let [a, b, c] = [three[0][number], three[1][number], three[2][number]];
        for ((operation, found), expected) in RESULTS.iter().zip(found).zip(expected(a, b, c)) {
            let neither = f32::from_bits(*found).is_nan() && expected.is_nan();
            if *found != expected.to_bits() && !neither {
                let expected = expected.to_bits();
                return Err(CheckError::Arithmetic { operation, a, b, c, found: *found, expected });
            }
        }
    }
    Ok(found.len())
}

/// Lets each thread of some blocks pass a number on to the next one, across a barrier.
///
/// # Errors
/// [`CheckError::Phases`] if a number did not arrive.
pub fn phases(device: &dyn Device) -> Result<usize, CheckError> {
    let (sent, found) = passed(device, "check_phases")?;
    for (thread, found) in found.iter().enumerate() {
        let expected = sent[thread / THREADS * THREADS + (thread + THREADS - 1) % THREADS];
        if *found != expected {
            return Err(CheckError::Phases { thread, found: *found, expected });
        }
    }
    Ok(found.len())
}

/// Returns what threads read if the barrier is missing. It depends on the order in which a device runs them,
/// so two orders must differ. This is the negative control of [`phases`].
///
/// # Errors
/// [`CheckError::Device`] if the device fails.
pub fn race(device: &dyn Device) -> Result<Vec<u32>, CheckError> {
    Ok(passed(device, "check_race")?.1)
}

fn passed(device: &dyn Device, kernel: &str) -> Result<(Vec<u32>, Vec<u32>), CheckError> {
    let blocks = 5;
    let sent: Vec<u32> = (1..=(blocks * THREADS) as u32).collect();
    let x = device.upload(&sent.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>())?;
    let mut written = device.fresh(4 * sent.len())?;
    device.run(&Launch::new(kernel, blocks, &[Argument::Buffer(&x)]), &mut [&mut written])?;
    Ok((sent, words(&device.read(&written)?)))
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

/// Returns the results of the contract, in the order of [`RESULTS`].
fn expected(a: f32, b: f32, c: f32) -> [f32; 6] {
    let product = a * b;
    [a.mul_add(b, c), a / b, a.abs().sqrt(), product, product + c, exponential(a)]
}

/// Returns e to the power of `x` as docs/numerics.md writes it down.
fn exponential(x: f32) -> f32 {
    let bits = f32::from_bits;
    let x = if x < -104.0 { -104.0 } else { x };
    let x = if x > 89.0 { 89.0 } else { x };
    let n = x.mul_add(bits(0x3fb8_aa3b), bits(0x4b40_0000)) - bits(0x4b40_0000);
    let r = n.mul_add(-bits(0xb95e_8083), n.mul_add(-bits(0x3f31_8000), x));
    let rest = [0x3ab7_43ce, 0x3c08_8908, 0x3d2a_a9c1, 0x3e2a_aaaa, 0x3f00_0000];
    let p = rest.into_iter().fold(bits(0x3950_6967), |p, next| p.mul_add(r, bits(next)));
    let e = p.mul_add(r * r, r) + 1.0;
    let whole = n as i32;
    let factor = |exponent: i32| bits(((exponent + 127) as u32) << 23);
    let y = (e * factor(whole >> 1)) * factor(whole - (whole >> 1));
    if y < f32::MIN_POSITIVE { 0.0 } else { y }
}

/// A generator of operands: any bits, numbers near 1, and numbers whose products are subnormal.
struct Operands {
    state: u64,
}

impl Operands {
    fn next(&mut self, number: usize) -> [f32; 3] {
        let mut word = || {
            // The step of SplitMix64.
            self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (mixed >> 32) as u32
        };
        let mut in_range = |low: u32, high: u32| {
            let word = word();
            let exponent = low + (word >> 23) % (high - low);
            f32::from_bits((word & 0x807f_ffff) | (exponent << 23))
        };
        match number % 4 {
            0 => [in_range(0, 256), in_range(0, 256), in_range(0, 256)],
            1 => [in_range(120, 134), in_range(120, 134), in_range(120, 134)],
            2 => [in_range(54, 64), in_range(54, 64), in_range(0, 3)],
            _ => [in_range(100, 135), in_range(0, 140), in_range(0, 30)],
        }
    }
}
