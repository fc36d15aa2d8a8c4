//! Frames over the pipes of a worker: a length of four bytes, little-endian, and that many bytes.
//!
//! The parent never waits without a deadline, neither for bytes nor for room, because the other side is not trusted.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The reason why a frame was not read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The deadline passed.
    Late,
    /// The other side closed its end.
    Closed,
    /// The frame is longer than may be.
    TooLong(usize),
    /// The operating system refused.
    System(String),
}

/// Reads one frame of at most `limit` bytes. Nothing is allocated for a frame that is longer.
pub(crate) fn read(
    pipe: &mut (impl Read + AsFd),
    limit: usize,
    deadline: Instant,
) -> Result<Vec<u8>, Broken> {
    let mut length = [0; 4];
    fill(pipe, &mut length, deadline)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > limit {
        return Err(Broken::TooLong(length));
    }
    let mut frame = vec![0; length];
    fill(pipe, &mut frame, deadline)?;
    Ok(frame)
}

/// Writes one frame.
pub(crate) fn write(pipe: &mut (impl Write + AsFd), frame: &[u8], deadline: Instant) -> Result<(), Broken> {
    let length = u32::try_from(frame.len()).map_err(|_| Broken::TooLong(frame.len()))?;
    let bytes = [&length.to_le_bytes(), frame].concat();
    let mut left = bytes.as_slice();
    while !left.is_empty() {
        wait(pipe, PollFlags::OUT, deadline)?;
        match pipe.write(left) {
            Ok(count) => left = &left[count..],
            Err(error) => again(&error)?,
        }
    }
    Ok(())
}

/// Returns true if bytes lie in the pipe that nobody asked for.
pub(crate) fn has_more(pipe: &impl AsFd) -> bool {
    let mut fds = [PollFd::new(pipe, PollFlags::IN)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&now)).is_ok() && fds[0].revents().contains(PollFlags::IN)
}

fn fill(pipe: &mut (impl Read + AsFd), mut into: &mut [u8], deadline: Instant) -> Result<(), Broken> {
    while !into.is_empty() {
        wait(pipe, PollFlags::IN, deadline)?;
        match pipe.read(into) {
            Ok(0) => return Err(Broken::Closed),
            Ok(count) => into = &mut into[count..],
            Err(error) => again(&error)?,
        }
    }
    Ok(())
}

/// Returns an error unless the operation may be tried again.
fn again(error: &std::io::Error) -> Result<(), Broken> {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::Interrupted => Ok(()),
        ErrorKind::BrokenPipe => Err(Broken::Closed),
        _ => Err(Broken::System(error.to_string())),
    }
}

/// Waits until the pipe has bytes, or room for some.
fn wait(pipe: &impl AsFd, what: PollFlags, deadline: Instant) -> Result<(), Broken> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Broken::Late);
        }
        let left = Timespec::try_from(left).map_err(|_| Broken::Late)?;
        match poll(&mut [PollFd::new(pipe, what)], Some(&left)) {
            Ok(0) => return Err(Broken::Late),
            // An end that was closed is ready too: the next read or write tells.
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(Broken::System(error.to_string())),
        }
    }
}
