//! A stub server that the scenarios of this crate and of `nmk` share.

#![allow(dead_code, unreachable_pub, reason = "each scenario uses a part of it")]

pub mod stub;
