//! Threads that keep every processor busy.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// The threads for each processor. Several of them raise the load average within seconds, and not within minutes.
const EACH: usize = 8;

/// Work without a purpose on every processor, until this is dropped.
pub(super) struct Busy {
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Busy {
    /// Begins the work. A thread that the system refuses is left out.
    pub(super) fn begin() -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let count = thread::available_parallelism().map_or(1, usize::from) * EACH;
        let begin = |_| {
            let ends = Arc::clone(&ends);
            let work = move || {
                let mut number = 1_u64;
                while !ends.load(Ordering::Relaxed) {
                    for _ in 0..10_000 {
                        number = black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
                    }
                }
            };
            thread::Builder::new().name("busy".to_owned()).spawn(work).ok()
        };
        Self { threads: (0..count).filter_map(begin).collect(), ends }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // The work cannot panic, and there is nothing to do if it did.
            drop(thread.join());
        }
    }
}
