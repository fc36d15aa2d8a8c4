//! What the built-in tools ask of the machine.

/// The machine, as far as the built-in tools look at it. What cannot be had is none, never an error.
pub trait World: Send + Sync {
    /// Nanoseconds since the Unix epoch, if the clock is set.
    fn since_epoch(&self) -> Option<i128>;

    /// The name of the local time zone in the tz database.
    fn zone(&self) -> Option<String>;

    /// The name and the release of the operating system.
    fn system(&self) -> (Option<String>, Option<String>);

    /// The architecture of the processor.
    fn machine(&self) -> Option<String>;

    /// Processors that this process may use.
    fn cores(&self) -> Option<u32>;

    /// The memory of the machine.
    fn memory(&self) -> Option<Memory>;

    /// How busy the machine is.
    fn load(&self) -> Option<Load>;

    /// Room on the volume of the working folder; of no other volume.
    fn space(&self) -> Option<Space>;
}

/// Bytes of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// In all.
    pub total: u64,
    /// That can be had without swapping.
    pub available: u64,
}

/// Runnable tasks, averaged over 1, 5 and 15 minutes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load(pub [f64; 3]);

/// Bytes of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// In all.
    pub total: u64,
    /// That can be written by this user.
    pub free: u64,
}
