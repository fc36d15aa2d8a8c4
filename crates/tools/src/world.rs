//! The readings of the machine that the built-in tools need.

/// The machine, as far as the built-in tools read it. A reading that is not available is `None`, never an
/// error.
pub trait World: Send + Sync {
    /// Returns the nanoseconds since the Unix epoch, or None if the clock is not set.
    fn since_epoch(&self) -> Option<i128>;

    /// Returns the name of the local time zone in the tz database, for example `Europe/Berlin`.
    fn zone(&self) -> Option<String>;

    /// Returns the name and the release of the operating system, in this order.
    fn system(&self) -> (Option<String>, Option<String>);

    /// Returns the architecture of the processor, as the operating system names it, for example `x86_64`.
    fn machine(&self) -> Option<String>;

    /// Returns the number of processor cores that this process may use.
    fn cores(&self) -> Option<u32>;

    /// Returns the size of the machine's memory, and the part of it that is available.
    fn memory(&self) -> Option<Memory>;

    /// Returns the load averages of the machine over 1, 5 and 15 minutes.
    fn load(&self) -> Option<Load>;

    /// Returns the space on the volume of the working folder. Other volumes are not read.
    fn space(&self) -> Option<Space>;
}

/// The memory of the machine in bytes, as the operating system reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The size of the machine's memory, in bytes.
    pub total: u64,
    /// The size of the memory that is available without swapping.
    pub available: u64,
}

/// The load averages over 1, 5 and 15 minutes: the average numbers of runnable tasks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load(pub [f64; 3]);

/// The space of a volume in bytes, as the operating system reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// The size of the volume, in bytes.
    pub total: u64,
    /// The space that is free for this user.
    pub free: u64,
}
