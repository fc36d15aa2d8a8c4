//! Instances from types: independent draws, boundaries, and simpler values in place of a counterexample.

use abi::Value;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::Type;
use crate::types::{Length, float, nth_of, sorted};

/// The least size of integers that are not counted as small.
const SMALL: u64 = 10;
/// The most boundary instances that are made of a list of arguments.
const MOST_BOUNDARIES: usize = 200;

/// The most bytes of the simpler values that are made at a time, by the canonical encoding.
const MOST_SIMPLER_BYTES: usize = 16 << 20;
/// The least and the most simpler values that are made of a value at a time.
const LEAST_SIMPLER: usize = 16;
const MOST_SIMPLER: usize = 4096;

/// A stream of random numbers: the draw with a number, under a seed.
pub(crate) struct Draws(ChaCha8Rng);

impl Draws {
    /// Returns the stream of the draw `number` under `seed`. No two numbers share a part of a stream.
    pub(crate) fn new(seed: [u8; 32], number: u64) -> Self {
        let mut stream = ChaCha8Rng::from_seed(seed);
        stream.set_stream(number);
        Self(stream)
    }

    /// Returns a number below `bound`, each with the same probability. `bound` is at least 1.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // Numbers of the last, incomplete block would make the small results more likely.
        let usable = u64::MAX - u64::MAX % bound;
        loop {
            let drawn = self.0.next_u64();
            if drawn < usable {
                return drawn % bound;
            }
        }
    }

    /// Returns a number in [0, 1), a multiple of 2^-53.
    #[allow(clippy::cast_precision_loss, reason = "53 bits are exact")]
    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    fn length(&mut self, length: Length) -> u32 {
        let span = u64::from(length.max - length.min) + 1;
        // Short ones as often as all the others together, so that the corners are met.
        let drawn = if self.below(2) == 0 { self.below(span.min(4)) } else { self.below(span) };
        length.min + u32::try_from(drawn).unwrap_or(0)
    }

    /// Draws a value of the type.
    pub(crate) fn value(&mut self, of: &Type) -> Value {
        match of {
            Type::Any | Type::Null => Value::Null,
            Type::Bool => Value::Bool(self.below(2) == 1),
            Type::Int { min, max } => Value::Int(self.int(*min, *max)),
            Type::Float { min, max } => self.float(*min, *max),
            Type::Text { alphabet, length } => {
                let length = self.length(*length);
                let mut text = String::new();
                let mut last = None;
                for _ in 0..length {
                    // Runs of one character are what many programs get wrong.
                    let again = last.filter(|_| self.below(4) == 0);
                    let c = again.unwrap_or_else(|| alphabet[self.index(alphabet.len())]);
                    last = Some(c);
                    text.push(c);
                }
                Value::Text(text)
            }
            Type::List { of, length } => {
                let length = self.length(*length);
                let mut items: Vec<Value> = Vec::new();
                for _ in 0..length {
                    // Equal items too.
                    if !items.is_empty() && self.below(5) == 0 {
                        items.push(items[self.index(items.len())].clone());
                    } else {
                        items.push(self.value(of));
                    }
                }
                Value::List(items)
            }
            Type::Dict { keys, values, length } => {
                let count = self.length(*length);
                let mut pairs = Vec::new();
                let mut different = std::collections::BTreeSet::new();
                // A key that is drawn twice makes the dict smaller; more draws fill it up to its least length.
                for _ in 0..u64::from(count) * 8 {
                    let key = self.value(keys);
                    different.insert(abi::encode(&key));
                    pairs.push((key, self.value(values)));
                    if different.len() >= count as usize {
                        break;
                    }
                }
                if keys.is_text() {
                    Value::map(
                        pairs.into_iter().filter_map(|(key, value)| Some((key.as_text()?.to_owned(), value))),
                    )
                } else {
                    sorted(pairs)
                }
            }
            Type::Tuple(of) => Value::List(of.iter().map(|of| self.value(of)).collect()),
            Type::Optional(of) => {
                if self.below(4) == 0 {
                    Value::Null
                } else {
                    self.value(of)
                }
            }
            Type::Union(of) => {
                let index = self.index(of.len());
                self.value(&of[index])
            }
        }
    }

    /// Draws a value of the type whose lengths and integers are at `eighths` of the greatest that is declared. Everything
    /// else is drawn as ever.
    pub(crate) fn sized(&mut self, of: &Type, eighths: u32) -> Value {
        let share = |length: Length| {
            length.min + (length.max - length.min) / 8 * eighths + (length.max - length.min) % 8 * eighths / 8
        };
        match of {
            Type::Int { min, max } => {
                // The side on which the range is larger. Of its share the upper eighth, so that sizes do not mix.
                let end = if min.unsigned_abs() > max.unsigned_abs() { *min } else { *max };
                let far = end / 8 * i64::from(eighths) + end % 8 * i64::from(eighths) / 8;
                let near = far - far / 8;
                let (low, high) = (near.min(far).clamp(*min, *max), near.max(far).clamp(*min, *max));
                Value::Int(self.int(low, high))
            }
            Type::Text { alphabet, length } => {
                let count = share(*length);
                Value::Text((0..count).map(|_| alphabet[self.index(alphabet.len())]).collect())
            }
            Type::List { of, length } => {
                // The items have any size: those of the greatest would multiply.
                Value::List((0..share(*length)).map(|_| self.value(of)).collect())
            }
            Type::Tuple(of) => Value::List(of.iter().map(|of| self.sized(of, eighths)).collect()),
            Type::Optional(of) => self.sized(of, eighths),
            Type::Union(of) => {
                let index = self.index(of.len());
                self.sized(&of[index], eighths)
            }
            other => self.value(other),
        }
    }

    /// A quarter small, a quarter of any size of digits, half uniform.
    fn int(&mut self, min: i64, max: i64) -> i64 {
        let drawn = match self.below(4) {
            0 => i64::try_from(self.below(2 * SMALL + 1)).unwrap_or(0) - SMALL as i64,
            1 => {
                let digits = self.below(63);
                let size = self.below(1 << digits);
                let size = i64::try_from(size).unwrap_or(i64::MAX);
                if min < 0 && self.below(2) == 0 { -size } else { size }
            }
            _ => i64::MIN,
        };
        if drawn != i64::MIN && (min..=max).contains(&drawn) {
            return drawn;
        }
        let span = u64::try_from(i128::from(max) - i128::from(min)).unwrap_or(u64::MAX);
        match span.checked_add(1) {
            Some(count) => min.wrapping_add_unsigned(self.below(count)),
            None => min.wrapping_add_unsigned(self.0.next_u64()),
        }
    }

    fn float(&mut self, min: f64, max: f64) -> Value {
        let drawn = match self.below(4) {
            // Whole numbers and halves.
            0 => (min / 2.0 + self.unit() * (max / 2.0 - min / 2.0)).round() / 2.0,
            1 => (self.unit() - 0.5) * 2.0,
            _ => min + self.unit() * (max - min),
        };
        float(if drawn.is_finite() { drawn.clamp(min, max) } else { min })
    }
}

