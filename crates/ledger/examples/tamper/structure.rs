//! Ledgers on the disk whose files somebody moved, replaced, linked or opened to others.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use ledger::keys::load_public;
use ledger::{
    Digest, Entry, EntryKind, FolderDisk, JobId, Journal, Ledger, PublicKey, SigningKey, SizeLimits, TaskId,
    Value, verify,
};

use crate::Failure;
use crate::heads::{announcements, heads};

/// The key that signs every ledger here, and the seed of the batch's pinned key.
pub(crate) const SEED: [u8; 32] = [7; 32];

/// A ledger on the disk, and whether it must pass.
pub(crate) struct OnDisk {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    /// A head that must be met.
    pub(crate) head: Option<Digest>,
    /// The private key's file, beside the public key to read; none for the key of the batch.
    pub(crate) key: Option<PathBuf>,
    pub(crate) passes: bool,
}

impl OnDisk {
    /// The case as a line of the batch.
    pub(crate) fn line(&self) -> String {
        let mut line = self.folder.display().to_string();
        if let Some(head) = self.head {
            line += &format!("\thead={head}");
        }
        if let Some(key) = &self.key {
            line += &format!("\tkey={}.pub", key.display());
        }
        line
    }

    /// The answer of our verifier.
    pub(crate) fn told(&self) -> String {
        let verified = self.pinned().map_err(Failure::from);
        let verified = verified.and_then(|pinned| Ok(verify(&self.folder, &pinned, self.head)?));
        verified.map_or_else(|error| format!("fail {error}"), |found| format!("ok {}", found.count))
    }

    /// The key against which the ledger is checked.
    fn pinned(&self) -> Result<PublicKey, ledger::KeyError> {
        match &self.key {
            Some(key) => Ok(load_public(key)?.key),
            None => Ok(*SigningKey::from_seed(SEED)?.public()),
        }
    }
}

/// Runs an edit and lists the result as a case.
pub(crate) struct Cases {
    /// A sound ledger to copy: blobs kept and forgotten, an older and a newest head.
    pub(crate) sound: Sound,
    root: PathBuf,
    found: Vec<OnDisk>,
}

/// The parts of the sound ledger.
pub(crate) struct Sound {
    pub(crate) folder: PathBuf,
    /// The heads after each append.
    pub(crate) heads: Vec<Vec<u8>>,
    /// The checkpoints after each append, none before the first.
    pub(crate) checkpoints: Vec<Option<Vec<u8>>>,
    /// Lengths of the file of entries after each append.
    pub(crate) lengths: Vec<usize>,
    /// The last chain digest.
    pub(crate) newest: Digest,
    /// A blob that an entry names and nobody forgot.
    kept: Digest,
    /// A blob that was forgotten, named again and is there.
    pub(crate) again: Digest,
    /// A blob that was forgotten and is missing.
    gone: Digest,
}

/// Returns the cases, each a ledger below `root`.
pub(crate) fn cases(root: &Path) -> Result<Vec<OnDisk>, Failure> {
    let sound = sound(&root.join("sound"))?;
    let mut cases = Cases { sound, root: root.to_path_buf(), found: Vec::new() };
    cases.add("untouched", true, |_, _| Ok(()))?;
    kinds(&mut cases)?;
    strays(&mut cases)?;
    modes(&mut cases)?;
    blobs(&mut cases)?;
    heads(&mut cases)?;
    announcements(&mut cases)?;
    Ok(cases.found)
}

fn naming(blob: Digest) -> Value {
    Value::map([("blobs", Value::List(vec![blob.to_value()]))])
}

pub(crate) fn sound(folder: &Path) -> Result<Sound, Failure> {
    // Each append leaves a checkpoint.
    let limits = SizeLimits { unchecked: 1, ..SizeLimits::default() };
    let disk = FolderDisk::create(folder)?;
    let (mut ledger, _) = Ledger::open_on(disk, folder, &SigningKey::from_seed(SEED)?, limits)?;
    let (mut heads, mut lengths) = (vec![fs::read(folder.join("head"))?], vec![0]);
    let mut checkpoints = vec![None];
    let [kept, again, gone] = ["kept", "again", "gone"].map(|text| ledger.store_blob(text.as_bytes()));
    let (kept, again, gone) = (kept?, again?, gone?);
    let entry = |number, body| {
        let task = TaskId { job: JobId(1), number };
        Entry { kind: EntryKind::Decided, task, inputs: Vec::new(), body }
    };
    let mut note = |ledger: &Ledger<FolderDisk>| -> Result<(), Failure> {
        heads.push(fs::read(ledger.path().join("head"))?);
        checkpoints.push(Some(fs::read(ledger.path().join("checkpoint"))?));
        lengths.push(fs::read(ledger.path().join("entries"))?.len());
        Ok(())
    };
    for (number, blob) in [kept, again, gone].into_iter().enumerate() {
        ledger.append(&[entry(u32::try_from(number)?, naming(blob))])?;
        note(&ledger)?;
    }
    for blob in [again, gone] {
        ledger.forget(blob, "asked to")?;
        note(&ledger)?;
    }
    ledger.store_blob(b"again")?;
    ledger.append(&[entry(9, naming(again)), entry(10, Value::Null)])?;
    note(&ledger)?;
    Ok(Sound {
        folder: folder.to_path_buf(),
        heads,
        checkpoints,
        lengths,
        newest: ledger.head(),
        kept,
        again,
        gone,
    })
}

