//! The readings of the machine that the built-in tools need.

/// The machine, as far as the built-in tools read it. A reading that is not available is `None`, never an
/// error.
pub trait World: Send + Sync {
    /// Nanoseconds since the Unix epoch. None if the clock is not set.
    fn since_epoch(&self) -> Option<i128>;

    /// The name of the local time zone, as the tz database spells it.
    fn zone(&self) -> Option<String>;

    /// The name and the release of the operating system, in this order.
    fn system(&self) -> (Option<String>, Option<String>);

    /// The architecture of the processor, as the operating system names it.
    fn machine(&self) -> Option<String>;

    /// The number of processor cores that this process may use.
    fn cores(&self) -> Option<u32>;

    /// The memory of the machine, in all and as far as available.
    fn memory(&self) -> Option<Memory>;

    /// The load of the machine, averaged over 1, 5 and 15 minutes.
    fn load(&self) -> Option<Load>;

    /// Space on the volume of the working folder. Other volumes are not read.
    fn space(&self) -> Option<Space>;
}

/// Memory of the machine in bytes, as the operating system reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// All memory.
    pub total: u64,
    /// Memory that is available without swapping.
    pub available: u64,
}

/// The average number of runnable tasks over 1, 5 and 15 minutes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load(pub [f64; 3]);

/// Space of a volume in bytes, as the operating system reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// All space.
    pub total: u64,
    /// Space that this user can write to.
    pub free: u64,
}
