//! A pool of worker threads, each with an executor of its own.

use std::fmt;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{Executor, Pool, Returned, Work, run_caught};
use crate::Millis;

/// A pool that runs tasks on worker threads. The workers only return results; they never touch the kernel.
///
/// A run that does not check its [`Stop`](super::Stop) flag keeps its worker until it returns. Dropping the
/// pool does not wait for running workers.
pub struct Threads<E> {
    /// The channel to the workers, which take runs in order.
    work: Sender<Work>,
    /// The channel from the workers, with runs that came back.
    returned: Receiver<Returned<E>>,
}

impl<E> fmt::Debug for Threads<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").field("queued", &self.work.len()).finish_non_exhaustive()
    }
}

impl<E: std::error::Error + Send + 'static> Threads<E> {
    /// Starts one worker thread for each executor, and returns the pool.
    ///
    /// # Errors
    /// Fails if the system does not start a thread.
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
                    // A stopped run needs no result. A failed send means that the pool was dropped.
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
        // If all workers have exited, the send fails; the task then ends by its deadline.
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
