//! Locks on files that other processes may hold, remove or replace.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::Duration;

use crate::Irregular;

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

/// Returns a file from `open` that `lock` has locked and that still has its name, as `has_name` says. Returns None if
/// another holder has the lock.
///
/// A holder that removes the file when it is done leaves those who waited with a file that nobody else will open. A file
/// that is gone every time is an [`Irregular::Vanishing`]: nobody holds the lock then.
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
    Err(Irregular::Vanishing.into())
}

/// Returns true if somebody holds the lock on `file`.
pub(crate) fn is_locked(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::fs::File;

    use super::{ATTEMPTS, lock_named};
    use crate::{FileError, Irregular, with_context};

    /// Somebody removes the file each time before its name is looked at. Nobody holds the lock, so that is not the answer.
    #[test]
    fn a_file_that_is_removed_every_time_is_held_by_nobody() {
        let path = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        let opened = Cell::new(0);
        let open = || {
            opened.set(opened.get() + 1);
            File::open(path)
        };
        let reason = |locked| with_context("lock", path, locked).map(|file: Option<File>| file.is_some());
        let found = reason(lock_named(open, |_| Ok(false), |_| Ok(true)));
        assert_eq!(found.as_ref().err().and_then(FileError::irregular), Some(Irregular::Vanishing));
        assert_eq!(opened.get(), ATTEMPTS);
        // Gone once, and another holder has it, are no such thing.
        assert!(
            reason(lock_named(open, |_| Ok(opened.get() > ATTEMPTS + 1), |_| Ok(true)))
                .is_ok_and(|held| held)
        );
        assert!(reason(lock_named(open, |_| Ok(true), |_| Ok(false))).is_ok_and(|held| !held));
    }
}
