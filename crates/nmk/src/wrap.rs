//! The width of text at a terminal: lines that are broken or cut to its columns.

/// The blanks before the parts of a line that was broken, more than before its first part.
const HANGING: usize = 2;
/// The least width to which lines are broken. A narrower terminal breaks them itself.
const LEAST_WIDTH: usize = 20;

/// Returns the columns that a character takes at a terminal.
fn columns(c: char) -> usize {
    if c < '\u{1100}' { 1 } else { 2 }
}

fn width_of(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// Returns `text` with each line that is wider than `width` broken at blanks. The parts after the first one are indented by
/// two blanks more than the line. A word that is wider than a line stays whole, because it may be copied.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    if width < LEAST_WIDTH {
        return text.to_owned();
    }
    text.split('\n').map(|line| wrapped_line(line, width)).collect::<Vec<_>>().join("\n")
}

fn wrapped_line(line: &str, width: usize) -> String {
    if width_of(line) <= width {
        return line.to_owned();
    }
    let words = line.trim_start_matches(' ');
    let indent = line.len() - words.len();
    let (mut broken, mut used) = (" ".repeat(indent), indent);
    for (at, word) in words.split(' ').enumerate() {
        let wide = width_of(word);
        if at > 0 && used + 1 + wide > width {
            broken.truncate(broken.trim_end_matches(' ').len());
            broken.push('\n');
            broken.extend(std::iter::repeat_n(' ', indent + HANGING));
            used = indent + HANGING;
        } else if at > 0 {
            broken.push(' ');
            used += 1;
        }
        broken.push_str(word);
        used += wide;
    }
    broken
}

/// Cuts `line` to `width` columns of a terminal. A cut line ends in an ellipsis.
pub(crate) fn cut(line: &str, width: usize) -> String {
    if width_of(line) <= width {
        return line.to_owned();
    }
    let mut used = 1;
    let fits = line.chars().take_while(|c| {
        used += columns(*c);
        used <= width
    });
    fits.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::{cut, wrapped};

    #[test]
    fn lines_are_cut_to_the_columns_of_a_terminal() {
        assert_eq!(cut("seven letters", 13), "seven letters");
        assert_eq!(cut("seven letters", 12), "seven lette…");
        assert_eq!(cut("字字字", 6), "字字字");
        assert_eq!(cut("字字字", 5), "字字…");
        assert_eq!(cut("a字字", 4), "a字…");
        assert_eq!(cut("ab", 1), "…");
    }

    #[test]
    fn lines_are_broken_at_blanks_and_their_parts_hang() {
        let broken = |text: &str| wrapped(text, 20);
        assert_eq!(broken("twenty columns, fits"), "twenty columns, fits");
        assert_eq!(broken("more than twenty columns here"), "more than twenty\n  columns here");
        assert_eq!(broken("  more than twenty columns"), "  more than twenty\n    columns");
        assert_eq!(broken("short\na line of more than twenty"), "short\na line of more than\n  twenty");
        assert_eq!(broken("字字字字 字字字字 字字"), "字字字字 字字字字\n  字字");
        let path = "/a/path/that/nobody/wants/broken";
        assert_eq!(broken(&format!("see {path} there")), format!("see\n  {path}\n  there"));
        assert_eq!(wrapped("a narrow terminal breaks itself", 8), "a narrow terminal breaks itself");
    }

    #[test]
    fn no_word_is_lost_and_no_line_is_wider_unless_a_word_is() {
        let text = "one  two three, four; five: six (seven) eight nine ten eleven twelve thirteen fourteen";
        for width in 20..100 {
            let broken = wrapped(text, width);
            assert!(broken.lines().all(|line| line.chars().count() <= width), "{width}: {broken}");
            assert!(broken.split_whitespace().eq(text.split_whitespace()), "{width}: {broken}");
        }
    }
}
