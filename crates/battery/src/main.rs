//! `nmk-battery`: runs the batteries and reports their results.

#![forbid(unsafe_code)]

mod devices;
mod speed;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use battery::{Compute, ModelChoice, NAMES, Options, Outcome, Progress, Report, freeze, run, work};
use lexopt::prelude::*;
use neural::{Backend, Fault};
use serde_json::{Value as Json, json};

const USAGE: &str = "usage: nmk-battery --backend cpu|gpu-host|cuda [--device N] [--kernels DIR] [--model embedded|fixtures|DIR] \
     [--fixtures DIR] [--check] [--speed] [--only NAME]... [--quick] [--full] [--corrupt FAULT] [--seed N] [--list] [--json] [--log FILE]";

use devices::{DeviceChoice, Refused};

struct Arguments {
    options: Options,
    /// The path of the file that gets the report as JSON, if one is asked for.
    log: Option<PathBuf>,
    backend: String,
    device: DeviceChoice,
    /// True to check the arithmetic of the device and nothing else.
    check: bool,
    /// True to measure the speed of the device and nothing else.
    speed: bool,
    list: bool,
    json: bool,
}

/// The work that the arguments ask this process to do.
enum Job {
    Run(Box<Arguments>),
    /// Restore the sessions that another process wrote into this folder.
    Work(PathBuf),
    /// Print the file of frozen answers as the embedded model would answer now.
    Freeze,
}

fn main() -> ExitCode {
    let done = match arguments() {
        Ok(Job::Run(arguments)) => return batteries(&arguments),
        Ok(Job::Work(folder)) => work(&folder),
        Ok(Job::Freeze) => freeze().map(|text| println!("{text}")),
        Err(error) => {
            eprintln!("nmk-battery: {error}; {USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nmk-battery: {error}");
            ExitCode::from(2)
        }
    }
}

fn batteries(arguments: &Arguments) -> ExitCode {
    if arguments.list {
        NAMES.iter().for_each(|name| println!("{name}"));
        return ExitCode::SUCCESS;
    }
    let compute = match devices::open(&arguments.backend, &arguments.device) {
        Ok(compute) => compute,
        Err(Refused::Absent(why)) => {
            println!("UNPROVEN: {why}");
            return ExitCode::from(3);
        }
        Err(Refused::Failed(why)) => {
            eprintln!("nmk-battery: {why}");
            return ExitCode::from(2);
        }
    };
    let device = match &compute {
        Compute::Cpu => "cpu".to_owned(),
        Compute::Gpu(backend) => backend.describe(),
    };
    if arguments.check {
        return check(&compute, &device);
    }
    if arguments.speed {
        return speed(&compute);
    }
    let mut bar = Bar::default();
    let options = Options { compute, ..arguments.options.clone() };
    let done = run(&options, &mut |progress| bar.show(progress));
    bar.clear();
    match done {
        Err(error) => {
            eprintln!("nmk-battery: {error}");
            ExitCode::from(2)
        }
        Ok(report) => {
            let logged = arguments.log.as_ref().map_or(Ok(()), |log| {
                std::fs::write(log, object(&report, &arguments.backend, &device).to_string())
            });
            if let Err(error) = logged {
                eprintln!("nmk-battery: the log is not written: {error}");
                return ExitCode::from(2);
            }
            tell(&report, arguments, &device)
        }
    }
}

/// The number of triples of operands for which `--check` compares the arithmetic of a device.
const CHECKED: usize = 1 << 20;

/// Compares the arithmetic of a device with this processor's, and its barriers with what they must do.
fn check(compute: &Compute, device: &str) -> ExitCode {
    println!("device: {device}");
    let Compute::Gpu(backend) = compute else {
        // The CPU backend checks its arithmetic when it is created, on each of its threads.
        println!("checks: 1 passed; 0 failed");
        return ExitCode::SUCCESS;
    };
    let done = (1..=4)
        .map(|seed| gpu::check::arithmetic(backend.device(), CHECKED, seed))
        .chain([gpu::check::phases(backend.device())])
        .collect::<Result<Vec<usize>, _>>();
    match done {
        Ok(compared) => {
            println!("{} results have the bits of this processor", compared.iter().sum::<usize>());
            println!("checks: {} passed; 0 failed", compared.len());
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("FAIL: {error}");
            println!("checks: 0 passed; 1 failed");
            ExitCode::from(1)
        }
    }
}

/// Prints the table of speed of a device.
fn speed(compute: &Compute) -> ExitCode {
    let Compute::Gpu(backend) = compute else {
        println!("UNPROVEN: the speed of the CPU is measured by nmk bench");
        return ExitCode::from(3);
    };
    match speed::measure(backend) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nmk-battery: {error}");
            ExitCode::from(2)
        }
    }
}

/// The progress of a run: one line that changes on a terminal, or one line for each battery in a pipe or a
/// file.
#[derive(Default)]
struct Bar {
    battery: String,
    /// The width of the line that is shown now, so that the next one covers it.
    width: usize,
}

