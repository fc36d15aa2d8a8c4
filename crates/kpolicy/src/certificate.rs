//! The certificate of a source of uncertainty: what was measured, on which data and model, and until when it holds.

use abi::{Digest, Float, Value, encode};

use crate::{Calibration, CalibrationVerdict, Signals, Unit};

/// The most ranges of scores that a certificate may have.
const MOST_RANGES: usize = 64;
/// The most characters of an unknown field that an error shows.
const MOST_SHOWN: usize = 40;
/// The domain of the digest of a certificate.
const DOMAIN: &str = "nmk.calibration.certificate.v1";

/// A certificate that a source of uncertainty predicts failure.
///
/// Only a [`Calibration`] with the verdict `calibrated` makes one, or the value of one whose figures give that verdict
/// again. It says nothing about another model, and nothing after its date. This type has no signature: a caller that wants
/// one signs the [`digest`](Self::digest).
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    source: String,
    model: Digest,
    data: Digest,
    expires_at: i64,
    auc: f64,
    interval: [f64; 2],
    /// The upper ends of the ranges of scores in ascending order, each with its failure rate. The last has no end.
    ranges: Vec<(f64, Unit)>,
}

/// The things that a certificate names, beside what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Naming {
    /// The name of the source, for example `router_entropy.reply_mean`.
    pub source: String,
    /// The digest of the model whose results were labelled.
    pub model: Digest,
    /// The digest of the labelled items.
    pub data: Digest,
    /// The time of day in milliseconds since 1970 from which the certificate no longer holds.
    pub expires_at: i64,
}

/// The reason why a certificate is not given, not read, or does not hold.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CertificateError {
    /// The source was not shown to predict failure.
    #[error("the source is {}: only a calibrated one gets a certificate", .0.word())]
    NotCalibrated(CalibrationVerdict),
    /// A field is missing, has another type, or is out of range.
    #[error("its `{0}` is missing, of another type, or out of range")]
    Field(&'static str),
    /// The value has a field that no certificate has.
    #[error("its field `{0}` is not known; take it out, or measure the source again")]
    Unknown(String),
    /// The certificate is about another model.
    #[error("it was measured on the model {certified}, and this one is {asked}; measure this one")]
    OtherModel {
        /// The model of the certificate.
        certified: Digest,
        /// The model that is asked about.
        asked: Digest,
    },
    /// The certificate is about another source.
    #[error("it is about the source {0}; measure the other one")]
    OtherSource(String),
    /// The date has passed.
    #[error("it expired {0} ms ago; measure the source again")]
    Expired(u64),
    /// The score is NaN or infinite.
    #[error("the score is not a finite number")]
    Score,
}

impl Certificate {
    /// Returns the certificate of a source that was shown to predict failure.
    ///
    /// # Errors
    /// [`CertificateError::NotCalibrated`] for any other verdict.
    pub fn issue(calibration: &Calibration, naming: Naming) -> Result<Self, CertificateError> {
        let Naming { source, model, data, expires_at } = naming;
        let ranges = calibration.ranges.iter().map(|range| (range.up_to, range.expected)).collect();
        let &Calibration { auc, interval, .. } = calibration;
        Self { source, model, data, expires_at, auc, interval, ranges }.checked()
    }

    /// Returns the certificate if its own figures give the verdict `calibrated`, and its name can be shown.
    fn checked(self) -> Result<Self, CertificateError> {
        if self.source.is_empty() || self.source.chars().any(char::is_control) {
            return Err(CertificateError::Field("source"));
        }
        let [low, high] = self.interval;
        match CalibrationVerdict::from_area(self.auc, self.interval) {
            // Nothing that was measured has an area outside its interval.
            CalibrationVerdict::Calibrated if !(low..=high).contains(&self.auc) => {
                Err(CertificateError::Field("interval"))
            }
            CalibrationVerdict::Calibrated => Ok(self),
            verdict => Err(CertificateError::NotCalibrated(verdict)),
        }
    }

    /// Returns `signals` with the failure rate that belongs to `score` as a calibrated uncertainty. The caller reads the
    /// clock: `now` is the time of day in milliseconds since 1970.
    ///
    /// # Errors
    /// [`CertificateError`] if the certificate is about another source or model, or has expired, or the score is no
    /// number. Nothing may then be widened by it.
    pub fn certify(
        &self,
        signals: Signals,
        (source, model, score): (&str, &Digest, f64),
        now: i64,
    ) -> Result<Signals, CertificateError> {
        if source != self.source {
            return Err(CertificateError::OtherSource(self.source.clone()));
        }
        if *model != self.model {
            return Err(CertificateError::OtherModel { certified: self.model, asked: *model });
        }
        if now >= self.expires_at {
            return Err(CertificateError::Expired(now.abs_diff(self.expires_at)));
        }
        if !score.is_finite() {
            return Err(CertificateError::Score);
        }
        let rate = self.ranges.iter().find(|(up_to, _)| score <= *up_to).map(|(_, rate)| *rate);
        let uncertainty = rate.ok_or(CertificateError::Field("ranges"))?;
        Ok(Signals { uncertainty, uncertainty_calibrated: true, ..signals })
    }

