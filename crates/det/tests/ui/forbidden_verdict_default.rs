//! A verdict does not come from nowhere.

use det::Verdict;

fn needs<T: Default>() {}

fn main() {
    needs::<Verdict>();
}
