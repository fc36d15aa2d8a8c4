//! The rules against libraries that use the disk or the network directly, past the crate that is there for
//! it.

use crate::tidy::exceptions::excepted;
use crate::tidy::rules::{Ban, Finding, banned};
use crate::tidy::tree::File;

const THROUGH_FILES: &str = "take a `files::Disk` as a parameter";

/// The ways to the disk. The word `fs` finds the module of the standard library under every import.
const DISK: &[Ban] = &[
    Ban { needle: "fs", instead: THROUGH_FILES },
    Ban { needle: ".is_dir()", instead: THROUGH_FILES },
    Ban { needle: ".is_file()", instead: THROUGH_FILES },
    Ban { needle: ".exists()", instead: THROUGH_FILES },
    Ban { needle: ".try_exists()", instead: THROUGH_FILES },
    Ban { needle: ".read_dir()", instead: THROUGH_FILES },
    Ban { needle: ".read_link()", instead: THROUGH_FILES },
    Ban { needle: ".canonicalize()", instead: THROUGH_FILES },
    Ban { needle: ".symlink_metadata()", instead: THROUGH_FILES },
];

const THROUGH_REMOTE: &str = "go through `remote`";

/// The ways to the network that need no package; `cargo xtask planes` finds the packages.
const NETWORK: &[Ban] = &[
    Ban { needle: "TcpStream", instead: THROUGH_REMOTE },
    Ban { needle: "TcpListener", instead: THROUGH_REMOTE },
    Ban { needle: "UdpSocket", instead: THROUGH_REMOTE },
    Ban { needle: "UnixStream", instead: THROUGH_REMOTE },
    Ban { needle: "UnixListener", instead: THROUGH_REMOTE },
    Ban { needle: "UnixDatagram", instead: THROUGH_REMOTE },
    Ban { needle: "ToSocketAddrs", instead: THROUGH_REMOTE },
];

/// Finds file operations outside `files`, the front and the workshop. Tests may use the disk.
pub(super) fn disk(files: &[File]) -> Vec<Finding> {
    let files = files.iter().filter(|file| !excepted("disk", &file.path));
    files.flat_map(|file| banned(file, DISK, false)).collect()
}

/// Finds sockets anywhere except in tests.
pub(super) fn network(files: &[File]) -> Vec<Finding> {
    let files = files.iter().filter(|file| !excepted("network", &file.path));
    files.flat_map(|file| banned(file, NETWORK, false)).collect()
}
