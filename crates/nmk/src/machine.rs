//! The readings of the machine for the built-in tools.

use std::time::{SystemTime, UNIX_EPOCH};

use tools::{Load, Memory, Space, World};

/// The machine that runs the program. A reading that it does not give is None.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine;

/// Returns the first line of a file of the operating system, or None if it is missing or blank.
fn line(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    text.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// Returns the bytes in a row of `/proc/meminfo`, which counts in KiB, or None if there is no such row.
fn kibibytes(meminfo: &str, row: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix(row)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

impl World for Machine {
    fn since_epoch(&self) -> Option<i128> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        i128::try_from(since.as_nanos()).ok()
    }

    fn zone(&self) -> Option<String> {
        // The tool falls back to UTC, and says so.
        std::env::var("TZ").ok().filter(|zone| !zone.is_empty()).or_else(|| line("/etc/timezone"))
    }

    fn system(&self) -> (Option<String>, Option<String>) {
        (Some(std::env::consts::OS.to_owned()), line("/proc/sys/kernel/osrelease"))
    }

    fn machine(&self) -> Option<String> {
        Some(std::env::consts::ARCH.to_owned())
    }

    fn cores(&self) -> Option<u32> {
        let cores = std::thread::available_parallelism().ok()?;
        u32::try_from(cores.get()).ok()
    }

    fn memory(&self) -> Option<Memory> {
        let meminfo = std::fs::read_to_string("/proc/meminfo").ok()?;
        let (total, available) = (kibibytes(&meminfo, "MemTotal")?, kibibytes(&meminfo, "MemAvailable")?);
        Some(Memory { total, available })
    }

    fn load(&self) -> Option<Load> {
        let averages = line("/proc/loadavg")?;
        let mut shares = averages.split_whitespace().map(str::parse);
        let mut next = || shares.next()?.ok();
        Some(Load([next()?, next()?, next()?]))
    }

    fn space(&self) -> Option<Space> {
        #[cfg(unix)]
        {
            let volume = rustix::fs::statvfs(".").ok()?;
            let bytes = |blocks: u64| blocks.saturating_mul(volume.f_frsize);
            Some(Space { total: bytes(volume.f_blocks), free: bytes(volume.f_bavail) })
        }
        #[cfg(not(unix))]
        None
    }
}
