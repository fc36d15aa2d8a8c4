//! The same architecture at random weights commits nothing: what is right is not decided by luck.

mod common;

use common::checkpoint;
use common::fixture::{Question, questions};
use common::home::Home;
use nmk::config::ModelChoice;
use nmk::{Config, Engine};

#[test]
fn fifty_questions_and_not_one_answer() {
    let home = Home::new("random-weights");
    let folder = checkpoint::write(&home, "model", |name, bytes| {
        if name == "model.safetensors" { checkpoint::randomised(bytes) } else { bytes }
    });
    let mut config = Config::at(home.path("ledger"), home.path("key"));
    config.model = ModelChoice::Folder(folder.into());
    config.max_new = Some(16);
    let mut engine = Engine::open(&config).expect("the altered model");
    for Question { prompt, .. } in questions() {
        let report = engine.ask(&prompt).expect("a report");
        assert!(report.routed.is_some(), "{prompt}");
        assert!(!report.is_committed(), "{prompt}: {:?}", report.answer());
        assert_eq!((report.generations, report.facts.len()), (2, 1), "it had its second chance: {prompt}");
    }
}
