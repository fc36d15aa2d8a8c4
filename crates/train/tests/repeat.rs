//! A miniature run gives the same bits twice, on one thread or three, and after a stop.

use synthetic::Scratch;
use train::repro;
use train::run::Plan;

#[test]
fn runs_repeat_and_resume() {
    let scratch = Scratch::new(std::env::temp_dir(), "nmk-train-repeat").expect("a scratch folder");
    let findings = repro::check(&Plan::tiny(3), embedded::TOKENIZER, 12, scratch.path()).expect("runs");
    assert!(findings.hold(), "{findings:?}");
}
