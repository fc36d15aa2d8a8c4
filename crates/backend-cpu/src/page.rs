//! The keys and values of one page of positions.

use neural::{KvLayout, LANES, PAGE, PageSlots, StateDtype};

use crate::lanes::{HalfLanes, Lanes, Stored};

/// A page of the CPU backend: the keys and values of `PAGE` positions of one layer, in the number format of
/// the layout.
#[derive(Clone)]
pub struct Page(Numbers);

#[derive(Clone)]
enum Numbers {
    F32(Slots<Lanes>),
    Bf16(Slots<HalfLanes>),
}

/// Keys and values in one number format. For each head, keys lie in panels of sixteen positions, which hold
/// each element of the sixteen keys side by side. Values lie row by row for each head.
#[derive(Clone)]
pub(crate) struct Slots<S: Stored> {
    keys: Vec<S>,
    values: Vec<S::Number>,
}

/// A format in which a page can keep its keys and values.
pub(crate) trait InPage: Stored {
    /// Returns the keys and values of the page.
    ///
    /// # Panics
    /// If the page keeps them in another format.
    fn slots(page: &Page) -> &Slots<Self>;
}

impl InPage for Lanes {
    #[inline(always)]
    fn slots(page: &Page) -> &Slots<Self> {
        match &page.0 {
            Numbers::F32(slots) => slots,
            Numbers::Bf16(_) => panic!("a page of bf16 in a layout of f32"),
        }
    }
}

impl InPage for HalfLanes {
    #[inline(always)]
    fn slots(page: &Page) -> &Slots<Self> {
        match &page.0 {
            Numbers::Bf16(slots) => slots,
            Numbers::F32(_) => panic!("a page of f32 in a layout of bf16"),
        }
    }
}

impl Page {
    pub(crate) fn new(layout: KvLayout) -> Self {
        Self(match layout.state {
            StateDtype::F32 => Numbers::F32(Slots::new(layout)),
            StateDtype::Bf16 => Numbers::Bf16(Slots::new(layout)),
        })
    }

    /// Returns the page that has these bits, as [`write_bits`](Self::write_bits) writes them.
    pub(crate) fn from_bits(layout: KvLayout, bits: &[u8]) -> Self {
        assert_eq!(bits.len(), layout.page_bytes(), "bits of one page");
        let mut page = Self::new(layout);
        match &mut page.0 {
            Numbers::F32(slots) => slots.read(bits, f32::from_le_bytes),
            Numbers::Bf16(slots) => slots.read(bits, u16::from_le_bytes),
        }
        page
    }

    /// Appends the bits of the keys, then those of the values, in the order in which they are stored.
    pub(crate) fn write_bits(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Numbers::F32(slots) => slots.write(out, f32::to_le_bytes),
            Numbers::Bf16(slots) => slots.write(out, u16::to_le_bytes),
        }
    }

    /// Writes rows of `keys` and `values`, each `[rows, kv_heads * head_dim]`, into slots of the page.
    pub(crate) fn store(&mut self, layout: KvLayout, slots: PageSlots, keys: &[f32], values: &[f32]) {
        match &mut self.0 {
            Numbers::F32(kept) => kept.store(layout, slots, keys, values),
            Numbers::Bf16(kept) => kept.store(layout, slots, keys, values),
        }
    }
}

impl<S: Stored> Slots<S> {
    fn new(layout: KvLayout) -> Self {
        let width = layout.kv_heads * layout.head_dim;
        Self { keys: vec![S::ZERO; width * PAGE / LANES], values: vec![S::Number::default(); width * PAGE] }
    }

    /// Reads keys, then values, from little-endian bits.
    fn read<const BYTES: usize>(&mut self, bits: &[u8], number: impl Fn([u8; BYTES]) -> S::Number) {
        let (keys, values) = bits.as_chunks::<BYTES>().0.split_at(self.values.len());
        for (kept, bits) in self.keys.iter_mut().zip(keys.as_chunks::<LANES>().0) {
            *kept.lanes() = bits.map(&number);
        }
        self.values.iter_mut().zip(values).for_each(|(kept, bits)| *kept = number(*bits));
    }

    fn write<const BYTES: usize>(&self, out: &mut Vec<u8>, bits: impl Fn(S::Number) -> [u8; BYTES]) {
        let start = out.len();
        out.resize(start + 2 * self.values.len() * BYTES, 0);
        let (keys, values) = out[start..].as_chunks_mut::<BYTES>().0.split_at_mut(self.values.len());
        for (out, mut kept) in keys.as_chunks_mut::<LANES>().0.iter_mut().zip(self.keys.iter().copied()) {
            *out = kept.lanes().map(&bits);
        }
        values.iter_mut().zip(&self.values).for_each(|(out, kept)| *out = bits(*kept));
    }

    fn store(&mut self, layout: KvLayout, slots: PageSlots, keys: &[f32], values: &[f32]) {
        let width = layout.kv_heads * layout.head_dim;
        for offset in 0..slots.count {
            let row = (slots.first_row + offset) * width..(slots.first_row + offset + 1) * width;
            let slot = slots.first_slot + offset;
            self.store_key(layout, slot, &keys[row.clone()]);
            self.store_value(layout, slot, &values[row]);
        }
    }

    /// Returns the key panels of `head` from `slot`, a multiple of sixteen, on: `[panels, head_dim]`.
    #[inline(always)]
    pub(crate) fn keys(&self, layout: KvLayout, head: usize, slot: usize) -> &[S] {
        &self.keys[(head * PAGE + slot) / LANES * layout.head_dim..]
    }

    /// Returns the values of `head` from `slot` on: `[slots, head_dim]`.
    #[inline(always)]
    pub(crate) fn values(&self, layout: KvLayout, head: usize, slot: usize) -> &[S::Number] {
        &self.values[(head * PAGE + slot) * layout.head_dim..]
    }

    fn store_key(&mut self, layout: KvLayout, slot: usize, key: &[f32]) {
        for (head, key) in key.chunks_exact(layout.head_dim).enumerate() {
            let panel = (head * PAGE + slot) / LANES * layout.head_dim;
            for (lanes, element) in self.keys[panel..].iter_mut().zip(key) {
                lanes.lanes()[slot % LANES] = S::nearest(*element);
            }
        }
    }

    fn store_value(&mut self, layout: KvLayout, slot: usize, value: &[f32]) {
        for (head, value) in value.chunks_exact(layout.head_dim).enumerate() {
            let at = (head * PAGE + slot) * layout.head_dim;
            let kept = &mut self.values[at..at + layout.head_dim];
            kept.iter_mut().zip(value).for_each(|(kept, value)| *kept = S::nearest(*value));
        }
    }
}
