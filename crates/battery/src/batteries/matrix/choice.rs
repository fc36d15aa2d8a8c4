//! The choice of the cells of the matrix that are run.

use synthetic::Random;

use super::cell::{Cell, FACTORS};

/// Returns every value of every factor, the other factors at their first.
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

/// Returns each number once, so that a cell that was drawn twice does not count as two.
pub(super) fn distinct(mut numbers: Vec<usize>) -> Vec<usize> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Returns every single value, and for every two factors every two of their values together, the other factors at
/// random.
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

/// Returns `count` numbers of random cells, which may repeat.
pub(super) fn random_cells(total: usize, count: usize, random: &mut Random) -> Vec<usize> {
    (0..count).map(|_| random.below(total)).collect()
}

#[cfg(test)]
mod tests;
