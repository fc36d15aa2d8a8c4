//! A driver's kernel is not taken out of it.

use sched::abi::Journal;
use sched::{Clock, Driver, Kernel, Pool};

fn taken<P: Pool, J: Journal, C: Clock>(driver: Driver<'_, P, J, C>) -> Kernel {
    let Driver { kernel, .. } = driver;
    kernel
}

fn main() {}
