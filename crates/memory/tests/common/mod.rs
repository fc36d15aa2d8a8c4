//! Helpers that the tests of the store share.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use abi::Value;
use memory::{Draft, Key, MIN_QUOTA, Options, Quota, Store};
pub(crate) use synthetic::{Random, Scratch};

/// The smallest quota, and a short wait for others.
pub(crate) fn small() -> Options {
    Options { quota: Quota::new(MIN_QUOTA).expect("large enough"), busy: Duration::from_secs(20) }
}

pub(crate) fn scratch(name: &str) -> Scratch {
    Scratch::new(env!("CARGO_TARGET_TMPDIR"), name).expect("a scratch folder")
}

pub(crate) fn open(scratch: &Scratch) -> Store {
    Store::open(&scratch.join("memory"), &small(), 0).expect("the store opens")
}

pub(crate) fn key(text: impl Into<String>) -> Key {
    Key::new(text).expect("a key")
}

pub(crate) fn note(name: impl Into<String>, text: impl Into<String>) -> Draft {
    Draft::note(key(name), Value::text(text.into()))
}

/// Returns a text of random words that has about `bytes` bytes.
pub(crate) fn words(random: &mut Random, bytes: usize) -> String {
    let mut text = String::new();
    while text.len() < bytes {
        let word = random.below(20_000);
        text.push_str(&format!("w{word} "));
    }
    text
}

/// Returns the bytes of all files in a folder together.
pub(crate) fn folder_bytes(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| std::fs::metadata(file.path()).ok()).map(|found| found.len()).sum()
}

/// A thread that looks at the size of a folder all the time.
pub(crate) struct Sampler {
    ends: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl Sampler {
    pub(crate) fn start(folder: &Path) -> Self {
        let (ends, most) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (folder, ending, largest) = (folder.to_owned(), Arc::clone(&ends), Arc::clone(&most));
        let thread = std::thread::spawn(move || {
            while !ending.load(Ordering::Relaxed) {
                largest.fetch_max(folder_bytes(&folder), Ordering::Relaxed);
                std::thread::sleep(Duration::from_micros(300));
            }
        });
        Self { ends, most, thread }
    }

    pub(crate) fn most(self) -> u64 {
        self.ends.store(true, Ordering::Relaxed);
        self.thread.join().expect("the sampler ends");
        self.most.load(Ordering::Relaxed)
    }
}
