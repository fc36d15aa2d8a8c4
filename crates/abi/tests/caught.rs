//! A caller that catches a panic of a map's writing gets another panic, or canonical bytes; never anything else.

use std::panic::{AssertUnwindSafe, catch_unwind};

use abi::{Canonical, Digest, MapWriter, decode, encode};
use proptest::prelude::*;

/// A way in which a caller writes a field, or fails at it.
#[derive(Clone, Debug)]
enum Step {
    /// A field that is written, with the number of its key.
    Int(u8),
    /// An inner map, in which a panic comes after these steps if `panics` is true.
    Map { key: u8, inner: Vec<Step>, panics: bool },
    /// A list whose iterator panics at its second item.
    PanickingList(u8),
    /// A list whose iterator has more items than it says, or fewer.
    LyingList { key: u8, says: usize },
}

/// Three digests from an iterator that says it has another number of them, or that panics.
struct Liar<'a> {
    item: &'a Digest,
    says: usize,
    left: usize,
    panics: bool,
}

impl<'a> Iterator for Liar<'a> {
    type Item = &'a Digest;

    fn next(&mut self) -> Option<&'a Digest> {
        assert!(!(self.panics && self.left == 2), "the iterator breaks");
        self.left = self.left.checked_sub(1)?;
        Some(self.item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.says, Some(self.says))
    }
}

impl ExactSizeIterator for Liar<'_> {}

fn play(map: &mut MapWriter<'_>, steps: &[Step]) {
    let item = Digest::hash("nmk.test.v1", b"item");
    for step in steps {
        // Every panic is caught, and the caller goes on as if nothing had happened.
        let _ = catch_unwind(AssertUnwindSafe(|| match step {
            Step::Int(key) => map.int(&format!("{key:03}"), 7),
            Step::Map { key, inner, panics } => map.map(&format!("{key:03}"), |map| {
                play(map, inner);
                assert!(!panics, "the caller breaks");
            }),
            Step::PanickingList(key) => {
                map.digests(&format!("{key:03}"), Liar { item: &item, says: 3, left: 3, panics: true });
            }
            Step::LyingList { key, says } => {
                map.digests(&format!("{key:03}"), Liar { item: &item, says: *says, left: 3, panics: false });
            }
        }));
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let leaf = prop_oneof![
        3 => any::<u8>().prop_map(Step::Int),
        1 => any::<u8>().prop_map(Step::PanickingList),
        1 => (any::<u8>(), 0..5_usize).prop_map(|(key, says)| Step::LyingList { key, says }),
    ];
    let step = leaf.prop_recursive(3, 16, 3, |inner| {
        (any::<u8>(), prop::collection::vec(inner, 0..3), any::<bool>())
            .prop_map(|(key, inner, panics)| Step::Map { key, inner, panics })
    });
    prop::collection::vec(step, 0..4)
}

proptest! {
    #[test]
    fn whatever_is_caught_the_bytes_are_canonical(steps in steps()) {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let written = catch_unwind(|| Canonical::map(|map| play(map, &steps)));
        std::panic::set_hook(hook);
        if let Ok(written) = written {
            let value = decode(written.as_bytes());
            prop_assert!(value.is_ok(), "{value:?}");
            prop_assert_eq!(encode(&value.unwrap()), written.as_bytes());
        }
    }
}

#[test]
#[should_panic(expected = "the writing of a field of this map panicked")]
fn a_panic_in_an_inner_map_poisons_the_outer_one() {
    drop(Canonical::map(|map| {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            map.map("inner", |inner| {
                inner.int("a", 1);
                panic!("caught")
            });
        }));
    }));
}

#[test]
#[should_panic(expected = "a list of 2 items has 3")]
fn a_list_has_as_many_items_as_it_says() {
    let item = Digest::hash("nmk.test.v1", b"item");
    drop(Canonical::map(|map| map.digests("list", Liar { item: &item, says: 2, left: 3, panics: false })));
}
