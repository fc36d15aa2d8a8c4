//! Bits against the digits that repeated division finds.

use prims::Value;

use crate::trial::{Proof, Trial, as_int, as_text};

pub(crate) const PROOFS: &[Proof] = &[
    Proof {
        name: "popcount",
        run: |trial| naturals(trial, 0, |digits| digits.iter().sum()),
        // The digits beyond 32 bits are not counted.
        wrong: |operands, _| Ok(Value::Int((as_int(&operands[0]) & 0xFFFF_FFFF).count_ones().into())),
    },
    Proof {
        name: "parity",
        run: |trial| naturals(trial, 0, |digits| digits.iter().sum::<i128>() % 2),
        wrong: |operands, _| Ok(Value::Int(as_int(&operands[0]) % 2)),
    },
    Proof {
        name: "bit_length",
        run: |trial| naturals(trial, 0, |digits| digits.len() as i128),
        // 0 has one digit as it is written.
        wrong: |operands, right| if as_int(&operands[0]) == 0 { Ok(Value::Int(1)) } else { right },
    },
    Proof {
        name: "leading_zeros",
        run: |trial| naturals(trial, 0, |digits| 64 - digits.len() as i128),
        wrong: |operands, _| Ok(Value::Int(i64::from((as_int(&operands[0]) as i32).leading_zeros()) + 32)),
    },
    Proof {
        name: "trailing_zeros",
        run: |trial| {
            naturals(trial, 1, |digits| digits.iter().take_while(|digit| **digit == 0).count() as i128);
        },
        wrong: |operands, right| if as_int(&operands[0]) == 1 << 40 { Ok(Value::Int(32)) } else { right },
    },
    Proof {
        name: "rotate_left",
        run: |trial| {
            for _ in 0..2_000 {
                let mut rotated = trial.below(1 << 32) as i128;
                let n = rotated as i64;
                for places in 0..32 {
                    trial.int(&[n, places], Some(rotated));
                    rotated = if rotated >= 1 << 31 { (rotated - (1 << 31)) * 2 + 1 } else { rotated * 2 };
                }
            }
        },
        // A shift, which loses the digits that leave.
        wrong: |operands, _| Ok(Value::Int((as_int(&operands[0]) << as_int(&operands[1])) & 0xFFFF_FFFF)),
    },
    Proof {
        name: "byte_swap",
        run: |trial| {
            for _ in 0..64_000 {
                let n = trial.below(1 << 32) as i64;
                let (mut left, mut swapped) = (n, 0_i128);
                for _ in 0..4 {
                    swapped = swapped * 256 + i128::from(left % 256);
                    left /= 256;
                }
                trial.int(&[n], Some(swapped));
            }
        },
        // The halves in the opposite order, and not the bytes.
        wrong: |operands, _| Ok(Value::Int(((as_int(&operands[0]) as u32).rotate_left(16)).into())),
    },
    Proof {
        name: "crc32",
        run: |trial| {
            trial.check(&[Value::text("123456789")], Some(Value::Int(0xCBF4_3926)));
            for _ in 1..2_000 {
                let length = trial.below(100);
                let text: String =
                    (0..length).map(|_| trial.pick(&['a', 'Z', '0', ' ', 'é', '日', '\n'])).collect();
                let checksum = divided(text.as_bytes());
                trial.check(&[Value::text(text)], Some(Value::Int(checksum)));
            }
        },
        // Without the inversion at the end.
        wrong: |operands, right| {
            if as_text(&operands[0]).is_empty() {
                right
            } else {
                right.map(|value| Value::Int(as_int(&value) ^ 0xFFFF_FFFF))
            }
        },
    },
];

/// Checks the naturals from `first` on with what `oracle` makes of their binary digits, the lowest one first.
fn naturals(trial: &mut Trial<'_>, first: i64, oracle: fn(&[i128]) -> i128) {
    let around = (16..=62).flat_map(|power| (1_i64 << power) - 5..(1 << power) + 5);
    for n in (first..65_536).chain(around) {
        let (mut left, mut digits) = (n, Vec::new());
        while left > 0 {
            digits.push(i128::from(left % 2));
            left /= 2;
        }
        trial.int(&[n], Some(oracle(&digits)));
    }
}

/// The remainder of the message, as its bits are sent, by the polynomial of CRC-32 in its usual order.
fn divided(message: &[u8]) -> i64 {
    const POLYNOMIAL: u64 = 0x1_04C1_1DB7;
    let mut bits: Vec<u64> =
        message.iter().flat_map(|byte| (0..8).map(move |bit| u64::from(byte >> bit & 1))).collect();
    bits.extend([0; 32]);
    // All ones at the start are the inversion of the first 32 bits.
    bits.iter_mut().take(32).for_each(|bit| *bit ^= 1);
    let mut remainder = 0_u64;
    for bit in bits {
        remainder = remainder << 1 | bit;
        if remainder >> 32 & 1 == 1 {
            remainder ^= POLYNOMIAL;
        }
    }
    // The bits of the checksum are sent in the opposite order too, and inverted.
    (0..32).map(|bit| ((remainder >> bit & 1 ^ 1) as i64) << (31 - bit)).sum()
}
