//! The key file: made once, private, with its public half beside it.

mod common;

use std::fs;
use std::path::Path;

use common::{Scratch, key};
use fastrand::Rng;
use files::{Fault, FaultyDisk};
use ledger::keys::{load_or_create, load_or_create_on, load_public};
use ledger::{KeyError, PublicKey};

fn no_entropy() -> [u8; 32] {
    panic!("the key is there already")
}

#[test]
fn a_key_is_made_once() {
    let scratch = Scratch::new();
    let path = scratch.beside("state").join("key");
    let made = load_or_create(&path, || [5; 32]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), [5; 32]);
    assert_eq!(load_or_create(&path, no_entropy).unwrap().public(), made.public());
    assert_eq!(load_public(&path).unwrap().key, *made.public());
    assert_eq!(common::files(&scratch.beside("state")).len(), 2, "no temporary is left");
    fs::remove_file(scratch.beside("state").join("key.pub")).unwrap();
    load_or_create(&path, no_entropy).unwrap();
    assert_eq!(load_public(&path).unwrap().key, *made.public());
}

#[test]
fn the_seed_is_not_shown() {
    let shown = format!("{:?}", key(0xab));
    assert!(!shown.contains("abab") && !shown.contains("171"), "{shown}");
}

#[test]
fn writers_that_start_at_once_share_one_key() {
    let scratch = Scratch::new();
    let path = scratch.beside("key");
    let publics = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..9u8)
            .map(|seed| {
                let path = &path;
                scope.spawn(move || *load_or_create(path, || [seed; 32]).unwrap().public())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(publics.iter().all(|public| *public == publics[0]), "{publics:?}");
}

#[cfg(unix)]
#[test]
fn a_key_open_to_others_is_refused() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let scratch = Scratch::new();
    let path = scratch.beside("key");
    load_or_create(&path, || [5; 32]).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let error = load_or_create(&path, no_entropy).expect_err("others can read it");
    assert!(matches!(error, KeyError::Exposed { mode: 0o640, .. }), "{error}");
}

#[test]
fn what_is_no_key_is_refused() {
    let scratch = Scratch::new();
    let path = scratch.beside("key");
    assert!(matches!(load_public(&path), Err(KeyError::NoPublicKey { .. })));
    assert!(matches!(load_or_create(&path, || [0; 32]), Err(KeyError::ZeroSeed)));
    assert!(!path.exists());
    load_or_create(&path, || [5; 32]).unwrap();
    for length in [0, 31, 33, 64] {
        fs::write(&path, vec![5; length]).unwrap();
        assert!(matches!(load_or_create(&path, no_entropy), Err(KeyError::NotASeed { .. })), "{length}");
    }
    fs::write(&path, [6; 32]).unwrap();
    assert!(matches!(load_or_create(&path, no_entropy), Err(KeyError::NotAPair { .. })));
    let below = path.join("below");
    assert!(matches!(load_or_create(&below, || [5; 32]), Err(KeyError::File(_))));
}

#[test]
fn public_keys_are_read_from_text() {
    let public = *key(1).public();
    assert_eq!(public.to_string().parse::<PublicKey>().unwrap(), public);
    for text in ["", "abc", &public.to_string().to_uppercase()] {
        assert!(matches!(text.parse::<PublicKey>(), Err(KeyError::NotHexadecimal)), "{text}");
    }
}

#[test]
fn a_key_that_was_returned_stays_whatever_fails() {
    let path = Path::new("/state/key");
    let made =
        |disk: &FaultyDisk, seed| load_or_create_on(disk, path, || [seed; 32]).map(|key| *key.public());
    let sound = FaultyDisk::default();
    made(&sound, 5).unwrap();
    for at in 0..sound.operations() {
        for fault in [Fault::Full, Fault::Short, Fault::Device, Fault::Late, Fault::Stop] {
            let disk = FaultyDisk::default();
            disk.fail_after(at, fault);
            let first = made(&disk, 5);
            let mut rng = Rng::with_seed(u64::from(at));
            let after =
                if disk.has_stopped() { disk.after_crash(&mut |below| rng.usize(..below)) } else { disk };
            after.heal();
            let second = made(&after, 6).unwrap_or_else(|error| panic!("{fault:?} at {at}: {error}"));
            assert_eq!(first.unwrap_or(second), second, "{fault:?} at {at}");
            assert_eq!(made(&after, 7).unwrap(), second, "{fault:?} at {at}");
        }
    }
}
