//! Keys and values of one page of positions.

use neural::{KvLayout, LANES, PAGE, PageSlots};

use crate::lanes::Lanes;

/// Keys and values of `PAGE` positions. Keys lie in panels of sixteen positions, per head and panel one
/// element of the sixteen keys after the other; values lie row by row, per head.
#[derive(Clone)]
pub struct Page {
    keys: Vec<Lanes>,
    values: Vec<f32>,
}

impl Page {
    pub(crate) fn new(layout: KvLayout) -> Self {
        let width = layout.kv_heads * layout.head_dim;
        Self { keys: vec![Lanes::ZERO; width * PAGE / LANES], values: vec![0.0; width * PAGE] }
    }

    /// The page of these bits, as [`write_bits`](Self::write_bits) writes them.
    pub(crate) fn of_bits(layout: KvLayout, bits: &[u8]) -> Self {
        let mut page = Self::new(layout);
        assert_eq!(bits.len(), layout.page_bytes(), "bits of one page");
        let (keys, values) = bits.as_chunks::<4>().0.split_at(page.values.len());
        for (lanes, bits) in page.keys.iter_mut().zip(keys.as_chunks::<LANES>().0) {
            lanes.0 = bits.map(f32::from_le_bytes);
        }
        page.values.iter_mut().zip(values).for_each(|(value, bits)| *value = f32::from_le_bytes(*bits));
        page
    }

    /// Appends keys, then values, in the order in which they lie.
    pub(crate) fn write_bits(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + 2 * self.values.len() * size_of::<f32>(), 0);
        let (keys, values) = out[start..].as_chunks_mut::<4>().0.split_at_mut(self.values.len());
        for (bits, lanes) in keys.as_chunks_mut::<LANES>().0.iter_mut().zip(&self.keys) {
            *bits = lanes.0.map(f32::to_le_bytes);
        }
        values.iter_mut().zip(&self.values).for_each(|(bits, value)| *bits = value.to_le_bytes());
    }

    /// Writes rows of `keys` and `values`, each `[rows, kv_heads * head_dim]`, into slots of the page.
    pub(crate) fn store(&mut self, layout: KvLayout, slots: PageSlots, keys: &[f32], values: &[f32]) {
        let width = layout.kv_heads * layout.head_dim;
        for offset in 0..slots.count {
            let row = (slots.first_row + offset) * width..(slots.first_row + offset + 1) * width;
            let slot = slots.first_slot + offset;
            self.store_key(layout, slot, &keys[row.clone()]);
            self.store_value(layout, slot, &values[row]);
        }
    }

    /// The panels of `head` from position slot `slot`, a multiple of sixteen, on: `[panels, head_dim]`.
    #[inline(always)]
    pub(crate) fn keys(&self, layout: KvLayout, head: usize, slot: usize) -> &[Lanes] {
        &self.keys[(head * PAGE + slot) / LANES * layout.head_dim..]
    }

    /// The values of `head` from `slot` on: `[slots, head_dim]`.
    #[inline(always)]
    pub(crate) fn values(&self, layout: KvLayout, head: usize, slot: usize) -> &[f32] {
        &self.values[(head * PAGE + slot) * layout.head_dim..]
    }

    fn store_key(&mut self, layout: KvLayout, slot: usize, key: &[f32]) {
        for (head, key) in key.chunks_exact(layout.head_dim).enumerate() {
            let panel = (head * PAGE + slot) / LANES * layout.head_dim;
            for (lanes, element) in self.keys[panel..].iter_mut().zip(key) {
                lanes.0[slot % LANES] = *element;
            }
        }
    }

    fn store_value(&mut self, layout: KvLayout, slot: usize, value: &[f32]) {
        for (head, value) in value.chunks_exact(layout.head_dim).enumerate() {
            let at = (head * PAGE + slot) * layout.head_dim;
            self.values[at..at + layout.head_dim].copy_from_slice(value);
        }
    }
}
