//! The module of the mint, with the function that makes verdicts, is private.

use det::mint::mint;

fn main() {
    let _ = mint;
}
