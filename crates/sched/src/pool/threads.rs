//! Lanes on threads of their own.

use std::fmt;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{Executor, Pool, Returned, Work, run_caught};
use crate::Millis;

/// Runs work on threads, each with an executor of its own. The threads only return events.
///
/// A run that does not look at its [`Stop`](super::Stop) keeps its thread until it returns; the threads
/// are not waited for when the pool is dropped.
pub struct Threads<E> {
    work: Sender<Work>,
    returned: Receiver<Returned<E>>,
}

impl<E> fmt::Debug for Threads<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").field("queued", &self.work.len()).finish_non_exhaustive()
    }
}

impl<E: std::error::Error + Send + 'static> Threads<E> {
    /// One thread for each executor.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn new<X>(executors: Vec<X>) -> std::io::Result<Self>
    where
        X: Executor<Error = E> + Send + 'static,
    {
        let (work, queue) = unbounded::<Work>();
        let (sender, returned) = unbounded();
        for (number, mut executor) in executors.into_iter().enumerate() {
            let (queue, sender) = (queue.clone(), sender.clone());
            let worker = move || {
                for work in queue {
                    // Nobody waits for a stopped run, nor, at the end, for any.
                    if !work.stop.is_raised() && sender.send(run_caught(&mut executor, &work)).is_err() {
                        return;
                    }
                }
            };
            thread::Builder::new().name(format!("worker-{number}")).spawn(worker)?;
        }
        Ok(Self { work, returned })
    }
}

impl<E: std::error::Error> Pool for Threads<E> {
    type Error = E;

    fn start(&mut self, work: Work) {
        // Without a lane nothing comes back, and the task's deadline says so.
        drop(self.work.send(work));
    }

    fn poll(&mut self) -> Option<Returned<E>> {
        self.returned.try_recv().ok()
    }

    fn wait(&mut self, limit: Option<Millis>) -> Option<Returned<E>> {
        match limit {
            Some(Millis(limit)) => self.returned.recv_timeout(Duration::from_millis(limit)).ok(),
            None => self.returned.recv().ok(),
        }
    }
}
