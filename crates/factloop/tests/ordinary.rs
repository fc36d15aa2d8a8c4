//! Ordinary wordings: at least 85 in a hundred are read, and none is read wrongly.
//!
//! The list was written before the grammar, so it shows what people who never saw the grammar would get.

use factloop::route;

const WORDINGS: &str = include_str!("data/ordinary.tsv");

#[test]
fn ordinary_wordings_are_read_rightly() {
    let (mut read, mut all, mut unread) = (0, 0, Vec::new());
    for line in WORDINGS.lines().filter(|line| !line.starts_with('#')) {
        let [kind, prompt, expected]: [&str; 3] =
            line.split('\t').collect::<Vec<_>>().try_into().expect("three columns");
        all += 1;
        match route(prompt) {
            Some(routed) => {
                assert_eq!(routed.answer.to_string(), expected, "{prompt}");
                read += 1;
            }
            None => unread.push(format!("{kind}: {prompt}")),
        }
    }
    println!("{read} of {all} ordinary wordings are read; not read: {unread:#?}");
    assert_eq!(all, 80);
    assert!(read * 100 >= all * 85, "{read} of {all} are read; not read: {unread:#?}");
}
