//! A pool with one worker, which is the caller's own thread.

use std::collections::VecDeque;

use super::{Executor, Pool, Returned, Work, run_caught};
use crate::Millis;

/// A pool that runs one task at a time on the caller's thread, inside [`poll`](Pool::poll) and
/// [`wait`](Pool::wait). A run cannot be stopped by its deadline while it runs, only counted as late
/// afterwards.
#[derive(Debug)]
pub struct Inline<X> {
    /// The executor that runs all operations.
    pub executor: X,
    queue: VecDeque<Work>,
}

impl<X> Inline<X> {
    /// Returns a pool without work, which runs every operation on `executor`. Tests and single jobs use such
    /// a pool.
    pub fn new(executor: X) -> Self {
        Self { executor, queue: VecDeque::new() }
    }
}

impl<X: Executor> Pool for Inline<X> {
    type Error = X::Error;

    fn start(&mut self, work: Work) {
        self.queue.push_back(work);
    }

    fn poll(&mut self) -> Option<Returned<X::Error>> {
        while let Some(work) = self.queue.pop_front() {
            if !work.stop.is_raised() {
                return Some(run_caught(&mut self.executor, &work));
            }
        }
        None
    }

    fn wait(&mut self, _: Option<Millis>) -> Option<Returned<X::Error>> {
        self.poll()
    }
}
