//! Equations, computed again: `1 + 2 = 3`, `97 / 7 = 13 remainder 6`, `gcd(12, 18) = 6`.

use alloc::vec::Vec;

use super::fraction::{Fraction, gcd};
use super::parts::Part;

/// The most parts of an equation. The reader tries each place of a line, so longer ones would take quadratic time.
const MAX_PARTS: usize = 96;
/// The most brackets inside each other.
const MAX_DEPTH: usize = 6;

/// An equation, or an expression without a sign of equality.
#[derive(Debug)]
pub(super) struct Equation {
    /// The number of its parts.
    pub(super) length: usize,
    /// True if all its sides are equal.
    pub(super) is_true: bool,
    /// The number of its signs of equality.
    pub(super) signs: usize,
    /// True if it begins with a sign of equality.
    pub(super) is_open: bool,
    /// True if it adds, and true if it multiplies, divides or takes a remainder.
    pub(super) adds: bool,
    pub(super) multiplies: bool,
    /// The whole numbers of all sides but the last.
    pub(super) numbers: Vec<i128>,
    /// The whole numbers of the last side.
    pub(super) last_numbers: Vec<i128>,
    /// The value of the last side, and true if that is a number alone.
    pub(super) last: Fraction,
    pub(super) is_lone: bool,
}

/// A side of an equation.
#[derive(Clone, Copy)]
struct Side {
    value: Fraction,
    /// The digits behind the point, if the side is a number alone.
    places: Option<u32>,
    /// True for a square root, whose number is the value.
    is_root: bool,
    /// The numbers of a division that is the whole side.
    division: Option<(Fraction, Fraction)>,
    /// The remainder behind a quotient; `value` is the quotient.
    rest: Option<(bool, Fraction)>,
}

/// Returns the equation or expression at the start of `parts`. None if there is none, or only a number alone.
pub(super) fn equation(parts: &[Part]) -> Option<Equation> {
    let parts = &parts[..parts.len().min(MAX_PARTS)];
    let is_open = *parts.first()? == Part::Mark('=');
    if !is_open
        && !matches!(
            parts.first()?,
            Part::Number(..) | Part::Mark('(' | '\u{221a}' | '\u{2212}') | Part::Word(_)
        )
    {
        return None;
    }
    let mut reader = Reader { parts, at: usize::from(is_open) };
    let first = reader.side()?;
    let (mut sides, mut ends) = (alloc::vec![first], alloc::vec![reader.at]);
    loop {
        let before = reader.at;
        if !reader.relation(sides.len() == 1 && sides[0].places.is_some()) {
            break;
        }
        let Some(side) = reader.side() else {
            reader.at = before;
            break;
        };
        sides.push(side);
        ends.push(reader.at);
    }
    let length = reader.at;
    let last = sides[sides.len() - 1];
    let is_expression = sides.len() == 1 && (sides[0].places.is_some() || sides[0].rest.is_some());
    if is_expression && !is_open {
        return None;
    }
    let start_of_last = if sides.len() > 1 { ends[ends.len() - 2] } else { length };
    let has = |signs: &[char]| {
        parts[..length].iter().any(|part| matches!(part, Part::Mark(mark) if signs.contains(mark)))
    };
    Some(Equation {
        length,
        is_true: sides.windows(2).all(|pair| agree(&pair[0], &pair[1])),
        signs: sides.len() - 1 + usize::from(is_open),
        is_open,
        adds: has(&['+']),
        multiplies: has(&['*', '/', '%', '^']),
        numbers: parts[..start_of_last].iter().filter_map(Part::whole).collect(),
        last_numbers: parts[start_of_last..length].iter().filter_map(Part::whole).collect(),
        last: last.value,
        is_lone: last.places.is_some(),
    })
}

/// Returns true if two sides are equal, where a decimal stands for a number near it.
fn agree(left: &Side, right: &Side) -> bool {
    if let Some((has_quotient, rest)) = right.rest {
        let Some((over, under)) = left.division else { return false };
        let quotient = if has_quotient { Some(right.value) } else { whole_quotient(over, under) };
        let back = quotient.and_then(|quotient| quotient.computed('*', under)?.computed('+', rest));
        return back == Some(over) && over.computed('%', under) == Some(rest);
    }
    match (left.is_root, right.is_root, right.places) {
        (true, false, Some(places)) => left.value.has_root(right.value, places),
        (false, true, _) => right.value.has_root(left.value, left.places.unwrap_or(0)),
        (true, ..) => left.is_root == right.is_root && left.value == right.value,
        (false, false, Some(places)) if places > 0 => {
            left.value == right.value || left.value.rounds_to(right.value, places)
        }
        (false, false, _) => left.value == right.value,
    }
}

fn whole_quotient(over: Fraction, under: Fraction) -> Option<Fraction> {
    let rest = over.computed('%', under)?;
    over.computed('-', rest)?.computed('/', under)
}

struct Reader<'p> {
    parts: &'p [Part],
    at: usize,
}

