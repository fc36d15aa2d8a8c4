//! The `nmk` program: the library's command line, under this program's trust root.

#![deny(unsafe_code)]

mod root;

use std::process::ExitCode;

fn main() -> ExitCode {
    // A worker of the sandbox is this program, started again: it never comes back from here.
    sandbox::worker_entry();
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    nmk::cli::run(std::env::args_os(), &mut nmk::Console::from_process(&mut out, &mut err), &root::Root)
}
