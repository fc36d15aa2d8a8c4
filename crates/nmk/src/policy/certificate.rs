//! The file of a certificate: its fields in JSON, and the signature over them.

use std::fmt::Write as _;
use std::path::Path;

use abi::Value;
use kpolicy::{Certificate, CertificateError};
use ledger::SigningKey;
use ledger::keys::PublicKey;
use serde_json::{Value as Json, json};

use super::PolicyInputError;

/// The most bytes of the file.
const MAX_BYTES: usize = 1 << 16;
/// The number of bytes of a signature.
const SIGNATURE_BYTES: usize = 64;
/// The field with the public key of the signer, in hexadecimal.
const SIGNED_BY: &str = "signed_by";
/// The field with the signature, in hexadecimal.
const SIGNATURE: &str = "signature";

/// The reason why the signature of a certificate does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A signed certificate is wanted, and this one has no signature.
    #[error("it is not signed, and --trust wants it to be; sign one with nmk eval entropy --key FILE")]
    Unsigned,
    /// Only one of the two fields of a signature is there, or one is not hexadecimal.
    #[error("its `{0}` is missing or of another form")]
    Field(&'static str),
    /// The signature is not one over this certificate.
    #[error("its signature is not one of {0} over these fields")]
    Wrong(PublicKey),
    /// The signer is none of those that are trusted.
    #[error("it was signed by {0}, which is none of those that --trust names")]
    Signer(PublicKey),
}

/// Returns the fields of a certificate as the file has them, signed if there is a key.
pub(crate) fn to_json(certificate: &Certificate, key: Option<&SigningKey>) -> Json {
    let mut object = factloop::to_json(&certificate.to_value());
    if let Some(key) = key {
        let signature = key.sign_digest(&certificate.digest());
        object[SIGNED_BY] = json!(key.public().to_string());
        object[SIGNATURE] = json!(hexadecimal(&signature));
    }
    object
}

/// Reads the certificate in the file at `path`. If `trusted` names any keys, it must be signed by one of them. A signature
/// that is there must be right in any case.
///
/// # Errors
/// [`PolicyInputError`] if the file cannot be read, is no certificate, or its signature does not count.
pub(crate) fn read(path: &Path, trusted: &[PublicKey]) -> Result<Certificate, PolicyInputError> {
    let unreadable = |cause| PolicyInputError::CertificateFile { path: path.to_owned(), cause };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let bytes = crate::bounded::read(file, MAX_BYTES).map_err(unreadable)?;
    let too_large = || std::io::Error::new(std::io::ErrorKind::FileTooLarge, "it is larger than 64 KiB");
    let text = String::from_utf8(bytes.ok_or_else(|| unreadable(too_large()))?)
        .map_err(|cause| unreadable(std::io::Error::new(std::io::ErrorKind::InvalidData, cause)))?;
    let value =
        det::parse_json(&text).map_err(|cause| PolicyInputError::NotJson { flag: "--certificate", cause })?;
    let refused = |cause| PolicyInputError::Certificate { path: path.to_owned(), cause };
    let Some(mut fields) = value.into_map() else { return Err(refused(CertificateError::Field("source"))) };
    let (signer, signature) = (fields.remove(SIGNED_BY), fields.remove(SIGNATURE));
    let certificate = Certificate::from_value(&Value::Map(fields)).map_err(refused)?;
    let unsigned = |cause| PolicyInputError::Signature { path: path.to_owned(), cause };
    check(&certificate, signer.as_ref(), signature.as_ref(), trusted).map_err(unsigned)?;
    Ok(certificate)
}

fn check(
    certificate: &Certificate,
    signer: Option<&Value>,
    signature: Option<&Value>,
    trusted: &[PublicKey],
) -> Result<(), SignatureError> {
    if signer.is_none() && signature.is_none() {
        return if trusted.is_empty() { Ok(()) } else { Err(SignatureError::Unsigned) };
    }
    let signer: Option<PublicKey> = signer.and_then(Value::as_text).and_then(|text| text.parse().ok());
    let signer = signer.ok_or(SignatureError::Field(SIGNED_BY))?;
    let signature = signature.and_then(Value::as_text).and_then(bytes);
    let signature = signature.ok_or(SignatureError::Field(SIGNATURE))?;
    if !signer.verifies_digest(&certificate.digest(), &signature) {
        return Err(SignatureError::Wrong(signer));
    }
    if !trusted.is_empty() && !trusted.contains(&signer) {
        return Err(SignatureError::Signer(signer));
    }
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bytes(text: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    let mut bytes = [0; SIGNATURE_BYTES];
    if text.len() != 2 * SIGNATURE_BYTES || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}
