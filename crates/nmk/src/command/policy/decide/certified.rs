//! A score of a certified source as the uncertainty of a decision.

use std::path::PathBuf;
use std::str::FromStr;

use abi::Digest;
use clap::Args;
use kpolicy::{CertificateError, Policy, Signals, Unit};
use ledger::keys::PublicKey;

use crate::policy::PolicyInputError;
use crate::policy::certificate::read;

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
    /// A public key whose signature a certificate must have; may be repeated, and then one of them suffices.
    #[arg(long, value_name = "KEY", requires = "certificate")]
    trust: Vec<PublicKey>,
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
    /// not hold at `now`. Under a policy that does not demand calibration the score then counts for nothing. Returns None
    /// beside them if no certificate is passed.
    ///
    /// # Errors
    /// [`PolicyInputError`] if the file cannot be read or is no certificate, or the signals state an uncertainty too.
    pub(super) fn apply(
        &self,
        signals: Signals,
        policy: &Policy,
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
        let certificate = read(path, &self.trust)?;
        Ok(match certificate.certify(signals, (source, model, *score), now) {
            Ok(certified) => (certified, Some(Certified::Holds)),
            Err(fault) => {
                // A policy that takes any uncertainty would take this one too, although nothing certifies it.
                let held = policy.settings().require_calibrated.then(|| Unit::clamped(*score).ok());
                let uncertainty = held.flatten().unwrap_or(Unit::ZERO);
                (Signals { uncertainty, ..signals }, Some(Certified::Held(fault)))
            }
        })
    }
}
