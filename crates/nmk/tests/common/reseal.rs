//! A ledger whose holder of the key changes what was recorded.

use ledger::{Entry, Journal, Ledger, Value};

use super::home::Home;

/// Seals the ledger again with its own key, each entry changed by `change`.
pub fn reseal(home: &Home, change: impl Fn(&mut Entry)) {
    reseal_all(home, |entries| entries.iter_mut().for_each(&change));
}

/// Seals the ledger again with its own key, its entries changed by `change`.
pub fn reseal_all(home: &Home, change: impl Fn(&mut Vec<Entry>)) {
    let folder = home.ledger();
    let mut entries: Vec<Entry> =
        ledger::read(&folder).unwrap().map(|stored| stored.unwrap().entry).collect();
    change(&mut entries);
    let key = ledger::keys::load_or_create(&home.path("home/.config/nmk/key"), || [0; 32]).unwrap();
    std::fs::remove_file(folder.join("entries")).unwrap();
    std::fs::remove_file(folder.join("head")).unwrap();
    // A long ledger has a checkpoint, which is of the history before the change.
    std::fs::remove_file(folder.join("checkpoint")).unwrap_or(());
    let blobs = folder.join("blobs");
    std::fs::rename(&blobs, home.path("blobs")).unwrap();
    drop(Ledger::open(&folder, &key).unwrap());
    std::fs::remove_dir_all(&blobs).unwrap();
    std::fs::rename(home.path("blobs"), &blobs).unwrap();
    let (mut ledger, _) = Ledger::open(&folder, &key).unwrap();
    ledger.append(&entries).unwrap();
}

/// Returns the value under `key` of a map. None if there is none, or if the value is no map.
pub fn field<'a>(value: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    match value {
        Value::Map(map) => map.get_mut(key),
        _ => None,
    }
}
