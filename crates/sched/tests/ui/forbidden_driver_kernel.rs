//! A driver's kernel is looked at and not stepped, so nobody else is given the values that it reveals.

use sched::abi::Journal;
use sched::{Clock, Driver, Effect, Event, Millis, Pool};

fn reveal<P: Pool, J: Journal, C: Clock>(driver: &mut Driver<'_, P, J, C>, event: Event) -> Vec<Effect> {
    driver.kernel.step(Millis(0), event).unwrap()
}

fn reveal_through<P: Pool, J: Journal, C: Clock>(driver: &mut Driver<'_, P, J, C>, event: Event) -> Vec<Effect> {
    driver.kernel().step(Millis(0), event).unwrap()
}

fn main() {}
