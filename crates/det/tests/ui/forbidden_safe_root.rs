//! The root takes an `unsafe impl`, which is what a search for it finds.

use det::TrustRoot;

struct Root;

impl TrustRoot for Root {}

fn main() {}
