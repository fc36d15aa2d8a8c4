//! Runs the batteries and says what came of them.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use battery::{Battery, Fault, ModelChoice, NAMES, Options, Report, run};
use lexopt::prelude::*;
use serde_json::json;

const USAGE: &str = "usage: nmk-battery --backend cpu [--model embedded|DIR] [--only NAME]... [--quick] [--full] \
                     [--corrupt FAULT] [--seed N] [--list] [--json]";

struct Arguments {
    options: Options,
    backend: String,
    list: bool,
    json: bool,
}

fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("nmk-battery: {error}; {USAGE}");
            return ExitCode::from(2);
        }
    };
    if arguments.list {
        NAMES.iter().for_each(|name| println!("{name}"));
        return ExitCode::SUCCESS;
    }
    if arguments.backend != "cpu" {
        println!("UNPROVEN: there is no backend {} in this build; cpu is there", arguments.backend);
        return ExitCode::from(3);
    }
    let mut watch = |what: &str| eprintln!("battery: {what}");
    match run(&arguments.options, &mut watch) {
        Err(error) => {
            eprintln!("nmk-battery: {error}");
            ExitCode::from(2)
        }
        Ok(report) => tell(&report, arguments.json),
    }
}

fn arguments() -> Result<Arguments, lexopt::Error> {
    let mut parsed =
        Arguments { options: Options::default(), backend: "cpu".to_owned(), list: false, json: false };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("backend") => parsed.backend = parser.value()?.string()?,
            Long("model") => {
                let model = parser.value()?;
                parsed.options.models = match model.to_str() {
                    Some("embedded") => ModelChoice::Embedded,
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
            Long("quick") => parsed.options.quick = true,
            Long("full") => parsed.options.full = true,
            Long("corrupt") => {
                let name = parser.value()?.string()?;
                let fault = Fault::ALL.into_iter().find(|fault| fault.name() == name);
                let known = Fault::ALL.map(Fault::name).join(", ");
                let unknown = || format!("there is no fault {name}; there are {known}");
                parsed.options.corrupt = Some(fault.ok_or_else(unknown)?);
            }
            Long("seed") => parsed.options.seed = parser.value()?.parse()?,
            Long("list") => parsed.list = true,
            Long("json") => parsed.json = true,
            other => return Err(other.unexpected()),
        }
    }
    Ok(parsed)
}

fn tell(report: &Report, as_json: bool) -> ExitCode {
    let passed = report.batteries.iter().filter(|battery| battery.passed()).count();
    let failed = report.batteries.len() - passed;
    let object = |battery: &Battery| {
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
    if as_json {
        let batteries: Vec<_> = report.batteries.iter().map(object).collect();
        let object = json!({
            "backend": "cpu", "model": report.models, "batteries": batteries, "passed": passed, "failed": failed,
        });
        println!("{object}");
    } else {
        for battery in &report.batteries {
            let Battery { name, cases, possible, residual_bits, controls } = battery;
            let noticed = controls.iter().filter(|control| control.detected).count();
            let word = if battery.passed() { "ok" } else { "FAIL" };
            println!(
                "{name:<20} {cases:>6} of {possible:>6} cases  residual {residual_bits} bits  {noticed} of {} \
                 controls noticed  {word}",
                controls.len()
            );
            for control in controls.iter().filter(|control| !control.detected) {
                println!("{name}: NOT NOTICED: {}", control.name);
            }
        }
        println!("models: {}", report.models.join(", "));
        println!("checks: {passed} passed; {failed} failed");
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
