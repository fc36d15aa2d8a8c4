//! The threads that share out the work of an operation, but never a sum.
//!
//! Every output has its own accumulator and every head its own softmax, so the thread that computes one of
//! them changes no bit. Work that is too small to be worth a hand-over runs on the calling thread.

use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use thiserror::Error;

use crate::environment::{EnvironmentError, check_environment};

/// The most threads that one backend computes on. A larger number is refused.
pub const MAX_THREADS: usize = 256;

/// The number of multiplications, some microseconds of work, below which an operation is not shared out.
const LEAST_WORK: usize = 1 << 17;

/// The reason why a backend gets no threads of its own.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ThreadsError {
    /// The number of threads is 0 or above [`MAX_THREADS`].
    #[error("{count} threads were asked for; use 1 to {MAX_THREADS}")]
    Count {
        /// The number that was asked for.
        count: usize,
    },
    /// The system could not start a thread, for the reason in the text.
    #[error("no thread could be started ({0}): use fewer")]
    Start(String),
    /// The floating-point unit of a started thread does not compute IEEE arithmetic.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
}

/// The threads of a backend; without a pool the backend computes on the calling thread.
#[derive(Clone, Default)]
pub(crate) struct Threads {
    pool: Option<Arc<ThreadPool>>,
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Threads({})", self.count())
    }
}

impl Threads {
    /// Starts `count` threads and checks that each computes IEEE arithmetic. With a count of 1 the calling
    /// thread is used.
    pub(crate) fn new(count: usize) -> Result<Self, ThreadsError> {
        match count {
            1 => Ok(Self::default()),
            2..=MAX_THREADS => {
                let pool = ThreadPoolBuilder::new().num_threads(count).build();
                let pool = pool.map_err(|error| ThreadsError::Start(error.to_string()))?;
                // A worker may have inherited another mode than the caller's.
                pool.broadcast(|_| check_environment()).into_iter().collect::<Result<(), _>>()?;
                Ok(Self { pool: Some(Arc::new(pool)) })
            }
            _ => Err(ThreadsError::Count { count }),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.pool.as_ref().map_or(1, |pool| pool.current_num_threads())
    }

    /// Returns into how many parts an operation of `work` multiplications is worth cutting.
    pub(crate) fn parts(&self, work: usize) -> usize {
        self.count().min(work / LEAST_WORK).max(1)
    }

    /// Cuts `out` into parts of `length` values, and calls `act` with the number of each part and the part,
    /// in any order.
    pub(crate) fn each_part(
        &self,
        out: &mut [f32],
        length: usize,
        act: impl Fn(usize, &mut [f32]) + Send + Sync,
    ) {
        match &self.pool {
            Some(pool) if length < out.len() => pool.install(|| {
                out.par_chunks_mut(length).enumerate().for_each(|(part, out)| act(part, out));
            }),
            _ => out.chunks_mut(length).enumerate().for_each(|(part, out)| act(part, out)),
        }
    }
}
