//! Nor can a fact be computed here.

use prims::find;

fn main() {
    let _ = find("letter_count");
}