impl Reader<'_> {
    fn mark(&self) -> char {
        match self.parts.get(self.at) {
            Some(Part::Mark(mark)) => *mark,
            _ => ' ',
        }
    }

    fn word(&self, at: usize) -> &str {
        self.parts.get(at).map_or("", Part::word)
    }

    /// Passes a sign of equality, or a word that is one between an expression and a number. A number alone "is" much.
    fn relation(&mut self, is_alone: bool) -> bool {
        if matches!(self.mark(), '=' | '\u{2248}') {
            self.at += 1;
            return true;
        }
        if self.mark() == 'R' || matches!(self.word(self.at), "remainder" | "leaves") {
            return !is_alone;
        }
        let is_verb = matches!(self.word(self.at), "is" | "gives" | "makes" | "make" | "give" | "get");
        let next = self.parts.get(self.at + 1);
        let is_number = matches!(next, Some(Part::Number(..) | Part::Mark('R')));
        if is_verb && is_number && !is_alone {
            self.at += 1;
            return true;
        }
        false
    }

    fn side(&mut self) -> Option<Side> {
        let start = self.at;
        if self.mark() == '\u{221a}' {
            self.at += 1;
            let value = self.atom(0)?;
            return Some(Side { value, places: None, is_root: true, division: None, rest: None });
        }
        if let Some(rest) = self.rest() {
            let value = rest.1;
            return Some(Side {
                value,
                places: None,
                is_root: false,
                division: None,
                rest: Some((false, rest.1)),
            });
        }
        let value = self.sum(0)?;
        let places = match &self.parts[start..self.at] {
            [Part::Number(_, places)] | [Part::Mark('-' | '\u{2212}'), Part::Number(_, places)] => {
                Some(*places)
            }
            [Part::Held(_)] => Some(0),
            _ => None,
        };
        let division = match &self.parts[start..self.at] {
            [Part::Number(over, _), Part::Mark('/'), Part::Number(under, _)] => Some((*over, *under)),
            _ => None,
        };
        let rest = if places.is_some() { self.rest() } else { None };
        let rest = rest.map(|(_, rest)| (true, rest));
        Some(Side { value, places: places.filter(|_| rest.is_none()), is_root: false, division, rest })
    }

    /// Passes a remainder: `remainder 6`, `with a remainder of 6`.
    fn rest(&mut self) -> Option<(bool, Fraction)> {
        let mut at = self.at;
        while matches!(self.parts.get(at), Some(Part::Mark(',' | '(')))
            || matches!(self.word(at), "with" | "and")
        {
            at += 1;
        }
        let is_sign = matches!(self.parts.get(at), Some(Part::Mark('R') | Part::Letter('r')));
        if !is_sign && !matches!(self.word(at), "remainder" | "leaves") {
            return None;
        }
        at += usize::from(self.word(at) == "leaves" && self.parts.get(at + 1) == Some(&Part::Mark('R')));
        let Some(Part::Number(number, 0)) = self.parts.get(at + 1) else { return None };
        self.at = at + 2;
        Some((true, *number))
    }

    fn sum(&mut self, depth: usize) -> Option<Fraction> {
        let mut value = self.product(depth)?;
        while matches!(self.mark(), '+' | '-' | '\u{2212}') {
            let (sign, before) = (if self.mark() == '+' { '+' } else { '-' }, self.at);
            self.at += 1;
            // "3 - the" is a dash.
            match self.product(depth) {
                Some(next) => value = value.computed(sign, next)?,
                None => {
                    self.at = before;
                    return if sign == '-' { Some(value) } else { None };
                }
            }
        }
        Some(value)
    }

    fn product(&mut self, depth: usize) -> Option<Fraction> {
        let mut value = self.power(depth)?;
        loop {
            let sign = match self.mark() {
                sign @ ('*' | '/' | '%') => sign,
                _ if matches!(self.parts.get(self.at), Some(Part::Letter('x')))
                    || matches!(self.word(self.at), "times") =>
                {
                    '*'
                }
                _ => return Some(value),
            };
            if sign == '*' && !matches!(self.parts.get(self.at + 1), Some(Part::Number(..) | Part::Mark('(')))
            {
                return Some(value);
            }
            self.at += 1;
            value = value.computed(sign, self.power(depth)?)?;
        }
    }

    fn power(&mut self, depth: usize) -> Option<Fraction> {
        let value = self.atom(depth)?;
        if self.mark() != '^' {
            return Some(value);
        }
        self.at += 1;
        let exponent = self.atom(depth)?;
        value.computed('^', exponent)
    }

    fn atom(&mut self, depth: usize) -> Option<Fraction> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.parts.get(self.at)? {
            Part::Number(number, _) => {
                self.at += 1;
                Some(*number)
            }
            Part::Held(number) => {
                self.at += 1;
                Fraction::new(*number, 1)
            }
            Part::Mark('-' | '\u{2212}') => {
                self.at += 1;
                Fraction::new(0, 1)?.computed('-', self.atom(depth + 1)?)
            }
            Part::Mark('(') => {
                self.at += 1;
                let value = self.sum(depth + 1)?;
                self.pass(')')?;
                Some(value)
            }
            Part::Word(word) if word == "gcd" => {
                self.at += 1;
                self.pass('(')?;
                let left = self.sum(depth + 1)?;
                self.pass(',')?;
                let right = self.sum(depth + 1)?;
                self.pass(')')?;
                Fraction::new(gcd(left.whole()?, right.whole()?)?, 1)
            }
            _ => None,
        }
    }

    fn pass(&mut self, mark: char) -> Option<()> {
        (self.mark() == mark).then(|| self.at += 1)
    }
}
