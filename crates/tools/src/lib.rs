//! Tools: operations that read or change the world outside the scheduler.
//!
//! A [`Tool`] is registered with a capability that its tasks must hold, a schema that its results must
//! satisfy, and the level `Schema` as the highest that they reach: a result can be shown to be well formed,
//! never to be true. A [`Toolbox`] belongs to the application that made it; there is no global list of tools.
//! A handler that fails or panics leaves an error value, never a crash.
//!
//! The built-in tools read the machine through a [`World`] and pages through a [`Web`], both of which the application
//! supplies, so this crate has no clock and no network of its own.

#![forbid(unsafe_code)]

/// The scheduler, with which the tools of an application are registered.
pub use sched;

mod awaited;
mod datetime;
mod recall;
mod sysinfo;
mod tool;
mod web;
mod world;

pub use awaited::awaits;
pub use datetime::datetime;
pub use recall::{Recall, RecallRefusal, memory, memory_write};
pub use sysinfo::sysinfo;
pub use tool::{Tool, ToolError, Toolbox};
pub use web::{Web, WebPage, WebRefusal, WebResult, WebResults, web_fetch, web_search};
pub use world::{Load, Memory, Space, World};
