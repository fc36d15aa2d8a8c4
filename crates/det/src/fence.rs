//! The program that a reply states: the whole reply, or its fenced block.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// The deepest indentation of a line that begins or ends a block. A line that is indented further is text.
const MAX_INDENT: usize = 3;

/// The program that a reply states, as [`stated_program`] reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatedProgram {
    /// The reply has no fenced block, so the whole of it is the program.
    Whole,
    /// The reply has blocks in the language of the program, and all of them hold this text.
    Block(String),
    /// The reply has blocks that hold these different texts, so it states no program.
    Several(Vec<String>),
    /// The reply has blocks, and none is in the language of the program.
    Absent,
}

/// Returns the program that `reply` states in `language`, for example `python`.
///
/// A reply without a fenced block is a program as a whole. Otherwise the blocks that are marked as the language, and those
/// that are not marked, must all hold the same text, which is the program. Blocks are those of Markdown: they begin and end
/// with lines of three or more backticks or tildes.
///
/// ```
/// use det::{StatedProgram, stated_program};
///
/// let stated = stated_program("Here:\n```python\nx = 1\n```\n", "python");
/// assert_eq!(stated, StatedProgram::Block("x = 1".to_owned()));
/// ```
#[must_use]
pub fn stated_program(reply: &str, language: &str) -> StatedProgram {
    let mut lines = reply.split_inclusive('\n');
    let mut stated = StatedProgram::Whole;
    while let Some(line) = lines.next() {
        let Some(opening) = Fence::opening(line) else { continue };
        let mut text = String::new();
        for line in lines.by_ref().take_while(|line| !opening.is_ended_by(line)) {
            text.push_str(unindented(line, opening.indent));
        }
        // As in Markdown, a block that nothing ends goes to the end of the reply.
        if !opening.may_be(language) {
            stated = if stated == StatedProgram::Whole { StatedProgram::Absent } else { stated };
            continue;
        }
        // A block ends with the end of a line, which a program does not need.
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
        stated = match stated {
            StatedProgram::Block(first) if first != text => StatedProgram::Several(vec![first, text]),
            StatedProgram::Several(mut texts) => {
                if !texts.contains(&text) {
                    texts.push(text);
                }
                StatedProgram::Several(texts)
            }
            _ => StatedProgram::Block(text),
        };
    }
    stated
}

/// The line that begins a block.
struct Fence<'a> {
    indent: usize,
    mark: u8,
    length: usize,
    /// The first word behind the marks, which names a language.
    language: &'a str,
}

impl<'a> Fence<'a> {
    fn opening(line: &'a str) -> Option<Self> {
        let (indent, mark, length, rest) = marks(line)?;
        // A line such as ```x``` has a piece of code in it and begins no block.
        if mark == b'`' && rest.contains('`') {
            return None;
        }
        let language = rest.split_whitespace().next().unwrap_or("");
        Some(Self { indent, mark, length, language })
    }

    fn is_ended_by(&self, line: &str) -> bool {
        marks(line).is_some_and(|(_, mark, length, rest)| {
            mark == self.mark && length >= self.length && rest.trim().is_empty()
        })
    }

    /// Returns true if the block is marked as the language, or not marked.
    fn may_be(&self, language: &str) -> bool {
        let python = ["py", "python3"];
        let found = self.language.to_ascii_lowercase();
        found.is_empty() || found == language || (language == "python" && python.contains(&found.as_str()))
    }
}

/// Returns the indentation, the mark, the number of marks and the rest of a line that begins with marks.
fn marks(line: &str) -> Option<(usize, u8, usize, &str)> {
    let indent = line.bytes().take_while(|byte| *byte == b' ').count();
    let marked = &line[indent..];
    let mark = marked.bytes().next().filter(|mark| matches!(mark, b'`' | b'~'))?;
    let length = marked.bytes().take_while(|byte| *byte == mark).count();
    (indent <= MAX_INDENT && length >= 3).then(|| (indent, mark, length, &marked[length..]))
}

/// Returns a line without the spaces before it, of which it loses `indent` at most.
fn unindented(line: &str, indent: usize) -> &str {
    let spaces = line.bytes().take_while(|byte| *byte == b' ').count();
    &line[spaces.min(indent)..]
}

