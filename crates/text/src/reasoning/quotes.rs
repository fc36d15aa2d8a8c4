//! The parts of a reply in which a tag is quoted and not used.

use std::ops::Range;

/// The quoted regions of one reply, each of which lies within a line, and its fenced blocks.
pub(super) struct Quotes<'a> {
    text: &'a str,
    /// The strings in double quotation marks and the code spans, by their ends.
    regions: Vec<Range<usize>>,
    /// The fenced blocks that are closed.
    fenced: Vec<Range<usize>>,
}

impl<'a> Quotes<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut quotes = Self { text, regions: Vec::new(), fenced: Vec::new() };
        let (mut at, mut fence) = (0, None);
        for line in text.split_inclusive('\n') {
            if let Some(run) = fence_of(line) {
                fence = match fence {
                    None => Some((at, run)),
                    // A fence with the name of a language, or a shorter one, is a line of the block.
                    Some((start, first)) if run.starts_with(first) && line.trim() == run => {
                        quotes.fenced.push(start..at);
                        None
                    }
                    open => open,
                };
            } else {
                quotes.add_spans(line, at);
                quotes.add_strings(line, at);
            }
            at += line.len();
        }
        quotes.regions.sort_by_key(|region| region.start);
        quotes
    }

    /// Returns true if the tag at `range` is quoted. A fenced block counts only with `in_answer`, because
    /// thoughts contain drafts of blocks.
    pub(super) fn cover(&self, range: &Range<usize>, in_answer: bool) -> bool {
        self.is_enclosed(range)
            || is_within(&self.regions, range)
            || (in_answer && is_within(&self.fenced, range))
    }

    /// Returns the fenced block around a tag that is alone on its line. None if the tag is elsewhere.
    pub(super) fn block_of_line(&self, range: &Range<usize>) -> Option<&Range<usize>> {
        let (before, after) = (&self.text[..range.start], &self.text[range.end..]);
        // The search ends at the first character that is no space, because a reply may be one long line of tags.
        let is_blank = |char: Option<char>| char.is_none_or(|char| char == '\n');
        let is_told = |char: &char| *char == '\n' || !char.is_whitespace();
        let is_alone = is_blank(before.chars().rev().find(is_told)) && is_blank(after.chars().find(is_told));
        let block = self.fenced.partition_point(|block| block.end < range.end);
        self.fenced.get(block).filter(|block| is_alone && block.start <= range.start)
    }

    /// Returns true if quotation marks of any kind stand directly around the tag.
    fn is_enclosed(&self, range: &Range<usize>) -> bool {
        const PAIRS: [(char, char); 7] =
            [('`', '`'), ('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’'), ('«', '»'), ('„', '“')];
        let before = self.text[..range.start].chars().next_back();
        let after = self.text[range.end..].chars().next();
        before.zip(after).is_some_and(|pair| PAIRS.contains(&pair))
    }

    /// Adds the code spans of a line, which is at `offset` in the text.
    fn add_spans(&mut self, line: &str, offset: usize) {
        let mut open = None;
        for (at, _) in line.match_indices('`') {
            match open.take() {
                None => open = Some(at),
                Some(start) => self.regions.push(offset + start..offset + at + 1),
            }
        }
    }

    /// Adds the strings of a line. A quotation mark opens one at the start of a word or after a mark of JSON, so that
    /// a mark for inches opens none.
    fn add_strings(&mut self, line: &str, offset: usize) {
        let (mut open, mut before, mut is_escaped) = (None, ' ', false);
        for (at, char) in line.char_indices() {
            let escapes = char == '\\' && open.is_some() && !is_escaped;
            if char == '"' && !is_escaped {
                match open.take() {
                    Some(start) => self.regions.push(offset + start..offset + at + 1),
                    None if before.is_whitespace() || "([{:,=<>".contains(before) => open = Some(at),
                    None => {}
                }
            }
            (before, is_escaped) = (char, escapes);
        }
    }
}

/// Returns the fence at the start of a line: a run of at least three backticks or tildes.
fn fence_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let run = &line[..line.find(|char| char != mark).unwrap_or(line.len())];
    (run.len() >= 3).then_some(run)
}

fn is_within(regions: &[Range<usize>], range: &Range<usize>) -> bool {
    // Regions of one kind do not overlap, and those of two kinds do so only within a line.
    let after = regions.partition_point(|region| region.start <= range.start);
    regions[after.saturating_sub(4)..after].iter().any(|region| region.end >= range.end)
}
