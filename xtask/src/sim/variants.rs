//! The broken variants of the core. Each is a patch to a temporary copy, so that no shipped crate contains
//! one.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::process;
use crate::scratch::{self, Scratch};

/// A variant of the core with one deliberate mistake.
pub(super) struct Variant {
    pub(super) name: &'static str,
    /// The patches: a file, the text in it, and the text that replaces it.
    patches: &'static [(&'static str, &'static str, &'static str)],
}

const JUDGE: &str = "crates/sched/src/kernel/judge.rs";
const RUN: &str = "crates/sched/src/kernel/run.rs";
const ADMIT: &str = "crates/sched/src/kernel/admit.rs";
const RECORD: &str = "crates/sched/src/record.rs";
const PLAN: &str = "crates/sched/src/plan.rs";
const BOUNDS: &str = "crates/abi/src/bounds.rs";
const SIZE: &str = "crates/sched/src/size.rs";
const UNSTORABLE: &str = "crates/sched/src/driver/unstorable.rs";
const WRITER: &str = "crates/ledger/src/writer.rs";
const CHECKPOINTS: &str = "crates/ledger/src/writer/checkpoints.rs";

pub(super) const VARIANTS: &[Variant] = &[
    Variant {
        name: "commit_without_level_check",
        patches: &[(
            JUDGE,
            "let met = verdict.is_satisfied() && level >= needed;",
            "let met = verdict.is_satisfied();",
        )],
    },
    Variant {
        name: "job_opened_without_a_memory_record",
        patches: &[(
            ADMIT,
            "let consulted = spec.consulted.as_ref().ok_or(Refusal::NotConsulted { job: spec.job })?;",
            "let none = Consulted::no_memory(\"\");\n    \
             let consulted = spec.consulted.as_ref().unwrap_or(&none);",
        )],
    },
    Variant {
        name: "memory_record_is_no_input",
        patches: &[(RECORD, "vec![*contract, consulted.digest()]", "vec![*contract]")],
    },
    Variant {
        name: "commit_under_another_contract",
        patches: &[(JUDGE, "if verdict.contract() != known.contract {", "if false {")],
    },
    Variant {
        name: "repair_without_admission",
        patches: &[
            (
                JUDGE,
                "let admitted = self.admit(vec![repair], TaskOrigin::Repair(number))?;",
                "let held = Arc::clone(&self.job.tasks[number as usize].rights);\n        \
                 let admitted = vec![self.install(repair, &held, TaskOrigin::Repair(number))];",
            ),
            (ADMIT, "    fn install(&mut self", "    pub(super) fn install(&mut self"),
        ],
    },
    Variant {
        name: "unknown_dependency_counts_as_satisfied",
        patches: &[
            (PLAN, "} else if !known(dependency) {", "} else if false {"),
            (
                ADMIT,
                "spec.after.iter().map(|name| job.names[name]).collect()",
                "spec.after.iter().filter_map(|name| job.names.get(name).copied()).collect()",
            ),
        ],
    },
    Variant {
        name: "budget_charged_after_the_spend",
        patches: &[
            (
                RUN,
                "match self.job.account.reserve(operation, &limits) {",
                "match self.job.account.could_pay(operation, &limits) {",
            ),
            (
                RUN,
                "let settled = self.job.account.settle(&limits, &spent);",
                "let operation = task.spec.operation.clone();\n        \
                 let settled = match self.job.account.reserve(&operation, &limits) {\n            \
                 Ok(()) => self.job.account.settle(&limits, &spent),\n            \
                 Err(shortage) => Err(shortage),\n        };",
            ),
        ],
    },
    Variant {
        name: "a_child_may_wait_for_its_asker",
        patches: &[(ADMIT, "            self.check_waits(parent, tasks)?;\n", "")],
    },
    Variant {
        name: "findings_and_causes_are_not_cut",
        patches: &[(BOUNDS, "    if text.len() <= limit {\n        return", "    if true {\n        return")],
    },
    Variant {
        name: "the_account_of_a_run_is_not_measured",
        patches: &[(SIZE, "    value_within(record, Size::RecordBytes, Size::RecordDepth)?;\n", "")],
    },
    Variant {
        name: "names_are_not_measured",
        patches: &[(SIZE, "        within(Size::NameBytes, spec.name.len())?;\n", "")],
    },
    Variant {
        name: "the_blobs_of_a_run_are_not_counted",
        patches: &[(SIZE, "    within(Size::Blobs, blobs.len())?;\n", "")],
    },
    Variant {
        name: "what_can_never_be_stored_is_appended_for_ever",
        patches: &[
            (SIZE, "    within(Size::Blobs, blobs.len())?;\n", ""),
            (
                UNSTORABLE,
                "J::refused_entry(&error).and_then(",
                "J::refused_entry(&error).filter(|_| false).and_then(",
            ),
        ],
    },
    Variant {
        name: "head_written_before_its_entries",
        patches: &[
            (
                WRITER,
                "        files::with_context(\"write\", &entries, ",
                "        self.acknowledge()?;\n        files::with_context(\"write\", &entries, ",
            ),
            (WRITER, "        Ok(self.acknowledge()?)\n", "        Ok(())\n"),
        ],
    },
    Variant {
        name: "entries_written_before_they_are_announced",
        patches: &[
            (WRITER, "        files::replace_via(&self.disk, &temporary, &announced, sealed)?;\n", ""),
            (
                WRITER,
                "        Ok(self.acknowledge()?)\n",
                "        files::replace_via(&self.disk, &temporary, &announced, sealed)?;\n        \
                 Ok(self.acknowledge()?)\n",
            ),
        ],
    },
    Variant {
        name: "checkpoint_written_before_the_head_is_durable",
        patches: &[(
            WRITER,
            "        if let Err(error) = self.write(&lock, &frames, &sealed) {",
            "        let before = std::mem::replace(&mut self.tip, tip);\n        \
             self.leave_checkpoint(&lock);\n        \
             self.tip = before;\n        \
             if let Err(error) = self.write(&lock, &frames, &sealed) {",
        )],
    },
    Variant {
        name: "checkpoint_that_forgets_a_job",
        patches: &[(CHECKPOINTS, "self.standing.open.clone()", "std::collections::BTreeSet::new()")],
    },
];

