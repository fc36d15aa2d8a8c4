//! For each rule, what it finds and what it lets pass.

use super::{Finding, RULES};
use crate::tidy::tree::File;

const NONE: [usize; 0] = [];

/// Returns the lines of the findings of one rule, over files given as path and text.
fn lines(rule: &str, files: &[(&str, &str)]) -> Vec<usize> {
    let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
    let rule = RULES.iter().find(|each| each.name == rule).unwrap();
    (rule.run)(&files).iter().map(|finding: &Finding| finding.line).collect()
}

#[test]
fn one_file() {
    let cases: &[(&str, &str, &str, &[usize])] = &[
        ("string-error", "crates/a/src/b.rs", "fn f() -> Result<u8, String> {}", &[1]),
        ("string-error", "crates/a/src/b.rs", "fn f() -> Result<Vec<(u8, u8)>, &'static str>;", &[1]),
        ("string-error", "crates/a/src/b.rs", "fn f() -> Result<String, Error> {}", &[]),
        ("string-error", "crates/a/src/b.rs", "// Result<u8, String>\nfn f() -> fmt::Result;", &[]),
        ("string-error", "crates/train/src/b.rs", "fn f() -> Result<u8, String> {}", &[]),
        ("forbid-unsafe", "crates/a/src/lib.rs", "//! A.\n", &[1]),
        ("forbid-unsafe", "crates/a/src/lib.rs", "//! A.\n#![forbid(unsafe_code)]\n", &[]),
        ("forbid-unsafe", "crates/a/src/bin/b.rs", "fn main() {}", &[1]),
        ("forbid-unsafe", "crates/a/src/b.rs", "//! B.\n", &[]),
        ("forbid-unsafe", "crates/det/src/lib.rs", "#![deny(unsafe_code)]\n", &[]),
        ("forbid-unsafe", "crates/det/src/lib.rs", "//! Det.\n", &[1]),
        ("unsafe-home", "crates/a/src/b.rs", "fn f() {\n    unsafe { g() }\n}", &[2]),
        ("unsafe-home", "crates/backend-cpu/src/b.rs", "unsafe { g() }", &[1]),
        ("unsafe-home", "crates/backend-cpu/src/isa.rs", "unsafe { g() }", &[]),
        ("unsafe-home", "crates/nmk/src/b.rs", "unsafe impl det::TrustRoot for A {}", &[]),
        ("unsafe-home", "crates/sched/src/b.rs", "unsafe impl det::TrustRoot for A {}", &[1]),
        ("unsafe-home", "crates/sched/tests/b.rs", "unsafe impl det::TrustRoot for A {}", &[]),
        ("undocumented-unsafe", "crates/a/src/b.rs", "unsafe { g() }", &[1]),
        ("undocumented-unsafe", "crates/a/src/b.rs", "// SAFETY: why.\nlet a =\n    unsafe { g() };", &[]),
        ("undocumented-unsafe", "crates/a/src/b.rs", "// SAFETY: why.\nf();\nunsafe { g() };", &[3]),
        (
            "undocumented-unsafe",
            "crates/a/src/b.rs",
            "/// # Safety\n/// Why.\n#[inline]\nunsafe fn f() {}",
            &[],
        ),
        (
            "undocumented-unsafe",
            "crates/a/tests/b.rs",
            "// SAFETY: why.\nunsafe impl A for B {\n    unsafe fn f() {}\n}\nunsafe fn g() {}",
            &[5],
        ),
        ("ambient", "crates/a/src/b.rs", "let t = Instant::now();\nlet v = std::env::var(\"A\");", &[1, 2]),
        ("ambient", "crates/a/src/b.rs", "let p = env!(\"CARGO_MANIFEST_DIR\"); my_env::var();", &[]),
        (
            "ambient",
            "crates/a/src/b.rs",
            "#[cfg(test)]\nmod tests {\n    fn f() { thread::sleep(d); }\n}",
            &[],
        ),
        ("ambient", "crates/a/tests/b.rs", "thread::sleep(d);", &[]),
        ("ambient", "crates/nmk/src/b.rs", "Instant::now();", &[]),
        ("disk", "crates/a/src/b.rs", "use std::{fs, io};\nlet a = 1;\nif path.is_dir() {}", &[1, 3]),
        ("disk", "crates/a/src/b.rs", "use std::fs::File;\nuse rustix::fs::statvfs;", &[1, 2]),
        ("disk", "crates/a/src/b.rs", "// std::fs\nlet offs = files::read(disk); exists(a);", &[]),
        ("disk", "crates/a/tests/b.rs", "std::fs::read(path);", &[]),
        (
            "disk",
            "crates/a/src/b.rs",
            "#[cfg(test)]\nmod tests {\n    fn f() { std::fs::read(path); }\n}",
            &[],
        ),
        ("disk", "crates/files/src/os.rs", "std::fs::read(path);", &[]),
        ("disk", "crates/nmk/src/b.rs", "std::fs::read(path);", &[]),
        ("network", "crates/a/src/b.rs", "use std::net::{IpAddr, TcpStream};\nUdpSocket::bind(a);", &[1, 2]),
        ("network", "crates/a/tests/b.rs", "TcpListener::bind(a);", &[]),
        ("debug-macro", "crates/a/tests/b.rs", "fn f() { todo!() }\nfn g() { dbg!(1); }", &[2, 1]),
    ];
    for (rule, path, text, expected) in cases {
        assert_eq!(lines(rule, &[(path, text)]), *expected, "{rule}: {path}: {text}");
    }
}

#[test]
fn one_trust_root_in_nmk() {
    const ROOT: &str = "struct A;\nunsafe impl det::TrustRoot for A {}\n";
    let nmk = ("crates/nmk/src/root.rs", ROOT);
    assert_eq!(lines("trust-root", &[nmk]), NONE);
    assert_eq!(lines("trust-root", &[nmk, ("crates/sched/tests/commit.rs", ROOT)]), NONE);
    assert_eq!(lines("trust-root", &[]), [1]);
    assert_eq!(lines("trust-root", &[("crates/sched/src/a.rs", ROOT)]), [2]);
    assert_eq!(lines("trust-root", &[nmk, ("crates/sched/src/a.rs", ROOT)]), [2, 2]);
    let twice = format!("{ROOT}{ROOT}");
    assert_eq!(lines("trust-root", &[("crates/nmk/src/root.rs", &twice)]), [2, 4]);
}

#[test]
fn functions_that_were_copied() {
    let function = |name: &str, lines: usize| {
        let body: String = (0..lines).map(|line| format!("    step({line});\n")).collect();
        format!("fn {name}() {{\n{body}}}\n")
    };
    let pair = function("a", 8) + &function("b", 8);
    assert_eq!(lines("copied-function", &[("crates/a/src/b.rs", &pair)]), [1]);
    let short = function("a", 7) + &function("b", 7);
    assert_eq!(lines("copied-function", &[("crates/a/src/b.rs", &short)]), NONE);
    let (one, other) = (function("a", 9), function("b", 9));
    let apart = [("crates/a/tests/x.rs", &one[..]), ("crates/b/tests/x.rs", &other[..])];
    assert_eq!(lines("copied-function", &apart), NONE);
    let shipped = [("crates/a/src/x.rs", &one[..]), ("crates/b/src/x.rs", &other[..])];
    assert_eq!(lines("copied-function", &shipped), [1]);
}
