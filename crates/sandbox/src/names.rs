//! Names of Python: which texts a function or a class can have as its name.

/// The words of Python that name nothing.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Returns true for a name as everyday Python has it: letters of ASCII, digits and underscores, no digit first, and no
/// word of the language.
///
/// ```
/// assert!(sandbox::is_python_name("to_roman2"));
/// assert!(!sandbox::is_python_name("2roman") && !sandbox::is_python_name("class") && !sandbox::is_python_name(""));
/// ```
#[must_use]
pub fn is_python_name(name: &str) -> bool {
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let goes_on = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    begins && goes_on && !KEYWORDS.contains(&name)
}
