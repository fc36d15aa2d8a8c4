//! The command that runs libFuzzer on the target that `NMK_FUZZ_TARGET` names. `cargo xtask fuzz` builds and
//! starts it.

#![no_main]
#![forbid(unsafe_code)]

use std::env;
use std::sync::OnceLock;

static RUN: OnceLock<fn(&[u8])> = OnceLock::new();

fn target() -> fn(&[u8]) {
    let name = env::var("NMK_FUZZ_TARGET").unwrap_or_default();
    let found = fuzz::find(&name).map(|target| target.run);
    let planted: fn(&[u8]) = fuzz::planted;
    found.or((name == "planted").then_some(planted)).unwrap_or_else(|| {
        panic!("NMK_FUZZ_TARGET names no target (`{name}`); the folders of crates/fuzz/seeds are the targets")
    })
}

libfuzzer_sys::fuzz_target!(init: RUN.get_or_init(target), |bytes: &[u8]| RUN.get_or_init(target)(bytes));
