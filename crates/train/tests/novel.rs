//! The evaluation set of novel tasks has nothing that the coder was trained on.

use novel::{Known, stored};
use train::coder::training;

const SAMPLE: u64 = 60_000;

#[test]
fn no_item_of_the_corpus_is_one_of_the_set() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/novel500");
    let items = stored(folder.as_ref()).expect("the set");
    let known = Known::from_items(&items);
    assert_eq!(known.counts(), (500, 300));
    let (mut descriptions, mut solutions) = (Vec::new(), Vec::new());
    for index in 0..SAMPLE {
        let item = training(0, index);
        if known.has_description(&item.gap.description) {
            descriptions.push(item.gap.description.clone());
        }
        if known.has_solution(&item.answer, &item.gap.entry) {
            solutions.push(item.answer);
        }
    }
    assert!(descriptions.is_empty(), "{descriptions:?}");
    assert!(solutions.is_empty(), "{solutions:?}");
    // The comparison finds what is there: an item of the set itself, in another layout and under another name.
    let gap = items.iter().find(|item| item["kind"] == "code").expect("a gap");
    let (right, entry) =
        (gap["right"].as_str().expect("code"), gap["spec"]["entry"].as_str().expect("a name"));
    let renamed = right.replace(entry, "other").replace("    ", "  ");
    assert!(known.has_solution(&renamed, "other"));
    assert!(known.has_description(&gap["spec"]["description"].as_str().expect("words").to_uppercase()));
}
