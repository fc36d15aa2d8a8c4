//! Folding: a reply in the letters, digits and marks that it looks as if it had.
//!
//! A label such as `Answer` can be written with letters of other scripts that look the same, with full-width
//! or mathematical letters, or with invisible characters in between. The reader of statements folds a reply
//! before it looks for statements, so that none of them hides. The folded text is only compared, never shown.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// A sign of equality with a combining stroke.
const STRUCK: &str = "=\u{338}";

/// Returns `text` with look-alike letters, digits and marks as ASCII, without invisible characters and
/// accents. Line ends of every kind become `\n`; other characters stay as they are.
pub(super) fn folded(text: &str) -> String {
    let letters = letters();
    // A stroke over a sign of equality is invisible by itself and turns the sign into its opposite.
    let text: Cow<'_, str> = if text.contains(STRUCK) {
        Cow::Owned(text.replace(STRUCK, "\u{2260}"))
    } else {
        Cow::Borrowed(text)
    };
    text.chars().filter(|c| !is_invisible(*c)).map(|c| look_alike(c, &letters)).collect()
}

/// Returns the look-alike letters, and those with accents, each with its letter of ASCII. They are in ascending order, so
/// that a long reply in another script is folded quickly.
fn letters() -> Vec<(char, char)> {
    let pairs = LETTERS.iter().chain(&ACCENTED).flat_map(|(like, letter)| like.chars().map(|c| (c, *letter)));
    let mut letters: Vec<(char, char)> = pairs.collect();
    letters.sort_unstable();
    letters
}

/// Returns true for characters that show nothing of their own: format characters, variation selectors, tags,
/// and combining marks.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{20d0}'..='\u{20ff}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Returns the ASCII character that `c` looks like, or `c`. `letters` are those of [`letters`].
fn look_alike(c: char, letters: &[(char, char)]) -> char {
    match c {
        // Most characters are plain, and the tables below take time.
        ' '..='~' | '\n' => c,
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2b9}' | '\u{2bc}' => '\'',
        '\u{a789}' | '\u{2236}' | '\u{fe13}' | '\u{fe55}' | '\u{2d0}' | '\u{5c3}' | '\u{589}' => ':',
        '\u{3002}' | '\u{ff61}' => '.',
        '\u{3001}' | '\u{ff64}' | '\u{60c}' => ',',
        '\u{ff01}'..='\u{ff5e}' => from_offset(c, 0xff01, 0x21),
        '\u{1d400}'..='\u{1d6a3}' => mathematical_letter(c),
        '\u{1d7ce}'..='\u{1d7ff}' => digit((u32::from(c) - 0x1d7ce) % 10),
        '\u{24b6}'..='\u{24cf}' => from_offset(c, 0x24b6, 0x41),
        '\u{24d0}'..='\u{24e9}' => from_offset(c, 0x24d0, 0x61),
        '\u{2460}'..='\u{2468}' => from_offset(c, 0x2460, 0x31),
        '\u{2776}'..='\u{277e}' => from_offset(c, 0x2776, 0x31),
        '\u{2780}'..='\u{2788}' => from_offset(c, 0x2780, 0x31),
        '\u{278a}'..='\u{2792}' => from_offset(c, 0x278a, 0x31),
        '\u{2080}'..='\u{2089}' => from_offset(c, 0x2080, 0x30),
        '\u{2070}' | '\u{2074}'..='\u{2079}' => from_offset(c, 0x2070, 0x30),
        '\u{b9}' => '1',
        '\u{b2}' => '2',
        '\u{b3}' => '3',
        '\u{17f}' => 's',
        '\u{2262}' | '\u{2247}' | '\u{2249}' | '\u{2244}' => '\u{2260}',
        '\u{2a7e}' | '\u{2267}' => '\u{2265}',
        '\u{2a7d}' | '\u{2266}' => '\u{2264}',
        _ => DIGITS
            .iter()
            .find(|zero| (**zero..**zero + 10).contains(&u32::from(c)))
            .map(|zero| digit(u32::from(c) - zero))
            .or_else(|| letters.binary_search_by_key(&c, |(like, _)| *like).ok().map(|at| letters[at].1))
            .unwrap_or(c),
    }
}

/// The zeros of the decimal digits of other scripts; the nine digits that follow each stand in order.
const DIGITS: [u32; 19] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20,
    0x1040, 0x17e0, 0x1810, 0xa8d0,
];

/// Letters of other scripts that look like a letter of ASCII.
const LETTERS: [(&str, char); 29] = [
    ("АΑ", 'A'),
    ("аα", 'a'),
    ("ВΒ", 'B'),
    ("СϹ", 'C'),
    ("сϲ", 'c'),
    ("ԁ", 'd'),
    ("ЕΕ", 'E'),
    ("еε", 'e'),
    ("һ", 'h'),
    ("НΗ", 'H'),
    ("ІΙӀ", 'I'),
    ("іιı", 'i'),
    ("Ј", 'J'),
    ("ј", 'j'),
    ("КΚ", 'K'),
    ("МΜ", 'M'),
    ("ΝИ", 'N'),
    ("пոη", 'n'),
    ("ОΟ", 'O'),
    ("оοσ", 'o'),
    ("РΡ", 'P'),
    ("рρ", 'p'),
    ("Ѕ", 'S'),
    ("ѕ", 's'),
    ("ТΤ", 'T'),
    ("ѡԝω", 'w'),
    ("Ԝ", 'W'),
    ("ХΧхχ", 'x'),
    ("УΥуυү", 'y'),
];

