//! In a crate that forbids unsafe code there is no root at all.

#![forbid(unsafe_code)]

use det::TrustRoot;

struct Root;

unsafe impl TrustRoot for Root {}

fn main() {}
