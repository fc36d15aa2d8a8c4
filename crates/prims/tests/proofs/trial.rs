//! A trial of a function against the results that an oracle states.

use prims::{CallError, Value};

pub(crate) type Result = std::result::Result<Value, CallError>;

/// The proof of one primitive.
pub(crate) struct Proof {
    pub(crate) name: &'static str,
    /// States each case with its result.
    pub(crate) run: fn(&mut Trial<'_>),
    /// A wrong variant: its result for operands for which the right result is given.
    pub(crate) wrong: fn(&[Value], Result) -> Result,
}

pub(crate) struct Trial<'a> {
    function: &'a dyn Fn(&[Value]) -> Result,
    random: u64,
    pub(crate) cases: u64,
    /// The first case that the function fails.
    pub(crate) refuted: Option<String>,
    pub(crate) has_drawn: bool,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(seed: u64, function: &'a dyn Fn(&[Value]) -> Result) -> Self {
        Self { function, random: seed, cases: 0, refuted: None, has_drawn: false }
    }

    /// Compares one result with the expected one. None stands for operands without a result.
    pub(crate) fn check(&mut self, operands: &[Value], expected: Option<Value>) {
        self.judge(operands, |found| match (found, &expected) {
            (Ok(found), Some(expected)) => same(found, expected),
            (Err(_), None) => true,
            _ => false,
        });
    }

    /// Judges one result by `is_right`, for results of which several are right.
    pub(crate) fn judge(&mut self, operands: &[Value], is_right: impl FnOnce(&Result) -> bool) {
        self.cases += 1;
        if self.refuted.is_none() {
            let found = (self.function)(operands);
            if !is_right(&found) {
                self.refuted = Some(format!("{operands:?} gave {found:?}"));
            }
        }
    }

    pub(crate) fn int(&mut self, operands: &[i64], expected: Option<i128>) {
        let operands: Vec<Value> = operands.iter().map(|operand| Value::Int(*operand)).collect();
        // A result beyond 64 bits is refused.
        let expected = expected.and_then(|expected| i64::try_from(expected).ok());
        self.check(&operands, expected.map(Value::Int));
    }

    /// Draws the next number: SplitMix64 (Steele, Lea and Flood, 2014).
    pub(crate) fn draw(&mut self) -> u64 {
        self.has_drawn = true;
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Draws a number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.draw() % end
    }

    /// Draws a number that is not negative, of any length up to 62 bits.
    pub(crate) fn natural(&mut self) -> i64 {
        let shift = 2 + self.below(60);
        i64::try_from(self.draw() >> shift).expect("62 bits")
    }

    pub(crate) fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        let end = u64::try_from(all.len()).expect("few");
        all[usize::try_from(self.below(end)).expect("few")]
    }
}

pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => false,
    }
}

pub(crate) fn as_int(value: &Value) -> i64 {
    match value {
        Value::Int(int) => *int,
        other => panic!("{other:?} is no integer"),
    }
}

pub(crate) fn as_text(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        other => panic!("{other:?} is no text"),
    }
}

pub(crate) fn list(items: &[i64]) -> Value {
    Value::List(items.iter().map(|item| Value::Int(*item)).collect())
}

/// Returns all rows of `least` to `most` items out of `all`.
pub(crate) fn rows<T: Copy>(all: &[T], least: usize, most: usize) -> Vec<Vec<T>> {
    let mut found = Vec::new();
    let mut current: Vec<Vec<T>> = vec![Vec::new()];
    for length in 0..=most {
        if length >= least {
            found.extend(current.iter().cloned());
        }
        let longer = |row: &Vec<T>| {
            let row = row.clone();
            all.iter().map(move |item| [row.clone(), vec![*item]].concat())
        };
        current = if length < most { current.iter().flat_map(longer).collect() } else { Vec::new() };
    }
    found
}

/// Returns all texts of `least` to `most` characters out of `all`.
pub(crate) fn words(all: &[char], least: usize, most: usize) -> Vec<String> {
    rows(all, least, most).into_iter().map(|row| row.into_iter().collect()).collect()
}

/// Returns the result one too large.
pub(crate) fn one_more(right: Result) -> Result {
    right.map(|value| Value::Int(as_int(&value).wrapping_add(1)))
}
