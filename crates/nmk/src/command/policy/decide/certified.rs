//! A score of a certified source as the uncertainty of a decision.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use abi::Digest;
use clap::Args;
use kpolicy::{Certificate, CertificateError, Signals, Unit};

use crate::policy::PolicyInputError;

/// The flags by which a decision is given a certified source of uncertainty.
#[derive(Args, Clone, Debug)]
pub(super) struct CertifiedFlags {
    /// The certificate of a source of uncertainty, as `nmk eval entropy --certificate` writes it.
    #[arg(long, value_name = "FILE", requires_all = ["score", "scored_by"])]
    certificate: Option<PathBuf>,
    /// The score of the source for the result, with the name of the source.
    #[arg(long, value_name = "SOURCE=X", requires = "certificate", allow_negative_numbers = true)]
    score: Option<Score>,
    /// The digest of the model that got the score.
    #[arg(long, value_name = "DIGEST", requires = "certificate")]
    scored_by: Option<Digest>,
}

/// A score with the name of its source.
#[derive(Clone, Debug)]
struct Score {
    source: String,
    score: f64,
}

/// A text that is no score.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("state SOURCE=X with a number, for example router_entropy.reply_mean=0.4")]
struct NotAScore;

impl FromStr for Score {
    type Err = NotAScore;

    fn from_str(text: &str) -> Result<Self, NotAScore> {
        let (source, score) = text.split_once('=').ok_or(NotAScore)?;
        let score = score.parse().ok().filter(|score: &f64| score.is_finite()).ok_or(NotAScore)?;
        Ok(Self { source: source.to_owned(), score })
    }
}

/// The use that was made of a certificate.
pub(super) enum Certified {
    /// The score became the calibrated uncertainty.
    Holds,
    /// The score counts as uncalibrated.
    Held(CertificateError),
}

impl CertifiedFlags {
    /// Returns the signals with the certified uncertainty, or with the score as an uncalibrated one if the certificate does
    /// not hold at `now`. Returns None beside them if no certificate is passed.
    ///
    /// # Errors
    /// [`PolicyInputError`] if the file cannot be read or is no certificate, or the signals state an uncertainty too.
    pub(super) fn apply(
        &self,
        signals: Signals,
        now: i64,
    ) -> Result<(Signals, Option<Certified>), PolicyInputError> {
        let (Some(path), Some(Score { source, score }), Some(model)) =
            (&self.certificate, &self.score, &self.scored_by)
        else {
            return Ok((signals, None));
        };
        if signals.uncertainty > Unit::ZERO || signals.uncertainty_calibrated {
            return Err(PolicyInputError::TwoUncertainties);
        }
        let certificate = read(path)?;
        Ok(match certificate.certify(signals, (source, model, *score), now) {
            Ok(certified) => (certified, Some(Certified::Holds)),
            Err(fault) => {
                let uncertainty = Unit::clamped(*score).unwrap_or(Unit::ZERO);
                (Signals { uncertainty, ..signals }, Some(Certified::Held(fault)))
            }
        })
    }
}

fn read(path: &Path) -> Result<Certificate, PolicyInputError> {
    let unreadable = |cause| PolicyInputError::CertificateFile { path: path.to_owned(), cause };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let value =
        det::parse_json(&text).map_err(|cause| PolicyInputError::NotJson { flag: "--certificate", cause })?;
    let refused = |cause| PolicyInputError::Certificate { path: path.to_owned(), cause };
    Certificate::from_value(&value).map_err(refused)
}
