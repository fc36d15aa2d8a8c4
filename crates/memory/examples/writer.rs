//! A process that writes to a memory until it is killed, and one that shows what it left, for `cargo xtask memory`.
//!
//! `writer write DIR QUOTA NAME FIRST` stores entries at the quota, and prints a line for each that was acknowledged: its key,
//! the digest of its content, `pinned` or `loose`, and the keys that were removed for it. `writer show DIR QUOTA` opens the
//! memory again and prints the time that this took, and a line for each entry.

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use abi::Value;
use memory::{Draft, Key, MemoryError, Options, Quota, Store};
use synthetic::Random;

/// The entries of one process that are pinned. They take turns under fixed keys, so that they never exhaust the pins.
const PINNED: i64 = 12;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["write", folder, quota, name, first] => {
            write(Path::new(folder), quota.parse()?, name, first.parse()?)
        }
        ["show", folder, quota] => show(Path::new(folder), quota.parse()?),
        _ => Err("writer write DIR QUOTA NAME FIRST | writer show DIR QUOTA".into()),
    }
}

fn options(quota: u64) -> Result<Options, MemoryError> {
    Ok(Options { quota: Quota::new(quota)?, busy: Duration::from_secs(20) })
}

fn write(folder: &Path, quota: u64, name: &str, first: i64) -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::open(folder, &options(quota)?, first)?;
    let mut random = Random::new(first.unsigned_abs());
    let mut out = io::stdout().lock();
    for number in first.. {
        let pin = random.below(8) == 0;
        let key = if pin { format!("pin-{name}-{}", number % PINNED) } else { format!("{name}-{number}") };
        let bytes = if random.below(10) == 0 { random.below(12_000) } else { random.below(900) };
        let text = text(&mut random, number, if pin { bytes.min(900) } else { bytes });
        let draft = Draft { pin, ..Draft::note(Key::new(key.clone())?, Value::text(text)) };
        // An announcement, so that an entry that was committed and not acknowledged is known by its key.
        writeln!(out, "begin {key}")?;
        out.flush()?;
        let stored = store.put(&draft, number)?;
        let digest = store.get(&key, number)?.map(|entry| entry.digest.to_string()).unwrap_or_default();
        let how = if pin { "pinned" } else { "loose" };
        writeln!(out, "stored {key} {digest} {how} {}", stored.evicted.join(" "))?;
        out.flush()?;
        if random.below(20) == 0 {
            let key = format!("{name}-{}", number - 1 - random.below(20) as i64);
            writeln!(out, "begin-delete {key}")?;
            out.flush()?;
            store.delete(&key)?;
            writeln!(out, "deleted {key}")?;
            out.flush()?;
        }
    }
    Ok(())
}

fn text(random: &mut Random, number: i64, bytes: usize) -> String {
    let mut text = format!("{number}");
    while text.len() < bytes {
        text.push_str(&format!(" w{}", random.below(20_000)));
    }
    text
}

fn show(folder: &Path, quota: u64) -> Result<(), Box<dyn std::error::Error>> {
    let begun = Instant::now();
    let store = Store::open(folder, &options(quota)?, 0)?;
    // The first read is what undoes a write that was killed.
    store.list(1)?;
    println!("opened {}", begun.elapsed().as_micros());
    store.export(|entry| {
        println!("entry {} {} {} {}", entry.key, entry.digest, entry.pinned, entry.updated_ms);
        Ok::<(), MemoryError>(())
    })?;
    store.check()?;
    println!("sound");
    Ok(())
}
