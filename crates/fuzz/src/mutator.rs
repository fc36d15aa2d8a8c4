//! Seeded mutations of seed inputs, without knowledge of the code that they reach.

use synthetic::splitmix;

/// Numbers on which bounds checks tend to break.
const EDGES: [u64; 9] = [0, 1, 0x7f, 0x80, 0xff, 0x7fff_ffff, 0xffff_ffff, 1 << 63, u64::MAX];

/// The most changes that are made to one seed.
const MAX_CHANGES: u64 = 6;

/// The longest input that a stream returns, in bytes.
const MAX_BYTES: usize = 1 << 14;

/// An endless stream of inputs for a fuzz target, made from its seeds by random changes. The stream depends
/// only on the seeds and on one number, so it can be run again.
#[derive(Debug)]
pub struct Mutator<'a> {
    seeds: &'a [Vec<u8>], // Invariant: not empty.
    state: u64,
}

impl<'a> Mutator<'a> {
    /// Creates the stream with this number over `seeds`. Returns `None` if there are no seeds.
    #[must_use]
    pub fn new(seeds: &'a [Vec<u8>], number: u64) -> Option<Self> {
        (!seeds.is_empty()).then_some(Self { seeds, state: number })
    }

    /// Returns the next input of the stream, which is a seed with a few random changes.
    pub fn draw(&mut self) -> Vec<u8> {
        let mut bytes = self.seed().to_vec();
        for _ in 0..=self.below(MAX_CHANGES) {
            self.change(&mut bytes);
        }
        bytes.truncate(MAX_BYTES);
        bytes
    }

    /// Makes one random change of the nine kinds, in place.
    fn change(&mut self, bytes: &mut Vec<u8>) {
        let (from, to) = self.range(bytes.len());
        match self.below(9) {
            0 => self.replace_byte(bytes, |byte, random| byte ^ (1 << (random % 8))),
            1 => self.replace_byte(bytes, |_, random| random.to_le_bytes()[0]),
            2 => {
                self.replace_byte(bytes, |byte, random| byte.wrapping_add((random % 7) as u8).wrapping_sub(3))
            }
            3 => drop(bytes.drain(from..to)),
            4 => bytes.truncate(to),
            5 => {
                let copy = bytes[from..to].to_vec();
                let at = self.at_most(bytes.len());
                bytes.splice(at..at, copy);
            }
            6 => self.write_number(bytes, from),
            7 => {
                let other = self.seed();
                let (start, end) = self.range(other.len());
                bytes.splice(from..to, other[start..end].iter().copied());
            }
            _ => {
                let random = self.next().to_le_bytes();
                let count = self.at_most(random.len());
                bytes.splice(from..from, random[..count].iter().copied());
            }
        }
    }

    fn replace_byte(&mut self, bytes: &mut [u8], change: impl Fn(u8, u64) -> u8) {
        let at = self.at_most(bytes.len().saturating_sub(1));
        let random = self.next();
        if let Some(byte) = bytes.get_mut(at) {
            *byte = change(*byte, random);
        }
    }

    /// Overwrites 1, 2, 4 or 8 bytes with a number of [`EDGES`].
    fn write_number(&mut self, bytes: &mut [u8], at: usize) {
        let edge = EDGES[self.at_most(EDGES.len() - 1)];
        let width = 1 << self.below(4);
        for (byte, digit) in bytes.iter_mut().skip(at).zip(edge.to_le_bytes().into_iter().take(width)) {
            *byte = digit;
        }
    }

    fn seed(&mut self) -> &'a [u8] {
        let seeds = self.seeds;
        &seeds[self.at_most(seeds.len() - 1)]
    }

    /// Returns a range within `length`. Short ranges are more frequent than long ones.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let from = self.at_most(length);
        let longest = if self.below(4) == 0 { length } else { 16 };
        let count = self.at_most(longest.min(length - from));
        (from, from + count)
    }

    fn at_most(&mut self, most: usize) -> usize {
        let below = (most as u64).saturating_add(1);
        usize::try_from(self.below(below)).unwrap_or(most)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Returns the next number of splitmix64, whose period has every 64-bit number once.
    fn next(&mut self) -> u64 {
        splitmix::next(&mut self.state)
    }
}
