//! The module of the mint, with its maker of admitted values, is private.

use det::mint::admitted;

fn main() {
    let _ = admitted;
}
