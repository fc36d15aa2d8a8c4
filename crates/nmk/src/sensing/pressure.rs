//! Sensors that Linux has as files: pressure stall information, and the use of a graphics processor.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use super::Broken;
use crate::bounded;

/// The most bytes of a sensor's file.
const MAX_BYTES: usize = 1 << 12;

/// Returns the share of the last ten seconds in which some task waited for a resource, in percent. None if this
/// kernel does not tell.
pub(super) fn some_avg10(path: &Path) -> Result<Option<f64>, Broken> {
    let Some(text) = text(path, "pressure")? else { return Ok(None) };
    parse(&text).map(Some).ok_or(Broken("pressure"))
}

/// Returns the largest use of a graphics processor below `folder`, in percent. None if no driver tells one.
pub(super) fn gpu_busy(folder: &Path) -> Result<Option<f64>, Broken> {
    let Ok(cards) = fs::read_dir(folder) else { return Ok(None) };
    let mut most: Option<f64> = None;
    for card in cards.flatten() {
        let Some(text) = text(&card.path().join("device/gpu_busy_percent"), "gpu")? else { continue };
        let busy = percent(text.trim()).ok_or(Broken("gpu"))?;
        most = Some(most.map_or(busy, |most| most.max(busy)));
    }
    Ok(most)
}

/// Returns the text of a sensor's file. None if the machine does not have the sensor, or has it switched off.
fn text(path: &Path, sensor: &'static str) -> Result<Option<String>, Broken> {
    let broken = |_| Broken(sensor);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(_) => return Err(Broken(sensor)),
    };
    match bounded::read(file, MAX_BYTES) {
        Ok(Some(bytes)) => String::from_utf8(bytes).map(Some).map_err(|_| Broken(sensor)),
        Ok(None) => Err(Broken(sensor)),
        // A kernel that was started without the sensor has its files, and refuses to read them.
        Err(cause) if cause.kind() == ErrorKind::Unsupported => Ok(None),
        Err(cause) => Err(broken(cause)),
    }
}

/// Returns the `avg10` of the line `some`.
fn parse(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix("some "))?;
    percent(line.split_whitespace().find_map(|word| word.strip_prefix("avg10="))?)
}

fn percent(text: &str) -> Option<f64> {
    text.parse().ok().filter(|percent| (0.0..=100.0).contains(percent))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{gpu_busy, parse, some_avg10};

    #[test]
    fn a_reading_that_cannot_be_read_is_none() {
        let full = "full avg10=0.00 avg60=0.00 avg300=0.00 total=0";
        let some = "some avg10=39.99 avg60=30.01 avg300=16.28 total=15408009911";
        assert_eq!(parse(&format!("{some}\n{full}\n")), Some(39.99));
        for text in
            ["", full, "some avg60=1.00", "some avg10=x", "some avg10=NaN", "some avg10=101", "some avg10=-1"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_sensor_that_is_not_there_is_no_broken_one() {
        assert_eq!(some_avg10(Path::new("/absent/pressure")), Ok(None));
        assert_eq!(gpu_busy(Path::new("/absent/drm")), Ok(None));
        assert!(some_avg10(Path::new("/")).is_err(), "a folder is no sensor");
    }
}
