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
    assert_eq!(user.max_new, Some(5));
    std::fs::create_dir(&surroundings.folder).expect("the working folder");
    folder.write("here/nmk.toml", "model = \"models/tiny\"\nmax_new = 9\n");
    let local = Config::load(&Flags::default(), &surroundings).expect("the working folder's file");
    assert_eq!(local.model, ModelChoice::Folder(surroundings.folder.join("models/tiny")));
    assert_eq!(local.max_new, Some(9));
    let flags = Flags { ledger: Some("other".into()), model: Some("embedded".into()), ..Flags::default() };
    let flagged = Config::load(&flags, &surroundings).expect("flags");
    assert_eq!((flagged.ledger, flagged.model), (surroundings.folder.join("other"), ModelChoice::Embedded));
    assert_eq!(flagged.key, folder.0.join("key"), "only the ledger moves");
    let flags = Flags { model: Some("coder".into()), ..Flags::default() };
    let coder = Config::load(&flags, &surroundings).expect("flags");
    assert_eq!((coder.model, coder.max_new), (ModelChoice::Coder, Some(9)));
    let flags = Flags { model: Some("./coder".into()), ..Flags::default() };
    let folder = Config::load(&flags, &surroundings).expect("flags").model;
    assert!(matches!(folder, ModelChoice::Folder(_)), "a folder of that name is stated as a path");
}

#[test]
fn what_is_wrong_is_said_in_one_line_with_its_place() {
    let folder = Folder::new("wrong");
    let cases = [
        ("colour = 1\n", "unknown key `colour`"),
        ("\n[remote]\nretries = 1\n", "wrong.toml:3"),
        ("max_new = 0\n", "`max_new`"),
        ("max_new = -1\n", "wrong.toml:1"),
        ("require = \"certain\"\n", "`certain` is no level"),
        ("model = \"\"\n", "the model is empty"),
        ("model = \"example.com:1/v1\"\n", "begins with its scheme"),
        ("[endpoint]\nmax_tokens = \"many\"\n", "endpoint.max_tokens"),
        ("model = \"http://a:b@localhost/v1\"\n", "user name or password"),
        ("direct = 1\n", "wrong.toml:1"),
        ("not toml", "wrong.toml:1"),
        ("[remote]\nstall_timeout_seconds = nan\n", "remote.stall_timeout_seconds"),
        ("[remote]\nkey_variable = \"A=B\"\n", "remote.key_variable"),
        ("[policy]\ncost = 1.5\n", "policy.cost"),
        ("[policy]\nbudget = -1\n", "policy.budget"),
        ("[policy]\ncost = \"busy\"\n", "policy.cost"),
        ("[policy]\nrisk = 2\n", "policy.risk"),
        ("[policy]\nk_max = 0\n", "k_min 1 is above k_max 0"),
        ("[policy]\nk_max = 5000\n", "k_max 5000"),
        ("[policy]\nwiden_threshold = 1.0\n", "widen_threshold"),
        ("[policy]\nunit_cost = 0.0\n", "unit_cost"),
        ("[policy.cost_model]\nmem_floor = 1.0\n", "mem_floor is 1"),
        ("[policy.cost_model]\nmem = 1.0\n", "unknown key `mem`"),
        ("[web]\nsearch = \"https://s.example/\"\n", "web.search"),
        ("[web]\nsearch = \"https://{query}.example/\"\n", "write {query} once"),
        ("[web]\nsearch = \"https://me@s.example/?q={query}\"\n", "user name"),
        ("[web]\nallow = [\"127.0.0.1\"]\n", "web.allow"),
        ("[web]\nallow = [\"http://127.0.0.1:80\"]\n", "such as \"127.0.0.1:8080\""),
        ("[web]\nallow = [\"10.0.0.0/8\"]\n", "web.allow"),
        ("[web]\nallow = [\"*\"]\n", "web.allow"),
        ("[web]\ntimeout_seconds = 0\n", "web.timeout_seconds"),
        ("[web]\nmax_page_bytes = 0\n", "web.max_page_bytes"),
        ("[web]\nproxy = \"x\"\n", "wrong.toml:2"),
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
    let cases = [
        "model = \"http://localhost/v1\"\n",
        "key = \"k\"\n",
        "ledger = \"kept\"\n",
        "ledger = \"/home\"\nkey = \"k\"\n",
        "[remote]\nkey_variable = \"HOME\"\n",
        "[web]\nsearch = \"https://s.example/?q={query}\"\n",
        "[web]\nallow = [\"127.0.0.1:8080\"]\n",
        "[web]\nallow = []\n",
    ];
    for text in cases {
        let path = folder.write("here/nmk.toml", text);
        let line = Config::load(&Flags::default(), &surroundings).expect_err(text).to_string();
        let said =
            ["may not be stated by the configuration of a working folder", "here/nmk.toml", "--config"];
        assert!(said.iter().all(|words| line.contains(words)), "{line}");
        let names = if text.starts_with("ledger") { "`ledger`" } else { "`" };
        assert!(line.contains(names) && (names == "`" || line.contains("--ledger")), "{line}");
        let model_name = text.starts_with("model").then(|| "m".to_owned());
        let vouched = Flags { config: Some(path), model_name, ..Flags::default() };
        Config::load(&vouched, &surroundings).expect("named on the command line it may");
    }
}

#[test]
fn a_flag_places_the_ledger_whatever_the_working_folder_says() {
    let folder = Folder::new("placed");
    let surroundings = folder.surroundings();
    std::fs::create_dir(&surroundings.folder).expect("the working folder");
    folder.write("here/nmk.toml", "ledger = \"kept\"\n");
    let flags = Flags { ledger: Some("mine".into()), ..Flags::default() };
    let config = Config::load(&flags, &surroundings).expect("the flag says where");
    assert_eq!(config.ledger, surroundings.folder.join("mine"));
}

#[cfg(unix)]
#[test]
fn a_configuration_that_is_no_file_is_refused_at_once() {
    let folder = Folder::new("fifo");
    let surroundings = folder.surroundings();
    std::fs::create_dir(&surroundings.folder).expect("the working folder");
    let path = surroundings.folder.join("nmk.toml");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
    let line = Config::load(&Flags::default(), &surroundings).expect_err("a FIFO").to_string();
    assert!(line.contains("no plain file") && line.contains("nmk.toml"), "{line}");
    // One that the command line names is meant, as a shell makes it for `<(command)`.
    let writer = std::thread::spawn({
        let path = path.clone();
        move || std::fs::write(path, "max_new = 9\n")
    });
    let named = Flags { config: Some(path), ..Flags::default() };
    assert_eq!(Config::load(&named, &surroundings).expect("a pipe").max_new, Some(9));
    writer.join().expect("the writer").expect("a pipe");
}

#[cfg(unix)]
#[test]
fn a_key_inside_the_ledger_is_found_behind_links_and_dots() {
    let folder = Folder::new("inside");
    std::fs::create_dir_all(folder.0.join("ledger/deep")).expect("a folder");
    std::os::unix::fs::symlink(folder.0.join("ledger"), folder.0.join("way")).expect("a link");
    for key in ["ledger/key", "way/key", "way/deep/../key", "ledger/new/key", "way"] {
        let text = format!("key = {:?}\nledger = {:?}\n", folder.0.join(key), folder.0.join("ledger"));
        let flags = Flags { config: Some(folder.write("c.toml", &text)), ..Flags::default() };
        let line = Config::load(&flags, &folder.surroundings()).expect_err(key).to_string();
        assert!(line.contains("the key lies inside the ledger"), "{key}: {line}");
    }
}
