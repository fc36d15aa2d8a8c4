//! Norms and rotations, and those that a decoder computes one after the other, in one launch.

use std::sync::Arc;

use neural::{NormConfig, NormKind, Pairing};

use crate::backend::{ELEMENT_THREADS, GpuBackend, flag, uint};
use crate::device::{Argument, Buffer};
use crate::rows::{GpuRotation, GpuRows};

/// Returns the width of the parts of `x` that are normalised, each by itself.
fn part_width(weight: &Buffer, x: &GpuRows) -> usize {
    let width = weight.bytes() / 4;
    assert!(x.width.is_multiple_of(width), "whole parts of {width}");
    width
}

/// Returns the numbers of a norm: the width of a part, epsilon, and true for a layer norm.
fn numbers(norm: &NormConfig, width: usize) -> [Argument<'static>; 3] {
    [uint(width), Argument::Float(norm.epsilon), flag(norm.kind == NormKind::Layer)]
}

pub(crate) fn norm(backend: &GpuBackend, norm: &NormConfig, weight: &Buffer, x: &GpuRows) -> GpuRows {
    let width = part_width(weight, x);
    let [width_value, epsilon, centred] = numbers(norm, width);
    let arguments = [x.argument(), Argument::Buffer(weight), width_value, epsilon, centred];
    let buffer = backend.launch("norm_rows", x.count() / width, x.count(), &arguments);
    GpuRows::new(x.width, x.rows, buffer)
}

/// Adds `y` to `x`, and returns the norm of the sum.
pub(crate) fn add_norm(
    backend: &GpuBackend,
    x: &mut GpuRows,
    y: &GpuRows,
    norm: &NormConfig,
    weight: &Buffer,
) -> GpuRows {
    assert_eq!(x.count(), y.count(), "terms of one shape");
    assert_eq!(part_width(weight, x), x.width, "the norm of a row");
    let [width, epsilon, centred] = numbers(norm, x.width);
    // The norms begin at a multiple of four elements.
    let after = x.count().next_multiple_of(4);
    let arguments =
        [x.argument(), y.argument(), Argument::Buffer(weight), width, epsilon, centred, uint(after)];
    let buffer = Arc::new(backend.launch("add_norm", x.rows, after + x.count(), &arguments));
    *x = GpuRows { width: x.width, rows: x.rows, first: 0, buffer: Arc::clone(&buffer) };
    GpuRows { width: x.width, rows: x.rows, first: after, buffer }
}

fn check_rotation(x: &GpuRows, rotation: &GpuRotation) {
    assert!(x.width.is_multiple_of(2 * rotation.pairs), "heads of {} pairs", rotation.pairs);
    assert_eq!(rotation.cosines.bytes(), 4 * x.rows * rotation.pairs, "one position for each row");
}

/// Rotates every head of `x`.
pub(crate) fn rotate(backend: &GpuBackend, x: &mut GpuRows, pairing: Pairing, rotation: &GpuRotation) {
    check_rotation(x, rotation);
    let turned = x.count() / 2;
    let arguments = [
        x.argument(),
        Argument::Buffer(&rotation.cosines),
        Argument::Buffer(&rotation.sines),
        uint(x.width),
        uint(rotation.pairs),
        flag(pairing == Pairing::Halves),
        uint(turned),
    ];
    let buffer = backend.launch("rotate", turned.div_ceil(ELEMENT_THREADS), x.count(), &arguments);
    *x = GpuRows::new(x.width, x.rows, buffer);
}

/// Returns the norm of `x` with every head rotated.
pub(crate) fn norm_rotate(
    backend: &GpuBackend,
    norm: &NormConfig,
    weight: &Buffer,
    (pairing, rotation): (Pairing, &GpuRotation),
    x: &GpuRows,
) -> GpuRows {
    check_rotation(x, rotation);
    let width = part_width(weight, x);
    assert!(width.is_multiple_of(2 * rotation.pairs), "whole heads in a part");
    let [width_value, epsilon, centred] = numbers(norm, width);
    let arguments = [
        x.argument(),
        Argument::Buffer(weight),
        Argument::Buffer(&rotation.cosines),
        Argument::Buffer(&rotation.sines),
        width_value,
        epsilon,
        centred,
        uint(rotation.pairs),
        flag(pairing == Pairing::Halves),
        uint(x.width / width),
    ];
    let buffer = backend.launch("norm_rotate", x.count() / width, x.count(), &arguments);
    GpuRows::new(x.width, x.rows, buffer)
}
