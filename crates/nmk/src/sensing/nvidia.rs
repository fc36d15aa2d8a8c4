//! The use of NVIDIA graphics processors, which their driver tells through its own program.
//!
//! The driver's library would have to be linked or loaded; the program comes with every driver, and nothing is needed where
//! there is none.

use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::Broken;

/// The folder that Linux has while the driver is loaded.
pub(super) const DRIVER: &str = "/proc/driver/nvidia";
/// The program of the driver, with what it is asked.
pub(super) const ASK: [&str; 3] =
    ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"];
/// The number of times that the program is waited for, and the time of each.
const WAITS: u32 = 200;
const WAIT: Duration = Duration::from_millis(10);
/// The most bytes of its output.
const MAX_BYTES: u64 = 1 << 14;

/// Returns the use of the busiest graphics processor, in percent. None without the driver, and where no processor has the
/// sensor.
///
/// # Errors
/// Returns [`Broken`] if the driver is there and its program says nothing that can be read within two seconds.
pub(super) fn busy(driver: &Path, ask: &[&str]) -> Result<Option<f64>, Broken> {
    if !driver.exists() {
        return Ok(None);
    }
    let [program, arguments @ ..] = ask else { return Ok(None) };
    let mut asked = Command::new(program);
    asked.args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::piped());
    let text = asked.spawn().and_then(said).map_err(|_| Broken("gpu"))?;
    parse(&text).ok_or(Broken("gpu"))
}

/// Returns what a program says until it has ended well. One that does not end is ended.
fn said(mut program: Child) -> std::io::Result<String> {
    let status = (0..WAITS).find_map(|_| match program.try_wait() {
        Ok(None) => {
            thread::sleep(WAIT);
            None
        }
        ended => Some(ended),
    });
    let Some(status) = status else {
        program.kill()?;
        program.wait()?;
        return Err(ErrorKind::TimedOut.into());
    };
    if !status?.is_some_and(|status| status.success()) {
        return Err(ErrorKind::Other.into());
    }
    let mut text = String::new();
    if let Some(output) = program.stdout.take() {
        output.take(MAX_BYTES).read_to_string(&mut text)?;
    }
    Ok(text)
}

/// Returns the largest number of the lines, or Some(None) if every processor says that it has no such sensor. None if a
/// line is neither.
fn parse(text: &str) -> Option<Option<f64>> {
    let mut most: Option<f64> = None;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    lines.peek()?;
    for line in lines {
        if line.starts_with('[') {
            continue;
        }
        let busy = line.parse().ok().filter(|busy: &f64| (0.0..=100.0).contains(busy))?;
        most = Some(most.map_or(busy, |most| most.max(busy)));
    }
    Some(most)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Broken, busy, parse};

    #[test]
    fn the_busiest_processor_counts_and_what_is_odd_is_broken() {
        assert_eq!(parse("3\n 97 \n"), Some(Some(97.0)));
        assert_eq!(parse("[N/A]\n12\n"), Some(Some(12.0)));
        assert_eq!(parse("[Not Supported]\n"), Some(None));
        for odd in ["", "\n", "x", "101", "-1", "NaN", "5 %"] {
            assert_eq!(parse(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn without_a_driver_nothing_is_asked_and_a_driver_that_fails_is_broken() {
        let (there, absent) = (Path::new("/"), Path::new("/absent/nvidia"));
        let broken = Err(Broken("gpu"));
        assert_eq!(busy(absent, &["false"]), Ok(None));
        assert_eq!(busy(there, &["echo", "41"]), Ok(Some(41.0)));
        assert_eq!(busy(there, &["false"]), broken);
        assert_eq!(busy(there, &["/absent/program"]), broken);
        assert_eq!(busy(there, &["echo", "an error"]), broken);
        assert_eq!(busy(there, &["sleep", "600"]), broken);
    }
}
