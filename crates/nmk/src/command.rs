//! The commands, each in a file of its own.

pub(crate) mod ask;
pub(crate) mod bench;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod eval;
pub(crate) mod gate;
pub(crate) mod jobs;
pub(crate) mod ledger;
mod ledger_flags;
pub(crate) mod memory;
pub(crate) mod model;
pub(crate) mod policy;
pub(crate) mod prims;
mod python_flag;
pub(crate) mod run;
pub(crate) mod solve;
pub(crate) mod trace;
