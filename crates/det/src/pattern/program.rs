//! The instructions of a pattern.

use alloc::vec::Vec;

use super::parse::Part;
use super::{Instruction, MAX_INSTRUCTIONS, PatternError};

const TOO_LARGE: PatternError = PatternError {
    column: 1,
    what: "the pattern has more than 8192 parts, with each repetition written out",
};

pub(super) fn program(root: &Part) -> Result<Vec<Instruction>, PatternError> {
    let mut writer = Writer { program: Vec::new() };
    writer.part(root)?;
    writer.push(Instruction::Match)?;
    Ok(writer.program)
}

struct Writer {
    program: Vec<Instruction>,
}

impl Writer {
    /// Writes a part. Recursion is bounded by the groups that nest, and the work by the instructions: a part that
    /// is repeated has one at least, or is left out.
    fn part(&mut self, part: &Part) -> Result<(), PatternError> {
        match part {
            Part::Char(c) => self.push(Instruction::Char(*c)),
            Part::Class(number) => self.push(Instruction::Class(*number)),
            Part::At(border) => self.push(Instruction::At(*border)),
            Part::Sequence(parts) => parts.iter().try_for_each(|part| self.part(part)),
            Part::Choice(choices) => self.choice(choices),
            Part::Repeat { part, least, most } => self.repeat(part, *least, *most),
        }
    }

    fn choice(&mut self, choices: &[Part]) -> Result<(), PatternError> {
        let mut ends = Vec::new();
        for (number, choice) in choices.iter().enumerate() {
            let split = self.program.len();
            let is_last = number + 1 == choices.len();
            if !is_last {
                self.push(Instruction::Split(split + 1, 0))?;
            }
            self.part(choice)?;
            if !is_last {
                ends.push(self.program.len());
                self.push(Instruction::Jump(0))?;
                self.program[split] = Instruction::Split(split + 1, self.program.len());
            }
        }
        for end in ends {
            self.program[end] = Instruction::Jump(self.program.len());
        }
        Ok(())
    }

    fn repeat(&mut self, part: &Part, least: u32, most: Option<u32>) -> Result<(), PatternError> {
        if is_empty(part) {
            return Ok(());
        }
        for _ in 0..least {
            self.part(part)?;
        }
        let Some(most) = most else {
            let split = self.program.len();
            self.push(Instruction::Split(split + 1, 0))?;
            self.part(part)?;
            self.push(Instruction::Jump(split))?;
            self.program[split] = Instruction::Split(split + 1, self.program.len());
            return Ok(());
        };
        let mut splits = Vec::new();
        for _ in least..most {
            splits.push(self.program.len());
            self.push(Instruction::Split(0, 0))?;
            self.part(part)?;
        }
        for split in splits {
            self.program[split] = Instruction::Split(split + 1, self.program.len());
        }
        Ok(())
    }

    fn push(&mut self, instruction: Instruction) -> Result<(), PatternError> {
        if self.program.len() == MAX_INSTRUCTIONS {
            return Err(TOO_LARGE);
        }
        self.program.push(instruction);
        Ok(())
    }
}

/// Returns true for a part that takes no character and demands nothing, such as `()`.
fn is_empty(part: &Part) -> bool {
    match part {
        Part::Char(_) | Part::Class(_) | Part::At(_) => false,
        Part::Sequence(parts) => parts.iter().all(is_empty),
        Part::Choice(choices) => choices.iter().all(is_empty),
        Part::Repeat { part, most, .. } => *most == Some(0) || is_empty(part),
    }
}
