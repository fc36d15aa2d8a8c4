use std::path::PathBuf;
use std::{env, fs, process};

use nmk::Surroundings;
use nmk::config::{Config, ConfigError, Flags};

/// Checks a configuration file: an accepted one must be written back as a file with the same configuration.
pub(super) fn config(bytes: &[u8]) {
    let config = match load(bytes) {
        Ok(config) => config,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let shown = config.to_toml();
    match load(shown.as_bytes()) {
        Ok(again) => {
            assert_eq!(again.to_toml(), shown);
            assert_eq!(again.to_json(), config.to_json());
        }
        Err(error) => panic!("what is in force is refused: {error}\n{shown}"),
    }
}

fn load(bytes: &[u8]) -> Result<Config, ConfigError> {
    let folder = env::temp_dir();
    let path = folder.join(format!("nmk-fuzz-{}-{:?}.toml", process::id(), std::thread::current().id()));
    fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let flags = Flags { config: Some(path.clone()), ..Flags::default() };
    let at = |place: &str| Some(PathBuf::from(place));
    let (ledger, key) = (at("/nowhere/ledger"), at("/nowhere/key"));
    let config = Config::load(&flags, &Surroundings { folder, config: None, ledger, key });
    fs::remove_file(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    config
}
