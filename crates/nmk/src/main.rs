//! The `nmk` program; everything it does is in the library.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    nmk::cli::run(std::env::args_os(), &mut nmk::Console::from_process(&mut out, &mut err))
}
