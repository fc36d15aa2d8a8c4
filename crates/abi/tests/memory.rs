//! The reader allocates nothing for items that an input only announces.
//!
//! The allocator of this test records the largest allocation, which takes `unsafe` and a process of its own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use abi::decode;

struct Counting;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's contract is the system allocator's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the system allocator's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Returns the size of the largest single allocation while `input` is read and refused.
fn largest(input: &[u8]) -> usize {
    LARGEST.store(0, Ordering::Relaxed);
    assert!(decode(input).is_err(), "a count that nothing follows is refused");
    LARGEST.load(Ordering::Relaxed)
}

#[test]
fn announced_counts_do_not_allocate() {
    for tag in 5..=8 {
        assert!(largest(&[tag, 0xff, 0xff, 0xff, 0xff]) < 1024, "tag {tag}");
    }
    // Nested lists, each announcing as many items as the input has bytes left.
    let mut nested = [7, 0, 0, 1, 0].repeat(60);
    nested.extend([0xff; 1 << 16]);
    assert!(largest(&nested) < 1 << 16, "{} bytes", largest(&nested));
}
