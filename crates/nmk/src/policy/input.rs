//! The objects in JSON that `nmk policy decide` takes, read into checked types.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;

use abi::Value;
use det::JsonError;
use kpolicy::{
    Check, CostError, CostModel, CostSettings, K_MAX_LIMIT, Policy, PolicyError, Readings, Settings, Signals,
    Unit,
};

use crate::excerpt;

/// The reason why an object of `nmk policy decide` is refused. The message names the flag and the key.
#[derive(Debug, thiserror::Error)]
pub enum PolicyInputError {
    /// The text is not one JSON document.
    #[error("{flag} is not JSON ({cause}): pass one object with numbers; JSON has no NaN and no infinity")]
    NotJson {
        /// The flag with its dashes.
        flag: &'static str,
        /// The first fault, as the reader of JSON states it.
        cause: JsonError,
    },
    /// The document is no object.
    #[error("{flag} is a {found}: pass one object, with some of the keys {keys}")]
    NotAnObject {
        /// The flag with its dashes.
        flag: &'static str,
        /// The type of the document.
        found: &'static str,
        /// The keys that the object may have.
        keys: String,
    },
    /// The document is no list of a length that a plan can have.
    #[error(
        "{flag} is a {found}, and a list of at most 1024 objects is wanted: name, cost and power of each check"
    )]
    NotAList {
        /// The flag with its dashes.
        flag: &'static str,
        /// The type of the document.
        found: &'static str,
    },
    /// The object has a key that is not known.
    #[error("{flag} has no key `{key}`: the keys are {keys}")]
    UnknownKey {
        /// The flag with its dashes.
        flag: &'static str,
        /// The key, cut to a short length.
        key: String,
        /// The keys that the object may have.
        keys: String,
    },
    /// The value of a key has another type, or is out of range.
    #[error("`{key}` of {flag} is {found}: state {wanted}, or leave it out")]
    Value {
        /// The flag with its dashes.
        flag: &'static str,
        /// The key.
        key: &'static str,
        /// The value, or its type.
        found: String,
        /// The values that are allowed, in words.
        wanted: &'static str,
    },
    /// The object lacks a key.
    #[error("{flag} has no `{key}`: state {wanted}")]
    Missing {
        /// The flag with its dashes.
        flag: &'static str,
        /// The key.
        key: &'static str,
        /// The values that are allowed, in words.
        wanted: &'static str,
    },
    /// The limits and thresholds are no policy.
    #[error("--policy is refused: {0}")]
    Policy(#[from] PolicyError),
    /// The settings are no cost model.
    #[error("--cost-model is refused: {0}")]
    CostModel(#[from] CostError),
    /// The settings of a cost model are stated, and no readings to which they apply.
    #[error("--cost-model would change nothing without readings: pass --sysinfo with them, or leave it out")]
    NoReadings,
    /// Checks are listed, and the rule of the reference chooses none.
    #[error(
        "--checks would change nothing under the rule of the reference: pass --mode improved, or leave it out"
    )]
    NoChecks,
    /// An uncertainty is stated beside a certified one.
    #[error("--signals states an uncertainty, and --certificate gives one: leave one of both out")]
    TwoUncertainties,
    /// The file of a certificate cannot be read.
    #[error("the certificate {} cannot be read ({cause}): correct --certificate", .path.display())]
    CertificateFile {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        cause: std::io::Error,
    },
    /// The file has no certificate that can be believed.
    #[error("the certificate {} is refused: {cause}; make one with nmk eval entropy", .path.display())]
    Certificate {
        /// The path of the file.
        path: PathBuf,
        /// The reason, as the policy states it.
        cause: kpolicy::CertificateError,
    },
    /// The signature of a certificate does not count.
    #[error("the certificate {} is refused: {cause}", .path.display())]
    Signature {
        /// The path of the file.
        path: PathBuf,
        /// The reason.
        cause: super::SignatureError,
    },
    /// The load is stated and measured too.
    #[error(
        "`cost` is in --signals, and --sysinfo has readings from which it follows: leave one of both out"
    )]
    TwoCosts,
}

/// The lanes of a run, and the worth of advancing several.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lanes {
    pub(crate) number: NonZeroU32,
    /// The importance. None if it is that of the signals.
    pub(crate) importance: Option<Unit>,
}