impl Cases {
    /// Copies the sound ledger, edits the copy, and adds it.
    pub(crate) fn add(
        &mut self,
        name: &str,
        passes: bool,
        edit: impl FnOnce(&Path, &Sound) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let folder = self.root.join(format!("case-{}", self.found.len()));
        copy(&self.sound.folder, &folder)?;
        edit(&folder, &self.sound).map_err(|error| format!("{name}: {error}"))?;
        self.found.push(OnDisk { name: name.to_owned(), folder, head: None, key: None, passes });
        Ok(())
    }

    /// Adds the last case once more, with a head that was kept elsewhere.
    pub(crate) fn expecting(&mut self, head: Digest, passes: bool) {
        if let Some(OnDisk { name, folder, .. }) = self.found.last() {
            let (name, folder) = (format!("{name}, against a kept head"), folder.clone());
            self.found.push(OnDisk { name, folder, head: Some(head), key: None, passes });
        }
    }
}

impl Sound {
    /// Puts the head and the checkpoint back that were there after append number `at`.
    pub(crate) fn put_back(&self, folder: &Path, at: usize) -> Result<(), Failure> {
        fs::write(folder.join("head"), &self.heads[at])?;
        match &self.checkpoints[at] {
            Some(checkpoint) => Ok(fs::write(folder.join("checkpoint"), checkpoint)?),
            None => Ok(fs::remove_file(folder.join("checkpoint"))?),
        }
    }
}

/// Copies a folder with its modes.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for item in fs::read_dir(from)? {
        let path = item?.path();
        let target = to.join(path.file_name().ok_or("a name")?);
        if path.is_dir() { copy(&path, &target)? } else { fs::copy(&path, &target).map(|_| ())? }
    }
    Ok(())
}

pub(crate) fn place(folder: &Path, blob: Digest) -> PathBuf {
    let name = blob.to_string();
    folder.join("blobs").join(&name[..2]).join(name)
}

pub(crate) fn fifo(path: &Path) -> Result<(), Failure> {
    if Command::new("mkfifo").arg(path).status()?.success() { Ok(()) } else { Err("mkfifo".into()) }
}

/// Everything that has its place in a ledger, replaced by something that is no plain file or no folder.
fn kinds(cases: &mut Cases) -> Result<(), Failure> {
    let kept = cases.sound.kept;
    let blob = place(Path::new(""), kept);
    let shelf = blob.parent().ok_or("a shelf")?.to_path_buf();
    let names = ["entries", "head", "lock", "head.tmp", "blob.tmp", "checkpoint", "checkpoint.tmp"];
    for file in names.map(PathBuf::from).into_iter().chain([blob]) {
        let shown = file.display().to_string();
        let outside = cases.root.join("outside");
        let away = |folder: &Path| -> Result<PathBuf, Failure> {
            let path = folder.join(&file);
            let _ = fs::remove_file(&outside);
            if fs::rename(&path, &outside).is_err() {
                fs::write(&outside, b"")?;
            }
            Ok(path)
        };
        cases.add(&format!("{shown} is a link"), false, |folder, _| {
            let path = away(folder)?;
            fs::rename(&outside, folder.with_extension("outside"))?;
            Ok(symlink(folder.with_extension("outside"), path)?)
        })?;
        cases.add(&format!("{shown} is a hard link"), false, |folder, _| {
            let path = away(folder)?;
            fs::rename(&outside, folder.with_extension("outside"))?;
            Ok(fs::hard_link(folder.with_extension("outside"), path)?)
        })?;
        cases.add(&format!("{shown} is a FIFO"), false, |folder, _| fifo(&away(folder)?))?;
        cases.add(&format!("{shown} is a folder"), false, |folder, _| Ok(fs::create_dir(away(folder)?)?))?;
        cases.add(&format!("{shown} is a dangling link"), false, |folder, _| {
            Ok(symlink("/nonexistent/nmk", away(folder)?)?)
        })?;
        cases.add(&format!("{shown} leads to a device"), false, |folder, _| {
            Ok(symlink("/dev/null", away(folder)?)?)
        })?;
        if device(&cases.root.join("probe")).is_ok() {
            cases.add(&format!("{shown} is a device"), false, |folder, _| device(&away(folder)?))?;
        }
    }
    for name in [PathBuf::from("blobs"), shelf, PathBuf::from("jobs"), PathBuf::from("aside")] {
        let shown = name.display().to_string();
        cases.add(&format!("{shown} is a link"), false, |folder, _| {
            let (path, outside) = (folder.join(&name), folder.with_extension("outside"));
            if fs::rename(&path, &outside).is_err() {
                fs::create_dir(&outside)?;
            }
            Ok(symlink(outside, path)?)
        })?;
        cases.add(&format!("{shown} is a file"), false, |folder, _| {
            let _ = fs::remove_dir_all(folder.join(&name));
            Ok(fs::write(folder.join(&name), b"")?)
        })?;
        cases.add(&format!("{shown} is a FIFO"), false, |folder, _| {
            let _ = fs::remove_dir_all(folder.join(&name));
            fifo(&folder.join(&name))
        })?;
    }
    cases.add("the folder is a link", false, |folder, _| {
        let real = folder.with_extension("real");
        fs::rename(folder, &real)?;
        Ok(symlink(real, folder)?)
    })
}

