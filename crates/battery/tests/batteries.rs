//! Batteries pass on a sound backend, and fail on each that is not.

use std::path::{Path, PathBuf};
use std::process::Command;

use battery::{ModelChoice, NAMES, Options, run};
use neural::Fault;
use synthetic::parity;

fn options(family: &str) -> Options {
    let worker = Some(PathBuf::from(env!("CARGO_BIN_EXE_nmk-battery")));
    Options { models: ModelChoice::Folder(parity::folder(family)), quick: true, worker, ..Options::default() }
}

#[test]
fn a_sound_backend_passes_and_every_control_is_noticed() {
    let report = run(&options("gpt_oss"), &mut |_| {}).expect("a fixture");
    assert_eq!(report.batteries.len(), NAMES.len() - 1);
    let [unproven] = report.unproven.as_slice() else { panic!("{:?}", report.unproven) };
    assert!(unproven.starts_with("coherence: "), "{unproven}");
    for battery in &report.batteries {
        assert!(battery.passed(), "{battery:?}");
        assert_eq!(battery.residual_bits, 0);
        assert!(battery.controls.len() >= Fault::ALL_BF16.len(), "{battery:?}");
    }
}

#[test]
fn a_fault_that_a_model_cannot_show_is_unproven() {
    for (models, only, hidden) in [
        (options("qwen3_moe").models, "kv_park_resume", true),
        (options("qwen3_moe").models, "sequence_scheduler", true),
        // Its window is longer than these answers, and shorter than this sequence.
        (ModelChoice::Embedded, "deterministic_interrupt", true),
        (ModelChoice::Embedded, "speculate_rollback", false),
    ] {
        let only = vec![only.to_owned()];
        let report = run(&Options { only, models, ..options("gpt_oss") }, &mut |_| {}).expect("a fixture");
        let [battery] = report.batteries.as_slice() else { panic!("one battery was asked for") };
        assert!(battery.passed(), "{battery:?}");
        let named = report.unproven.iter().any(|why| why.contains("shorter_window"));
        assert_eq!((named, report.unproven.len()), (hidden, usize::from(hidden)), "{:?}", report.unproven);
    }
}

#[test]
fn the_model_that_is_frozen_makes_sense() {
    let only = vec!["coherence".to_owned()];
    let models = ModelChoice::Embedded;
    let report =
        run(&Options { only, models, ..options("gpt_oss") }, &mut |_| {}).expect("the embedded model");
    let [battery] = report.batteries.as_slice() else { panic!("one battery was asked for") };
    assert!(battery.passed(), "{battery:?}");
}

#[test]
fn a_fault_on_purpose_fails() {
    for fault in Fault::ALL_BF16 {
        let only = vec!["kv_park_resume".to_owned(), "sequence_scheduler".to_owned()];
        let corrupt = Some(fault);
        let report = run(&Options { only, corrupt, ..options("gpt_oss") }, &mut |_| {}).expect("a fixture");
        assert_eq!(report.batteries.len(), 2);
        for battery in &report.batteries {
            assert!(!battery.passed() && battery.residual_bits > 0, "{fault:?}: {battery:?}");
        }
    }
}

#[test]
fn a_fault_on_purpose_is_an_exit_status() {
    let battery = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nmk-battery"));
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let output = command.args(["--backend", "cpu", "--quick"]).args(words).current_dir(root).output();
        let output = output.expect("the program");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let model = ["--model", "fixtures/parity/gpt_oss", "--only", "entropy_tap"];
    let (code, said) = battery(&model);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = battery(&[&model[..], &["--corrupt", "reordered_sum"]].concat());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("FAIL"), "{said}");
    assert_eq!(battery(&["--corrupt", "nothing"]).0, Some(2));
    let (code, said) = battery(&["--list"]);
    assert_eq!((code, said.lines().collect::<Vec<_>>()), (Some(0), NAMES.to_vec()));
    let (code, said) = battery(&[&model[..], &["--json"]].concat());
    assert_eq!(code, Some(0));
    for key in ["backend", "model", "batteries", "residual_bits", "detected", "passed", "failed"] {
        assert!(said.contains(&format!("\"{key}\":")), "{key} in {said}");
    }
}

#[test]
fn a_folder_that_is_no_model_is_an_error() {
    let models = ModelChoice::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf());
    let error = run(&Options { models, ..Options::default() }, &mut |_| {}).expect_err("no model");
    assert!(error.to_string().contains("config.json"), "{error}");
}
