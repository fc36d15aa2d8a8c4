//! The configuration file says what is in force, and what it may not say is refused.

use std::path::PathBuf;

use nmk::Surroundings;
use nmk::config::{Config, DOCUMENTED, Flags, ModelChoice};
use synthetic::Scratch;

/// A fresh folder in which a test writes its configuration files.
struct Folder(Scratch);

impl Folder {
    fn new(name: &str) -> Self {
        Self(Scratch::new(env!("CARGO_TARGET_TMPDIR"), name).expect("a scratch folder"))
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("a scratch file");
        path
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings {
            folder: self.0.join("here"),
            config: Some(self.0.join("user.toml")),
            ledger: Some(self.0.join("ledger")),
            key: Some(self.0.join("key")),
        }
    }
}

#[test]
fn the_documented_file_states_the_defaults() {
    let folder = Folder::new("documented");
    let documented = Flags { config: Some(folder.write("nmk.toml", DOCUMENTED)), ..Flags::default() };
    let surroundings = folder.surroundings();
    let stated = Config::load(&documented, &surroundings).expect("the documented file");
    let defaults = Config::load(&Flags::default(), &surroundings).expect("no file at all");
    assert_eq!(stated.to_toml(), defaults.to_toml());
    let commented: String = DOCUMENTED
        .lines()
        .map(|line| {
            line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line).to_owned() + "\n"
        })
        .collect();
    let commented = commented.replace("model_name = \"llama3.2\"", "");
    let all = Flags { config: Some(folder.write("all.toml", &commented)), ..Flags::default() };
    Config::load(&all, &surroundings).expect("the keys that are commented out are right as well");
}

#[test]
fn what_is_printed_says_the_same_when_read() {
    let folder = Folder::new("printed");
    let flags = Flags { require: Some("oracle".into()), max_new: Some(7), ..Flags::default() };
    let config = Config::load(&flags, &folder.surroundings()).expect("flags");
    let printed = Flags { config: Some(folder.write("printed.toml", &config.to_toml())), ..Flags::default() };
    let read = Config::load(&printed, &folder.surroundings()).expect("what was printed");
    assert_eq!(read.to_toml(), config.to_toml());
}

#[test]
fn the_nearest_file_is_read_and_flags_are_stronger() {
    let folder = Folder::new("nearest");
    let surroundings = folder.surroundings();
    folder.write("user.toml", "model = \"http://localhost:1/v1\"\nmodel_name = \"m\"\nmax_new = 5\n");
    let user = Config::load(&Flags::default(), &surroundings).expect("the user's file");
    assert!(matches!(user.model, ModelChoice::Endpoint { .. }));
    assert_eq!(user.max_new, 5);
    std::fs::create_dir(&surroundings.folder).expect("the working folder");
    folder.write("here/nmk.toml", "model = \"models/tiny\"\nledger = \"kept\"\n");
    let local = Config::load(&Flags::default(), &surroundings).expect("the working folder's file");
    assert_eq!(local.model, ModelChoice::Folder(surroundings.folder.join("models/tiny")));
    assert_eq!(local.ledger, surroundings.folder.join("kept"));
    let flags = Flags { ledger: Some("other".into()), model: Some("embedded".into()), ..Flags::default() };
    let flagged = Config::load(&flags, &surroundings).expect("flags");
    assert_eq!((flagged.ledger, flagged.model), (surroundings.folder.join("other"), ModelChoice::Embedded));
    assert_eq!(flagged.key, folder.0.join("key"), "only the ledger moves");
}

#[test]
fn what_is_wrong_is_said_in_one_line_with_its_place() {
    let folder = Folder::new("wrong");
    let cases = [
        ("colour = 1\n", "unknown field `colour`"),
        ("\n[remote]\nretries = 1\n", "wrong.toml:3"),
        ("max_new = 0\n", "`max_new`"),
        ("max_new = -1\n", "wrong.toml:1"),
        ("require = \"certain\"\n", "`certain` is no level"),
        ("model = \"\"\n", "the model is empty"),
        ("model = \"http://localhost:1/v1\"\n", "--model-name"),
        ("model = \"http://a:b@localhost/v1\"\n", "user name or password"),
        ("direct = 1\n", "wrong.toml:1"),
        ("not toml", "wrong.toml:1"),
        ("[remote]\nstall_timeout_seconds = nan\n", "remote.stall_timeout_seconds"),
        ("[remote]\nkey_variable = \"A=B\"\n", "remote.key_variable"),
        ("[policy]\ncost = 1.5\n", "policy.cost"),
        ("[policy]\nbudget = -1\n", "policy.budget"),
    ];
    for (text, expected) in cases {
        let flags = Flags { config: Some(folder.write("wrong.toml", text)), ..Flags::default() };
        let line = Config::load(&flags, &folder.surroundings()).expect_err(text).to_string();
        assert!(line.contains(expected) && !line.contains('\n'), "{text:?} gives: {line}");
    }
    let missing = Flags { config: Some(folder.0.join("absent.toml")), ..Flags::default() };
    let line = Config::load(&missing, &folder.surroundings()).expect_err("no such file").to_string();
    assert!(line.contains("absent.toml"), "{line}");
}

#[test]
fn a_working_folder_cannot_say_where_secrets_go() {
    let folder = Folder::new("foreign");
    let surroundings = folder.surroundings();
    std::fs::create_dir(&surroundings.folder).expect("the working folder");
    let cases = ["model = \"http://localhost/v1\"\n", "key = \"k\"\n", "[remote]\nkey_variable = \"HOME\"\n"];
    for text in cases {
        let path = folder.write("here/nmk.toml", text);
        let line = Config::load(&Flags::default(), &surroundings).expect_err(text).to_string();
        assert!(line.contains("may not be stated by the configuration of a working folder"), "{line}");
        let model_name = text.starts_with("model").then(|| "m".to_owned());
        let vouched = Flags { config: Some(path), model_name, ..Flags::default() };
        Config::load(&vouched, &surroundings).expect("named on the command line it may");
    }
}