/// Letters of ASCII with accents, as one character each.
const ACCENTED: [(&str, char); 50] = [
    ("ÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦḀẠẢẤẦẨẪẬẮẰẲẴẶ", 'A'),
    ("ḂḄḆ", 'B'),
    ("ÇĆĈĊČḈ", 'C'),
    ("ĎḊḌḎḐḒĐ", 'D'),
    ("ÈÉÊËĒĔĖĘĚȄȆȨḔḖḘḚḜẸẺẼẾỀỂỄỆ", 'E'),
    ("Ḟ", 'F'),
    ("ĜĞĠĢǦǴḠ", 'G'),
    ("ĤȞḢḤḦḨḪĦ", 'H'),
    ("ÌÍÎÏĨĪĬĮİǏȈȊḬḮỈỊ", 'I'),
    ("Ĵ", 'J'),
    ("ĶǨḰḲḴ", 'K'),
    ("ĹĻĽḶḸḺḼŁ", 'L'),
    ("ḾṀṂ", 'M'),
    ("ÑŃŅŇǸṄṆṈṊ", 'N'),
    ("ÒÓÔÕÖŌŎŐǑǪǬȌȎȪȬȮȰṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢØ", 'O'),
    ("ṔṖ", 'P'),
    ("ŔŖŘȐȒṘṚṜṞ", 'R'),
    ("ŚŜŞŠȘṠṢṤṦṨ", 'S'),
    ("ŢŤȚṪṬṮṰŦ", 'T'),
    ("ÙÚÛÜŨŪŬŮŰŲǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰ", 'U'),
    ("ṼṾ", 'V'),
    ("ŴẀẂẄẆẈ", 'W'),
    ("ẊẌ", 'X'),
    ("ÝŶŸȲẎỲỴỶỸ", 'Y'),
    ("ŹŻŽẐẒẔ", 'Z'),
    ("àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ", 'a'),
    ("ḃḅḇ", 'b'),
    ("çćĉċčḉ", 'c'),
    ("ďḋḍḏḑḓđ", 'd'),
    ("èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ", 'e'),
    ("ḟ", 'f'),
    ("ĝğġģǧǵḡ", 'g'),
    ("ĥȟḣḥḧḩḫẖħ", 'h'),
    ("ìíîïĩīĭįǐȉȋḭḯỉị", 'i'),
    ("ĵǰ", 'j'),
    ("ķǩḱḳḵ", 'k'),
    ("ĺļľḷḹḻḽł", 'l'),
    ("ḿṁṃ", 'm'),
    ("ñńņňǹṅṇṉṋ", 'n'),
    ("òóôõöōŏőǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợø", 'o'),
    ("ṕṗ", 'p'),
    ("ŕŗřȑȓṙṛṝṟ", 'r'),
    ("śŝşšșṡṣṥṧṩ", 's'),
    ("ţťțṫṭṯṱẗŧ", 't'),
    ("ùúûüũūŭůűųǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự", 'u'),
    ("ṽṿ", 'v'),
    ("ŵẁẃẅẇẉẘ", 'w'),
    ("ẋẍ", 'x'),
    ("ýÿŷȳẏẙỳỵỷỹ", 'y'),
    ("źżžẑẓẕ", 'z'),
];

/// Returns a letter of the mathematical alphabets, which repeat A to Z and a to z thirteen times.
fn mathematical_letter(c: char) -> char {
    let at = (u32::from(c) - 0x1d400) % 52;
    let (first, at) = if at < 26 { ('A', at) } else { ('a', at - 26) };
    char::from_u32(u32::from(first) + at).unwrap_or(c)
}

fn from_offset(c: char, from: u32, to: u32) -> char {
    char::from_u32(u32::from(c) - from + to).unwrap_or(c)
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn look_alikes_fold_to_what_they_look_like() {
        let table = [
            ("Аnѕwеr: 5", "Answer: 5"),
            ("Ａｎｓｗｅｒ：５", "Answer:5"),
            ("𝐀𝐧𝐬𝐰𝐞𝐫: 𝟓", "Answer: 5"),
            ("An\u{200b}swer\u{301}: \u{202e}5", "Answer: 5"),
            ("Ⓐⓝⓢⓦⓔⓡ ⑤", "Answer 5"),
            ("−٥\u{2028}x²", "-5\nx2"),
            ("答え: 3 ä", "答え: 3 a"),
            ("Ánšwêr", "Answer"),
        ];
        for (text, expected) in table {
            assert_eq!(folded(text), expected, "{text:?}");
        }
    }
}
