//! Key files that somebody swapped, opened to others or replaced.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use ledger::keys::load_or_create;
use ledger::{Entry, EntryKind, JobId, Journal, Ledger, SigningKey, TaskId, Value};

use crate::Failure;
use crate::structure::{OnDisk, fifo, is_root};

/// An edit of the folder with the key files `key` and `key.pub`.
type Edit = fn(&Path) -> Result<(), Failure>;

fn mode(path: &Path, mode: u32) -> Result<(), Failure> {
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

/// The public key as text, changed by `change`.
fn text(folder: &Path, change: fn(&str) -> String) -> Result<(), Failure> {
    let path = folder.join("key.pub");
    Ok(fs::write(&path, change(fs::read_to_string(&path)?.trim()))?)
}

/// Moves a file of the keys away and puts a link to it in its place.
fn linked(folder: &Path, name: &str) -> Result<(), Failure> {
    fs::rename(folder.join(name), folder.join("elsewhere"))?;
    Ok(symlink("elsewhere", folder.join(name))?)
}

fn piped(folder: &Path, name: &str) -> Result<(), Failure> {
    fs::remove_file(folder.join(name))?;
    fifo(&folder.join(name))
}

const CASES: [(&str, bool, Edit); 28] = [
    ("a pair", true, |_| Ok(())),
    ("no private key", true, |folder| Ok(fs::remove_file(folder.join("key"))?)),
    ("no public key", false, |folder| Ok(fs::remove_file(folder.join("key.pub"))?)),
    ("another private key", false, |folder| Ok(fs::write(folder.join("key"), [8; 32])?)),
    ("another public key", false, |folder| {
        let other = SigningKey::from_seed([8; 32])?;
        Ok(fs::write(folder.join("key.pub"), format!("{}\n", other.public()))?)
    }),
    ("a private key of 31 bytes", false, |folder| Ok(fs::write(folder.join("key"), [5; 31])?)),
    ("a private key of 33 bytes", false, |folder| Ok(fs::write(folder.join("key"), [5; 33])?)),
    ("an empty private key", false, |folder| Ok(fs::write(folder.join("key"), [])?)),
    ("a private key of zeros", false, |folder| Ok(fs::write(folder.join("key"), [0; 32])?)),
    ("a private key that others read", false, |folder| mode(&folder.join("key"), 0o640)),
    ("a private key that others write", false, |folder| mode(&folder.join("key"), 0o602)),
    ("a public key that others read", true, |folder| mode(&folder.join("key.pub"), 0o644)),
    ("a public key that others write", false, |folder| mode(&folder.join("key.pub"), 0o662)),
    ("a public key that is a link", false, |folder| linked(folder, "key.pub")),
    ("a private key that is a link", false, |folder| linked(folder, "key")),
    ("a public key that is a FIFO", false, |folder| piped(folder, "key.pub")),
    ("a private key that is a FIFO", false, |folder| piped(folder, "key")),
    ("a public key in upper case", false, |folder| text(folder, str::to_uppercase)),
    ("a public key without its line end", true, |folder| text(folder, str::to_owned)),
    ("a public key and more", false, |folder| text(folder, |key| format!("{key}\n{key}\n"))),
    ("a public key with spaces", false, |folder| text(folder, |key| key.replace('a', "a ") + " ")),
    ("a public key with two names", false, |folder| {
        Ok(fs::hard_link(folder.join("key.pub"), folder.join("second"))?)
    }),
    // Its mode opens a second name to nobody else.
    ("a private key with two names", true, |folder| {
        Ok(fs::hard_link(folder.join("key"), folder.join("second"))?)
    }),
    ("keys in a folder that others read", true, |folder| mode(folder, 0o755)),
    ("keys in a folder in which everybody replaces files", false, |folder| mode(folder, 0o777)),
    ("keys in a folder to which everybody adds files", true, |folder| mode(folder, 0o1777)),
    ("a public key with the line end of another system", false, |folder| {
        text(folder, |key| format!("{key}\r\n"))
    }),
    ("half a public key", false, |folder| text(folder, |key| key[..32].to_owned())),
];

/// Returns the cases: one ledger, and a pair of key files for each.
pub(crate) fn cases(root: &Path) -> Result<Vec<OnDisk>, Failure> {
    let ledger = root.join("ledger");
    let (mut own, _) = Ledger::open(&ledger, &SigningKey::from_seed([5; 32])?)?;
    let task = TaskId { job: JobId(1), number: 0 };
    own.append(&[Entry { kind: EntryKind::Decided, task, inputs: Vec::new(), body: Value::Null }])?;
    let mut found = Vec::new();
    let mut add = |name: &str, passes, edit: &dyn Fn(&Path) -> Result<(), Failure>| -> Result<(), Failure> {
        let folder = root.join(format!("keys-{}", found.len()));
        load_or_create(&folder.join("key"), || [5; 32])?;
        edit(&folder).map_err(|error| format!("{name}: {error}"))?;
        let (name, key) = (name.to_owned(), Some(folder.join("key")));
        found.push(OnDisk { name, folder: ledger.clone(), head: None, key, passes });
        Ok(())
    };
    for (name, passes, edit) in CASES {
        add(name, passes, &edit)?;
    }
    if is_root() {
        // The administrator may read everything, and is not misled: an owner beside the folder's is refused.
        add("a public key of another user", false, &|folder| {
            Ok(chown(folder.join("key.pub"), Some(12_345), None)?)
        })?;
    }
    Ok(found)
}
