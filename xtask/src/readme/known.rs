//! The commands that are not run as they are written, each with its reason.

/// The way in which a command of a document is checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum How {
    /// The command is run, and must end with exit code 0.
    Run,
    /// The command is a name without its arguments, so its `--help` is run instead.
    Name,
    /// The command is run with these words after it, so that it ends soon.
    With(&'static str),
    /// The command is not run, because the suite of this name runs it.
    Suite(&'static str),
    /// The command is not run, because the suite of the package after `-p` runs its tests.
    Tests,
    /// The command is not run at all, for this reason.
    Unproven(&'static str),
}

/// The way in which all commands are checked that begin with some words.
pub(crate) struct Known {
    pub(crate) begins: &'static str,
    pub(crate) how: How,
}

const fn known(begins: &'static str, how: How) -> Known {
    Known { begins, how }
}

/// The table of known commands. The longest beginning that fits decides; a command that none fits is run.
pub(crate) const KNOWN: &[Known] = &[
    known("cargo test", How::Tests),
    known("cargo bench", How::Unproven("measures for minutes")),
    known("cargo install", How::Unproven("builds for minutes, and changes the programs of whoever runs it")),
    known("cargo geiger", How::Unproven("somebody else's tool, which is not installed here")),
    known("cargo xtask unsafe-impls", How::Suite("unsafe-impls")),
    known("cargo xtask verify", How::With("--list")),
    known("./verify.sh", How::With("--list")),
    known("cargo xtask planes", How::Suite("planes")),
    known("cargo xtask planes --self-test", How::Suite("planes-negative")),
    known("cargo xtask tidy", How::Run),
    known("cargo xtask map", How::Suite("map")),
    known("cargo xtask manifest", How::Suite("manifest")),
    known("cargo xtask logs", How::Suite("logs")),
    known("cargo xtask bundle", How::Unproven("downloads and packs every package of others")),
    known("cargo xtask sim", How::Suite("sim")),
    known("cargo xtask tamper", How::Suite("tamper")),
    known("cargo xtask full-disk", How::Suite("full_disk")),
    known("cargo xtask kill", How::Suite("kill")),
    known("cargo xtask memory", How::Suite("memory_store")),
    known("cargo xtask no-std", How::Suite("no_std")),
    known("cargo xtask standalone", How::Suite("standalone")),
    known("cargo xtask package", How::Suite("package")),
    known("cargo xtask readme", How::Suite("readme")),
    known("cargo xtask targets neon", How::Suite("neon")),
    known("cargo xtask targets wasm", How::Suite("wasm")),
    known("cargo xtask targets aarch64", How::Suite("aarch64")),
    known("cargo xtask battery", How::Suite("battery-cpu")),
    known("cargo xtask battery --backend cpu --only", How::With("--quick")),
    known("cargo xtask battery --backend gpu-host", How::Suite("battery-gpu-host")),
    known("cargo xtask battery --backend cuda", How::Suite("battery-cuda")),
    known("cargo xtask cuda-kernels", How::Suite("cuda-kernels")),
    known(
        "cargo xtask device-kit",
        How::Unproven("fetches a compiler, and makes a folder for another machine"),
    ),
    known("cargo xtask fuzz", How::Unproven("builds an instrumented copy for minutes")),
    known("cargo xtask train", How::Unproven("trains for minutes")),
    known("cargo xtask train --help", How::Run),
    known("nmk bench", How::With("--quick")),
    known("nmk bench sched", How::Run),
    known("nmk bench gate", How::Run),
    known("nmk bench policy", How::Run),
    known("nmk eval novel --only code --policy", How::Unproven("measures for minutes")),
    known("nmk eval width", How::Suite("e2e")),
    // Without a calibrated source no certificate is written, and the exit code says so.
    known("nmk eval entropy --certificate", How::Suite("e2e")),
    known("nmk policy decide --certificate", How::Suite("e2e")),
    known("nmk prims show", How::Unproven("needs an admitted function")),
    known("nmk prims show gcd", How::Run),
    known("nmk prims call gcd", How::Run),
    known("nmk prims call", How::Unproven("needs an admitted function")),
    known("nmk prims export", How::Unproven("needs an admitted function")),
    known("nmk prims revoke", How::Unproven("needs an admitted function")),
    known("nmk run turned.toml", How::Unproven("needs a function that was admitted before")),
    known("nmk prims import", How::Unproven("needs a file of admitted functions")),
    known("nmk memory delete", How::Unproven("needs an entry with that key")),
    known("nmk memory pin", How::Unproven("needs an entry with that key")),
    known("nmk memory unpin", How::Unproven("needs an entry with that key")),
    known("nmk memory import", How::Unproven("needs a file of entries")),
    known("nmk gate init", How::Unproven("writes into the folder of whoever runs it")),
    known("nmk gate recheck", How::Unproven("needs the record of an exam in a ledger")),
    known("nmk run docs/page.toml", How::Unproven("fetches a page of the internet")),
    known("nmk ledger verify", How::Run),
    known("nmk ledger replay", How::Run),
    known("nmk ledger trace", How::Run),
    known("nmk ledger show", How::Run),
    known("nmk trace check", How::Run),
    known("nmk jobs", How::Run),
    known("nmk config", How::Run),
    known("nmk completions bash >", How::Unproven("writes into the home of whoever runs it")),
    known("nmk completions zsh >", How::Unproven("writes into the home of whoever runs it")),
    known("nmk completions fish >", How::Unproven("writes into the home of whoever runs it")),
    known("cargo xtask man", How::Suite("man")),
    known("cargo xtask dist", How::Unproven("builds the whole program anew for minutes")),
];

/// Returns the way in which a command is checked, and the index of its row in the table, if it has one.
pub(crate) fn how(command: &str) -> (How, Option<usize>) {
    let fits = |known: &Known| {
        command.strip_prefix(known.begins).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let rows = KNOWN.iter().enumerate().filter(|(_, known)| fits(known));
    match rows.max_by_key(|(_, known)| known.begins.len()) {
        Some((row, known)) => (known.how, Some(row)),
        None if is_name(command) => (How::Name, None),
        None => (How::Run, None),
    }
}

/// Returns true for a command of `nmk` that is only words, for example `nmk model generate`.
fn is_name(command: &str) -> bool {
    let word = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    command.starts_with("nmk") && command.split(' ').all(word)
}

/// Words in the documents that stand for something else, with the values that a run takes for them. A word in
/// braces is filled in by the run: its stub endpoint, its scratch folder, and the head and a blob of its
/// ledger.
pub(crate) const STANDS_FOR: &[(&str, &str)] = &[
    ("http://localhost:11434/v1", "{stub}"),
    ("forget 4f1c…", "forget {blob}"),
    ("blob 4f1c…", "blob {kept}"),
    ("blob DIGEST", "blob {kept}"),
    ("show job-4f1c…", "show {job}"),
    ("show JOB", "show {job}"),
    ("check job-4f1c…", "check {job}"),
    ("4f1c…", "{head}"),
    ("HEX", "{head}"),
    ("./Mixtral-tiny", "fixtures/parity/mixtral"),
    ("DIR", "fixtures/parity/mixtral"),
    ("GRAPH.toml", "docs/sum.toml"),
    ("FILE.toml", "docs/text.toml"),
    ("FILE.json", "docs/pet.json"),
    ("--to entries.jsonl", "--to {scratch}/entries.jsonl"),
    ("--out logits.safetensors", "--out {scratch}/logits.safetensors"),
    ("--model-name NAME", "--model-name any"),
    ("\"…\"", "\"Is 97 a prime number?\""),
    ("cargo run --release --", "nmk"),
];

#[cfg(test)]
mod tests {
    use super::{How, how};

    #[test]
    fn the_longest_beginning_decides() {
        let cases = [
            ("nmk ask \"a\"", How::Run),
            ("nmk", How::Name),
            ("nmk model generate", How::Name),
            ("nmk model selftest DIR", How::Run),
            ("nmk bench decode --json", How::With("--quick")),
            ("nmk bench sched --json", How::Run),
            ("nmk ledger verify", How::Run),
            ("cargo xtask planes --self-test", How::Suite("planes-negative")),
            ("cargo xtask planes", How::Suite("planes")),
            ("cargo xtask plane", How::Run),
            ("cargo xtask battery --backend cpu --only sequence_scheduler", How::With("--quick")),
            ("cargo test -p nmk-det", How::Tests),
        ];
        for (command, expected) in cases {
            assert_eq!(how(command).0, expected, "{command}");
        }
    }
}
