//! A miniature run gives the same bits twice, on one thread or three, and after a stop.

use train::repro;
use train::run::Plan;

#[test]
fn runs_repeat_and_resume() {
    let scratch = std::env::temp_dir().join(format!("nmk-train-repeat-{}", std::process::id()));
    let findings = repro::check(&Plan::tiny(3), embedded::TOKENIZER, 12, &scratch).expect("runs");
    std::fs::remove_dir_all(&scratch).expect("scratch folder");
    assert!(findings.hold(), "{findings:?}");
}
