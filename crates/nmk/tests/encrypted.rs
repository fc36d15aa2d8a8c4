//! Endpoints of a private authority: `--ca-file` and `SSL_CERT_FILE` make them known, and a refusal names its cause.

mod common;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use common::home::Home;

/// A running `encrypted_server`, the example of the crate `remote`. It ends when the value is dropped.
struct Server {
    child: Child,
    port: String,
}

impl Server {
    /// Starts a server with one of the certificates of [`certificates`].
    fn start(program: &Path, name: &str) -> Self {
        let (certificate, key) = (format!("{name}.pem"), format!("{name}.key.pem"));
        let mut command = Command::new(program);
        command.args([certificates().join(certificate), certificates().join(key)]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut port = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        output.read_line(&mut port).expect("it prints its port");
        Self { child, port: port.trim().to_owned() }
    }

    fn base(&self, host: &str) -> String {
        format!("https://{host}:{}/v1", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

fn certificates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../remote/tests/certificates")
}

/// Returns the path of the example beside the program under test, where the tests of the workspace have built it. It is
/// built here if it is missing, which takes a minute.
fn program() -> PathBuf {
    let nmk = Path::new(env!("CARGO_BIN_EXE_nmk"));
    let folder = nmk.parent().expect("a folder of a profile");
    let program = folder.join("examples/encrypted_server");
    if program.exists() {
        return program;
    }
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--package", "nmk-remote", "--example", "encrypted_server"]);
    build.args(["--profile", profile, "--target-dir"]).arg(folder.parent().expect("a target folder"));
    let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    program
}

#[test]
fn a_private_authority_is_trusted_where_it_is_named() {
    let (home, program) = (Home::new("encrypted"), program());
    let authority = certificates().join("authority.pem").display().to_string();
    let stranger = certificates().join("local.pem").display().to_string();
    let ask = |base: &str, flags: &[&str], variables: &[(&str, &str)]| {
        let words = ["ask", "What is the gcd of 84 and 36?", "--model", base, "--model-name", "m"];
        home.run_with([&words[..], flags].concat(), variables)
    };
    let local = Server::start(&program, "local");
    let base = local.base("localhost");
    for (flags, variables) in [
        (&["--ca-file", authority.as_str()][..], &[][..]),
        (&[], &[("SSL_CERT_FILE", authority.as_str())]),
        (&["--ca-file", &authority], &[("SSL_CERT_FILE", stranger.as_str())]),
    ] {
        let ended = ask(&base, flags, variables);
        assert_eq!((ended.code, ended.out.as_str()), (0, "12\n"), "{flags:?} {variables:?}: {ended:?}");
    }
    // An address is a name of the certificate as well, and the one model is found over https too.
    let by_address = home.run(["ask", "Hi", "--model", &local.base("127.0.0.1"), "--ca-file", &authority]);
    assert_eq!((by_address.code, by_address.out.as_str()), (0, "Answer: 12\n"), "{by_address:?}");
    // A configuration names it, if the user names the configuration.
    let config = home.write("work/own.toml", format!("[endpoint]\nca_file = '{authority}'\n"));
    assert_eq!(ask(&base, &["--config", &config.display().to_string()], &[]).code, 0);

    let remedy = ["--ca-file", "SSL_CERT_FILE"];
    ask(&base, &[], &[])
        .is_refused(&[&["certificate is not trusted", "UnknownIssuer"], &remedy[..]].concat());
    let elsewhere = Server::start(&program, "elsewhere");
    ask(&elsewhere.base("localhost"), &["--ca-file", &authority], &[])
        .is_refused(&["certificate is not trusted", "not valid for name"]);
    let expired = Server::start(&program, "expired");
    ask(&expired.base("localhost"), &["--ca-file", &authority], &[])
        .is_refused(&["certificate is not trusted", "expired"]);
    // A server without encryption answers such a connection in its own words.
    let plain = base.replace("https://", "http://");
    let ended = ask(&plain, &[], &[]);
    assert_eq!(ended.code, 2, "{ended:?}");
}
