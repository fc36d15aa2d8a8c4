//! The keys that sign heads, and the files that hold them.
//!
//! The key file holds the 32 bytes of the seed, mode 0600; beside it, `<name>.pub` holds the public
//! key in hexadecimal. Neither lies in the ledger's folder, because everybody who can write there could
//! otherwise replace the key that the ledger is checked against.

use std::ffi::OsString;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ed25519_compact as ed25519;
use files::{Disk, FileError, FolderDisk, OsDisk, with_context};
use thiserror::Error;

pub(crate) const SIGNATURE_BYTES: usize = ed25519::Signature::BYTES;
const KEY_BYTES: usize = 32;

/// An ed25519 public key, with which the signatures of heads are checked.
///
/// Holding one proves nothing about its owner, nor that anybody can sign for it. A ledger is checked against
/// a key that the caller got from elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; KEY_BYTES]);

impl PublicKey {
    /// Returns the key with these bytes. Any 32 bytes are accepted, although no signature can exist for most
    /// of them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes of the key, as a head stores them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Returns true if `signature` was made over the bytes of `digest` by [`SigningKey::sign_digest`] with the private key of
    /// this key.
    #[must_use]
    pub fn verifies_digest(&self, digest: &abi::Digest, signature: &[u8; SIGNATURE_BYTES]) -> bool {
        self.verifies(digest.as_bytes(), signature)
    }

    /// Returns true if `signature` was made over `message` with the private key of this key.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> bool {
        ed25519::PublicKey::new(self.0).verify(message, &ed25519::Signature::new(*signature)).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        // A digest has the same text form.
        let digest: abi::Digest = text.parse().map_err(|_| KeyError::NotHexadecimal)?;
        Ok(Self(*digest.as_bytes()))
    }
}

/// The private key that signs heads.
///
/// Everybody who holds it can sign any history. The seed is never shown: `Debug` prints the public key.
#[derive(Clone)]
pub struct SigningKey {
    pair: ed25519::KeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// Returns the key for a seed of 32 bytes, which the caller draws from the system's entropy.
    ///
    /// # Errors
    /// [`KeyError::ZeroSeed`] if every byte is zero, which no source of entropy returns.
    pub fn from_seed(seed: [u8; KEY_BYTES]) -> Result<Self, KeyError> {
        let pair =
            ed25519::KeyPair::try_from_seed(ed25519::Seed::new(seed)).map_err(|_| KeyError::ZeroSeed)?;
        let public = PublicKey(*pair.pk);
        Ok(Self { pair, public })
    }

    /// Returns the public key that belongs to this private key.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Returns the ed25519 signature over the bytes of a digest, such as that of an admission record. The digest was
    /// taken under a domain of its own, so no signature over one thing is one over another.
    #[must_use]
    pub fn sign_digest(&self, digest: &abi::Digest) -> [u8; SIGNATURE_BYTES] {
        self.sign(digest.as_bytes())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        *self.pair.sk.sign(message, None)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(of {})", self.public)
    }
}

/// The reason why a key was not read, created or parsed.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file system refused an operation; the error names the file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Every byte of the seed is zero.
    #[error("the seed is all zeros; draw 32 bytes from the system's entropy")]
    ZeroSeed,
    /// The text is not 64 hexadecimal digits in lower case.
    #[error("a public key is 64 hexadecimal digits in lower case")]
    NotHexadecimal,
    /// The key file does not have the length of a seed.
    #[error("{} is not a key file of {KEY_BYTES} bytes; restore it from a copy", path.display())]
    NotASeed {
        /// The path of the key file.
        path: PathBuf,
    },
    /// Other users of the machine can read or write the key file.
    #[error("{} is open to other users (mode {mode:04o}); if no one used it, run chmod 600 on it", path.display())]
    Exposed {
        /// The path of the key file.
        path: PathBuf,
        /// The permission bits of the file.
        mode: u32,
    },
    /// The file of a public key holds something else.
    #[error("{} is not one line of 64 hexadecimal digits in lower case; restore it from a copy", path.display())]
    NotAKey {
        /// The path of the public key.
        path: PathBuf,
    },
    /// The file beside the key file has another key's public key.
    #[error("{} is not the public key of the key beside it; restore the pair from a copy", path.display())]
    NotAPair {
        /// The path of the public key.
        path: PathBuf,
    },
    /// Only a public key lies at the place, so the ledger can be checked and not written.
    #[error("only a public key is here ({}): its ledger can be checked and not written; name another key and another ledger to write", path.display())]
    OnlyPublic {
        /// The path of the public key.
        path: PathBuf,
    },
    /// There is no file with the public key to check against.
    #[error("no public key in {}; name the one of the ledger's writer", path.display())]
    NoPublicKey {
        /// The path of the missing file.
        path: PathBuf,
    },
}

