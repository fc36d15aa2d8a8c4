//! The choice of the cells that a run of the matrix computes.

use synthetic::Random;

use super::cell::{Cell, FACTORS};

/// Returns the cells in which one factor has any of its values, and the others have their first value.
pub(super) fn singles(sizes: &[usize; FACTORS]) -> Vec<usize> {
    let mut numbers = Vec::new();
    for factor in 0..FACTORS {
        for value in 0..sizes[factor] {
            let mut digits = [0; FACTORS];
            digits[factor] = value;
            numbers.push(Cell::number(&digits, sizes));
        }
    }
    distinct(numbers)
}

/// Returns each number once, in ascending order, so that a cell that was drawn twice does not count as two.
pub(super) fn distinct(mut numbers: Vec<usize>) -> Vec<usize> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Returns cells that cover every single value, and every two values of two factors together; the other
/// factors have random values.
pub(super) fn pairs(sizes: &[usize; FACTORS], random: &mut Random) -> Vec<usize> {
    let mut numbers = singles(sizes);
    for first in 0..FACTORS {
        for second in first + 1..FACTORS {
            for a in 0..sizes[first] {
                for b in 0..sizes[second] {
                    let mut digits = sizes.map(|size| random.below(size));
                    (digits[first], digits[second]) = (a, b);
                    numbers.push(Cell::number(&digits, sizes));
                }
            }
        }
    }
    numbers
}

/// Returns the numbers of `count` random cells out of `total`, which may repeat.
pub(super) fn random_cells(total: usize, count: usize, random: &mut Random) -> Vec<usize> {
    (0..count).map(|_| random.below(total)).collect()
}

#[cfg(test)]
mod tests;
