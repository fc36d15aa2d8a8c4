//! Bounds on one request to an endpoint.

use std::time::Duration;

/// Bounds on the time and memory that one request to an endpoint may take.
///
/// A request that exceeds one of them ends with the [`RemoteError`](crate::RemoteError) that names the bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest wait for a connection, name resolution included.
    pub connect: Duration,
    /// Longest silence: before the first byte of the reply, and between any two.
    pub stall: Duration,
    /// Longest time for the whole request, even if bytes keep arriving.
    pub total: Duration,
    /// Largest body of a reply, in bytes.
    pub max_bytes: usize,
}
