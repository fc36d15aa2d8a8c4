//! Locks on files that other processes may hold, remove or replace.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::Duration;

/// Time between two attempts at a lock that another holder has.
const PAUSE: Duration = Duration::from_millis(2);

/// Returns true once `file` is locked, and false if another holder still has it after `wait`.
///
/// The standard library waits for ever or not at all, so this function tries again and again.
pub(crate) fn lock_within(file: &File, wait: Duration) -> io::Result<bool> {
    let attempts = wait.as_micros() / PAUSE.as_micros();
    for attempt in 0..=attempts {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if attempt < attempts => thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {}
        }
    }
    Ok(false)
}

/// Most files that are locked in vain because each was removed meanwhile.
const ATTEMPTS: u32 = 1000;

/// Returns a file from `open` that `lock` has locked and that still has its name, as `has_name` says.
///
/// A holder that removes the file when it is done leaves those who waited with a file that nobody else will open.
pub(crate) fn lock_named(
    open: impl Fn() -> io::Result<File>,
    has_name: impl Fn(&File) -> io::Result<bool>,
    lock: impl Fn(&File) -> io::Result<bool>,
) -> io::Result<Option<File>> {
    for _ in 0..ATTEMPTS {
        let file = open()?;
        if !lock(&file)? {
            return Ok(None);
        }
        if has_name(&file)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// Returns true if somebody holds the lock on `file`.
pub(crate) fn is_locked(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
