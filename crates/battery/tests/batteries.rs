//! Batteries pass on a sound backend, and fail on each that is not.

use std::path::Path;

use battery::{Fault, ModelChoice, NAMES, Options, run};

fn options(family: &str) -> Options {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity").join(family);
    Options { models: ModelChoice::Folder(folder), quick: true, ..Options::default() }
}

#[test]
fn a_sound_backend_passes_and_every_control_is_noticed() {
    let only = NAMES.into_iter().filter(|name| *name != "invariance_matrix").map(str::to_owned).collect();
    let report = run(&Options { only, ..options("gpt_oss") }, &mut |_| {}).expect("a fixture");
    assert_eq!(report.batteries.len(), NAMES.len() - 1);
    for battery in &report.batteries {
        assert!(battery.passed(), "{battery:?}");
        assert_eq!((battery.residual_bits, battery.controls.len()), (0, Fault::ALL.len()));
    }
}

#[test]
fn a_fault_on_purpose_fails() {
    for fault in Fault::ALL {
        let only = vec!["kv_park_resume".to_owned()];
        let corrupt = Some(fault);
        let report = run(&Options { only, corrupt, ..options("gpt_oss") }, &mut |_| {}).expect("a fixture");
        let [battery] = report.batteries.as_slice() else { panic!("one battery was asked for") };
        assert!(!battery.passed() && battery.residual_bits > 0, "{fault:?}: {battery:?}");
    }
}

#[test]
fn a_folder_that_is_no_model_is_an_error() {
    let models = ModelChoice::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf());
    let error = run(&Options { models, ..Options::default() }, &mut |_| {}).expect_err("no model");
    assert!(error.to_string().contains("config.json"), "{error}");
}
