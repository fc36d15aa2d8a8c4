//! The isolation of a worker, as its parent found it.

use std::collections::BTreeMap;
use std::fmt;

use std::os::fd::BorrowedFd;

use crate::SandboxError;

/// The isolation that is in force for one worker. The parent reads it from the kernel's account of the process, after the
/// worker has confined itself and before the worker is given a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Isolation {
    /// The version of Landlock whose rules are all enforced: no file beyond the interpreter's own, no network, no
    /// signal to another process.
    pub landlock: i64,
    /// True if a filter of system calls is in force.
    pub seccomp: bool,
    /// True if nothing that the worker executes can gain rights.
    pub no_new_privileges: bool,
    /// True if the worker holds no capability, and can get none.
    pub no_capabilities: bool,
    /// True if the worker leads a session of its own.
    pub own_session: bool,
    /// True if every open file of the worker is one of its two pipes, or `/dev/null`.
    pub no_files: bool,
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "landlock {}", self.landlock)?;
        let parts = [
            (self.seccomp, "seccomp"),
            (self.no_new_privileges, "no new privileges"),
            (self.no_capabilities, "no capabilities"),
            (self.own_session, "own session"),
            (self.no_files, "no files"),
        ];
        parts.into_iter().filter(|(holds, _)| *holds).try_for_each(|(_, part)| write!(f, ", {part}"))
    }
}

impl Isolation {
    /// Returns the isolation of the process `pid`, whose two pipes are `pipes`. `landlock` is what the worker stated
    /// before it read anything else.
    ///
    /// # Errors
    /// [`SandboxError::Unsandboxed`] unless all of it is in force.
    pub(crate) fn checked(pid: u32, pipes: [BorrowedFd<'_>; 2], landlock: i64) -> Result<Self, SandboxError> {
        let missing = |what: &str| SandboxError::Unsandboxed { what: what.to_owned() };
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))
            .map_err(|_| missing("the process cannot be looked at"))?;
        let fields: BTreeMap<&str, &str> = status
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(key, value)| (key, value.trim()))
            .collect();
        let is = |key, value| fields.get(key).is_some_and(|found| *found == value);
        let no_capability = |key| fields.get(key).is_some_and(|found| found.bytes().all(|byte| byte == b'0'));
        let no_files = has_no_files(pid, pipes).map_err(|_| missing("its open files cannot be looked at"))?;
        let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
        let session = rustix::process::getsid(pid).ok();
        let found = Self {
            landlock,
            seccomp: is("Seccomp", "2"),
            no_new_privileges: is("NoNewPrivs", "1"),
            no_capabilities: ["CapInh", "CapPrm", "CapEff", "CapAmb"].into_iter().all(no_capability),
            own_session: pid.is_some() && session == pid,
            no_files,
        };
        let demands = [
            (found.seccomp, "no filter of system calls is in force"),
            (found.no_new_privileges, "new privileges could be gained"),
            (found.no_capabilities, "capabilities are held"),
            (found.own_session, "the session is not its own"),
            (found.no_files, "files of the parent are open"),
            (is("Threads", "1"), "it has more than one thread"),
        ];
        match demands.into_iter().find(|(holds, _)| !holds) {
            Some((_, what)) => Err(missing(what)),
            None => Ok(found),
        }
    }
}

/// Returns true if every open file of the process is a pipe of `pipes` or `/dev/null`.
fn has_no_files(pid: u32, pipes: [BorrowedFd<'_>; 2]) -> std::io::Result<bool> {
    let mut known = vec!["/dev/null".to_owned()];
    for pipe in pipes {
        // Both ends of a pipe have the same number.
        known.push(format!("pipe:[{}]", rustix::fs::fstat(pipe)?.st_ino));
    }
    for entry in std::fs::read_dir(format!("/proc/{pid}/fd"))? {
        let file = std::fs::read_link(entry?.path())?;
        if !known.iter().any(|known| file.as_os_str() == known.as_str()) {
            return Ok(false);
        }
    }
    Ok(true)
}
