//! A runner of programs enters together with the root, because its holder vouches for the isolation.

use det::{ProgramProcess, ProgramRunner, RunnerError, Validator};

struct Mine;

impl ProgramRunner for Mine {
    fn start(&self) -> Result<Box<dyn ProgramProcess>, RunnerError> {
        Err(RunnerError { what: String::new() })
    }
}

fn main() {
    let _ = Validator::isolated("python", Mine);
}
