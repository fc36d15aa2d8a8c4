//! Model folders whose files are missing, cut, or stand for something else: each is named, with its cause.

use std::fs;
use std::path::Path;

use proposer::{Checkpoint, LoadError};
use synthetic::{SMALL, Scratch};

const INDEX: &str = "model.safetensors.index.json";
const FIRST: &str = "model-00001-of-00002.safetensors";
const SECOND: &str = "model-00002-of-00002.safetensors";

fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    fs::write(folder.join(name), bytes).expect("a file in a scratch folder");
}

/// Makes a sound folder of two shards.
fn folder() -> Scratch {
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "checkpoint-files").expect("a scratch folder");
    put(scratch.path(), "config.json", SMALL.config());
    for name in [FIRST, SECOND] {
        put(scratch.path(), name, SMALL.weights(1));
    }
    let map = format!(r#"{{"weight_map": {{"a": "{FIRST}", "b": "{SECOND}", "c": "{FIRST}"}}}}"#);
    put(scratch.path(), INDEX, map);
    scratch
}

fn refusal(folder: &Path) -> LoadError {
    match Checkpoint::read(folder) {
        Err(refusal) => refusal,
        Ok(_) => panic!("{} is accepted", folder.display()),
    }
}

#[test]
fn a_sound_folder_is_read() {
    let scratch = folder();
    let read = Checkpoint::read(scratch.path()).expect("a sound folder");
    assert_eq!(read.shards, [SMALL.weights(1), SMALL.weights(1)]);
}

#[test]
fn a_pointer_of_git_lfs_is_named_in_place_of_any_file() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 4999802720\n";
    for name in ["config.json", SECOND, INDEX, "tokenizer.json", "model.safetensors"] {
        let scratch = folder();
        put(scratch.path(), name, pointer);
        let refusal = refusal(scratch.path());
        let text = refusal.to_string();
        assert!(
            matches!(&refusal, LoadError::LfsPointer { path, size: Some(4_999_802_720) } if path.ends_with(name)),
            "{text}"
        );
        assert!(text.contains("git lfs pull") && text.contains(name), "{text}");
    }
}

#[test]
fn a_web_page_is_named_in_place_of_any_file() {
    for (name, page) in [
        (FIRST, "<!DOCTYPE html>\n<html>"),
        ("tokenizer.json", "\n <HTML><body>Log in"),
        ("config.json", "<!doctype HTML>"),
    ] {
        let scratch = folder();
        put(scratch.path(), name, page);
        let refusal = refusal(scratch.path());
        assert!(matches!(&refusal, LoadError::WebPage { path } if path.ends_with(name)), "{refusal}");
    }
}

#[test]
fn a_cut_shard_is_named_with_both_lengths() {
    let whole = SMALL.weights(1);
    let header = 8 + usize::from(whole[0]) + (usize::from(whole[1]) << 8);
    for length in [20, header - 1, header, header + 100, whole.len() - 1] {
        let scratch = folder();
        put(scratch.path(), SECOND, &whole[..length]);
        let refusal = refusal(scratch.path());
        let LoadError::CutFile { path, length: found, stated } = &refusal else {
            panic!("{length}: {refusal}")
        };
        assert!(path.ends_with(SECOND) && *found == length as u64, "{refusal}");
        let expected = if length < header { header } else { whole.len() };
        assert_eq!(*stated, expected as u64, "{refusal}");
    }
}

#[test]
fn a_missing_shard_is_named_with_a_tensor_of_it() {
    let scratch = folder();
    fs::remove_file(scratch.join(SECOND)).expect("it is there");
    let refusal = refusal(scratch.path());
    let text = refusal.to_string();
    assert!(
        matches!(&refusal, LoadError::MissingShard { path, tensor, .. } if path.ends_with(SECOND) && tensor == "b"),
        "{text}"
    );
    assert!(text.contains(INDEX), "{text}");
}

#[test]
fn shards_without_their_index_are_named() {
    let scratch = folder();
    fs::remove_file(scratch.join(INDEX)).expect("it is there");
    let refusal = refusal(scratch.path());
    assert!(matches!(&refusal, LoadError::File { path, .. } if path.ends_with(INDEX)), "{refusal}");
}
