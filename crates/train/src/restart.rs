//! The environment variables that the tensor library and the allocator read at the start of a process.

/// An error of the command, in words for the user.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// The settings of the process. Each matrix product uses one thread, because shards run in parallel. The
/// allocator keeps its pages, because every step asks for the same sizes again.
const SETTINGS: [(&str, &str); 5] = [
    ("RAYON_NUM_THREADS", "1"),
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "4294967296"),
    ("MALLOC_TRIM_THRESHOLD_", "8589934592"),
    ("MALLOC_TOP_PAD_", "268435456"),
];

/// Starts the command again with these settings, unless the process has them already.
pub(crate) fn ensure_environment() -> Result<(), Failure> {
    if SETTINGS.iter().all(|(name, value)| std::env::var_os(name).is_some_and(|v| v == *value)) {
        return Ok(());
    }
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command.args(std::env::args_os().skip(1)).envs(SETTINGS);
    replace(command)
}

#[cfg(unix)]
fn replace(mut command: std::process::Command) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt;
    Err(command.exec().into())
}

#[cfg(not(unix))]
fn replace(mut command: std::process::Command) -> Result<(), Failure> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(2));
}
