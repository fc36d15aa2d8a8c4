//! Operations that touch the world.
//!
//! A [`Tool`] is registered with the capability that its tasks must hold, the schema that its results must
//! satisfy and a ceiling of `Schema`: what the world says can be well formed, and no more is shown of it. A
//! [`Toolbox`] belongs to whoever made it; there is no catalogue of the process. A handler that fails or
//! panics leaves an error value, never a crash.
//!
//! The built-in tools read the machine through a [`World`], which the front supplies: this crate has no clock
//! of its own.

#![forbid(unsafe_code)]

/// The scheduler that tools are registered with.
pub use sched;

mod datetime;
mod sysinfo;
mod tool;
mod world;

pub use datetime::datetime;
pub use sysinfo::sysinfo;
pub use tool::{Tool, ToolError, Toolbox};
pub use world::{Load, Memory, Space, World};