fn device(path: &Path) -> Result<(), Failure> {
    let _ = fs::remove_file(path);
    let made =
        Command::new("mknod").arg(path).args(["c", "1", "3"]).stderr(std::process::Stdio::null()).status()?;
    if made.success() { Ok(()) } else { Err("mknod".into()) }
}

/// Things that are no part of a ledger, and things that are and need not be there.
fn strays(cases: &mut Cases) -> Result<(), Failure> {
    let shelf = cases.sound.kept.to_string()[..2].to_owned();
    let files: [(&str, &[u8], bool); 25] = [
        ("note", b"", false),
        (".hidden", b"x", false),
        ("entries.bak", b"", false),
        ("head.old", b"", false),
        ("blobs/note", b"", false),
        (&format!("blobs/{shelf}/note"), b"", false),
        ("blobs/zz/note", b"", false),
        ("lock", b"x", false),
        ("jobs/job-0000000000000007", b"", true),
        ("jobs/job-0000000000000007", b"x", false),
        ("jobs/job-7", b"", false),
        ("jobs/job-000000000000000G", b"", false),
        ("jobs/deep/job-0000000000000007", b"", false),
        ("aside/0.entries", b"anything", true),
        ("aside/12.head", b"anything", true),
        ("aside/3.checkpoint", b"anything", true),
        ("checkpoint.old", b"", false),
        ("checkpoint.tmp", b"half a checkp", true),
        ("aside/note", b"", false),
        ("aside/0.lock", b"", false),
        ("aside/.entries", b"", false),
        ("aside/00000000000000000000000.entries", b"", false),
        ("aside/deep/0.entries", b"", false),
        ("head.tmp", b"half a he", true),
        ("blob.tmp", b"half a bl", true),
    ];
    for (name, content, passes) in files {
        cases.add(&format!("{name} with {} bytes", content.len()), passes, |folder, _| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().ok_or("a folder")?)?;
            Ok(fs::write(path, content)?)
        })?;
    }
    // A name of bytes that are no text is a stray like any other.
    for below in ["", "blobs", "jobs", "aside"] {
        let name = Path::new(below).join(OsStr::from_bytes(b"\xff"));
        let shown = format!("{below}/ff");
        cases.add(&format!("a file {shown}"), false, |folder, _| {
            fs::create_dir_all(folder.join(below))?;
            Ok(fs::write(folder.join(&name), b"")?)
        })?;
        cases.add(&format!("a folder {shown}"), false, |folder, _| {
            Ok(fs::create_dir_all(folder.join(&name))?)
        })?;
        cases.add(&format!("a FIFO {shown}"), false, |folder, _| {
            fs::create_dir_all(folder.join(below))?;
            fifo(&folder.join(&name))
        })?;
    }
    for (name, passes) in
        [("blobs/00", true), ("blobs/zz", false), ("blobs/0", false), ("blobs/AB", false), ("deep", false)]
    {
        cases.add(&format!("an empty folder {name}"), passes, |folder, _| {
            Ok(fs::create_dir_all(folder.join(name))?)
        })?;
    }
    for name in ["note", "blobs/note", "blobs/00/note", "jobs/note", "aside/0.head"] {
        let make = |folder: &Path| -> Result<PathBuf, Failure> {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().ok_or("a folder")?)?;
            Ok(path)
        };
        cases.add(&format!("a FIFO {name}"), false, |folder, _| fifo(&make(folder)?))?;
        cases.add(&format!("a link {name}"), false, |folder, _| Ok(symlink("entries", make(folder)?)?))?;
    }
    for (name, passes) in [("entries", false), ("head", false), ("lock", true), ("blobs", false)] {
        cases.add(&format!("without {name}"), passes, |folder, _| {
            let path = folder.join(name);
            let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            Ok(removed?)
        })?;
    }
    Ok(())
}

