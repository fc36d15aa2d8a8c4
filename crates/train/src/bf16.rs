//! Rounding to bf16: to the nearest value, and to the even one of two equally near values.

/// Returns the bits of the bf16 number that is nearest to `value`, with ties to even.
#[must_use]
pub fn round(value: f32) -> u16 {
    let bits = value.to_bits();
    let odd = (bits >> 16) & 1;
    (bits.wrapping_add(0x7FFF + odd) >> 16) as u16
}

/// Returns the value of a bf16 number, given as bits; an f32 holds it exactly.
#[must_use]
pub fn widen(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// Returns every value rounded to bf16 and widened to f32 again.
#[must_use]
pub fn rounded(values: &[f32]) -> Vec<f32> {
    values.iter().map(|v| widen(round(*v))).collect()
}
