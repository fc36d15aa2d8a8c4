//! The authorities whose certificates an endpoint may have.

use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

/// The certificates of the authorities that are trusted. Without them the client trusts the authorities that it was
/// built with.
#[derive(Clone, Debug)]
pub struct Authorities {
    certificates: Vec<Certificate<'static>>, // Invariant: not empty.
}

/// The error of reading certificates: the bytes hold none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")]
pub struct AuthoritiesError;

impl Authorities {
    /// Reads certificates in PEM form. Whatever else stands between them is passed over.
    ///
    /// # Errors
    /// [`AuthoritiesError`] if there is no certificate among the bytes.
    pub fn from_pem(pem: &[u8]) -> Result<Self, AuthoritiesError> {
        let certificate = |item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        };
        let certificates: Vec<Certificate<'static>> = parse_pem(pem).filter_map(certificate).collect();
        if certificates.is_empty() { Err(AuthoritiesError) } else { Ok(Self { certificates }) }
    }

    /// Returns the authorities of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.certificates.extend(other.certificates);
        self
    }

    pub(crate) fn roots(&self) -> RootCerts {
        RootCerts::new_with_certs(&self.certificates)
    }
}
