//! A verdict is about one value; a copy could be shown beside another.

use det::Verdict;

fn needs<T: Clone>() {}

fn main() {
    needs::<Verdict>();
}