/// Returns the signals that `text` states over quiet ones.
pub(crate) fn signals(text: &str, has_readings: bool) -> Result<Signals, PolicyInputError> {
    const KEYS: &[&str] =
        &["uncertainty", "uncertainty_calibrated", "disagreement", "cost", "risk", "importance"];
    let object = Object::read("--signals", text, KEYS)?;
    let quiet = Signals::QUIET;
    let cost = object.share("cost")?;
    if cost.is_some() && has_readings {
        return Err(PolicyInputError::TwoCosts);
    }
    Ok(Signals {
        uncertainty: object.share("uncertainty")?.unwrap_or(quiet.uncertainty),
        uncertainty_calibrated: object
            .truth("uncertainty_calibrated")?
            .unwrap_or(quiet.uncertainty_calibrated),
        disagreement: object.share("disagreement")?,
        cost: cost.unwrap_or(quiet.cost),
        risk: object.share("risk")?.unwrap_or(quiet.risk),
        importance: object.share("importance")?.unwrap_or(quiet.importance),
    })
}

/// Returns the policy that `text` states over the reference's settings.
pub(crate) fn policy(text: &str) -> Result<Policy, PolicyInputError> {
    const KEYS: &[&str] = &[
        "k_min",
        "k_max",
        "widen_threshold",
        "require_calibrated",
        "cost_brake",
        "risk_floor_at",
        "unit_cost",
    ];
    let object = Object::read("--policy", text, KEYS)?;
    let reference = Settings::REFERENCE;
    Ok(Policy::new(Settings {
        k_min: object.count("k_min")?.unwrap_or(reference.k_min),
        k_max: object.count("k_max")?.unwrap_or(reference.k_max),
        widen_threshold: object.share("widen_threshold")?.unwrap_or(reference.widen_threshold),
        require_calibrated: object.truth("require_calibrated")?.unwrap_or(reference.require_calibrated),
        cost_brake: object.share("cost_brake")?.unwrap_or(reference.cost_brake),
        risk_floor_at: object.share("risk_floor_at")?.unwrap_or(reference.risk_floor_at),
        unit_cost: object.number("unit_cost")?.unwrap_or(reference.unit_cost),
    })?)
}

/// Returns the cost model that `text` states over the reference's settings.
pub(crate) fn cost_model(text: &str) -> Result<CostModel, PolicyInputError> {
    const KEYS: &[&str] = &["queue_soft_cap", "load_saturate", "mem_floor", "gpu_saturate"];
    let object = Object::read("--cost-model", text, KEYS)?;
    let reference = CostSettings::REFERENCE;
    Ok(CostModel::new(CostSettings {
        queue_soft_cap: object.number("queue_soft_cap")?.unwrap_or(reference.queue_soft_cap),
        load_saturate: object.number("load_saturate")?.unwrap_or(reference.load_saturate),
        mem_floor: object.number("mem_floor")?.unwrap_or(reference.mem_floor),
        gpu_saturate: object.number("gpu_saturate")?.unwrap_or(reference.gpu_saturate),
    })?)
}

/// Returns the readings of a machine that `text` states. One that is not stated costs nothing.
pub(crate) fn readings(text: &str) -> Result<Readings, PolicyInputError> {
    const KEYS: &[&str] = &[
        "load1",
        "cores",
        "cpu_percent",
        "cpu_stall_percent",
        "memory_percent",
        "memory_stall_percent",
        "ready",
        "held",
        "gpu_percent",
    ];
    let object = Object::read("--sysinfo", text, KEYS)?;
    let cores = object.count("cores")?;
    if cores == Some(0) {
        return Err(object.wrong("cores", "0".to_owned(), "a whole number from 1"));
    }
    Ok(Readings {
        load1: object.amount("load1")?,
        cores,
        cpu_percent: object.amount("cpu_percent")?,
        cpu_stall_percent: object.amount("cpu_stall_percent")?,
        memory_percent: object.amount("memory_percent")?,
        memory_stall_percent: object.amount("memory_stall_percent")?,
        ready: object.count("ready")?,
        held: object.count("held")?,
        gpu_percent: object.amount("gpu_percent")?,
    })
}

/// Returns the lanes that `text` states.
pub(crate) fn lanes(text: &str) -> Result<Lanes, PolicyInputError> {
    let object = Object::read("--lanes", text, &["n_lanes", "importance"])?;
    let wanted = "a whole number from 1 to 1024";
    let (flag, key) = (object.flag, "n_lanes");
    let stated = object.count(key)?.ok_or(PolicyInputError::Missing { flag, key, wanted })?;
    let number = NonZeroU32::new(stated).filter(|number| number.get() <= K_MAX_LIMIT);
    let number = number.ok_or_else(|| object.wrong(key, stated.to_string(), wanted))?;
    Ok(Lanes { number, importance: object.share("importance")? })
}