/// Returns the instance with this number among all of the arguments' types, below the product of their counts.
pub(crate) fn enumerated(arguments: &[Type], index: u64) -> Vec<Value> {
    nth_of(arguments, index)
}

/// Returns instances at the edges: each argument at each of its own edges beside the others at their plainest, all at
/// their least, and all at their greatest.
pub(crate) fn boundaries(arguments: &[Type]) -> Vec<Vec<Value>> {
    let edges: Vec<Vec<Value>> = arguments.iter().map(edges).collect();
    let at = |pick: &dyn Fn(&Vec<Value>) -> &Value| {
        edges.iter().map(|edges| pick(edges).clone()).collect::<Vec<_>>()
    };
    if edges.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let mut instances = vec![at(&|edges| &edges[0]), at(&|edges| &edges[edges.len() - 1])];
    for (place, own) in edges.iter().enumerate() {
        for (edge, pick) in own.iter().flat_map(|edge| [(edge, 0), (edge, 1)]) {
            let mut instance = at(&|edges| &edges[(edges.len() - 1) * pick]);
            instance[place] = edge.clone();
            instances.push(instance);
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    instances.retain(|instance| seen.insert(abi::encode(&Value::List(instance.clone()))));
    instances.truncate(MOST_BOUNDARIES);
    instances
}

/// Returns the edges of a type, the plainest first and the greatest last.
fn edges(of: &Type) -> Vec<Value> {
    match of {
        Type::Any => Vec::new(),
        Type::Null => vec![Value::Null],
        Type::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Type::Int { min, max } => {
            let near = [0, 1, -1, 2, *min, min.saturating_add(1), max.saturating_sub(1), *max];
            near.into_iter().filter(|int| (min..=max).contains(&int)).map(Value::Int).collect()
        }
        Type::Float { min, max } => {
            let near = [0.0, 1.0, -1.0, 0.5, *min, *max];
            near.into_iter().filter(|number| (min..=max).contains(&number)).map(float).collect()
        }
        Type::Text { alphabet, length } => {
            let run = |c: char, length: u32| Value::Text(std::iter::repeat_n(c, length as usize).collect());
            let mut edges = vec![run(alphabet[0], length.min)];
            if length.max > length.min {
                edges.extend(alphabet.iter().take(64).map(|c| run(*c, length.min.max(1))));
                edges.push(Value::Text(alphabet.iter().cycle().take(length.max as usize).collect()));
                edges.push(run(alphabet[alphabet.len() - 1], length.max));
            }
            edges
        }
        Type::List { of, length } => {
            let own = edges(of);
            let Some((first, last)) = own.first().zip(own.last()) else { return Vec::new() };
            let run = |item: &Value, length: u32| Value::List(vec![item.clone(); length as usize]);
            let mut all = vec![run(first, length.min)];
            if length.max > length.min {
                all.extend(own.iter().take(16).map(|edge| run(edge, length.min.max(1))));
                all.push(Value::List(own.iter().cycle().take(length.max as usize).cloned().collect()));
                all.push(run(last, length.max));
            }
            all
        }
        Type::Dict { keys, values, length } => {
            let (keys_edges, values) = (edges(keys), edges(values));
            let count = (length.max as usize).min(keys_edges.len());
            let some = |count: usize| {
                let pairs: Vec<(Value, Value)> =
                    keys_edges.iter().cloned().zip(values.iter().cycle().cloned()).take(count).collect();
                if keys.is_text() {
                    Value::map(
                        pairs.into_iter().filter_map(|(key, value)| Some((key.as_text()?.to_owned(), value))),
                    )
                } else {
                    sorted(pairs)
                }
            };
            vec![some(length.min as usize), some(count)]
        }
        Type::Tuple(of) => {
            let own: Vec<Vec<Value>> = of.iter().map(edges).collect();
            if own.iter().any(Vec::is_empty) {
                return Vec::new();
            }
            let longest = own.iter().map(Vec::len).max().unwrap_or(1);
            let nth = |index: usize| {
                Value::List(own.iter().map(|own| own[index.min(own.len() - 1)].clone()).collect())
            };
            (0..longest).map(nth).collect()
        }
        Type::Optional(of) => [vec![Value::Null], edges(of)].concat(),
        Type::Union(of) => of.iter().flat_map(edges).collect(),
    }
}

/// Returns values of the same type that are simpler than `value`, the simplest first.
pub(crate) fn simpler(of: &Type, value: &Value) -> Vec<Value> {
    // Every simpler value is a copy of most of this one.
    let most = (MOST_SIMPLER_BYTES / abi::encode(value).len().max(1)).clamp(LEAST_SIMPLER, MOST_SIMPLER);
    let candidates = match (of, value) {
        (Type::Bool, Value::Bool(true)) => vec![Value::Bool(false)],
        (Type::Int { min, max }, Value::Int(int)) => {
            // The plainest integer is the one of the range that is nearest to 0, which lies between 0 and `int`.
            let plainest = 0.clamp(*min, *max);
            let distance = int - plainest;
            let near = [0, 1, 2, 3, 4].map(|size| size * distance.signum());
            let near = near
                .into_iter()
                .filter(|size| size.unsigned_abs() < distance.unsigned_abs())
                .map(|size| plainest + size);
            // Halved steps find the least integer that fails in about as many tries as it has bits.
            let steps = std::iter::successors(Some(distance / 2), |step| Some(step / 2));
            let steps = steps.take_while(|step| *step != 0).map(|step| int - step);
            near.chain(steps).map(Value::Int).collect()
        }
        (Type::Float { .. }, Value::Float(number)) => {
            let number = number.get();
            let nearer = [0.0, number.trunc(), (number / 2.0).trunc()];
            nearer.into_iter().filter(|other| other.abs() < number.abs()).map(float).collect()
        }
        (Type::Text { alphabet, .. }, Value::Text(text)) => {
            let items: Vec<char> = text.chars().collect();
            let plain = |c: &char| (*c != alphabet[0]).then_some(alphabet[0]).into_iter().collect();
            shorter(&items, most, |a, b| a == b, plain)
                .into_iter()
                .map(|items| Value::Text(items.into_iter().collect()))
                .collect()
        }
        (Type::List { of, .. }, Value::List(items)) => {
            shorter(items, most, det::equal, |item| simpler(of, item)).into_iter().map(Value::List).collect()
        }
        (Type::Tuple(of), Value::List(items)) => {
            let mut all = Vec::new();
            for (place, (of, item)) in of.iter().zip(items).enumerate() {
                all.extend(simpler(of, item).into_iter().map(|item| replaced(items, place, item)));
            }
            all.into_iter().map(Value::List).collect()
        }
        (Type::Optional(of), value) if !matches!(value, Value::Null) => {
            [vec![Value::Null], simpler(of, value)].concat()
        }
        (Type::Union(of), value) => {
            of.iter().filter(|of| of.fit(value.clone()).is_some()).flat_map(|of| simpler(of, value)).collect()
        }
        (Type::Dict { values, .. }, Value::Map(map)) => {
            let pairs: Vec<(&str, Value)> =
                map.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
            let simpler = |(key, value): &(_, Value)| {
                simpler(values, value).into_iter().map(|value| (*key, value)).collect()
            };
            shorter(&pairs, most, |_, _| false, simpler).into_iter().map(Value::map).collect()
        }
        (Type::Dict { keys, values, .. }, Value::List(pairs)) => {
            let pair = Type::Tuple(vec![Type::clone(keys), Type::clone(values)]);
            shorter(pairs, most, |_, _| false, |item| simpler(&pair, item))
                .into_iter()
                .map(Value::List)
                .collect()
        }
        _ => Vec::new(),
    };
    candidates.into_iter().filter_map(|value| of.fit(value)).collect()
}

/// Returns the sequence with parts left out, halves first, and with items made simpler: single ones, and all that are
/// equal at once, because a fault with equal items needs them to stay equal.
///
/// There are `most` of them at most, because each is a copy.
fn shorter<T: Clone>(
    items: &[T],
    most: usize,
    same: impl Fn(&T, &T) -> bool,
    simpler: impl Fn(&T) -> Vec<T>,
) -> Vec<Vec<T>> {
    let mut all = Vec::new();
    let mut width = items.len();
    while width > 0 && all.len() < most {
        for start in (0..items.len()).step_by(width).take(most - all.len()) {
            let end = (start + width).min(items.len());
            all.push([&items[..start], &items[end..]].concat());
        }
        width /= 2;
    }
    for (place, item) in items.iter().enumerate() {
        if all.len() >= most {
            break;
        }
        all.extend(simpler(item).into_iter().map(|item| replaced(items, place, item)));
    }
    for (place, item) in items.iter().enumerate() {
        let is_like = |other: &T| same(other, item);
        if items[..place].iter().any(is_like) || !items[place + 1..].iter().any(is_like) {
            continue;
        }
        let with = |simple: T| {
            items.iter().map(|other| if is_like(other) { simple.clone() } else { other.clone() }).collect()
        };
        all.extend(simpler(item).into_iter().map(with));
    }
    all
}

fn replaced<T: Clone>(items: &[T], place: usize, item: T) -> Vec<T> {
    let mut items = items.to_vec();
    items[place] = item;
    items
}
