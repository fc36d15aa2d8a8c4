//! The lists of what the built-in interpreter has of the standard library. A test holds them against the interpreter.

/// The builtins of Python that the interpreter lacks.
pub(super) const BUILTINS: &[&str] = &[
    "BaseExceptionGroup",
    "BlockingIOError",
    "BrokenPipeError",
    "BufferError",
    "BytesWarning",
    "ChildProcessError",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "DeprecationWarning",
    "EOFError",
    "EncodingWarning",
    "EnvironmentError",
    "ExceptionGroup",
    "FloatingPointError",
    "FutureWarning",
    "GeneratorExit",
    "IOError",
    "ImportWarning",
    "IndentationError",
    "InterruptedError",
    "PendingDeprecationWarning",
    "ProcessLookupError",
    "ReferenceError",
    "ResourceWarning",
    "RuntimeWarning",
    "StopAsyncIteration",
    "SyntaxWarning",
    "SystemError",
    "TabError",
    "UnicodeError",
    "UnicodeTranslateError",
    "UnicodeWarning",
    "UserWarning",
    "Warning",
    "aiter",
    "anext",
    "ascii",
    "breakpoint",
    "bytearray",
    "callable",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "dir",
    "eval",
    "exec",
    "format",
    "globals",
    "input",
    "issubclass",
    "locals",
    "memoryview",
    "staticmethod",
    "super",
    "vars",
];

/// The modules that the interpreter has, each with those of its attributes that it has.
const MODULES: &[(&str, &[&str])] = &[
    ("asyncio", &["gather", "run"]),
    (
        "base64",
        &[
            "MAXBINSIZE",
            "MAXLINESIZE",
            "a85decode",
            "a85encode",
            "b16decode",
            "b16encode",
            "b32decode",
            "b32encode",
            "b32hexdecode",
            "b32hexencode",
            "b64decode",
            "b64encode",
            "b85decode",
            "b85encode",
            "decodebytes",
            "encodebytes",
            "standard_b64decode",
            "standard_b64encode",
            "urlsafe_b64decode",
            "urlsafe_b64encode",
        ],
    ),
    (
        "binascii",
        &["Error", "a2b_base64", "a2b_hex", "b2a_base64", "b2a_hex", "crc32", "hexlify", "unhexlify"],
    ),
    ("collections", &["Counter", "defaultdict", "deque", "namedtuple"]),
    ("dataclasses", &["FrozenInstanceError", "dataclass", "is_dataclass"]),
    ("datetime", &["date", "datetime", "time", "timedelta", "timezone"]),
    ("functools", &["partial", "reduce"]),
    (
        "itertools",
        &[
            "accumulate",
            "chain",
            "compress",
            "count",
            "cycle",
            "dropwhile",
            "filterfalse",
            "islice",
            "pairwise",
            "repeat",
            "starmap",
            "takewhile",
            "zip_longest",
        ],
    ),
    ("json", &["JSONDecodeError", "dumps", "loads"]),
    (
        "math",
        &[
            "acos",
            "acosh",
            "asin",
            "asinh",
            "atan",
            "atan2",
            "atanh",
            "cbrt",
            "ceil",
            "comb",
            "copysign",
            "cos",
            "cosh",
            "degrees",
            "e",
            "erf",
            "erfc",
            "exp",
            "exp2",
            "expm1",
            "fabs",
            "factorial",
            "floor",
            "fmod",
            "frexp",
            "gamma",
            "gcd",
            "inf",
            "isclose",
            "isfinite",
            "isinf",
            "isnan",
            "isqrt",
            "lcm",
            "ldexp",
            "lgamma",
            "log",
            "log10",
            "log1p",
            "log2",
            "modf",
            "nan",
            "nextafter",
            "perm",
            "pi",
            "pow",
            "radians",
            "remainder",
            "sin",
            "sinh",
            "sqrt",
            "tan",
            "tanh",
            "tau",
            "trunc",
            "ulp",
        ],
    ),
    (
        "os",
        &[
            "altsep", "curdir", "devnull", "extsep", "fspath", "getenv", "linesep", "listdir", "makedirs",
            "mkdir", "name", "pardir", "remove", "rename", "replace", "rmdir", "sep", "stat", "unlink",
        ],
    ),
    ("pathlib", &["Path"]),
    (
        "re",
        &[
            "A",
            "ASCII",
            "DOTALL",
            "I",
            "IGNORECASE",
            "M",
            "MULTILINE",
            "Match",
            "NOFLAG",
            "Pattern",
            "S",
            "compile",
            "error",
            "escape",
            "findall",
            "finditer",
            "fullmatch",
            "match",
            "search",
            "split",
            "sub",
        ],
    ),
    ("sys", &["platform", "stderr", "stdout", "version", "version_info"]),
    (
        "typing",
        &[
            "Annotated",
            "Any",
            "Callable",
            "ClassVar",
            "Dict",
            "Final",
            "FrozenSet",
            "Generator",
            "Generic",
            "Iterable",
            "Iterator",
            "List",
            "Literal",
            "Mapping",
            "Never",
            "NoReturn",
            "Optional",
            "Protocol",
            "Self",
            "Sequence",
            "Set",
            "TYPE_CHECKING",
            "Tuple",
            "Type",
            "TypeVar",
            "Union",
        ],
    ),
    (
        "unicodedata",
        &["category", "combining", "is_normalized", "lookup", "name", "normalize", "unidata_version"],
    ),
];

