//! The fenced code blocks of a Markdown file.

/// A fenced code block of a Markdown file.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Block {
    /// The first word after the opening fence; empty if there is none.
    pub(crate) language: String,
    /// The number of the line of the opening fence, from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

pub(crate) fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (index, line) in markdown.lines().enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            if !open {
                let language = info.split([',', ' ']).next().unwrap_or("").to_owned();
                blocks.push(Block { language, line: index + 1, text: String::new() });
            }
            open = !open;
        } else if let Some(block) = blocks.last_mut().filter(|_| open) {
            block.text.push_str(line);
            block.text.push('\n');
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn blocks_of_a_file() {
        let found = blocks("# A\n```rust,ignore\nfn main() {}\n```\ntext\n```\nplain\n```\n");
        let found: Vec<_> = found.iter().map(|b| (b.language.as_str(), b.line, b.text.as_str())).collect();
        assert_eq!(found, [("rust", 2, "fn main() {}\n"), ("", 6, "plain\n")]);
    }
}