/// Returns the checks that `text` lists, each with a name.
pub(crate) fn checks(text: &str) -> Result<Vec<Check>, PolicyInputError> {
    let flag = "--checks";
    let value = det::parse_json(text).map_err(|cause| PolicyInputError::NotJson { flag, cause })?;
    let found = value.type_name();
    let items = value.into_list().filter(|items| items.len() <= K_MAX_LIMIT as usize);
    items.ok_or(PolicyInputError::NotAList { flag, found })?.into_iter().map(check).collect()
}

fn check(value: Value) -> Result<Check, PolicyInputError> {
    let object = Object::from_value("--checks", value, &["name", "cost", "power"])?;
    let missing = |key, wanted| PolicyInputError::Missing { flag: "--checks", key, wanted };
    let name = object.get("name").and_then(Value::as_text);
    Ok(Check {
        name: name.map(excerpt::from_text).ok_or(missing("name", "a text"))?,
        cost: object.amount("cost")?.ok_or(missing("cost", "a number from 0"))?,
        power: object.share("power")?.ok_or(missing("power", "a number from 0 to 1"))?,
    })
}

/// An object of known keys. A key whose value is null counts as not stated.
struct Object {
    flag: &'static str,
    map: BTreeMap<String, Value>,
}

impl Object {
    fn read(flag: &'static str, text: &str, known: &[&'static str]) -> Result<Self, PolicyInputError> {
        let value = det::parse_json(text).map_err(|cause| PolicyInputError::NotJson { flag, cause })?;
        Self::from_value(flag, value, known)
    }

    fn from_value(
        flag: &'static str,
        value: Value,
        known: &[&'static str],
    ) -> Result<Self, PolicyInputError> {
        let (found, keys) = (value.type_name(), known.join(", "));
        let Some(map) = value.into_map() else {
            return Err(PolicyInputError::NotAnObject { flag, found, keys });
        };
        match map.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(PolicyInputError::UnknownKey { flag, key: excerpt::from_text(key), keys }),
            None => Ok(Self { flag, map }),
        }
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.map.get(key).filter(|value| !matches!(value, Value::Null))
    }

    fn wrong(&self, key: &'static str, found: String, wanted: &'static str) -> PolicyInputError {
        PolicyInputError::Value { flag: self.flag, key, found, wanted }
    }

    /// Returns the number under `key`, which is finite.
    fn number(&self, key: &'static str) -> Result<Option<f64>, PolicyInputError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let number = match value {
            Value::Int(number) => Some(*number as f64),
            Value::Float(number) => Some(number.get()),
            // The digits of a decimal, as they were written, are what Rust reads as the nearest float.
            Value::Decimal(number) => number.to_string().parse().ok(),
            _ => None,
        };
        match number.filter(|number: &f64| number.is_finite()) {
            Some(number) => Ok(Some(number)),
            None => Err(self.wrong(key, format!("of the type {}", value.type_name()), "a finite number")),
        }
    }

    fn share(&self, key: &'static str) -> Result<Option<Unit>, PolicyInputError> {
        let unit = |number| {
            Unit::new(number).map_err(|_| self.wrong(key, number.to_string(), "a number from 0 to 1"))
        };
        self.number(key)?.map(unit).transpose()
    }

    fn amount(&self, key: &'static str) -> Result<Option<f64>, PolicyInputError> {
        match self.number(key)? {
            Some(number) if number < 0.0 => Err(self.wrong(key, number.to_string(), "a number from 0")),
            number => Ok(number),
        }
    }

    fn count(&self, key: &'static str) -> Result<Option<u32>, PolicyInputError> {
        let whole = |number: f64| {
            let fits = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
            // The cast is exact, because the number is whole and in the range of the type.
            if fits {
                Ok(number as u32)
            } else {
                Err(self.wrong(key, number.to_string(), "a whole number from 0"))
            }
        };
        self.number(key)?.map(whole).transpose()
    }

    fn truth(&self, key: &'static str) -> Result<Option<bool>, PolicyInputError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Bool(truth)) => Ok(Some(*truth)),
            Some(other) => {
                Err(self.wrong(key, format!("of the type {}", other.type_name()), "true or false"))
            }
        }
    }
}