/// Returns true if the interpreter lacks this module.
pub(super) fn module(name: &str) -> bool {
    attributes(name).is_none()
}

/// Returns true if the interpreter has this module and lacks this attribute of it.
pub(super) fn attribute(module: &str, attribute: &str) -> bool {
    attributes(module).is_some_and(|has| !has.contains(&attribute))
}

fn attributes(module: &str) -> Option<&'static [&'static str]> {
    MODULES.iter().find(|(name, _)| *name == module).map(|(_, has)| *has)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use monty::MontyRepl;
    use monty_types::{CompileOptions, PrintWriter, ResourceTracker};

    use super::{BUILTINS, attribute, module};

    fn runs(source: &str) -> bool {
        let mut session = MontyRepl::new("probe", ResourceTracker::default(), CompileOptions::default());
        session.feed_run(source, Vec::new(), PrintWriter::Disabled).is_ok()
    }

    /// Returns the lines that the machine's own Python prints.
    fn asked(source: &str) -> Vec<String> {
        let output = Command::new("python3").args(["-I", "-S", "-c", source]).output().expect("python3");
        String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
    }

    /// The lists hold each name of the machine's Python that the interpreter has, and none that it lacks.
    /// The version that records state is the one that is linked.
    #[test]
    fn the_stated_version_is_that_of_the_lock_file() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
        let lock = std::fs::read_to_string(path).expect("the lock file of the workspace");
        let mut lines = lock.lines().skip_while(|line| *line != "name = \"monty\"");
        let version = lines.nth(1).and_then(|line| line.strip_prefix("version = "));
        assert_eq!(version, Some(format!("{:?}", crate::interpreter::MONTY_VERSION).as_str()));
    }

    #[test]
    fn the_lists_are_what_the_interpreter_has() {
        let public =
            |of: &str| format!("import {of} as m\nprint('\\n'.join(n for n in dir(m) if n[0] != '_'))");
        let mut wrong = Vec::new();
        let builtins = asked(&public("builtins"));
        assert!(builtins.len() > 100, "{builtins:?}");
        for name in builtins {
            if runs(&name) == BUILTINS.contains(&name.as_str()) {
                wrong.push(name);
            }
        }
        let modules =
            asked("import sys\nprint('\\n'.join(n for n in sys.stdlib_module_names if n[0] != '_'))");
        assert!(modules.len() > 100, "{modules:?}");
        for name in modules {
            if runs(&format!("import {name}")) == module(&name) {
                wrong.push(name);
                continue;
            }
            if module(&name) {
                continue;
            }
            for of in asked(&public(&name)) {
                if runs(&format!("import {name}\n{name}.{of}")) == attribute(&name, &of) {
                    wrong.push(format!("{name}.{of}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
        // The negative control: what no module has, the interpreter does not run.
        assert!(!runs("import math\nmath.nothing") && attribute("math", "nothing") && module("nothing"));
    }
}
