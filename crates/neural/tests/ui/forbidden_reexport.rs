//! Nothing that this crate uses hands the trusted plane on.

use abi::Verdict as _;
use neural::Judged as _;

fn main() {}
