//! The parts that the scenarios share.

#![allow(dead_code, unreachable_pub, reason = "each scenario uses a part of it")]

pub mod checkpoint;
pub mod decided;
pub mod fixture;
pub mod home;
pub mod reseal;
pub mod search;
pub mod terminal;
