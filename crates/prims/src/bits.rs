//! The binary form of numbers, and the checksum of texts.

use abi::Value;

use crate::operands::{fitted, int, natural, one_int, one_text, outside, text, two_ints};
use crate::{CallError, Kind, Primitive, Record, Sample};

const NATURALS: &str = "n from 0 to 65535 and the 10 numbers around each power of 2 up to 2^62";
const DIGITS: &str = "the digits of n, divided by 2 again and again";

pub(crate) const POPCOUNT: Primitive = Primitive {
    name: "popcount",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "how many ones the binary form of n has; n is not negative",
    example: &[Sample::Int(13)],
    eval: popcount,
    steps: 8,
    record: Record::exhaustive(66_006, NATURALS, DIGITS),
};

pub(crate) const PARITY: Primitive = Primitive {
    name: "parity",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "1 if the binary form of n has an odd number of ones, else 0; n is not negative",
    example: &[Sample::Int(13)],
    eval: parity,
    steps: 8,
    record: Record::exhaustive(66_006, NATURALS, DIGITS),
};

pub(crate) const BIT_LENGTH: Primitive = Primitive {
    name: "bit_length",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "how many digits the binary form of n has, and 0 for 0; n is not negative",
    example: &[Sample::Int(13)],
    eval: bit_length,
    steps: 8,
    record: Record::exhaustive(66_006, NATURALS, DIGITS),
};

pub(crate) const LEADING_ZEROS: Primitive = Primitive {
    name: "leading_zeros",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "how many zeros stand before the first one of n in 64 bits; n is not negative",
    example: &[Sample::Int(13)],
    eval: leading_zeros,
    steps: 8,
    record: Record::exhaustive(66_006, NATURALS, DIGITS),
};

pub(crate) const TRAILING_ZEROS: Primitive = Primitive {
    name: "trailing_zeros",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "how many zeros end the binary form of n, which is above 0",
    example: &[Sample::Int(40)],
    eval: trailing_zeros,
    steps: 8,
    record: Record::exhaustive(
        66_005,
        "n from 1 to 65535 and the 10 numbers around each power of 2 up to 2^62",
        DIGITS,
    ),
};

pub(crate) const ROTATE_LEFT: Primitive = Primitive {
    name: "rotate_left",
    version: 1,
    parameters: &[int("n"), int("places")],
    returns: Kind::Int,
    summary: "the 32 bits of n, rotated to the left by 0 to 31 places",
    example: &[Sample::Int(2_147_483_649), Sample::Int(1)],
    eval: rotate_left,
    steps: 8,
    record: Record::sampled(
        64_000,
        "2000 words of 32 bits by all 32 rotations",
        "one place at a time, by the value of the highest digit",
    ),
};

pub(crate) const BYTE_SWAP: Primitive = Primitive {
    name: "byte_swap",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "the 4 bytes of n in the opposite order; n has 32 bits",
    example: &[Sample::Int(1)],
    eval: byte_swap,
    steps: 8,
    record: Record::sampled(
        64_000,
        "64000 words of 32 bits",
        "the remainders of n by 256, added up in the opposite order",
    ),
};

pub(crate) const CRC32: Primitive = Primitive {
    name: "crc32",
    version: 1,
    parameters: &[text("text")],
    returns: Kind::Int,
    summary: "the checksum CRC-32 (ISO-HDLC) of the text in UTF-8",
    example: &[Sample::Text("123456789")],
    eval: crc32,
    steps: 1 << 20,
    record: Record::sampled(
        2_000,
        "texts of 0 to 99 characters",
        "division of the message by the polynomial x^32 + x^26 + ..., bit by bit in the order of transmission",
    ),
};

fn popcount(operands: &[Value]) -> Result<Value, CallError> {
    fitted("popcount", natural("popcount", one_int(operands))?.count_ones())
}

fn parity(operands: &[Value]) -> Result<Value, CallError> {
    fitted("parity", natural("parity", one_int(operands))?.count_ones() % 2)
}

fn bit_length(operands: &[Value]) -> Result<Value, CallError> {
    fitted("bit_length", u64::BITS - natural("bit_length", one_int(operands))?.leading_zeros())
}

fn leading_zeros(operands: &[Value]) -> Result<Value, CallError> {
    fitted("leading_zeros", natural("leading_zeros", one_int(operands))?.leading_zeros())
}

fn trailing_zeros(operands: &[Value]) -> Result<Value, CallError> {
    match natural("trailing_zeros", one_int(operands))? {
        0 => Err(outside("trailing_zeros", "a number above 0")),
        n => fitted("trailing_zeros", n.trailing_zeros()),
    }
}

fn rotate_left(operands: &[Value]) -> Result<Value, CallError> {
    let (n, places) = two_ints(operands);
    let places = u32::try_from(places).ok().filter(|places| *places < u32::BITS);
    let places = places.ok_or(outside("rotate_left", "a rotation by 0 to 31 places"))?;
    Ok(Value::Int(i64::from(word("rotate_left", n)?.rotate_left(places))))
}

fn byte_swap(operands: &[Value]) -> Result<Value, CallError> {
    Ok(Value::Int(i64::from(word("byte_swap", one_int(operands))?.swap_bytes())))
}

fn word(primitive: &'static str, n: i64) -> Result<u32, CallError> {
    u32::try_from(n).map_err(|_| outside(primitive, "a number of 32 bits, from 0 to 4294967295"))
}

/// CRC-32 as in ISO/IEC 13239 and IEEE 802.3: the polynomial 0x04C11DB7 with its bits in the opposite order, all ones
/// at the start and inverted at the end.
fn crc32(operands: &[Value]) -> Result<Value, CallError> {
    const REFLECTED: u32 = 0xEDB8_8320;
    let bytes = one_text("crc32", operands)?.bytes();
    let crc = bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (REFLECTED & 0u32.wrapping_sub(crc & 1)))
    });
    Ok(Value::Int(i64::from(!crc)))
}