impl Bar {
    const CELLS: usize = 24;

    fn show(&mut self, progress: Progress<'_>) {
        let Progress { battery, on, done, all } = progress;
        let mut out = std::io::stderr();
        // Progress is a courtesy: where it cannot be written, the work goes on.
        if out.is_terminal() {
            let full = Self::CELLS * done / all.max(1);
            let line = format!("[{:<24}] {battery}: {on}, {done} of {all}", "#".repeat(full));
            drop(write!(out, "\r{line:<width$}", width = self.width));
            drop(out.flush());
            self.width = line.len();
        } else if self.battery != battery {
            drop(writeln!(out, "battery: {battery}"));
        }
        battery.clone_into(&mut self.battery);
    }

    fn clear(&mut self) {
        if self.width > 0 {
            eprint!("\r{:width$}\r", "", width = self.width);
        }
    }
}

fn arguments() -> Result<Job, lexopt::Error> {
    let mut parsed = Arguments {
        options: Options::default(),
        log: None,
        backend: "cpu".to_owned(),
        device: DeviceChoice::default(),
        check: false,
        speed: false,
        list: false,
        json: false,
    };
    parsed.options.worker = std::env::current_exe().ok();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("backend") => parsed.backend = parser.value()?.string()?,
            Long("device") => parsed.device.number = Some(parser.value()?.parse()?),
            Long("kernels") => parsed.device.kernels = Some(parser.value()?.into()),
            Long("model") => {
                let model = parser.value()?;
                parsed.options.models = match model.to_str() {
                    Some("embedded") => ModelChoice::Embedded,
                    Some("fixtures") => ModelChoice::Fixtures,
                    _ => ModelChoice::Folder(PathBuf::from(model)),
                };
            }
            Long("only") => {
                let name = parser.value()?.string()?;
                if !NAMES.contains(&name.as_str()) {
                    return Err(format!("there is no battery {name}; there are {}", NAMES.join(", ")).into());
                }
                parsed.options.only.push(name);
            }
            Long("fixtures") => parsed.options.fixtures = Some(parser.value()?.into()),
            Long("check") => parsed.check = true,
            Long("speed") => parsed.speed = true,
            Long("quick") => parsed.options.quick = true,
            Long("full") => parsed.options.full = true,
            Long("corrupt") => {
                let name = parser.value()?.string()?;
                let fault = Fault::NAMED.into_iter().find(|fault| fault.name() == name);
                let known = Fault::NAMED.map(Fault::name).join(", ");
                let unknown = || format!("there is no fault {name}; there are {known}");
                parsed.options.corrupt = Some(fault.ok_or_else(unknown)?);
            }
            Long("seed") => parsed.options.seed = parser.value()?.parse()?,
            Long("worker") => return Ok(Job::Work(parser.value()?.into())),
            Long("freeze") => return Ok(Job::Freeze),
            Long("log") => parsed.log = Some(parser.value()?.into()),
            Long("list") => parsed.list = true,
            Long("json") => parsed.json = true,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Job::Run(Box::new(parsed)))
}

/// Returns the number of batteries that passed, and of those that failed.
fn counts(report: &Report) -> (usize, usize) {
    let passed = report.batteries.iter().filter(|battery| battery.passed()).count();
    (passed, report.batteries.len() - passed)
}

fn object(report: &Report, backend: &str, device: &str) -> Json {
    let (passed, failed) = counts(report);
    let of_battery = |battery: &Outcome| {
        let controls = battery
            .controls
            .iter()
            .map(|control| json!({"name": control.name, "detected": control.detected}));
        json!({
            "name": battery.name, "cases": battery.cases, "possible": battery.possible,
            "residual_bits": battery.residual_bits, "passed": battery.passed(),
            "controls": controls.collect::<Vec<_>>(),
        })
    };
    let batteries: Vec<Json> = report.batteries.iter().map(of_battery).collect();
    json!({
        "backend": backend, "device": device, "model": report.models, "batteries": batteries,
        "passed": passed, "failed": failed, "unproven": report.unproven,
    })
}

fn tell(report: &Report, arguments: &Arguments, device: &str) -> ExitCode {
    let (passed, failed) = counts(report);
    if arguments.json {
        println!("{}", object(report, &arguments.backend, device));
    } else {
        for battery in &report.batteries {
            let Outcome { name, cases, possible, residual_bits, controls } = battery;
            let noticed = controls.iter().filter(|control| control.detected).count();
            let word = if battery.passed() { "ok" } else { "FAIL" };
            println!(
                "{name:<24} {cases:>6} of {possible:>6} cases  residual {residual_bits} bits  {noticed} of {} \
                 controls noticed  {word}",
                controls.len()
            );
            for control in controls.iter().filter(|control| !control.detected) {
                println!("{name}: NOT NOTICED: {}", control.name);
            }
        }
        for why in &report.unproven {
            println!("UNPROVEN: {why}");
        }
        println!("device: {device}");
        println!("models: {}", report.models.join(", "));
        println!("checks: {passed} passed; {failed} failed");
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
