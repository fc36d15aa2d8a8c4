use std::collections::BTreeSet;

use synthetic::Random;

use super::super::cell::{Cell, FACTORS, sizes};
use super::{pairs, singles};

fn digits(number: usize, sizes: &[usize; FACTORS]) -> [usize; FACTORS] {
    let Cell { isa, threads, batch, chunk, cache, between, ahead, traps } = Cell::from_number(number, sizes);
    [isa, threads, batch, chunk, cache, between, ahead, traps]
}

#[test]
fn a_number_is_one_cell() {
    let sizes = sizes(3);
    let total: usize = sizes.iter().product();
    assert_eq!(total, 32_400);
    for number in (0..total).step_by(7) {
        assert_eq!(Cell::number(&digits(number, &sizes), &sizes), number);
    }
}

#[test]
fn every_value_and_every_two_values_are_covered() {
    let sizes = sizes(3);
    let single: BTreeSet<(usize, usize)> =
        singles(&sizes).iter().flat_map(|number| digits(*number, &sizes).into_iter().enumerate()).collect();
    assert_eq!(single.len(), sizes.iter().sum::<usize>());
    let mut met = BTreeSet::new();
    for number in pairs(&sizes, &mut Random::new(1)) {
        let digits = digits(number, &sizes);
        for first in 0..FACTORS {
            met.extend((first + 1..FACTORS).map(|second| (first, second, digits[first], digits[second])));
        }
    }
    let sum: usize = sizes.iter().sum();
    let squares: usize = sizes.iter().map(|size| size * size).sum();
    assert_eq!(met.len(), (sum * sum - squares) / 2);
}
