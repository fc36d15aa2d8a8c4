//! The authorities that https endpoints are checked against: a file that the user names, and the store of the system.

use std::path::{Path, PathBuf};

use crate::remote::{Authorities, AuthoritiesError};
use crate::{Error, surroundings};

/// The environment variable that names a file of certificates instead of the system's store.
const VARIABLE: &str = "SSL_CERT_FILE";

/// The files in which systems keep the certificates that they trust.
const STORES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The reason why a file of certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateFileError {
    /// The file cannot be read.
    #[error("it cannot be read ({0})")]
    Unreadable(#[from] std::io::Error),
    /// The file holds no certificate.
    #[error(transparent)]
    None(#[from] AuthoritiesError),
}

/// Returns the authorities to trust: those of the file that `SSL_CERT_FILE` names, or else those of the system's store,
/// and those of `file` besides. Returns None if there are none, so that the built-in ones are trusted.
///
/// # Errors
/// [`Error`] if a file that the user names cannot be used. The system's store may be missing.
pub(crate) fn trusted(file: Option<&Path>) -> Result<Option<Authorities>, Error> {
    let named = surroundings::variable(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let store = match &named {
        Some(path) => Some(read(path, VARIABLE)?),
        None => STORES.iter().find_map(|path| Authorities::from_pem(&std::fs::read(path).ok()?).ok()),
    };
    let own = file.map(|path| read(path, "--ca-file")).transpose()?;
    Ok(match (store, own) {
        (Some(store), Some(own)) => Some(store.and(own)),
        (store, own) => store.or(own),
    })
}

fn read(path: &Path, named_by: &'static str) -> Result<Authorities, Error> {
    let read = || Ok(Authorities::from_pem(&std::fs::read(path)?)?);
    read().map_err(|cause| Error::Certificates { path: path.to_owned(), named_by, cause })
}
