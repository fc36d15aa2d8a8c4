//! A verdict's one field is private: a verdict is neither taken apart nor put together.

use det::Verdict;

fn forge(verdict: Verdict) -> Verdict {
    let Verdict { statement } = verdict;
    Verdict { statement }
}

fn main() {
    let _ = forge;
}
