//! Work shared out between threads, never a sum.
//!
//! Every output has its own accumulator and every head its own softmax, so which thread computes which of
//! them changes no bit. What is too small to be worth a hand-over runs where it is.

use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use thiserror::Error;

use crate::environment::{EnvironmentError, check_environment};

/// The most threads that one backend computes on, far above any machine.
pub const MAX_THREADS: usize = 256;

/// Multiplications below which an operation is not shared out: some microseconds of work.
const LEAST_WORK: usize = 1 << 17;

/// The reason why there are no threads to compute with on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ThreadsError {
    /// None, or too many, were asked for.
    #[error("{count} threads were asked for; use 1 to {MAX_THREADS}")]
    Count {
        /// The number that was asked for.
        count: usize,
    },
    /// The system gives none.
    #[error("no thread could be started ({0}): use fewer")]
    Start(String),
    /// The floating-point unit of one does not compute IEEE arithmetic.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
}

/// The threads of a backend; none of its own where it computes on the caller's.
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
    /// `count` threads, each of which computes IEEE arithmetic; with one, the caller's.
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

    /// Into how many parts work of that many multiplications is worth cutting.
    pub(crate) fn parts(&self, work: usize) -> usize {
        self.count().min(work / LEAST_WORK).max(1)
    }

    /// Calls `act` with the number of each part of `out` and the part, in whatever order.
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
