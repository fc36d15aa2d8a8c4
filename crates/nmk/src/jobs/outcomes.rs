//! The outcomes of earlier jobs, by kind, template and model.

use std::collections::BTreeMap;

use super::Tally;

/// The most keys of which outcomes are kept. The one that was counted longest ago makes room.
const MOST_KEYS: usize = 1024;

/// The things that jobs must have in common to be counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PlanKey {
    /// The kind of the job.
    pub(crate) kind: String,
    /// The template of its tasks.
    pub(crate) template: String,
    /// True if a model ordered the tasks.
    pub(crate) planner: bool,
    /// The model that proposed.
    pub(crate) model: String,
}

/// The tallies of all keys, at every entry that changed them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcomes {
    /// For each key the number of entries up to a change, ascending, with the tally from there on.
    changes: BTreeMap<PlanKey, Vec<(u64, Tally)>>,
}

impl Outcomes {
    /// Counts a job that ended in the entry with this number.
    pub(crate) fn add(&mut self, key: PlanKey, index: u64, passed: bool) {
        if self.changes.len() >= MOST_KEYS && !self.changes.contains_key(&key) {
            let last = |changes: &Vec<(u64, Tally)>| changes.last().map(|(entries, _)| *entries);
            let oldest = self.changes.iter().min_by_key(|(_, changes)| last(changes));
            let oldest = oldest.map(|(key, _)| key.clone());
            oldest.and_then(|key| self.changes.remove(&key));
        }
        let changes = self.changes.entry(key).or_default();
        let mut tally = changes.last().map(|(_, tally)| *tally).unwrap_or_default();
        tally.add(passed);
        changes.push((index + 1, tally));
    }

    /// Returns the tally of a key after the first `entries` entries.
    pub(crate) fn at(&self, key: &PlanKey, entries: u64) -> Tally {
        let Some(changes) = self.changes.get(key) else { return Tally::default() };
        let before = changes.partition_point(|(count, _)| *count <= entries);
        before.checked_sub(1).map(|last| changes[last].1).unwrap_or_default()
    }

    /// Returns every key with its last tally.
    pub(crate) fn tallies(&self) -> impl Iterator<Item = (&PlanKey, Tally)> {
        self.changes.iter().filter_map(|(key, changes)| Some((key, changes.last()?.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_KEYS, Outcomes, PlanKey, Tally};

    fn key(model: usize) -> PlanKey {
        let (kind, template, model) = ("text".to_owned(), "direct".to_owned(), model.to_string());
        PlanKey { kind, template, planner: false, model }
    }

    #[test]
    fn a_tally_is_that_of_the_entries_before() {
        let mut outcomes = Outcomes::default();
        outcomes.add(key(0), 9, true);
        outcomes.add(key(0), 19, false);
        for (entries, passes, failures) in
            [(0, 0, 0), (9, 0, 0), (10, 1, 0), (19, 1, 0), (20, 1, 1), (99, 1, 1)]
        {
            assert_eq!(outcomes.at(&key(0), entries), Tally { passes, failures }, "{entries}");
        }
        assert_eq!(outcomes.at(&key(1), 99), Tally::default());
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let mut outcomes = Outcomes::default();
        (0..2 * MOST_KEYS).for_each(|number| outcomes.add(key(number), number as u64, true));
        assert_eq!(outcomes.tallies().count(), MOST_KEYS);
        assert_eq!(outcomes.at(&key(0), u64::MAX).runs(), 0);
        assert_eq!(outcomes.at(&key(2 * MOST_KEYS - 1), u64::MAX).runs(), 1);
    }
}
