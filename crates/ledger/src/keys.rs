//! The keys that sign heads, and the file that keeps one.
//!
//! The key file holds the 32 bytes of the seed, mode 0600; beside it, `<name>.pub` holds the public
//! key in hexadecimal. Neither lies in the ledger's folder: who can write there could otherwise
//! replace the key that the ledger is checked against.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ed25519_compact as ed25519;
use files::{Disk, FileError, OsDisk};
use thiserror::Error;

pub(crate) const SIGNATURE_BYTES: usize = ed25519::Signature::BYTES;
const KEY_BYTES: usize = 32;

/// An ed25519 public key. Whose it is, is for the holder to know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; KEY_BYTES]);

impl PublicKey {
    /// The key of these bytes; whether anyone can sign for it is not known.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

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

/// The key that seals heads. Who holds it can write any history.
#[derive(Clone)]
pub struct SigningKey {
    pair: ed25519::KeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// The key of a seed of 32 bytes from the system's entropy.
    ///
    /// # Errors
    /// If every byte is zero, which no source of entropy gives.
    pub fn from_seed(seed: [u8; KEY_BYTES]) -> Result<Self, KeyError> {
        let pair =
            ed25519::KeyPair::try_from_seed(ed25519::Seed::new(seed)).map_err(|_| KeyError::ZeroSeed)?;
        let public = PublicKey(*pair.pk);
        Ok(Self { pair, public })
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
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

/// Why there is no key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The operating system refused something.
    #[error(transparent)]
    File(#[from] FileError),
    /// The seed is all zeros.
    #[error("the seed is all zeros; draw 32 bytes from the system's entropy")]
    ZeroSeed,
    /// The text is not a public key.
    #[error("a public key is 64 hexadecimal digits in lower case")]
    NotHexadecimal,
    /// The key file is not a seed.
    #[error("{} is not a key file of {KEY_BYTES} bytes; restore it from a copy", path.display())]
    NotASeed {
        /// The key file.
        path: PathBuf,
    },
    /// Other users can read or write the key file.
    #[error("{} is open to other users (mode {mode:04o}); if no one used it, run chmod 600 on it", path.display())]
    Exposed {
        /// The key file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The public key beside the key file belongs to another key.
    #[error("{} is not the public key of the key beside it; restore the pair from a copy", path.display())]
    NotAPair {
        /// The file of the public key.
        path: PathBuf,
    },
    /// There is no public key to check against.
    #[error("no public key in {}; name the one of the ledger's writer", path.display())]
    NoPublicKey {
        /// Where it was expected.
        path: PathBuf,
    },
}

/// The key in the file at `path`; where there is none, a new one from `entropy` is put there.
///
/// Two processes that create it at once end up with the same key.
///
/// # Errors
/// If the file is not a key, is open to others, has another's `.pub` beside it, or cannot be written.
pub fn load_or_create(path: &Path, entropy: impl FnOnce() -> [u8; 32]) -> Result<SigningKey, KeyError> {
    load_or_create_on(&OsDisk, path, entropy)
}

/// As [`load_or_create`], on another disk.
///
/// # Errors
/// As [`load_or_create`].
pub fn load_or_create_on(
    disk: &impl Disk,
    path: &Path,
    entropy: impl FnOnce() -> [u8; 32],
) -> Result<SigningKey, KeyError> {
    if let Some(key) = load(disk, path)? {
        return Ok(key);
    }
    create(disk, path, entropy())?;
    // Another process may have put its key there meanwhile; the file decides.
    load(disk, path)?.ok_or_else(|| KeyError::NotASeed { path: path.to_path_buf() })
}

/// The public key in the file beside the key file at `path`.
///
/// # Errors
/// If there is none or it is not one.
pub fn load_public(path: &Path) -> Result<PublicKey, KeyError> {
    let path = public_path(path);
    read_public(&OsDisk, &path)?.ok_or(KeyError::NoPublicKey { path })
}

fn public_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".pub");
    PathBuf::from(name)
}

fn load(disk: &impl Disk, path: &Path) -> Result<Option<SigningKey>, KeyError> {
    let Some(bytes) = files::read_up_to(disk, path, KEY_BYTES + 1)? else { return Ok(None) };
    check_permissions(disk, path)?;
    let seed = bytes.try_into().map_err(|_| KeyError::NotASeed { path: path.to_path_buf() })?;
    let key = SigningKey::from_seed(seed)?;
    let public = public_path(path);
    if read_public(disk, &public)?.is_none() {
        files::replace(disk, &public, format!("{}\n", key.public).as_bytes())?;
    }
    match read_public(disk, &public)? {
        Some(found) if found == key.public => Ok(Some(key)),
        _ => Err(KeyError::NotAPair { path: public }),
    }
}

fn read_public(disk: &impl Disk, path: &Path) -> Result<Option<PublicKey>, KeyError> {
    let Some(bytes) = files::read_up_to(disk, path, 2 * KEY_BYTES + 2)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    text.trim_end().parse().map(Some).map_err(|_| KeyError::NotAPair { path: path.to_path_buf() })
}

/// Puts `seed` at `path` whole, or leaves what another process put there.
fn create(disk: &impl Disk, path: &Path, seed: [u8; KEY_BYTES]) -> Result<(), KeyError> {
    let public = *SigningKey::from_seed(seed)?.public();
    files::create_folder(disk, files::parent(path))?;
    let mut temporary = OsString::from(path);
    temporary.push(format!(".{public}.tmp"));
    let temporary = PathBuf::from(temporary);
    files::write_synced(disk, &temporary, &seed)?;
    // A link takes no name that is in use, so the key of the first process stays.
    let linked = disk.link(&temporary, path);
    files::with_context("remove", &temporary, disk.remove(&temporary))?;
    files::with_context("create", path, linked)?;
    Ok(files::sync_folder(disk, files::parent(path))?)
}

fn check_permissions(disk: &impl Disk, path: &Path) -> Result<(), KeyError> {
    match files::with_context("measure", path, disk.permissions(path))? {
        Some(mode) if mode & 0o077 != 0 => Err(KeyError::Exposed { path: path.to_path_buf(), mode }),
        _ => Ok(()),
    }
}
