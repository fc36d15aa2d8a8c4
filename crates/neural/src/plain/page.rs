//! Keys and values of one page of positions.

use super::functions::nearest_bf16;
use crate::backend::KvLayout;
use crate::numerics::{LANES, PAGE};
use crate::state_dtype::StateDtype;

/// A page of [`PlainBackend`](super::PlainBackend): keys and values of `PAGE` positions, each `[kv_heads,
/// PAGE, head_dim]`. If the layout keeps bf16, they are rounded to bf16 when they are written.
#[derive(Clone, Debug)]
pub struct PlainPage {
    layout: KvLayout,
    keys: Vec<f32>,
    values: Vec<f32>,
}

impl PlainPage {
    pub(super) fn empty(layout: KvLayout) -> Self {
        let count = layout.kv_heads * PAGE * layout.head_dim;
        Self { layout, keys: vec![0.0; count], values: vec![0.0; count] }
    }

    pub(super) fn layout(&self) -> KvLayout {
        self.layout
    }

    /// Writes the keys and values of one position, each `[kv_heads, head_dim]`, into a slot.
    pub(super) fn write(&mut self, slot: usize, keys: &[f32], values: &[f32]) {
        for head in 0..self.layout.kv_heads {
            for element in 0..self.layout.head_dim {
                let (at, from) = (self.at(head, slot, element), head * self.layout.head_dim + element);
                self.keys[at] = self.kept(keys[from]);
                self.values[at] = self.kept(values[from]);
            }
        }
    }

    /// Returns the key of a head at a slot.
    pub(super) fn key(&self, head: usize, slot: usize) -> &[f32] {
        &self.keys[self.at(head, slot, 0)..][..self.layout.head_dim]
    }

    /// Returns the value of a head at a slot.
    pub(super) fn value(&self, head: usize, slot: usize) -> &[f32] {
        &self.values[self.at(head, slot, 0)..][..self.layout.head_dim]
    }

    /// Appends the bits of keys and values in the order of a snapshot, which all backends share.
    pub(super) fn write_bits(&self, out: &mut Vec<u8>) {
        for (head, slot, element) in key_order(self.layout) {
            self.write_number(self.keys[self.at(head, slot, element)], out);
        }
        self.values.iter().for_each(|value| self.write_number(*value, out));
    }

    /// Returns the page that has these bits, as [`write_bits`](Self::write_bits) writes them.
    pub(super) fn from_bits(layout: KvLayout, bits: &[u8]) -> Self {
        assert_eq!(bits.len(), layout.page_bytes(), "the bits of one page");
        let mut page = Self::empty(layout);
        let mut numbers = bits.chunks_exact(layout.state.bytes()).map(number);
        for ((head, slot, element), number) in key_order(layout).zip(numbers.by_ref()) {
            let at = page.at(head, slot, element);
            page.keys[at] = number;
        }
        page.values.iter_mut().zip(numbers).for_each(|(value, number)| *value = number);
        page
    }

    fn at(&self, head: usize, slot: usize, element: usize) -> usize {
        (head * PAGE + slot) * self.layout.head_dim + element
    }

    fn kept(&self, number: f32) -> f32 {
        match self.layout.state {
            StateDtype::F32 => number,
            StateDtype::Bf16 => nearest_bf16(number),
        }
    }

    fn write_number(&self, number: f32, out: &mut Vec<u8>) {
        let bytes = number.to_le_bytes();
        out.extend_from_slice(&bytes[4 - self.layout.state.bytes()..]);
    }
}

/// Returns the f32 number that these bytes stand for. A bf16 number has only the upper two bytes.
fn number(bytes: &[u8]) -> f32 {
    let mut whole = [0; 4];
    whole[4 - bytes.len()..].copy_from_slice(bytes);
    f32::from_le_bytes(whole)
}

/// Returns head, slot and element of each number of the keys in the order of a snapshot:
/// `[kv_heads, PAGE / LANES, head_dim, LANES]`.
fn key_order(layout: KvLayout) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..layout.kv_heads * PAGE * layout.head_dim).map(move |number| {
        let (lane, rest) = (number % LANES, number / LANES);
        let (element, panel) = (rest % layout.head_dim, rest / layout.head_dim);
        let (head, slot) = (panel / (PAGE / LANES), panel % (PAGE / LANES) * LANES + lane);
        (head, slot, element)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lie_in_panels_of_positions_and_values_row_by_row() {
        let layout = KvLayout { kv_heads: 2, head_dim: 3, state: StateDtype::F32 };
        let mut page = PlainPage::empty(layout);
        page.write(17, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[7.0, 8.0, 9.0, 10.0, 11.0, 12.0]);
        let mut bits = Vec::new();
        page.write_bits(&mut bits);
        let numbers: Vec<f32> = bits.chunks_exact(4).map(number).collect();
        // The second head's second panel of sixteen positions, the last element, lane 1.
        assert_eq!(numbers[((PAGE / LANES + 1) * 3 + 2) * LANES + 1], 6.0);
        let values = &numbers[2 * PAGE * 3..];
        assert_eq!(values[(PAGE + 17) * 3..][..3], [10.0, 11.0, 12.0]);
        assert_eq!(numbers.iter().filter(|number| **number != 0.0).count(), 12);
        let mut again = Vec::new();
        PlainPage::from_bits(layout, &bits).write_bits(&mut again);
        assert_eq!(again, bits);
    }
}