impl StatedProgram {
    /// Returns the program as a text, or None if the reply states none. `reply` is what it was read from.
    #[must_use]
    pub fn text(self, reply: &str) -> Option<String> {
        match self {
            Self::Whole => Some(reply.to_owned()),
            Self::Block(text) => Some(text),
            Self::Several(_) | Self::Absent => None,
        }
    }

    /// Returns the program that defines the Python function `entry`, if blocks hold different texts and one of them alone has a
    /// line that begins so: the others show how it is called, or what it prints.
    #[must_use]
    pub fn defining(self, entry: &str) -> Self {
        let Self::Several(texts) = self else { return self };
        let rest =
            |line: &str| line.strip_prefix("def ")?.trim_start().strip_prefix(entry).map(str::to_owned);
        let defines = |text: &&String| {
            text.lines().any(|line| rest(line).is_some_and(|rest| rest.trim_start().starts_with('(')))
        };
        let mut defining = texts.iter().filter(defines);
        match (defining.next(), defining.next()) {
            (Some(text), None) => Self::Block(text.clone()),
            _ => Self::Several(texts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{StatedProgram, stated_program};
    use StatedProgram::{Absent, Whole};
    use alloc::borrow::ToOwned;
    use alloc::format;

    #[test]
    fn a_program_is_the_whole_reply_or_its_one_block() {
        let block = |text: &str| StatedProgram::Block(text.to_owned());
        let several =
            |texts: &[&str]| StatedProgram::Several(texts.iter().map(|text| (*text).to_owned()).collect());
        let table = [
            ("def f():\n    return 1\n", Whole),
            ("a = ```b```\n", Whole),
            ("    ```\n    text in a docstring\n    ```\n", Whole),
            ("Sure:\n```python\nx = 1\n```\nDone.", block("x = 1")),
            ("```\nx = 1\n```", block("x = 1")),
            ("```PY title=a\nx = 1\n```", block("x = 1")),
            ("~~~python3\nx = '```'\n~~~", block("x = '```'")),
            ("````\n```\nx\n```\n````", block("```\nx\n```")),
            ("1. So:\n   ```python\n   if a:\n       b\n   ```", block("if a:\n    b")),
            // A block within the indentation of a program is a part of it.
            (
                "```python\ndef f():\n    '''\n    ```\n    '''\n```",
                block("def f():\n    '''\n    ```\n    '''"),
            ),
            ("```bash\npip\n```\n```python\nx = 1\n```\n```text\n1\n```", block("x = 1")),
            ("```python\nx = 1\n```\nagain\n```\nx = 1\n\n```", block("x = 1")),
            ("```python\r\nx = 1\r\n```\r\n", block("x = 1")),
            ("```python\nx = 1\n```\nor\n```python\nx = 2\n```", several(&["x = 1", "x = 2"])),
            ("```python\nx = 1\n```\nprints\n```\n1\n```", several(&["x = 1", "1"])),
            ("```\na\n```\n```\nb\n```\n```\na\n```\n```\nb\n```", several(&["a", "b"])),
            ("```bash\nls\n```", Absent),
            ("```python\nx = 1\n", block("x = 1")),
            ("```python\nx = 1\n```\n```python\nx = 2\n", several(&["x = 1", "x = 2"])),
            ("", Whole),
        ];
        for (reply, expected) in table {
            assert_eq!(stated_program(reply, "python"), expected, "{reply:?}");
        }
    }

    #[test]
    fn of_several_blocks_the_one_that_defines_the_function_is_the_program() {
        let stated = |reply: &str| stated_program(reply, "python").defining("f").text(reply);
        let code = "def f(x):\n    return x";
        let used = "print(f(1))";
        let two = |one: &str, other: &str| format!("```python\n{one}\n```\nso\n```python\n{other}\n```");
        for (one, other) in [(code, used), (used, code), (code, "1"), ("def fa(x): ...", "def f (x): ...")] {
            let expected = if one.starts_with("def f(") { one } else { other };
            assert_eq!(stated(&two(one, other)).as_deref(), Some(expected), "{one} {other}");
        }
        for (one, other) in [(code, "def f(x): return 2"), (used, "1"), ("  def f(x): ...", "x")] {
            assert_eq!(stated(&two(one, other)), None, "{one} {other}");
        }
    }
}
