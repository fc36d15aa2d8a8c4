//! Limits on one request to an endpoint.

use std::time::Duration;

/// Limits on the time and memory that one request to an endpoint may take.
///
/// A request that exceeds a limit ends with the [`RemoteError`](crate::RemoteError) that names the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest wait for a connection, name resolution included.
    pub connect: Duration,
    /// The longest silence: before the first byte of the reply, and between any two bytes.
    pub stall: Duration,
    /// The longest time for the whole request, even if bytes keep arriving.
    pub total: Duration,
    /// The largest body of a reply, in bytes.
    pub max_bytes: usize,
}
