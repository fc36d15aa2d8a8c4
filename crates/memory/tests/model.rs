//! The store beside a plain model of it: every answer is the same, and what is removed is worth least.

mod common;

use std::collections::BTreeMap;

use abi::Value;
use common::{key, scratch, small};
use memory::{Draft, Kind, MemoryError, Quota, Steward, Store, Worth, retention};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Put { key: u8, bytes: usize, worth: u8, pin: bool },
    Get(u8),
    Delete(u8),
    DeleteAsSteward(u8),
    Pin(u8, bool),
    Consult(u8),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![4 => 0..200_usize, 3 => 200..4_000_usize, 2 => 4_000..28_000_usize, 1 => 28_000..40_000_usize];
    prop_oneof![
        8 => (0..60_u8, size, 0..=10_u8, prop::bool::weighted(0.1))
            .prop_map(|(key, bytes, worth, pin)| Step::Put { key, bytes, worth, pin }),
        3 => (0..60_u8).prop_map(Step::Get),
        1 => (0..60_u8).prop_map(Step::Delete),
        1 => (0..60_u8).prop_map(Step::DeleteAsSteward),
        1 => (0..60_u8, any::<bool>()).prop_map(|(key, pin)| Step::Pin(key, pin)),
        1 => (0..60_u8).prop_map(Step::Consult),
        1 => Just(Step::Reopen),
    ]
}

/// An entry of the model.
#[derive(Clone, Debug)]
struct Kept {
    text: String,
    bytes: u64,
    worth: u8,
    pinned: bool,
    created: i64,
    accessed: i64,
    uses: i64,
    /// The number of the write that stored it, which decides among equals.
    written: u64,
}

#[derive(Default)]
struct Model {
    kept: BTreeMap<String, Kept>,
    /// Uses that no write has brought along yet.
    noted: BTreeMap<String, (i64, i64)>,
    writes: u64,
}

impl Model {
    fn note(&mut self, name: &str, now: i64) {
        let noted = self.noted.entry(name.to_owned()).or_insert((now, 0));
        *noted = (noted.0.max(now), noted.1 + 1);
    }

    /// Applies the notes, as every write that commits does.
    fn write(&mut self) {
        for (name, (last, times)) in std::mem::take(&mut self.noted) {
            if let Some(kept) = self.kept.get_mut(&name) {
                kept.accessed = kept.accessed.max(last);
                kept.uses += times;
            }
        }
    }

    fn pinned_bytes(&self) -> u64 {
        self.kept.values().filter(|kept| kept.pinned).map(|kept| Quota::estimate(kept.bytes)).sum()
    }

    /// Removes what the store says that it removed, after checking that it was worth least.
    fn evict(&mut self, evicted: &[String], but: &str) {
        for name in evicted {
            let rank = |(_, kept): &(&String, &Kept)| {
                (retention(kept.accessed, kept.worth, kept.uses), kept.written)
            };
            let loose = self.kept.iter().filter(|(name, kept)| !kept.pinned && *name != but);
            let (least, _) = loose.min_by_key(rank).expect("something can be removed");
            assert_eq!(name, least, "the entry that is worth least goes first");
            self.kept.remove(name);
        }
    }
}