/// Returns the key in the file at `path`. If there is no file, a new key from `entropy` is stored there
/// first.
///
/// The public key is stored beside it, in a file of the same name with `.pub` added. Two processes that
/// create the file at once get the same key. A stored key is never replaced.
///
/// # Errors
/// [`KeyError`] if the file is not a key, other users can read it, the public key beside it belongs to
/// another key, there is a public key and no private one, or the file system refuses.
pub fn load_or_create(path: &Path, entropy: impl FnOnce() -> [u8; 32]) -> Result<SigningKey, KeyError> {
    let folder = files::parent(path);
    if with_context("open", folder, FolderDisk::open_following(folder))?.is_none() {
        files::create_folder(&OsDisk, folder)?;
    }
    let (disk, path) = beside(path)?;
    load_or_create_on(&disk, &path, entropy)
}

/// Does the same as [`load_or_create`], on `disk` instead of the machine's disk.
///
/// # Errors
/// Fails as [`load_or_create`] does.
pub fn load_or_create_on(
    disk: &impl Disk,
    path: &Path,
    entropy: impl FnOnce() -> [u8; 32],
) -> Result<SigningKey, KeyError> {
    if let Some(key) = load(disk, path)? {
        return Ok(key);
    }
    // A private key is stored before its public one. So a public key alone is that of somebody else, or of a
    // process that stored both since the look above.
    let public = public_path(path);
    if with_context("open", &public, disk.kind(&public))?.is_some() {
        return load(disk, path)?.ok_or(KeyError::OnlyPublic { path: public });
    }
    create(disk, path, entropy())?;
    // Another process may have put its key there meanwhile; the file decides.
    load(disk, path)?.ok_or_else(|| KeyError::NotASeed { path: path.to_path_buf() })
}

/// A public key that was read from its file, and what is known about the file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrustedKey {
    /// The key.
    pub key: PublicKey,
    /// The file that it was read from.
    pub path: PathBuf,
    /// True if the private key lies beside it and belongs to it; false if there is no private key to compare with.
    pub is_paired: bool,
}

/// Returns the public key that is stored beside the key file at `path`.
///
/// The two keys are compared if the key file itself is there and can be read: a public key that was swapped would let
/// another's ledger pass.
///
/// # Errors
/// [`KeyError::NoPublicKey`] if the file is missing, [`KeyError::NotAKey`] if it holds no public key,
/// [`KeyError::NotAPair`] if it holds that of another private key, [`KeyError::Exposed`] if others can read the private key, and [`KeyError::File`] if a file is a link,
/// belongs to somebody else, or can be changed by others.
pub fn load_public(path: &Path) -> Result<TrustedKey, KeyError> {
    let (disk, path) = match beside(path) {
        Err(KeyError::File(error)) if error.source.kind() == ErrorKind::NotFound => {
            return Err(KeyError::NoPublicKey { path: public_path(path) });
        }
        found => found?,
    };
    let public = public_path(&path);
    with_context("open", &public, disk.kind(&public))?;
    let Some(key) = read_public(&disk, &public)? else { return Err(KeyError::NoPublicKey { path: public }) };
    let is_paired = match files::read_up_to(&disk, &path, KEY_BYTES + 1) {
        Ok(None) => false,
        Err(error) if error.source.kind() == ErrorKind::PermissionDenied => false,
        Err(error) => return Err(error.into()),
        Ok(Some(bytes)) => {
            check_permissions(&disk, &path)?;
            let seed = bytes.try_into().map_err(|_| KeyError::NotASeed { path: path.clone() })?;
            if *SigningKey::from_seed(seed)?.public() != key {
                return Err(KeyError::NotAPair { path: public });
            }
            true
        }
    };
    Ok(TrustedKey { key, path: public, is_paired })
}

