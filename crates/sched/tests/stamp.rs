//! A stamp is never two capabilities, never two uses, never stale and never more than its asker may hold.

use proptest::prelude::*;
use sched::{Capability, Rights, Stamp};

fn capability(number: u8) -> Capability {
    Capability(format!("fact:{number}"))
}

/// What a prompt or a task does to a stamp.
#[derive(Clone, Debug)]
enum Act {
    /// A prompt was read: what it asks for, and the rights that its asker holds.
    Stamp(Option<u8>, Vec<u8>),
    /// A task demands a capability.
    Take(u8),
}

fn act() -> impl Strategy<Value = Act> {
    let number = 0..4_u8;
    prop_oneof![
        (prop::option::of(number.clone()), prop::collection::vec(number.clone(), 0..4))
            .prop_map(|(asked, rights)| Act::Stamp(asked, rights)),
        number.prop_map(Act::Take),
    ]
}

proptest! {
    #[test]
    fn one_capability_and_one_use_of_the_last_stamp(acts in prop::collection::vec(act(), 0..60)) {
        let mut stamp = Stamp::default();
        // The request of the last prompt, if it may still be used.
        let mut open: Option<u8> = None;
        for act in acts {
            match act {
                Act::Stamp(asked, held) => {
                    let rights: Rights = held.iter().copied().map(capability).collect();
                    open = asked.filter(|asked| held.contains(asked));
                    let found = stamp.stamp(asked.map(capability), &rights).cloned();
                    prop_assert_eq!(found, open.map(capability));
                }
                Act::Take(wanted) => {
                    let usable: Vec<u8> =
                        (0..4).filter(|number| stamp.held() == Some(&capability(*number))).collect();
                    prop_assert!(usable.len() <= 1, "two capabilities: {:?}", usable);
                    prop_assert_eq!(stamp.take(&capability(wanted)), open == Some(wanted));
                    open = open.filter(|open| *open != wanted);
                    prop_assert!(!stamp.take(&capability(wanted)), "a second use");
                }
            }
            prop_assert_eq!(stamp.held().cloned(), open.map(capability));
        }
    }
}

#[test]
fn a_prompt_that_asks_for_nothing_clears_what_the_one_before_asked_for() {
    let rights: Rights = [capability(1), capability(2)].into();
    let mut stamp = Stamp::default();
    assert_eq!(stamp.stamp(Some(capability(1)), &rights), Some(&capability(1)));
    assert_eq!(stamp.stamp(None, &rights), None);
    assert!(!stamp.take(&capability(1)));
    stamp.stamp(Some(capability(1)), &rights);
    assert_eq!(stamp.stamp(Some(capability(3)), &rights), None, "not held, and no way to keep the old one");
    stamp.stamp(Some(capability(1)), &rights);
    stamp.stamp(Some(capability(2)), &rights);
    assert!(!stamp.take(&capability(1)) && stamp.take(&capability(2)) && !stamp.take(&capability(2)));
}