fn play(steps: &[Step]) {
    let scratch = scratch("model");
    let (folder, options, steward) = (scratch.join("memory"), small(), Steward::for_owner());
    let open = || Store::open(&folder, &options, 0).expect("opens");
    let (mut store, mut model) = (open(), Model::default());
    for (index, step) in steps.iter().enumerate() {
        let now = index as i64 * 1_000_000;
        match step {
            Step::Put { key: number, bytes, worth, pin } => {
                let name = format!("key {number}");
                let text: String = format!("{name} {index} ").chars().cycle().take(*bytes).collect();
                let draft = Draft {
                    key: key(&name),
                    kind: Kind::note(),
                    value: Value::text(text.clone()),
                    worth: Worth::new(*worth).expect("in range"),
                    pin: *pin,
                };
                let before = model.kept.get(&name).cloned();
                let pinned = *pin || before.as_ref().is_some_and(|kept| kept.pinned);
                let counted = (name.len() + 4 + 5 + text.len()) as u64;
                match store.put(&draft, now) {
                    Ok(stored) => {
                        assert_eq!(stored.bytes, counted);
                        assert_eq!(stored.replaced, before.is_some());
                        model.write();
                        model.evict(&stored.evicted, &name);
                        let (created, uses) =
                            model.kept.get(&name).map_or((now, 0), |kept| (kept.created.min(now), kept.uses));
                        model.writes += 1;
                        let written = model.writes;
                        let kept = Kept {
                            text,
                            bytes: counted,
                            worth: *worth,
                            pinned,
                            created,
                            accessed: now,
                            uses,
                            written,
                        };
                        model.kept.insert(name, kept);
                        assert!(
                            model.pinned_bytes() <= options.quota.pinned_bytes() || before.is_some() || !pin
                        );
                    }
                    Err(MemoryError::EntryTooLarge { .. }) => assert!(counted > options.quota.entry_bytes()),
                    Err(MemoryError::PinQuota { .. }) => {
                        let others = model.pinned_bytes()
                            - before.filter(|kept| kept.pinned).map_or(0, |kept| Quota::estimate(kept.bytes));
                        let all = others + if pinned { Quota::estimate(counted) } else { 0 };
                        assert!(all > options.quota.pinned_bytes(), "{all}");
                    }
                    Err(error) => panic!("{step:?}: {error}"),
                }
            }
            Step::Get(number) => {
                let name = format!("key {number}");
                let found = store.get(&name, now).expect("read");
                let kept = model.kept.get(&name);
                assert_eq!(found.is_some(), kept.is_some(), "{name}");
                if let (Some(found), Some(kept)) = (found, kept) {
                    assert_eq!(found.value.as_text(), Some(kept.text.as_str()));
                    assert_eq!((found.pinned, found.worth), (kept.pinned, kept.worth));
                    assert_eq!(
                        (found.created_ms, found.accessed_ms, found.uses),
                        (kept.created, kept.accessed, kept.uses)
                    );
                    model.note(&name, now);
                }
            }
            Step::Delete(number) => {
                let name = format!("key {number}");
                match store.delete(&name) {
                    Ok(removed) => {
                        model.write();
                        assert_eq!(removed, model.kept.remove(&name).is_some());
                    }
                    Err(MemoryError::Pinned { .. }) => assert!(model.kept[&name].pinned),
                    Err(error) => panic!("{error}"),
                }
            }
            Step::DeleteAsSteward(number) => {
                let name = format!("key {number}");
                let removed = store.delete_as(&steward, &name).expect("a steward may");
                model.write();
                assert_eq!(removed, model.kept.remove(&name).is_some());
            }
            Step::Pin(number, pin) => {
                let name = format!("key {number}");
                match store.pin_as(&steward, &name, *pin) {
                    Ok(()) => {
                        model.write();
                        model.kept.get_mut(&name).expect("there").pinned = *pin;
                    }
                    Err(MemoryError::NoEntry { .. }) => assert!(!model.kept.contains_key(&name)),
                    Err(MemoryError::PinQuota { .. }) => assert!(pin),
                    Err(error) => panic!("{error}"),
                }
            }
            Step::Consult(number) => {
                let found = store.consult(&format!("{number}"), 3_000, now).expect("consulted");
                for recalled in found.recalled {
                    assert_eq!(recalled.text, model.kept[&recalled.entry.key].text);
                    model.note(&recalled.entry.key, now);
                }
            }
            Step::Reopen => {
                drop(store);
                // What was read and not written along is lost, and nothing else.
                model.noted.clear();
                store = open();
            }
        }
    }
    let listed = store.list(1_000).expect("listed");
    let mut names: Vec<&str> = listed.iter().skip(1).map(|one| one.key.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, model.kept.keys().map(String::as_str).collect::<Vec<_>>());
    store.check().expect("sound");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_store_does_what_the_model_does(steps in proptest::collection::vec(step(), 1..160)) {
        play(&steps);
    }
}
