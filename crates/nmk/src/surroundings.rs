//! The surroundings of the process: environment, working folder and entropy, read in this file only.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use abi::JobId;

/// The places that the process finds in its environment: working folder, configuration, ledger and key.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The working folder of the process.
    pub folder: PathBuf,
    /// The user's configuration file. None if there is no home folder.
    pub config: Option<PathBuf>,
    /// The default folder of the ledger. None if there is no home folder.
    pub ledger: Option<PathBuf>,
    /// The default file of the signing key. None if there is no home folder.
    pub key: Option<PathBuf>,
}

impl Surroundings {
    /// Reads the environment of the process. A variable that is empty or not an absolute path counts as
    /// absent, as the XDG base directory specification demands.
    #[must_use]
    pub fn read() -> Self {
        let home = absolute("HOME");
        let base =
            |variable, below: &str| absolute(variable).or_else(|| home.as_ref().map(|home| home.join(below)));
        let config = base("XDG_CONFIG_HOME", ".config").map(|base| base.join("nmk"));
        Self {
            // A working folder that was deleted holds no configuration either.
            folder: std::env::current_dir().unwrap_or_default(),
            config: config.as_ref().map(|base| base.join("nmk.toml")),
            ledger: base("XDG_STATE_HOME", ".local/state").map(|base| base.join("nmk")),
            key: config.map(|base| base.join("key")),
        }
    }
}

fn absolute(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| Path::is_absolute(path))
}

/// Returns the content of an environment variable, or None if it is not set.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Returns true if the environment asks for text without colours: NO_COLOR is set, or the terminal is dumb.
pub(crate) fn forbids_colour() -> bool {
    variable("NO_COLOR").is_some_and(|value| !value.is_empty())
        || variable("TERM").is_some_and(|term| term == "dumb")
}

/// Writes a line to standard error at once, for what happens while nobody holds the console. A failure is ignored.
pub(crate) fn tell(line: &str) {
    use std::io::Write;
    let line = crate::excerpt::one_line(line);
    let mut err = std::io::stderr();
    // A progress line may stand there, which is drawn anew below.
    drop(match err.is_terminal() {
        true => writeln!(err, "\r\x1b[K{}", crate::wrap::wrapped(&line, columns_of_progress().unwrap_or(80))),
        false => writeln!(err, "{line}"),
    });
}

/// Returns the words of the command line behind the name of the program.
pub(crate) fn arguments() -> Vec<String> {
    std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect()
}

/// Returns the name of the processor as the operating system has it, or None if it does not tell.
pub(crate) fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim().to_owned())
}

/// Returns the columns of the terminal at standard output, or None if there is none or it does not tell.
pub(crate) fn columns() -> Option<usize> {
    columns_of(std::io::stdout())
}

/// Returns the rows of the terminal at standard output, or None if there is none or it does not tell.
pub(crate) fn rows() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_row)).filter(|rows| *rows > 0)
}

/// Returns the columns of the terminal at standard error, where progress is shown, or None if it does not tell.
pub(crate) fn columns_of_progress() -> Option<usize> {
    columns_of(std::io::stderr())
}

fn columns_of(terminal: impl std::os::fd::AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(terminal).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Returns the time of day in milliseconds since 1970, or None if the clock stands before that.
pub(crate) fn time_of_day() -> Option<i64> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

/// Returns true if standard error is a terminal, so that a person may watch it.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Returns true if standard output is a terminal.
pub(crate) fn is_read_by_a_person() -> bool {
    std::io::stdout().is_terminal()
}

/// Returns true if standard input is a terminal, so that nothing is piped in.
pub(crate) fn is_typed_in() -> bool {
    std::io::stdin().is_terminal()
}

/// Returns the path of a folder `nmk-<name>` among the system's temporary files. The folder is not created.
pub(crate) fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("nmk-{name}"))
}

/// Returns a random job number, which no other run draws except by a negligible chance. Fails without
/// entropy.
pub(crate) fn draw_job() -> Result<JobId, getrandom::Error> {
    getrandom::u64().map(JobId)
}

/// Returns 32 bytes from the system's entropy. Fails if the system gives none.
pub(crate) fn draw_bytes() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
