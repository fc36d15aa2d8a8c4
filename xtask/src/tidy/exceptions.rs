//! The files to which a rule does not apply, each with the reason.

/// An exception from a rule for one file or folder.
pub(crate) struct Exception {
    pub(crate) rule: &'static str,
    /// The path of the file, or of the folder with a slash at its end.
    pub(crate) path: &'static str,
    pub(crate) reason: &'static str,
}

const fn except(rule: &'static str, path: &'static str, reason: &'static str) -> Exception {
    Exception { rule, path, reason }
}

pub(crate) const EXCEPTIONS: &[Exception] = &[
    except("ambient", "crates/nmk/", "the composition root reads clocks and the environment for the others"),
    except("ambient", "crates/train/", "a workshop with a progress display; its results take seeds"),
    except(
        "ambient",
        "crates/fuzz/",
        "a workshop: its programs are timed, and told by the environment what to run",
    ),
    except("ambient", "xtask/", "starts processes and times them"),
    except("ambient", "crates/files/src/lock.rs", "waits a moment for a lock that another process has"),
    except("ambient", "crates/sandbox/", "starts processes, and kills those that miss a deadline"),
    except("disk", "crates/sandbox/src/isolation.rs", "reads what the kernel says about a worker"),
    except("disk", "crates/files/", "the crate that reaches the disk for the others"),
    except("disk", "crates/nmk/", "the front, which reads and writes the files that a user names"),
    except("disk", "crates/train/", "a workshop: it reads and writes checkpoints and logs"),
    except("disk", "crates/novel/", "a workshop: it writes the files of a set, and compares them"),
    except("ambient", "crates/novel/src/main.rs", "a program, which reads its own flags"),
    except("disk", "crates/battery/", "a workshop: it hands sessions over in temporary files"),
    except("disk", "crates/fuzz/", "a workshop: it reads seeds and writes findings"),
    except("disk", "crates/gpu-host/src/kernels.rs", "hands the kernels to the C compiler as files"),
    except("disk", "crates/backend-cuda/src/compiler.rs", "keeps the messages of a compiler that refuses"),
    except("disk", "crates/backend-cuda/src/device.rs", "reads kernels that were compiled before"),
    except("disk", "crates/backend-cuda/examples/", "writes compiled kernels"),
    except("disk", "crates/synthetic/", "a workshop: tests read fixtures and work in scratch folders"),
    except("network", "xtask/src/readme/stub.rs", "a server on this machine; xtask links no crate of ours"),
    except(
        "network",
        "crates/remote/src/web/pinned.rs",
        "resolves a host once, so that what is reached was checked",
    ),
    except("network", "crates/synthetic/src/stub.rs", "a server on this machine, for tests"),
    except("ambient", "crates/synthetic/src/stub.rs", "stalls as long as a test tells it to"),
    except("disk", "xtask/", "reads the sources and works on copies of them"),
    except("string-error", "crates/train/", "a program of the workshop, never a library of anyone"),
    except("ambient", "crates/sim/src/main.rs", "times how many seeds it plays in a second"),
    except(
        "ambient",
        "crates/battery/",
        "a workshop: it runs itself again, and hands sessions over in temporary files",
    ),
    except("string-error", "xtask/", "a program"),
    except("forbid-unsafe", "crates/det/src/lib.rs", "declares the unsafe trait TrustRoot, in root.rs only"),
    except(
        "forbid-unsafe",
        "crates/nmk/src/main.rs",
        "holds the one unsafe impl of TrustRoot, in root.rs only",
    ),
    except(
        "forbid-unsafe",
        "crates/train/src/main.rs",
        "holds the trust root of measurements, in root.rs only",
    ),
    except("trust-root", "crates/train/src/root.rs", "the workshop vouches for its own oracles"),
    except("unsafe-home", "crates/train/src/root.rs", "vouches for the functions of the corpus as oracles"),
    except("forbid-unsafe", "crates/fuzz/src/lib.rs", "holds the trust root of the targets, in root.rs only"),
    except("trust-root", "crates/fuzz/src/root.rs", "the workshop vouches for what it plays with"),
    except("unsafe-home", "crates/fuzz/src/root.rs", "vouches for expectations in graphs of random bytes"),
    except("forbid-unsafe", "crates/backend-cpu/src/lib.rs", "vector instructions"),
    except(
        "forbid-unsafe",
        "crates/sim/src/lib.rs",
        "holds the trust root of the simulation, in root.rs only",
    ),
    except("trust-root", "crates/sim/src/root.rs", "the workshop vouches for what it plays with"),
    except("unsafe-home", "crates/sim/src/root.rs", "vouches for validators of the games"),
    except("unsafe-home", "crates/det/src/root.rs", "the declaration of TrustRoot"),
    except("unsafe-home", "crates/backend-cpu/src/isa.rs", "calls what was compiled for a wider unit"),
    except(
        "forbid-unsafe",
        "crates/gpu-host/src/lib.rs",
        "loads and calls kernels that were compiled at run time",
    ),
    except("unsafe-home", "crates/gpu-host/src/kernels.rs", "loads the kernels and calls them"),
    except("forbid-unsafe", "crates/backend-cuda/src/lib.rs", "calls NVIDIA's driver and compiler"),
    except("unsafe-home", "crates/backend-cuda/src/driver.rs", "calls the driver"),
    except("unsafe-home", "crates/backend-cuda/src/compiler.rs", "calls the compiler"),
    except("unsafe-home", "crates/abi/tests/memory.rs", "an allocator that counts what decoding holds"),
];

/// Returns true if `rule` does not apply to a file.
pub(crate) fn excepted(rule: &str, path: &str) -> bool {
    EXCEPTIONS.iter().any(|exception| exception.rule == rule && covers(exception.path, path))
}

fn covers(exception: &str, path: &str) -> bool {
    if exception.ends_with('/') { path.starts_with(exception) } else { path == exception }
}

/// Returns the exceptions whose file or folder does not exist any more.
pub(crate) fn stale<'a>(paths: impl Iterator<Item = &'a str> + Clone) -> Vec<&'static Exception> {
    let unused = |exception: &&Exception| !paths.clone().any(|path| covers(exception.path, path));
    EXCEPTIONS.iter().filter(unused).collect()
}