/// Modes and owners.
fn modes(cases: &mut Cases) -> Result<(), Failure> {
    let blob = place(Path::new(""), cases.sound.kept);
    let shelf = blob.parent().ok_or("a shelf")?.to_path_buf();
    let files = ["entries", "head", "lock", "checkpoint"].map(PathBuf::from).into_iter().chain([blob]);
    let folders = ["", "blobs", "jobs", "aside"].map(PathBuf::from).into_iter().chain([shelf]);
    let modes =
        |folder: bool| if folder { [0o755, 0o720, 0o702, 0o777] } else { [0o644, 0o620, 0o602, 0o666] };
    let all = files.map(|path| (path, false)).chain(folders.map(|path| (path, true)));
    for (name, is_folder) in all {
        for mode in modes(is_folder) {
            let passes = mode & 0o022 == 0;
            cases.add(&format!("{} has mode {mode:o}", name.display()), passes, |folder, _| {
                let path = folder.join(&name);
                if is_folder {
                    fs::create_dir_all(&path)?;
                }
                Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
            })?;
        }
        if chown(&cases.root, None, None).is_ok() && is_root() && !name.as_os_str().is_empty() {
            cases.add(&format!("{} is another user's", name.display()), false, |folder, _| {
                let path = folder.join(&name);
                if is_folder {
                    fs::create_dir_all(&path)?;
                }
                Ok(chown(path, Some(12_345), None)?)
            })?;
        }
    }
    Ok(())
}

pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// Blobs that are missing, changed, moved or misnamed.
fn blobs(cases: &mut Cases) -> Result<(), Failure> {
    cases.add("a blob that is named is gone", false, |folder, sound| {
        Ok(fs::remove_file(place(folder, sound.kept))?)
    })?;
    cases.add("a blob that was forgotten and named again is gone", false, |folder, sound| {
        Ok(fs::remove_file(place(folder, sound.again))?)
    })?;
    cases.add("a blob that was forgotten is back", true, |folder, sound| {
        let path = place(folder, sound.gone);
        fs::create_dir_all(path.parent().ok_or("a shelf")?)?;
        Ok(fs::write(path, "gone")?)
    })?;
    cases.add("a blob that was forgotten is back with other bytes", false, |folder, sound| {
        let path = place(folder, sound.gone);
        fs::create_dir_all(path.parent().ok_or("a shelf")?)?;
        Ok(fs::write(path, "gome")?)
    })?;
    cases.add("a blob is cut", false, |folder, sound| Ok(fs::write(place(folder, sound.kept), "kep")?))?;
    cases.add("a blob is empty", false, |folder, sound| Ok(fs::write(place(folder, sound.kept), "")?))?;
    cases.add("two blobs are swapped", false, |folder, sound| {
        fs::write(place(folder, sound.kept), "again")?;
        Ok(fs::write(place(folder, sound.again), "kept")?)
    })?;
    cases.add("a blob has an upper-case name", false, |folder, sound| {
        let path = place(folder, sound.kept);
        let upper = sound.kept.to_string().to_uppercase();
        Ok(fs::rename(&path, path.with_file_name(upper))?)
    })?;
    cases.add("a blob lies on another shelf", false, |folder, sound| {
        let other = folder.join("blobs/00");
        fs::create_dir_all(&other)?;
        Ok(fs::rename(place(folder, sound.kept), other.join(sound.kept.to_string()))?)
    })?;
    cases.add("a blob lies on no shelf", false, |folder, sound| {
        Ok(fs::copy(place(folder, sound.kept), folder.join("blobs").join(sound.kept.to_string()))
            .map(drop)?)
    })?;
    for (what, length, passes) in [
        ("a blob that nobody names", 9, true),
        ("the largest", 16 << 20, true),
        ("a larger one", (16 << 20) + 1, false),
    ] {
        cases.add(what, passes, |folder, _| {
            let bytes = vec![b'x'; length];
            let path = place(folder, Digest::hash(ledger::format::BLOB_DOMAIN, &bytes));
            fs::create_dir_all(path.parent().ok_or("a shelf")?)?;
            Ok(fs::write(path, bytes)?)
        })?;
    }
    cases.add("a blob that nobody names, with other bytes", false, |folder, _| {
        let path = place(folder, Digest::hash(ledger::format::BLOB_DOMAIN, b"nobody's"));
        fs::create_dir_all(path.parent().ok_or("a shelf")?)?;
        Ok(fs::write(path, "somebody's")?)
    })
}
