//! A home of its own for the commands of one document.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

use crate::error::Error;
use crate::process;
use crate::programs::Programs;
use crate::readme::known::STANDS_FOR;

/// The place in which the commands of a document run: the root of the repository, with a home of its own.
pub(crate) struct Desk {
    root: PathBuf,
    home: PathBuf,
    /// The value of `PATH`: the folder of the release programs, then the path of the process that started
    /// this one.
    path: OsString,
    stub: String,
    /// The words that start this program again.
    xtask: &'static str,
}

/// The result of a command that has ended.
pub(crate) struct Ended {
    /// The command's standard output and standard error together.
    pub(crate) printed: String,
    code: Option<i32>,
}

impl Ended {
    /// Returns what was printed if the exit code is not 0; `None` if it is 0.
    pub(crate) fn trouble(self) -> Option<String> {
        (self.code != Some(0)).then(|| format!("ended with {:?} and printed\n{}", self.code, self.printed))
    }
}

/// Returns a configuration whose search is that of the stub endpoint at the address `stub`.
fn web(stub: &str) -> String {
    let place = stub.trim_start_matches("http://").trim_end_matches("/v1");
    format!("[web]\nsearch = \"http://{place}/search?q={{query}}\"\nallow = [\"{place}\"]\n")
}

impl Desk {
    /// Creates the home, with a configuration that has a search, and a ledger with one answer in it for commands that show
    /// a ledger.
    pub(crate) fn new(
        root: &Path,
        nmk: &Path,
        home: PathBuf,
        stub: &str,
        programs: Programs,
    ) -> Result<Desk, Error> {
        let config = home.join(".config/nmk");
        fs::create_dir_all(&config).map_err(Error::io(&config))?;
        let file = config.join("nmk.toml");
        fs::write(&file, web(stub)).map_err(Error::io(&file))?;
        let mut path = nmk.parent().unwrap_or(nmk).as_os_str().to_owned();
        if let Some(before) = env::var_os("PATH") {
            path.push(":");
            path.push(before);
        }
        let xtask = if programs == Programs::Built { "xtask --built" } else { "xtask" };
        let desk = Desk { root: root.to_path_buf(), home, path, stub: stub.to_owned(), xtask };
        let first = desk.run("nmk ask --direct \"Is 97 a prime number?\"")?;
        match first.trouble() {
            None => Ok(desk),
            Some(stderr) => Err(Error::Command { command: "nmk ask --direct".to_owned(), stderr }),
        }
    }

    /// Runs a command of a document to its end, in `sh`.
    pub(crate) fn run(&self, command: &str) -> Result<Ended, Error> {
        let command = self.filled(command)?;
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("exec 2>&1\n{command}")).current_dir(&self.root);
        shell.env("PATH", &self.path).env("HOME", &self.home);
        for variable in ["XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
            shell.env_remove(variable);
        }
        let output = process::output(&mut shell)?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(Ended { printed, code: output.status.code() })
    }

    /// Returns the command with the actual values in place of the words that stand for them.
    fn filled(&self, command: &str) -> Result<String, Error> {
        let mut command = command.to_owned();
        for (shown, taken) in STANDS_FOR {
            command = command.replace(shown, taken);
        }
        // Scripts start cargo themselves.
        command = command.replace("cargo xtask", self.xtask);
        command = command.replace("{stub}", &self.stub);
        command = command.replace("{scratch}", &self.home.display().to_string());
        if command.contains("{head}") {
            command = command.replace("{head}", text(&self.object("nmk ledger verify --json")?["head"])?);
        }
        if command.contains("{blob}") {
            let shown = self.object("nmk ledger show --json")?;
            let entries = shown["entries"].as_array().into_iter().flatten();
            let blobs = entries.map(|entry| &entry["body"]["blobs"][0]);
            let blob = blobs.into_iter().find(|blob| !blob.is_null()).unwrap_or(&Json::Null);
            command = command.replace("{blob}", text(blob)?);
        }
        if command.contains("{kept}") {
            let shown = self.object("nmk ledger show --json")?;
            let entries = shown["entries"].as_array().into_iter().flatten();
            let mut blobs = entries.filter_map(|entry| entry["body"]["blobs"][0].as_str());
            // Another command may have forgotten the first one.
            command = command.replace("{kept}", blobs.next_back().unwrap_or_default());
        }
        if command.contains("{job}") {
            let shown = self.object("nmk ledger show --json")?;
            command = command.replace("{job}", text(&shown["entries"][0]["job"])?);
        }
        Ok(command)
    }

    fn object(&self, command: &str) -> Result<Json, Error> {
        let printed = self.run(command)?.printed;
        serde_json::from_str(&printed).map_err(|source| Error::Json { command: command.to_owned(), source })
    }
}

fn text(value: &Json) -> Result<&str, Error> {
    value.as_str().ok_or(Error::Shape { command: "nmk ledger", field: "head or blobs" })
}
