//! The permitted edges, the trusted crates, and what those may link.

use std::fmt;

/// The privilege that a crate's path tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Plane {
    Boundary,
    Deterministic,
    Neural,
    Scheduler,
    World,
    Storage,
    Containment,
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
            Plane::Front => "front",
            Plane::Workshop => "workshop",
        })
    }
}

/// Which of our crates a crate may depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum May {
    Only(&'static [&'static str]),
    Any,
}

impl May {
    pub(crate) fn depend_on(self, name: &str) -> bool {
        match self {
            May::Only(names) => names.contains(&name),
            May::Any => true,
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

/// The permitted edges, for the crates that exist and for those that will. Dev-dependencies obey
/// them too.
pub(crate) const TABLE: &[Row] = &[
    row("abi", Plane::Boundary, only(&[])),
    row("prims", Plane::Deterministic, only(&["abi"])),
    row("det", Plane::Deterministic, only(&["abi", "prims"])),
    row("holdout", Plane::Deterministic, only(&["abi", "det", "prims", "sandbox"])),
    row("neural", Plane::Neural, only(&["abi"])),
    row("backend-cpu", Plane::Neural, only(&["neural"])),
    row("backend-cuda", Plane::Neural, only(&["abi", "neural"])),
    row("backend-metal", Plane::Neural, only(&["abi", "neural"])),
    row("sched", Plane::Scheduler, only(&["abi", "det"])),
    row("kpolicy", Plane::Scheduler, only(&["abi"])),
    row("factloop", Plane::Scheduler, only(&["abi", "det", "prims", "sched", "kpolicy"])),
    row("escalate", Plane::Scheduler, only(&["abi", "det", "sched", "holdout", "kpolicy", "memory"])),
    row("tools", Plane::World, only(&["abi", "det", "sched"])),
    row("ledger", Plane::Storage, only(&["abi"])),
    row("memory", Plane::Storage, only(&["abi", "det"])),
    row("sandbox", Plane::Containment, only(&["abi"])),
    row("embedded", Plane::Front, only(&[])),
    row("nmk", Plane::Front, May::Any),
    row("xtask", Plane::Front, May::Any),
    row("train", Plane::Workshop, May::Any),
    // A judge that could reach what it judges might share its mistakes.
    row("oracle64", Plane::Workshop, only(&[])),
    row("synthetic", Plane::Workshop, only(&[])),
    row("battery", Plane::Workshop, May::Any),
    row("sim", Plane::Workshop, May::Any),
    row("bench", Plane::Workshop, May::Any),
    row("fuzz", Plane::Workshop, May::Any),
];

pub(crate) fn find(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == name)
}

/// Crates with which every crate may test: they depend on none of ours, so no circle can come of it.
pub(crate) const ANY_MAY_TEST_WITH: &[&str] = &["synthetic"];

/// Never reach [`JUDGE`], not even through a third crate.
pub(crate) const UNTRUSTED: &[&str] = &["neural", "backend-cpu", "backend-cuda", "backend-metal", "sandbox"];

/// The crate that may call a result correct.
pub(crate) const JUDGE: &str = "det";

/// The `no_std` part of the trusted closure.
pub(crate) const TRUSTED: &[&str] = &["abi", "prims", "det"];

/// The crate that `cargo run` means.
pub(crate) const DEFAULT_MEMBER: &str = "nmk";

/// Crates that a check is keyed by; were one renamed, its check would pass by not looking.
pub(crate) const EXPECTED: &[&str] = &["abi", "prims", "det", "neural", "nmk", "xtask"];

/// A third-party package that the trusted crates may link, with these features and no other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowed {
    pub(crate) package: &'static str,
    pub(crate) features: &'static [&'static str],
    pub(crate) reason: &'static str,
}

/// The third-party closure of [`TRUSTED`].
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
    Allowed { package: "roxmltree", features: &[], reason: "whether XML is well formed; no_std" },
    Allowed { package: "memchr", features: &[], reason: "roxmltree: finding bytes" },
    Allowed {
        package: "libm",
        features: &["arch", "default"],
        reason: "elementary functions that do not depend on the platform",
    },
];
