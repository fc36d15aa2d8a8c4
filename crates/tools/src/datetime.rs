//! The tool `datetime`, which reads the clock and the local time zone.

use std::sync::Arc;

use abi::Value;
use det::ContractError;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::sysinfo::schema;
use crate::{Tool, ToolError, World};

/// The JSON Schema of the results.
const RETURNS: &str = r#"{"type": "object",
  "required": ["utc", "local", "epoch", "zone", "offset_seconds", "weekday"],
  "properties": {"utc": {"type": "string"}, "local": {"type": "string"}, "epoch": {"type": "integer"},
    "zone": {"type": "string"}, "offset_seconds": {"type": "integer"},
    "weekday": {"enum": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]}},
  "additionalProperties": false}"#;

/// Returns the tool `datetime`. Its results have UTC and local time in ISO 8601, seconds since the epoch, the
/// time zone and its offset, and the weekday.
///
/// # Errors
/// Fails if the contract of its results cannot be made, which the tests of this crate rule out.
pub fn datetime(world: Arc<dyn World>) -> Result<Tool, ContractError> {
    let takes = schema(r#"{"type": "object", "maxProperties": 0}"#);
    let about = "the current time, in UTC and in the local zone";
    Tool::new("datetime", about, takes, schema(RETURNS), move |_| now(&*world))
}

/// Returns the current time as a result of the tool. Fails if the clock is not set or out of range.
fn now(world: &dyn World) -> Result<Value, ToolError> {
    let failed = |message: &str| ToolError::Failed { message: message.to_owned() };
    let nanoseconds = world.since_epoch().ok_or_else(|| failed("the machine's clock is not set"))?;
    let stamp = Timestamp::from_nanosecond(nanoseconds)
        .map_err(|_| failed("the machine's clock is beyond the years -9999 to 9999"))?;
    // An unknown zone is replaced by UTC, and the result names UTC as its zone.
    let zone = world.zone().and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC);
    let local = Zoned::new(stamp, zone);
    let seconds = |time: &Zoned| time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let name = local.time_zone().iana_name().unwrap_or("UTC").to_owned();
    Ok(Value::map([
        ("utc", Value::text(seconds(&Zoned::new(stamp, TimeZone::UTC)))),
        ("local", Value::text(seconds(&local))),
        ("epoch", Value::Int(stamp.as_second())),
        ("zone", Value::Text(name)),
        ("offset_seconds", Value::Int(i64::from(local.offset().seconds()))),
        ("weekday", Value::text(local.strftime("%A").to_string())),
    ]))
}
