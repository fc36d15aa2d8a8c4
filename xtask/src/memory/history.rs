//! The writes that were acknowledged, and the check of what a memory has against them.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::Findings;

/// An entry of a memory, as it was acknowledged or found.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    digest: String,
    pinned: bool,
}

/// The state that the acknowledged writes imply.
#[derive(Default)]
pub(super) struct History {
    entries: BTreeMap<String, Known>,
    /// The keys of writes that were announced and not acknowledged, at most one for each process that was killed.
    open: BTreeSet<String>,
    pub(super) acknowledged: usize,
    pub(super) evicted: usize,
    /// True if a process ended before it was killed.
    pub(super) ended_by_itself: bool,
    /// True if more than one process wrote last, so that the order of their writes is not known.
    shared: bool,
}

/// The content of a memory that was opened again.
#[derive(Default)]
pub(super) struct Found {
    /// The time that opening took, in microseconds. None if it failed.
    pub(super) opening_us: Option<u64>,
    entries: BTreeMap<String, (Known, i64)>,
    sound: bool,
}

impl Found {
    /// Reads the lines of `writer show`.
    pub(super) fn parse(text: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines() {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["opened", us] => found.opening_us = us.parse().ok(),
                ["sound"] => found.sound = true,
                ["entry", key, digest, pinned, updated] => {
                    let known = Known { digest: digest.to_owned(), pinned: pinned == "true" };
                    found.entries.insert(key.to_owned(), (known, updated.parse().unwrap_or(i64::MIN)));
                }
                _ => {}
            }
        }
        found
    }
}

impl History {
    /// Takes down the lines of the processes of one moment.
    pub(super) fn add(&mut self, processes: &[Vec<String>]) {
        self.open.clear();
        self.shared = processes.len() > 1;
        let mut gone = BTreeSet::new();
        for lines in processes {
            let mut open = None;
            for line in lines {
                match line.split(' ').collect::<Vec<_>>()[..] {
                    ["begin" | "begin-delete", key] => open = Some(key.to_owned()),
                    ["stored", key, digest, how, ref evicted @ ..] => {
                        let known = Known { digest: digest.to_owned(), pinned: how == "pinned" };
                        self.entries.insert(key.to_owned(), known);
                        self.acknowledged += 1;
                        gone.extend(
                            evicted.iter().filter(|key| !key.is_empty()).map(|key| (*key).to_owned()),
                        );
                        open = None;
                    }
                    ["deleted", key] => {
                        gone.insert(key.to_owned());
                        open = None;
                    }
                    // A line that the kill cut says nothing.
                    _ => {}
                }
            }
            self.open.extend(open);
        }
        // A key that does not repeat is gone for good, whichever process removed it.
        self.evicted += gone.len();
        for key in gone {
            self.entries.remove(&key);
        }
    }

    /// Compares what was found with what was acknowledged, and goes on from what was found.
    pub(super) fn check(&mut self, found: &Found, when: &str, checks: &mut Findings<String>) {
        let mut holds = |holds, what: String| checks.check(holds, || format!("not so, {when}: {what}"));
        holds(found.opening_us.is_some() && found.sound, "the memory opens and is sound".to_owned());
        holds(!self.ended_by_itself, "a process writes until it is killed".to_owned());
        let mut missing = BTreeSet::new();
        for (key, known) in &self.entries {
            match found.entries.get(key) {
                // What was announced last may have been committed or not, so its key may have either content.
                Some((there, _)) if self.open.contains(key) || there == known => {}
                Some(_) => holds(false, format!("`{key}` is what was acknowledged")),
                None if self.open.contains(key) && !known.pinned => {}
                None => drop(missing.insert(key.as_str())),
            }
        }
        let pinned = missing.iter().filter(|key| self.entries[**key].pinned).count();
        holds(pinned == 0, format!("no pinned entry is missing, and {pinned} are"));
        // A write that was committed and not acknowledged may have removed entries; these were worth least.
        let committed = self.open.iter().any(|key| found.entries.contains_key(key));
        holds(
            missing.is_empty() || committed,
            format!("what was acknowledged is there, without {missing:?}"),
        );
        let oldest =
            found.entries.values().filter(|(known, _)| !known.pinned).map(|(_, updated)| *updated).min();
        let number = |key: &&str| key.rsplit('-').next().and_then(|number| number.parse::<i64>().ok());
        let newest_missing = missing.iter().filter_map(number).max();
        let in_order = newest_missing.zip(oldest).is_none_or(|(missing, oldest)| missing <= oldest);
        holds(self.shared || in_order, "what was removed was worth least".to_owned());
        self.entries = found.entries.iter().map(|(key, (known, _))| (key.clone(), known.clone())).collect();
    }
}
