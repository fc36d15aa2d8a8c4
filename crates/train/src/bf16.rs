//! Rounding to bf16, to the nearest, ties to even.

/// The bits of the nearest bf16.
#[must_use]
pub fn round(value: f32) -> u16 {
    let bits = value.to_bits();
    let odd = (bits >> 16) & 1;
    (bits.wrapping_add(0x7FFF + odd) >> 16) as u16
}

/// The value of bf16 bits.
#[must_use]
pub fn widen(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// Every value rounded to bf16.
#[must_use]
pub fn rounded(values: &[f32]) -> Vec<f32> {
    values.iter().map(|v| widen(round(*v))).collect()
}
