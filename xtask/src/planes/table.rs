//! The table of permitted edges, the trusted crates, and the packages that those may link.

use std::fmt;

/// The plane of a crate, which is its privilege; the path of the crate tells it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Plane {
    Boundary,
    Deterministic,
    Neural,
    Scheduler,
    World,
    Storage,
    Containment,
    Mechanism,
    Front,
    Workshop,
}

impl fmt::Display for Plane {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Plane::Boundary => "boundary",
            Plane::Deterministic => "deterministic",
            Plane::Neural => "neural",
            Plane::Scheduler => "scheduler",
            Plane::World => "world",
            Plane::Storage => "storage",
            Plane::Containment => "containment",
            Plane::Mechanism => "tools of any plane",
            Plane::Front => "front",
            Plane::Workshop => "workshop",
        })
    }
}

/// The crates of the workspace that a crate may depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum May {
    /// Only these crates.
    Only(&'static [&'static str]),
    /// Every library outside the workshop, except these. The façade of the shipped program has this.
    LibrariesBut(&'static [&'static str]),
    /// Every crate except these. The workshop has this.
    AnyBut(&'static [&'static str]),
}

impl May {
    /// Returns true if a normal, build or dev-dependency on `name` is permitted.
    pub(crate) fn depend_on(self, name: &str) -> bool {
        match self {
            May::Only(names) => names.contains(&name),
            May::LibrariesBut(names) => {
                let ships = find(name).is_some_and(|row| row.plane != Plane::Workshop && row.name != "xtask");
                ships && !names.contains(&name)
            }
            May::AnyBut(names) => !names.contains(&name),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) plane: Plane,
    pub(crate) may: May,
}

const fn row(name: &'static str, plane: Plane, may: May) -> Row {
    Row { name, plane, may }
}

const fn only(names: &'static [&'static str]) -> May {
    May::Only(names)
}

const WORKSHOP: May = May::AnyBut(&["cli"]);

/// The permitted edges. Crates that do not exist yet have their rows already. Dev-dependencies obey the table
/// too.
pub(crate) const TABLE: &[Row] = &[
    row("abi", Plane::Boundary, only(&[])),
    row("prims", Plane::Deterministic, only(&["abi"])),
    row("det", Plane::Deterministic, only(&["abi", "prims"])),
    row("holdout", Plane::Deterministic, only(&["abi", "det", "prims", "sandbox"])),
    row("neural", Plane::Neural, only(&["abi", "files", "gguf"])),
    row("text", Plane::Neural, only(&["abi", "gguf"])),
    row("backend-cpu", Plane::Neural, only(&["neural"])),
    row("gpu", Plane::Neural, only(&["neural"])),
    row("backend-cuda", Plane::Neural, only(&["neural", "gpu"])),
    row("backend-metal", Plane::Neural, only(&["neural", "gpu"])),
    row("gpu-host", Plane::Neural, only(&["neural", "gpu"])),
    row("constrain", Plane::Neural, only(&["abi", "neural", "text"])),
    row("proposer", Plane::Neural, only(&["abi", "constrain", "neural", "text", "files", "gguf"])),
    row("remote", Plane::Neural, only(&["abi", "text"])),
    row("kairos", Plane::Neural, only(&["abi", "neural"])),
    row("sched", Plane::Scheduler, only(&["abi", "det"])),
    row("kpolicy", Plane::Scheduler, only(&["abi"])),
    row("factloop", Plane::Scheduler, only(&["abi", "det", "prims", "sched", "kpolicy"])),
    row(
        "escalate",
        Plane::Scheduler,
        only(&["abi", "det", "sched", "holdout", "kpolicy", "memory", "files"]),
    ),
    row("router", Plane::Scheduler, only(&["abi", "det", "sched", "kpolicy", "memory"])),
    row("converge", Plane::Scheduler, only(&["abi", "det", "files"])),
    row("nucleus", Plane::Scheduler, only(&["abi", "det", "sched", "graph", "sandbox"])),
    row("tools", Plane::World, only(&["abi", "det", "sched"])),
    row("ledger", Plane::Storage, only(&["abi", "files"])),
    row("memory", Plane::Storage, only(&["abi", "det", "files"])),
    row("graph", Plane::Storage, only(&["abi", "det", "files"])),
    row("sandbox", Plane::Containment, only(&["abi"])),
    row("files", Plane::Mechanism, only(&[])),
    row("gguf", Plane::Mechanism, only(&[])),
    row("embedded", Plane::Front, only(&[])),
    row("nmk", Plane::Front, May::LibrariesBut(&["serve", "fleet", "cli"])),
    row("serve", Plane::Front, only(&["nmk"])),
    row("fleet", Plane::Front, only(&["nmk"])),
    row("cli", Plane::Front, only(&["nmk", "serve", "fleet"])),
    row("xtask", Plane::Front, only(&[])),
    row("synthetic", Plane::Workshop, only(&[])),
    row("train", Plane::Workshop, WORKSHOP),
    // A judge that could reach the decoder that it judges might share its mistakes.
    row("oracle64", Plane::Workshop, only(&[])),
    row("battery", Plane::Workshop, WORKSHOP),
    row("sim", Plane::Workshop, WORKSHOP),
    row("bench", Plane::Workshop, WORKSHOP),
    row("fuzz", Plane::Workshop, WORKSHOP),
    row("novel", Plane::Workshop, WORKSHOP),
];

