//! The benchmarks of `nmk`, one command each.

mod gate;
mod memory;
mod model;
mod policy;
mod sched;

use clap::Subcommand;
use det::TrustRoot;

use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure admissions, governed actions, verification, replay and growth.
    #[command(
        after_help = "Figures are medians of several runs, with the least and the most; one thread works.

Example:
  nmk bench sched --json"
    )]
    Sched(sched::Arguments),
    /// Measure tokens of a prompt a second, by chunk and by threads.
    #[command(after_help = "\
Figures are medians of several runs, with the least and the most.

Example:
  nmk bench prefill --threads 1,2 --json")]
    Prefill(model::PrefillArguments),
    /// Measure tokens a second one after the other: by context, by batch, and speculating.
    #[command(after_help = "\
Figures are medians of several runs, with the least and the most.

Example:
  nmk bench decode --random")]
    Decode(model::Arguments),
    /// Measure forks, rewinds, snapshots and restores.
    #[command(after_help = "\
Figures are medians of several runs, with the least and the most; copies of memory are of as many bytes.

Example:
  nmk bench park --random")]
    Park(model::ParkArguments),
    /// Measure what traps cost against a decoder that has none.
    #[command(after_help = "\
Each round runs every kind beside the others. Ratios are medians over rounds, with an interval of at least 95 %
confidence; that of `none again` shows what a comparison is worth on this machine.

Example:
  nmk bench trap --json")]
    Trap(model::Arguments),
    /// Measure the hold-out gate: workers, instances, whole exams, and processes without one.
    #[command(after_help = "\
Figures are medians of several runs, with the least and the most.

Example:
  nmk bench gate --json")]
    Gate(gate::Arguments),
    /// Measure the decisions of the policy a second.
    #[command(after_help = "\
Figures are medians of several runs, with the least and the most; one thread works.

Example:
  nmk bench policy --json")]
    Policy(policy::Arguments),
    /// Measure the memory: by size, at its quota, and shared.
    #[command(after_help = "\
A rate is of one run; times are the median, the 99th percentile and the most of its operations. The whole
measurement fills a memory with a million entries, which takes minutes and two gigabytes of disk.

Example:
  nmk bench memory --json")]
    Memory(memory::Arguments),
}

pub(crate) fn run(
    command: Command,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    match command {
        Command::Sched(arguments) => sched::run(arguments, console, root),
        Command::Prefill(arguments) => model::prefill(&arguments, console),
        Command::Decode(arguments) => model::decode(&arguments, console),
        Command::Park(arguments) => model::park(&arguments, console),
        Command::Trap(arguments) => model::trap(&arguments, console),
        Command::Gate(arguments) => gate::run(&arguments, console, root),
        Command::Policy(arguments) => policy::run(&arguments, console),
        Command::Memory(arguments) => memory::run(&arguments, console),
    }
}