/// The crates that a simulator is built from.
const CRATES: [&str; 8] = ["abi", "prims", "det", "files", "ledger", "sched", "sim", "synthetic"];

/// A copy of the core in which variants are built, with a target folder of its own.
pub(super) struct Workbench {
    root: PathBuf,
    target: PathBuf,
    copy: Scratch,
}

impl Workbench {
    pub(super) fn new(root: &Path) -> Result<Self, Error> {
        let copy = Scratch::new("sim")?;
        for name in CRATES {
            let folder = Path::new("crates").join(name);
            for file in scratch::files(&root.join(&folder), &|_| true)? {
                let inside = file.strip_prefix(root).expect("it was found below the root");
                // Blobs of test data among them, so bytes and not text.
                let to = copy.path().join(inside);
                let parent = to.parent().expect("a file has a folder");
                fs::create_dir_all(parent).map_err(Error::io(parent))?;
                fs::copy(&file, &to).map_err(Error::io(&to))?;
            }
        }
        let manifest = scratch::read(&root.join("Cargo.toml"))?;
        let manifest = manifest
            .replace("members = [\"crates/*\", \"xtask\"]", "members = [\"crates/*\"]")
            .replace("default-members = [\"crates/nmk\"]\n", "");
        scratch::write(&copy.path().join("Cargo.toml"), &manifest)?;
        for name in ["Cargo.lock", "rust-toolchain.toml"] {
            scratch::write(&copy.path().join(name), &scratch::read(&root.join(name))?)?;
        }
        let target = process::target_folder(root)?.join("sim-variants");
        Ok(Self { root: root.to_path_buf(), target, copy })
    }

    /// Builds the simulator over a broken core, and restores the copy afterwards.
    pub(super) fn build(&self, variant: &'static Variant) -> Result<PathBuf, Error> {
        for (file, sound, broken) in variant.patches {
            let path = self.copy.path().join(file);
            let text = scratch::read(&path)?;
            if text.matches(sound).count() != 1 {
                let missing = (*sound).to_owned();
                return Err(Error::StaleCase { case: variant.name, file, missing });
            }
            scratch::write(&path, &text.replace(sound, broken))?;
        }
        // Whatever stands in the environment, the broken build must not land where the sound one is.
        let build = ["build", "--release", "--quiet", "--package", "nmk-sim"];
        let mut command = process::cargo_in(self.copy.path(), &build);
        command.env("CARGO_TARGET_DIR", &self.target).env("RUSTFLAGS", "-Awarnings");
        // A variant plays a few hundred seeds once, so what counts is how soon it is built.
        command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        command.env("CARGO_PROFILE_RELEASE_INCREMENTAL", "true");
        process::stdout(&mut command)?;
        for (file, _, _) in variant.patches {
            scratch::write(&self.copy.path().join(file), &scratch::read(&self.root.join(file))?)?;
        }
        Ok(self.target.join("release").join("nmk-sim"))
    }
}