/// The crates that any crate may have as a dev-dependency: random checkpoints, random numbers and scratch
/// folders for tests. They depend on no crate of the workspace, so no circle passes through them.
pub(crate) const DEV_OF_ANY: &[&str] = &["synthetic"];

pub(crate) fn find(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == name)
}

/// Returns true if the crate of this row must never reach [`JUDGE`], not even through a third crate.
pub(crate) fn is_untrusted(row: &Row) -> bool {
    matches!(row.plane, Plane::Neural | Plane::Containment)
}

/// The name of the crate that may call a result correct.
pub(crate) const JUDGE: &str = "det";

/// The trusted crates that must build without `std`.
pub(crate) const TRUSTED: &[&str] = &["abi", "prims", "det"];

/// The name of the crate that may link the network as a client. Any other crate reaches [`CLIENTS`] only
/// through it.
pub(crate) const REMOTE: &str = "remote";

/// Third-party packages that open connections as a client, and those that clients are made of.
pub(crate) const CLIENTS: &[&str] = &[
    "async-std",
    "attohttpc",
    "curl",
    "h2",
    "hyper",
    "hyper-util",
    "isahc",
    "minreq",
    "mio",
    "native-tls",
    "openssl",
    "quinn",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "surf",
    "tokio",
    "tungstenite",
    "ureq",
];

/// The name of the crate that `cargo run` runs.
pub(crate) const DEFAULT_MEMBER: &str = "nmk";

/// The names of crates on which a check depends. If one were renamed, its check would pass because it finds
/// nothing to look at.
pub(crate) const EXPECTED: &[&str] = &["abi", "prims", "det", "neural", "remote", "nmk", "xtask"];

/// A third-party package that the trusted crates may link, with these features and no others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowed {
    pub(crate) package: &'static str,
    pub(crate) features: &'static [&'static str],
    pub(crate) reason: &'static str,
}

/// All third-party packages that the crates of [`TRUSTED`] may link.
pub(crate) const ALLOWED: &[Allowed] = &[
    Allowed { package: "blake3", features: &["pure"], reason: "digests; pure Rust, without std" },
    Allowed { package: "arrayref", features: &[], reason: "blake3: views of fixed length" },
    Allowed { package: "arrayvec", features: &[], reason: "blake3: the tree's stack" },
    Allowed { package: "cfg-if", features: &[], reason: "blake3: choice of platform" },
    Allowed { package: "constant_time_eq", features: &[], reason: "blake3: comparing digests" },
    Allowed { package: "cpufeatures", features: &[], reason: "blake3: detection of vector units" },
    Allowed {
        package: "libc",
        features: &[],
        reason: "cpufeatures on aarch64: constants and getauxval; not linked on x86-64",
    },
    Allowed {
        package: "ed25519-compact",
        features: &[],
        reason: "signatures on admission records; no dependencies",
    },
    Allowed {
        package: "libm",
        features: &["arch", "default"],
        reason: "elementary functions that do not depend on the platform",
    },
    Allowed {
        package: "unicode-segmentation",
        features: &[],
        reason: "the boundaries of characters, by the tables of Unicode; no_std, without dependencies",
    },
];