/// Opens the folder of the key file at `path`, and returns the path of the file in it.
fn beside(path: &Path) -> Result<(FolderDisk, PathBuf), KeyError> {
    let folder = files::parent(path);
    let opened = with_context("open", folder, FolderDisk::open_following(folder))?;
    let missing = || with_context("open", folder, Err(ErrorKind::NotFound.into()));
    let disk = opened.map_or_else(missing, Ok)?;
    with_context("open", folder, disk.check_trusted())?;
    let name = with_context("open", path, path.file_name().ok_or(ErrorKind::InvalidInput.into()))?;
    Ok((disk, folder.join(name)))
}

/// Returns the path of the public key that belongs to the key file at `path`.
fn public_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".pub");
    PathBuf::from(name)
}

/// Returns the key at `path`, or `None` if there is no file. If the public key beside it is missing, it is
/// written.
fn load(disk: &impl Disk, path: &Path) -> Result<Option<SigningKey>, KeyError> {
    let Some(bytes) = files::read_up_to(disk, path, KEY_BYTES + 1)? else { return Ok(None) };
    check_permissions(disk, path)?;
    let seed = bytes.try_into().map_err(|_| KeyError::NotASeed { path: path.to_path_buf() })?;
    let key = SigningKey::from_seed(seed)?;
    let public = public_path(path);
    if read_public(disk, &public)?.is_none() {
        files::replace(disk, &public, format!("{}\n", key.public).as_bytes())?;
    }
    // A public key that others can change is none to check against later.
    with_context("open", &public, disk.kind(&public))?;
    match read_public(disk, &public)? {
        Some(found) if found == key.public => Ok(Some(key)),
        _ => Err(KeyError::NotAPair { path: public }),
    }
}

fn read_public(disk: &impl Disk, path: &Path) -> Result<Option<PublicKey>, KeyError> {
    let Some(bytes) = files::read_up_to(disk, path, 2 * KEY_BYTES + 2)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    // One line and nothing else: what is read is all that is there.
    text.strip_suffix('\n')
        .unwrap_or(&text)
        .parse()
        .map(Some)
        .map_err(|_| KeyError::NotAKey { path: path.to_path_buf() })
}

/// Stores `seed` at `path` in one step. If another process stored a key there meanwhile, that key stays.
fn create(disk: &impl Disk, path: &Path, seed: [u8; KEY_BYTES]) -> Result<(), KeyError> {
    let public = *SigningKey::from_seed(seed)?.public();
    files::create_folder(disk, files::parent(path))?;
    let mut temporary = OsString::from(path);
    temporary.push(format!(".{public}.tmp"));
    let temporary = PathBuf::from(temporary);
    files::write_synced(disk, &temporary, &seed)?;
    // A link takes no name that is in use, so the key of the first process stays.
    let linked = disk.link(&temporary, path);
    with_context("remove", &temporary, disk.remove(&temporary))?;
    with_context("create", path, linked)?;
    Ok(files::sync_folder(disk, files::parent(path))?)
}

fn check_permissions(disk: &impl Disk, path: &Path) -> Result<(), KeyError> {
    match with_context("measure", path, disk.permissions(path))? {
        Some(mode) if mode & 0o077 != 0 => Err(KeyError::Exposed { path: path.to_path_buf(), mode }),
        _ => Ok(()),
    }
}
