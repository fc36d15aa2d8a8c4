//! The suites of the reference system, under their names: `cargo xtask verify --only k_policy`.
//!
//! Each one is made of whole suites of ours and of single test programs of them, so it runs nothing that the whole run
//! leaves out. `docs/reference.md` has the same table, with what was changed and why.

use crate::verify::suite::{Share, Suite, Work};

/// A part of a suite of the reference.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// The whole suite of ours with this name.
    Whole(&'static str),
    /// Test programs of the suite of ours with this name.
    Programs(&'static str, &'static [&'static str]),
}

use Part::{Programs, Whole};

/// A suite of the reference, with its counterpart. `investigation` has none: the reference itself retired it.
const TABLE: [(&str, &[Part]); 27] = [
    (
        "task_graph",
        &[
            Programs("sched", &["admission", "plans", "lifecycle", "repair", "circles"]),
            Programs("e2e", &["run_graph"]),
        ],
    ),
    (
        "orchestrator",
        &[
            Programs("sched", &["classify", "job_runner"]),
            Programs("e2e", &["request", "jobs", "shown_ledger"]),
        ],
    ),
    (
        "commit_trap",
        &[
            Programs("sched", &["commit"]),
            Programs("det", &["judge"]),
            Programs("ledger", &["tampering"]),
            Whole("tamper"),
        ],
    ),
    ("commit_kernel", &[Programs("sched", &["commit"]), Programs("factloop", &["judged_facts"])]),
    ("entry_trap", &[Programs("neural", &["entry", "entry_files"]), Programs("train", &["entry"])]),
    ("kv_park", &[Programs("neural", &["snapshot", "sessions"]), Whole("battery-cpu")]),
    ("scheduler", &[Programs("neural", &["sequences"]), Whole("battery-cpu")]),
    (
        "det_interrupt",
        &[Programs("proposer", &["interrupt", "forbidden_text"]), Programs("neural", &["traps"])],
    ),
    ("holdout_gate", &[Whole("holdout"), Programs("e2e", &["functions"])]),
    (
        "self_extend",
        &[Programs("escalate", &["ladder", "store"]), Whole("holdout"), Programs("e2e", &["solve"])],
    ),
    ("venv_tool", &[Whole("sandbox")]),
    (
        "escalate_solve",
        &[Programs("escalate", &["ladder"]), Programs("e2e", &["solve", "research", "sampled"])],
    ),
    ("memory_store", &[Whole("memory"), Whole("memory_store")]),
    ("k_policy", &[Programs("kpolicy", &["worked_values", "invariants"])]),
    ("k_cost", &[Programs("kpolicy", &["worked_values", "smoothing"]), Programs("e2e", &["policy"])]),
    ("k_policy_ladder", &[Programs("e2e", &["width", "spending"])]),
    (
        "fact_loop",
        &[Programs("factloop", &["asking", "judged_facts"]), Programs("e2e", &["fact_loop", "factloop"])],
    ),
    (
        "fact_dispatch",
        &[Programs("factloop", &["ordinary", "adversarial", "insertions"]), Programs("e2e", &["spending"])],
    ),
    ("fact_dispatch_head", &[Programs("train", &["entry"]), Programs("e2e", &["dispatch"])]),
    (
        "dynamic_k_seams",
        &[
            Programs("kpolicy", &["plans", "budget", "depth"]),
            Programs("e2e", &["spending", "run_graph", "verify_depth"]),
        ],
    ),
    ("proposer_k", &[Programs("escalate", &["lexical"]), Programs("e2e", &["policy_mode"])]),
    (
        "mode_b",
        &[
            Programs("neural", &["gateways", "injector"]),
            Programs("train", &["injector"]),
            Programs("e2e", &["inject"]),
        ],
    ),
    ("lane_oracles", &[Programs("det", &["lints", "structure"])]),
    ("tools", &[Whole("tools"), Programs("e2e", &["run_graph"])]),
    ("trace_tool", &[Whole("ledger"), Programs("e2e", &["trace_check", "shown_ledger"])]),
    ("agent_delegate", &[Programs("sched", &["circles"]), Programs("e2e", &["run_graph"])]),
    (
        "web_tools",
        &[
            Programs("tools", &["web"]),
            Programs("remote", &["web", "web_addresses"]),
            Programs("e2e", &["web"]),
        ],
    ),
];

/// Returns the names of the suites of the reference, in its order.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, _)| *name)
}

/// Returns the suites that `name` stands for, out of `ours`: one with the name of the reference for its test programs, and
/// the whole suites beside it. Returns None if the reference has no such suite.
pub(crate) fn suites(name: &str, ours: &[Suite]) -> Option<Vec<Suite>> {
    let (name, parts) = TABLE.iter().find(|(known, _)| *known == name)?;
    let find = |wanted: &str| ours.iter().find(|suite| suite.name == wanted);
    let mut selections = Vec::new();
    let mut suites = Vec::new();
    for part in *parts {
        match *part {
            Whole(whole) => suites.extend(find(whole).cloned()),
            Programs(suite, programs) => {
                let Some(Work::Tests(tests)) = find(suite).map(|suite| &suite.work) else { continue };
                selections.extend(tests.iter().cloned().map(|test| test.only(programs)));
            }
        }
    }
    let like = ours.iter().find(|suite| matches!(suite.work, Work::Tests(_)));
    if let Some(like) = like.filter(|_| !selections.is_empty()) {
        // A suite of ours may have the name, and is then another row.
        let name = if find(name).is_some() { format!("{name}-programs") } else { (*name).to_owned() };
        suites.insert(0, Suite { name, work: Work::Tests(selections), share: Share::Free, ..like.clone() });
    }
    Some(suites)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Part, TABLE, names, suites};
    use crate::planes::members;
    use crate::process;
    use crate::verify::suite;

    impl Part {
        fn in_words(self) -> String {
            match self {
                Part::Whole(suite) => format!("`{suite}`"),
                Part::Programs(suite, programs) => format!("`{suite}` ({})", programs.join(", ")),
            }
        }
    }

    #[test]
    fn the_page_has_the_same_table() {
        let page = fs::read_to_string(process::workspace_root().join("docs/reference.md")).unwrap();
        let rows: Vec<Vec<&str>> = page.lines().map(|line| line.split(" | ").collect()).collect();
        for (name, parts) in TABLE {
            let cell = rows.iter().find(|row| row[0] == format!("| `{name}`")).map(|row| row[1]);
            let words: Vec<String> = parts.iter().map(|part| part.in_words()).collect();
            assert_eq!(cell, Some(words.join(", ").as_str()), "{name}");
        }
    }

    #[test]
    fn every_part_exists() {
        let root = process::workspace_root();
        let ours = suite::suites(&members(&root).unwrap());
        for (name, parts) in TABLE {
            let whole = parts.iter().filter(|part| matches!(part, Part::Whole(_))).count();
            let own = usize::from(whole < parts.len());
            assert_eq!(suites(name, &ours).unwrap().len(), whole + own, "{name}");
            for part in parts {
                let Part::Programs(suite, programs) = part else { continue };
                let folder = if *suite == "e2e" { "nmk" } else { suite };
                for program in *programs {
                    let file = root.join(format!("crates/{folder}/tests/{program}.rs"));
                    assert!(file.exists(), "{name}: {}", file.display());
                }
            }
        }
        assert_eq!(names().count(), TABLE.len());
        assert!(suites("no_such", &ours).is_none());
    }
}
