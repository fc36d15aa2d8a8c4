//! The rounding to bf16: to nearest, ties to even, in rows and in pages alike.
//!
//! The oracle finds the two neighbours of a number and compares distances in f64, where they are exact.

mod common;

use common::best;
use neural::{Backend, KvLayout, PAGE, PageSlots, StateDtype};
use proptest::prelude::*;

/// Returns the bits of each value after rounding.
fn rounded(values: Vec<f32>) -> Vec<u32> {
    let backend = best();
    let mut rows = backend.rows(1, values);
    backend.round_bf16(&mut rows);
    backend.read(&rows).iter().map(|value| value.to_bits()).collect()
}

/// Returns the value as f64. The infinities count as the powers of two that would come next.
fn value(half: u32) -> f64 {
    let value = f32::from_bits(half << 16);
    if value.is_infinite() { f64::from(value.signum()) * 2_f64.powi(128) } else { f64::from(value) }
}

/// Returns the upper half of the nearest bf16; of two that tie, the one whose last bit is 0.
fn nearest(bits: u32) -> u32 {
    let (x, towards_zero) = (f64::from(f32::from_bits(bits)), bits >> 16);
    if x.is_infinite() {
        return towards_zero;
    }
    let away = towards_zero + 1;
    let (near, far) = ((x - value(towards_zero)).abs(), (value(away) - x).abs());
    if far < near || (far == near && away.is_multiple_of(2)) { away } else { towards_zero }
}

fn check(bits: &[u32]) {
    let found = rounded(bits.iter().map(|bits| f32::from_bits(*bits)).collect());
    for (bits, found) in bits.iter().zip(found) {
        if f32::from_bits(*bits).is_nan() {
            assert!(f32::from_bits(found).is_nan() && found & 0xffff == 0, "{bits:08x} became {found:08x}");
            assert_eq!(found >> 31, bits >> 31, "{bits:08x} became {found:08x}");
        } else {
            assert_eq!(found, nearest(*bits) << 16, "{bits:08x}");
        }
    }
}

#[test]
fn every_bf16_is_its_own_nearest_and_its_surroundings_go_where_they_are_nearest() {
    for half in 0..=u32::from(u16::MAX) {
        let upper = half << 16;
        check(&[0, 1, 0x7fff, 0x8000, 0x8001, 0xffff].map(|lower| upper | lower));
        if !f32::from_bits(upper).is_nan() {
            assert_eq!(rounded(vec![f32::from_bits(upper)]), [upper]);
        }
    }
}

#[test]
fn corners() {
    for (from, to) in [
        // Ties: to the even neighbour, below and above.
        (0x3f80_8000, 0x3f80_0000),
        (0x3f81_8000, 0x3f82_0000),
        (0xbf81_8000, 0xbf82_0000),
        // A carry into the exponent.
        (0x3fff_8000, 0x4000_0000),
        // Zeros keep their sign, and what is nearest to them takes it.
        (0x8000_0000, 0x8000_0000),
        (0x8000_0001, 0x8000_0000),
        // Subnormal numbers are kept; a half of the least one ties with zero.
        (0x0000_8000, 0x0000_0000),
        (0x0000_8001, 0x0001_0000),
        (0x0001_8000, 0x0002_0000),
        (0x007f_ffff, 0x0080_0000),
        // The largest f32 that stays finite, the first that does not, and infinity.
        (0x7f7f_7fff, 0x7f7f_0000),
        (0x7f7f_8000, 0x7f80_0000),
        (0xff7f_ffff, 0xff80_0000),
        (0x7f80_0000, 0x7f80_0000),
    ] {
        assert_eq!(rounded(vec![f32::from_bits(from)]), [to], "{from:08x}");
    }
}

proptest! {
    #[test]
    fn any_number_goes_to_the_nearest(bits in prop::collection::vec(any::<u32>(), 1..100)) {
        check(&bits);
    }
}

#[test]
fn a_page_keeps_what_rows_are_rounded_to() {
    let (backend, width) = (best(), 6);
    let layout = KvLayout { kv_heads: 2, head_dim: 3, state: StateDtype::Bf16 };
    let values: Vec<f32> = (0..PAGE * width).map(|at| (at as f32 - 150.0) / 7.0).collect();
    let mut halves = backend.rows(width, values);
    let mut page = backend.page(layout);
    let slots = PageSlots { first_row: 0, first_slot: 0, count: PAGE };
    backend.store(&mut page, layout, slots, &halves, &halves);
    backend.round_bf16(&mut halves);
    let (mut found, mut wide) = (Vec::new(), Vec::new());
    backend.page_bits(&page, &mut found);
    let in_f32 = KvLayout { state: StateDtype::F32, ..layout };
    let mut of_f32 = backend.page(in_f32);
    backend.store(&mut of_f32, in_f32, slots, &halves, &halves);
    backend.page_bits(&of_f32, &mut wide);
    assert_eq!((found.len(), wide.len()), (layout.page_bytes(), 2 * layout.page_bytes()));
    let widened: Vec<u8> = found.as_chunks().0.iter().flat_map(|[low, high]| [0, 0, *low, *high]).collect();
    assert!(widened == wide);
    // And back.
    let mut again = Vec::new();
    backend.page_bits(&backend.page_from_bits(layout, &found), &mut again);
    assert_eq!(again, found);
}
