//! Nouns of things in which a letter occurs otherwise than in their own spelling.
//!
//! "How often does the letter e occur in Czech?" asks about a language, and the same question about books, chess or DNA
//! asks about them. The parser takes no such noun for a text unless it stands in quotation marks or is called a word. No
//! such list is complete.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Languages, beside those that are function words as well.
const LANGUAGES: &str = "\
abkhaz acehnese afar afrikaans akan akkadian albanian americanese amharic apache aragonese aramaic armenian \
assamese asturian avar avestan aymara azerbaijani balinese baluchi bambara bashkir basque bavarian belarusian \
bemba bengali berber bhojpuri bikol bislama bosnian brahui breton bulgarian burmese cantonese catalan cebuano \
chechen cherokee chewa cheyenne chichewa choctaw chuvash coptic cornish corsican cree creole croatian czech dari \
dhivehi dialect dialects dinka dogri dzongkha esperanto estonian ewe faroese farsi fijian filipino finnish \
flemish frisian friulian fula fulani gaelic galician georgian gothic greenlandic guarani gujarati gullah haitian \
hakka hausa hawaiian herero hiligaynon hmong hokkien icelandic ido igbo ilocano indonesian interlingua inuktitut \
iroquois javanese kannada kanuri kashmiri kashubian kazakh khmer kikuyu kinyarwanda kirundi klingon kongo \
konkani kurdish kyrgyz ladin ladino lao latvian lingala lithuanian lojban luganda luo luxembourgish macedonian \
maithili malagasy malay malayalam maltese manchu mandarin manx maori mapuche marathi marshallese mayan moldovan \
mongolian montenegrin nahuatl navajo ndebele nepali newari norse occitan odia ojibwe oriya oromo ossetian pali \
pashto patois persian phoenician pidgin provencal prussian punjabi quechua quenya romani romanian romansh \
ruthenian samoan sango sanskrit sardinian saxon scots serbian sesotho shona sicilian silesian sindarin sindhi \
sinhala sinhalese slang slovak slovene slovenian somali sorbian sotho sumerian sundanese swahili swati tagalog \
tahitian tajik tamazight tamil tatar telugu tetum thai tibetan tigrinya tongan tsonga tswana tuvan twi ukrainian \
urdu uyghur uzbek venda venetian vietnamese visayan volapuk walloon wolof xhosa yiddish yoruba yucatec zazaki \
zulu";

/// Kinds of text, and fields that have letters of their own.
const KINDS_OF_TEXT: &str = "\
abbreviations acronyms addresses adjectives adverbs algebra alphabet alphabets anagrams arithmetic articles \
ascii biology blogs book books botany calligraphy captions chapters chats chemistry cipher ciphers ciphertext \
code codes coding comics commands comments consonants conversation conversations cooking countries crossword \
crosswords cryptograms cryptography css diaries dictionaries dictionary documents drama economics email emails \
encyclopedias equations essays fiction films folklore formulae formulas geometry graffiti grammar haiku hangman \
headlines hieroglyphs history html hymns idioms journalism journals json languages law limericks linguistics \
lists literature logic logos lyrics magazines mathematics maths medicine menus messages movies music musicals \
names newspaper newspapers nicknames nonfiction notation nouns novel novels numbers numerals nursery obituaries \
palindromes papers paragraphs passwords physics plaintext plays poem poems poetry prefixes programming pronouns \
prose proverbs pseudocode psychology punctuation puzzles quotations reading recipes riddles runes school scripts \
scripture sentences shakespeare shorthand signs slogans software songs songwriting sonnets speech speeches \
spelling sql statistics stories subtitles suffixes surnames syllables tables telegrams telegraphy texting texts \
theatre theology titles transcripts trigonometry tweets typing typography unicode usernames verbs verse verses \
vocabulary vowels websites xml yaml";

/// Games with letters on tiles, boards and cards, and notes.
const GAMES: &str = "\
anagramania backgammon bananagrams baseball basketball bingo boggle bridge checkers chess countdown cricket dna \
football go golf hockey monopoly octave octaves poker rna rugby scale scales scrabble soccer sudoku tennis \
tetris wordle";

/// Names of works, collections and systems.
const WORKS: &str = "\
aeneid amazon android beowulf bible bing britannica chrome constitution discord dracula emma encyclopaedia \
encyclopedia everest excel exodus facebook frankenstein genesis github gmail google hamlet iliad inferno \
instagram internet ipad iphone java javascript jaws koran leviathan linkedin linux macbeth mahabharata matrix \
microsoft minecraft netflix odyssey office othello outlook psalms python quran ramayana reddit roblox rust \
spotify tiktok titanic torah twitch twitter ubuntu ulysses unix web whatsapp wikipedia windows wordpress youtube \
zoom";

/// Ends of the names of substances.
const SUBSTANCE_ENDS: [&str; 12] =
    ["ane", "anol", "ene", "yne", "ide", "ose", "oxide", "phate", "phenol", "lic", "onium", "gen"];
/// Substances with other names.
const SUBSTANCES: &str =
    "acetone ammonia aspirin caffeine glycerol ozone phenol salt sugar urea water vinegar";
/// The elements whose symbols are a single letter.
const SYMBOLS: &str = "HBCNOFPSKVYIWU";

static SUBJECTS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    [LANGUAGES, KINDS_OF_TEXT, GAMES, WORKS].into_iter().flat_map(|list| list.split(' ')).collect()
});

/// Returns true for a noun, in lower case, of something in which letters occur.
pub(super) fn is_subject(word: &str) -> bool {
    SUBJECTS.contains(word)
}

/// Returns true if a bare `text` may be a formula or a substance, and `letter` a symbol in it: `O` in `CO`, `H` in
/// `butane`.
pub(super) fn is_formula(text: &str, letter: char) -> bool {
    let is_acronym = text.chars().count() < 5 && text.chars().all(char::is_uppercase);
    let lower = text.to_lowercase();
    let is_substance = SUBSTANCE_ENDS.iter().any(|end| lower.ends_with(end))
        || SUBSTANCES.split(' ').any(|substance| substance == lower);
    is_acronym || (SYMBOLS.contains(letter) && is_substance && text.chars().any(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::{is_formula, is_subject};

    #[test]
    fn nouns_of_other_things_are_known() {
        for word in ["czech", "swahili", "zulu", "books", "poetry", "chess", "wikipedia"] {
            assert!(is_subject(word), "{word}");
        }
        for word in ["strawberry", "banana", "mississippi", "glasses", "eleven"] {
            assert!(!is_subject(word), "{word}");
        }
        for (text, letter, is) in [
            ("CO", 'O', true),
            ("DNA", 'A', true),
            ("butane", 'H', true),
            ("butane", 'h', false),
            ("GIGGLE", 'G', false),
        ] {
            assert_eq!(is_formula(text, letter), is, "{letter} in {text}");
        }
    }
}
