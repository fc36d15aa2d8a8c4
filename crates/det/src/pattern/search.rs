//! The search of a text for a match of a pattern.

use alloc::vec;
use alloc::vec::Vec;

use super::class::is_word;
use super::{Border, Instruction, Pattern};
use crate::fuel::{Fuel, Spent};

/// The steps for one instruction at one place of the text.
const INSTRUCTION_STEPS: u64 = 2;

/// The instructions at which the search stands, each of them once.
struct Threads {
    standing: Vec<usize>,
    /// The round in which each instruction was reached last.
    reached: Vec<usize>,
    round: usize,
    /// Instructions that were reached and not yet looked at.
    open: Vec<usize>,
}

/// A place between two characters of the text.
#[derive(Clone, Copy)]
struct Place {
    before: Option<char>,
    after: Option<char>,
}

impl Pattern {
    /// Returns true if a part of the text matches.
    pub(crate) fn is_match(&self, text: &str, fuel: &mut Fuel) -> Result<bool, Spent> {
        let mut now = Threads::new(self.program.len());
        let mut next = Threads::new(self.program.len());
        let mut place = Place { before: None, after: None };
        let mut chars = text.chars();
        // A table for each instruction was made.
        fuel.spend_for(self.program.len() / 8 + 4, 1)?;
        loop {
            place.after = chars.next();
            // A match may begin at every place.
            if self.follow(0, place, &mut now, fuel)? {
                return Ok(true);
            }
            let Some(c) = place.after else { return Ok(false) };
            let following = chars.clone().next();
            let after = Place { before: Some(c), after: following };
            for at in &now.standing {
                let takes = match self.program[*at] {
                    Instruction::Char(own) => own == c,
                    Instruction::Class(number) => self.classes[number].contains(c),
                    _ => false,
                };
                if takes && self.follow(*at + 1, after, &mut next, fuel)? {
                    return Ok(true);
                }
            }
            now.standing.clear();
            now.round += 1;
            place.before = Some(c);
            core::mem::swap(&mut now, &mut next);
        }
    }

    /// Adds the instructions that are reached from `start` without taking a character. Returns true if the end
    /// of the pattern is one of them.
    fn follow(
        &self,
        start: usize,
        place: Place,
        threads: &mut Threads,
        fuel: &mut Fuel,
    ) -> Result<bool, Spent> {
        threads.open.push(start);
        while let Some(at) = threads.open.pop() {
            fuel.spend(INSTRUCTION_STEPS)?;
            if core::mem::replace(&mut threads.reached[at], threads.round) == threads.round {
                continue;
            }
            match self.program[at] {
                Instruction::Match => return Ok(true),
                Instruction::Jump(target) => threads.open.push(target),
                Instruction::Split(one, other) => threads.open.extend([other, one]),
                Instruction::At(border) if place.is_at(border) => threads.open.push(at + 1),
                Instruction::At(_) => {}
                Instruction::Char(_) | Instruction::Class(_) => threads.standing.push(at),
            }
        }
        Ok(false)
    }
}

impl Threads {
    fn new(instructions: usize) -> Self {
        Self { standing: Vec::new(), reached: vec![0; instructions], round: 1, open: Vec::new() }
    }
}

impl Place {
    fn is_at(self, border: Border) -> bool {
        let is_word_border = self.before.is_some_and(is_word) != self.after.is_some_and(is_word);
        match border {
            Border::Start => self.before.is_none(),
            Border::End => self.after.is_none(),
            Border::Word => is_word_border,
            Border::NotWord => !is_word_border,
        }
    }
}
