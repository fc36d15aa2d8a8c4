//! A model folder is read while the disk fails: every failure is an error that names the file.

use std::path::{Path, PathBuf};

use files::{Disk, Fault, FaultyDisk};
use proposer::{Checkpoint, LoadError};

const FOLDER: &str = "/model";

/// The files of a model folder whose weights are in shards. The tests here do not read the bytes of
/// configuration and weights.
const FILES: [(&str, &[u8]); 6] = [
    ("config.json", b"{}"),
    ("model.safetensors.index.json", br#"{"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}"#),
    ("one.safetensors", b"one"),
    ("two.safetensors", b"two"),
    ("tokenizer.json", b"{}"),
    ("generation_config.json", br#"{"temperature": 0.5}"#),
];

fn disk() -> FaultyDisk {
    let disk = FaultyDisk::default();
    disk.create_folder(Path::new(FOLDER)).expect("a sound disk");
    for (name, content) in FILES {
        disk.write(&PathBuf::from(FOLDER).join(name), 0, content).expect("a sound disk");
    }
    disk
}

fn parts(checkpoint: &Checkpoint) -> (Vec<Vec<u8>>, bool, Option<f64>) {
    let temperature = checkpoint.generation.temperature;
    (checkpoint.shards.clone(), checkpoint.tokenizer.is_some(), temperature)
}

#[test]
fn no_failure_is_taken_for_a_missing_file() {
    let disk = disk();
    let before = disk.operations();
    let whole = Checkpoint::read_on(&disk, Path::new(FOLDER)).expect("a sound disk");
    assert_eq!(parts(&whole), (vec![b"one".to_vec(), b"two".to_vec()], true, Some(0.5)));
    for at in 0..disk.operations() - before {
        for fault in [Fault::Full, Fault::Device, Fault::Late] {
            disk.fail_after(at, fault);
            match Checkpoint::read_on(&disk, Path::new(FOLDER)) {
                Err(LoadError::File { path, .. }) => assert!(path.starts_with(FOLDER), "{}", path.display()),
                Err(other) => panic!("{fault:?} at {at}: {other}"),
                Ok(_) => panic!("{fault:?} at {at}: it was read"),
            }
        }
    }
    let again = Checkpoint::read_on(&disk, Path::new(FOLDER)).expect("the disk is sound again");
    assert_eq!(parts(&again), parts(&whole));
}
