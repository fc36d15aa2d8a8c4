//! The number format bf16, which is the upper half of an f32.

/// Returns the bf16 number nearest to `x`, ties to even. The result is infinite beyond the largest one, and
/// NaN stays NaN.
#[inline(always)]
pub(crate) fn round(x: f32) -> u16 {
    let bits = x.to_bits();
    // Below the half of what is cut off nothing is carried, above it 1 is, and at it the last bit that is kept.
    let carried = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
    // The carry could make an infinity of it; the quiet bit keeps it what it is.
    let not_a_number = bits >> 16 | 0x0040;
    (if x.is_nan() { not_a_number } else { carried }) as u16
}

/// Returns the f32 number of the same value.
#[inline(always)]
pub(crate) fn widen(half: u16) -> f32 {
    f32::from_bits(u32::from(half) << 16)
}
