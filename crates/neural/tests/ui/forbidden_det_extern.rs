//! Nor is it found beside the crates that are named in the manifest.

extern crate det;

fn main() {
    let _ = det::equal;
}
