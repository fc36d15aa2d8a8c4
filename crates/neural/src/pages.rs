//! The keys and values of one layer, by absolute position.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use crate::backend::{Backend, KvLayout, PageSlots};
use crate::numerics::PAGE;

/// Consecutive pages of one layer of a session. Forks share the pages and the list of pages copy-on-write: a
/// fork copies neither, and the first of the two that writes copies the list and the page. A page never moves
/// to other positions.
pub(crate) struct PageTable<B: Backend> {
    layout: KvLayout,
    /// Absolute number of `pages[0]`; pages before it were dropped.
    first_page: usize,
    pages: Arc<VecDeque<Arc<B::Page>>>,
}

impl<B: Backend> Clone for PageTable<B> {
    fn clone(&self) -> Self {
        Self { layout: self.layout, first_page: self.first_page, pages: Arc::clone(&self.pages) }
    }
}

impl<B: Backend> PageTable<B> {
    pub(crate) fn new(layout: KvLayout) -> Self {
        Self { layout, first_page: 0, pages: Arc::default() }
    }

    /// Creates a table of consecutive pages.
    pub(crate) fn from_pages(
        layout: KvLayout,
        first_page: usize,
        pages: impl Iterator<Item = B::Page>,
    ) -> Self {
        Self { layout, first_page, pages: Arc::new(pages.map(Arc::new).collect()) }
    }

    pub(crate) fn layout(&self) -> KvLayout {
        self.layout
    }

    /// Returns the number of pages that another table holds too.
    pub(crate) fn shared(&self) -> usize {
        let list = Arc::strong_count(&self.pages) > 1;
        self.pages.iter().filter(|page| list || Arc::strong_count(page) > 1).count()
    }

    /// Returns the earliest position whose keys and values are still held.
    pub(crate) fn first_position(&self) -> usize {
        self.first_page * PAGE
    }

    pub(crate) fn first_page(&self) -> usize {
        self.first_page
    }

    pub(crate) fn pages(&self) -> Vec<&B::Page> {
        self.pages.iter().map(Arc::as_ref).collect()
    }

    /// Returns the pages of `positions`, which nobody else holds, to be written. The row with index
    /// `first_row` belongs to the first position.
    pub(crate) fn writable(
        &mut self,
        backend: &B,
        positions: Range<usize>,
        first_row: usize,
    ) -> Vec<(&mut B::Page, PageSlots)> {
        let numbers = positions.start / PAGE..positions.end.div_ceil(PAGE);
        let pages = Arc::make_mut(&mut self.pages);
        while self.first_page + pages.len() < numbers.end {
            pages.push_back(Arc::new(backend.page(self.layout)));
        }
        let written = pages.range_mut(numbers.start - self.first_page..numbers.end - self.first_page);
        let slots = |number: usize| {
            let start = positions.start.max(number * PAGE);
            let end = positions.end.min((number + 1) * PAGE);
            let first_row = first_row + start - positions.start;
            PageSlots { first_row, first_slot: start % PAGE, count: end - start }
        };
        written.zip(numbers).map(|(page, number)| (Arc::make_mut(page), slots(number))).collect()
    }

    /// Drops the pages that end at or before `position`.
    pub(crate) fn drop_before(&mut self, position: usize) {
        while (self.first_page + 1) * PAGE <= position && !self.pages.is_empty() {
            Arc::make_mut(&mut self.pages).pop_front();
            self.first_page += 1;
        }
    }

    /// Drops the pages that start at or after `position`.
    pub(crate) fn truncate(&mut self, position: usize) {
        let kept = position.div_ceil(PAGE).saturating_sub(self.first_page);
        if kept < self.pages.len() {
            Arc::make_mut(&mut self.pages).truncate(kept);
        }
    }
}