    /// Returns the digest of the certificate's canonical bytes under a domain of its own, which a signature is made over.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::hash_parts(DOMAIN, [encode(&self.to_value()).as_slice()])
    }

    /// Returns the name of the source.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns the digest of the model.
    #[must_use]
    pub fn model(&self) -> &Digest {
        &self.model
    }

    /// Returns the certificate as a value. The last range has no end, and is written without one.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let number = |number: f64| Float::new(number).map_or(Value::Null, Value::Float);
        let range = |(up_to, rate): &(f64, Unit)| {
            let up_to = if up_to.is_finite() { number(*up_to) } else { Value::Null };
            Value::map([("up_to", up_to), ("failure_rate", number(rate.get()))])
        };
        Value::map([
            ("source", Value::text(self.source.as_str())),
            ("model", Value::text(self.model.to_string())),
            ("data", Value::text(self.data.to_string())),
            ("expires_at_ms", Value::Int(self.expires_at)),
            ("auc", number(self.auc)),
            ("interval", Value::List(self.interval.map(number).to_vec())),
            ("ranges", Value::List(self.ranges.iter().map(range).collect())),
        ])
    }

    /// Returns the certificate that a value states.
    ///
    /// # Errors
    /// [`CertificateError`] if a field is missing or out of range, or if the figures do not give the verdict `calibrated`.
    pub fn from_value(value: &Value) -> Result<Self, CertificateError> {
        only(value, &FIELDS)?;
        let text =
            |key: &'static str| value.get(key).and_then(Value::as_text).ok_or(CertificateError::Field(key));
        let digest = |key| text(key)?.parse::<Digest>().map_err(|_| CertificateError::Field(key));
        let expires_at = value.get("expires_at_ms").and_then(Value::as_int);
        let Some(Value::List(interval)) = value.get("interval") else {
            return Err(CertificateError::Field("interval"));
        };
        let [low, high] = interval.as_slice() else { return Err(CertificateError::Field("interval")) };
        let share = |value: Option<&Value>, key| {
            let stated = value.and_then(number).ok_or(CertificateError::Field(key))?;
            Unit::new(stated).map_err(|_| CertificateError::Field(key))
        };
        Self {
            source: text("source")?.to_owned(),
            model: digest("model")?,
            data: digest("data")?,
            expires_at: expires_at.ok_or(CertificateError::Field("expires_at_ms"))?,
            auc: share(value.get("auc"), "auc")?.get(),
            interval: [share(Some(low), "interval")?.get(), share(Some(high), "interval")?.get()],
            ranges: ranges(value.get("ranges"), share)?,
        }
        .checked()
    }
}

/// The fields of a certificate's value.
const FIELDS: [&str; 7] = ["source", "model", "data", "expires_at_ms", "auc", "interval", "ranges"];

/// Fails if `value` is a map with a field that is none of `known`.
fn only(value: &Value, known: &[&str]) -> Result<(), CertificateError> {
    let odd = value.as_map().and_then(|map| map.keys().find(|key| !known.contains(&key.as_str())));
    odd.map_or(Ok(()), |key| Err(CertificateError::Unknown(key.chars().take(MOST_SHOWN).collect())))
}

/// Returns the ranges of a value: ascending ends, rates that do not fall, and no end at the last one.
fn ranges(
    value: Option<&Value>,
    share: impl Fn(Option<&Value>, &'static str) -> Result<Unit, CertificateError>,
) -> Result<Vec<(f64, Unit)>, CertificateError> {
    const KEY: &str = "ranges";
    let Some(Value::List(stated)) = value else { return Err(CertificateError::Field(KEY)) };
    if stated.is_empty() || stated.len() > MOST_RANGES {
        return Err(CertificateError::Field(KEY));
    }
    let mut ranges: Vec<(f64, Unit)> = Vec::with_capacity(stated.len());
    for (place, range) in stated.iter().enumerate() {
        only(range, &["up_to", "failure_rate"])?;
        let up_to = match range.get("up_to") {
            Some(Value::Null) if place + 1 == stated.len() => f64::INFINITY,
            Some(end) if place + 1 < stated.len() => number(end).ok_or(CertificateError::Field(KEY))?,
            _ => return Err(CertificateError::Field(KEY)),
        };
        let rate = share(range.get("failure_rate"), KEY)?;
        if ranges.last().is_some_and(|(end, before)| *end >= up_to || *before > rate) {
            return Err(CertificateError::Field(KEY));
        }
        ranges.push((up_to, rate));
    }
    Ok(ranges)
}

/// Returns the number that a value is. A decimal of a document is the nearest float.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(number.get()),
        Value::Decimal(number) => number.to_string().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}
