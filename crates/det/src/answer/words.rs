//! Words that state, in English and in other languages.
//!
//! The reader of clauses knows a clause by its words: each must be in one of these lists. A word that is in none
//! makes a clause an explanation, so a missing word lets a second statement pass and refuses no reply.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::fold::folded;
use super::number_word::number_word;
use super::phrases::Phrases;

/// Words of which a statement in English is made, beside its value, its unit and what it is about.
const STATING: &str = "\
it it's its this that that's these those they there there's i i'm i'd i'll i've we we'll we've you you'll you'd \
one's my our let's me us \
is are was were am be been being equals equal becomes reads must should would will may might could can do does did \
appear appears appeared appearing occur occurs occurred occurring show shows showed shown up come comes came find \
finds found see sees seen saw spot count counts counted counting contain contains contained containing include \
includes included have has had having hold holds get gets got make makes made give gives gave given yield yields use \
uses used present return returns say says said think thinks thought believe guess reckon figure bet know conclude \
claim end ends turn turns out amounts totals stays remains go with \
a an the of in to for as well all whole altogether overall them total totalling word text phrase sentence string \
name term letter letters character characters answer result sum count number amount tally gcd divisor product \
difference common greatest times time occurrence occurrences instance instances appearance appearances \
actually surely certainly obviously truly indeed really fact exactly only just clearly definitely probably also \
therefore maybe perhaps possibly precisely simply hence thus so well oh hmm hm ah ok okay yes wait sorry rather \
largest biggest highest seems seem fits fit want choose chose pick right better instead correction careful carefully final finally course correct right true real actual undoubtedly evidently \
apparently merely about approximately roughly around plainly still my honest honestly everyone everybody anyone \
here's here sure doubt written spelled conclusion summary short brief essence vote score uh um er hint secret assert";

/// Words of which a statement behind a label is made: those that neither hedge its value nor take anything back.
const FIRM: &str = "\
it it's its there there's that that's this these they i we you the a an of in for \
is are was were equals appears appear appeared occurs occur occurred contains contain has have count counted found find get \
word text phrase sentence string letter letters character characters answer result sum number count total product \
difference gcd greatest common divisor \
times time occurrence occurrences instance instances appearance appearances exactly only just altogether overall all";

/// Words before a statement that limit it to a part, a step or a case.
const LIMITING: &str = "\
in of within from among at between for with without by on under if suppose supposing assume assuming imagine when \
while until unless whether either neither every each any some part half first second third last next then now again \
before after another other more fewer less than so-far wrong not never no don't doesn't isn't aren't didn't cannot \
can't say far let's";

/// Units of a count, in English: `4 times`.
const TIMES: &str = "\
times time occurrence occurrences instance instances appearance appearances copies total all altogether overall";

/// Words that hold a value: `appears twice`.
const HELD: [(&str, u8); 6] =
    [("once", 1), ("twice", 2), ("thrice", 3), ("none", 0), ("dozen", 12), ("single", 1)];

/// Nouns that a number behind them numbers, and does not count: `letter 4`.
const NUMBERED: &str = "\
letter letters character characters word words number time occurrence occurrences instance instances in of to step \
line text phrase as";

/// Words of which a statement in another language is made. Words that mean something else in English are left out.
const FOREIGN: &str = "\
es gibt sind ist sie das der wort buchstabe buchstaben kommt vor mal ich zähle finde sehe insgesamt genau enthält hat \
il y en dans le mot lettre fois apparaît contient j'en compte trouve au sont c'est \
hay son la letra letras aparece veces vez palabra tiene contiene cuento encuentro total exactamente está \
ci sono lettera volte compare contiene conto parola ho trovato \
há são letra palavra aparece vezes tem contém conto existem \
er zijn het komt keer voor letters woord bevat heeft ik tel \
det finns är bokstaven gånger ordet förekommer jag räknar \
jest są litera razy występuje słowo liczę występują \
В в у к на их тут здесь ровно всего букв буквы буква раз раза on var kez kertaa sanassa harf kelimede tane";

/// Parts of words that limit a statement in another script to a part, a step or a case.
const FOREIGN_LIMITS: &str =
    "позици место шаг перв втор если 第 番 位 如果 もし 步 ตำแหน่ง خطوة إذا שלב אם चरण यदि";

/// Words for yes and no, in other languages than English. Words that stand for both are left out.
const YES: &str = "\
ja jawohl oui sí sim tak ano kyllä igen evet jo da áno ya ναι да так hai はい 是 是的 对 对的 예 네 نعم हाँ हां כן ใช่ vâng \
ndiyo そうです 그렇습니다";
const NO: &str = "\
nein non não nie nej nee nei ei nem hayır nu ne ní όχι нет ні не iie いいえ いや 否 不 不是 不对 아니요 아니오 아니 لا नहीं לא \
ไม่ ไม่ใช่ không tidak hapana違います 違う";

/// Numbers in one word of other languages, each line from the number at its head on. A `.` stands for a word that
/// means something else in English or in another of the languages.
const NUMBERS: [(u8, &str); 20] = [
    (0, "null eins zwei drei vier fünf sechs sieben acht neun zehn . zwölf dreizehn vierzehn fünfzehn"),
    (0, "zéro . deux trois quatre cinq . sept huit neuf dix onze douze treize quatorze quinze"),
    (0, "cero uno dos tres cuatro cinco seis siete ocho nueve diez . doce trece catorce quince"),
    (2, ". tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici"),
    (0, ". um dois três quatro . . sete oito nove dez . doze treze . ."),
    (0, "nul een twee drie . vijf zes zeven . negen tien . twaalf dertien veertien vijftien"),
    (2, "två . fyra fem . sju åtta nio tio elva tolv tretton fjorton femton"),
    (1, "jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście"),
    (0, "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать"),
    (0, "нуль . дві . чотири п'ять шість сім вісім . . . . ."),
    (1, "bir iki üç dört beş altı yedi sekiz dokuz"),
    (1, "yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen"),
    (0, "μηδέν ένα δύο τρία τέσσερα πέντε έξι επτά οκτώ εννέα δέκα"),
    (0, "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة"),
    (3, "ثلاث أربع خمس ست سبع ثمان تسع عشر"),
    (0, "शून्य एक दो तीन चार पाँच छह सात आठ नौ दस"),
    (0, "אפס אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע עשר"),
    (1, "하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉 열"),
    (0, "ศูนย์ หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า สิบ"),
    (2, "ii iii iv . vi vii viii ix . xi xii xiii xiv xv xvi xvii xviii xix xx"),
];

/// The word lists, in the letters and digits in which a folded reply is compared with them.
pub(super) struct Words {
    stating: BTreeSet<&'static str>,
    firm: BTreeSet<&'static str>,
    limiting: BTreeSet<&'static str>,
    times: BTreeSet<&'static str>,
    numbered: BTreeSet<&'static str>,
    foreign: BTreeSet<String>,
    foreign_limits: BTreeSet<String>,
    yes: BTreeSet<String>,
    no: BTreeSet<String>,
    numbers: BTreeMap<String, u8>,
    pub(super) phrases: Phrases,
}

impl Words {
    pub(super) fn new() -> Self {
        let list = |words: &'static str| words.split_whitespace().collect();
        let mut numbers = BTreeMap::new();
        for (first, words) in NUMBERS {
            // The shapes of a line stand in the order of its words, casing by casing.
            for line in cased(words) {
                let named = (first..).zip(line.split_whitespace()).filter(|(_, word)| *word != ".");
                numbers.extend(named.map(|(number, word)| (String::from(word), number)));
            }
        }
        Self {
            stating: list(STATING),
            firm: list(FIRM),
            limiting: list(LIMITING),
            times: list(TIMES),
            numbered: list(NUMBERED),
            foreign: shapes(FOREIGN),
            foreign_limits: shapes(FOREIGN_LIMITS),
            yes: shapes(YES),
            no: shapes(NO),
            numbers,
            phrases: Phrases::new(),
        }
    }

    /// Returns true if `word` may stand in a statement.
    pub(super) fn states(&self, word: &str) -> bool {
        self.stating.contains(word) || is_foreign(word) || self.foreign.contains(word)
    }

    /// Returns true if `word` may stand in a statement behind a label.
    pub(super) fn is_firm(&self, word: &str) -> bool {
        self.firm.contains(word)
    }

    /// Returns true if `word` is one of which a statement in another language is made.
    pub(super) fn is_foreign_word(&self, word: &str) -> bool {
        self.foreign.contains(word)
    }

    /// Returns true if `word` limits a statement in another script.
    pub(super) fn limits_foreign(&self, word: &str) -> bool {
        is_foreign(word) && self.foreign_limits.iter().any(|part| word.contains(part.as_str()))
    }

    /// Returns true if `word`, before a statement, limits it.
    pub(super) fn limits(&self, word: &str) -> bool {
        self.limiting.contains(word)
    }

    /// Returns true if `word` is a unit of a count of things that occur.
    pub(super) fn is_times(&self, word: &str) -> bool {
        self.times.contains(word)
    }

    /// Returns true if a number behind `word` is its number, and no count.
    pub(super) fn numbers(&self, word: &str) -> bool {
        self.numbered.contains(word)
    }

    /// Returns the yes (`true`) or no (`false`) for which `word` stands in another language than English.
    pub(super) fn yes_or_no(&self, word: &str) -> Option<bool> {
        if self.yes.contains(word) {
            return Some(true);
        }
        self.no.contains(word).then_some(false)
    }

    /// Returns the number for which `word` stands in another language than English, or as a Roman number.
    pub(super) fn number(&self, word: &str) -> Option<u8> {
        self.numbers.get(word).copied()
    }
}

/// Returns the number that a word of English holds beside its meaning, such as `twice`.
pub(super) fn held_number(word: &str) -> Option<u8> {
    let fold = || word.strip_suffix("fold").and_then(|number| number_word(number.trim_end_matches('-')));
    HELD.iter().find(|(held, _)| *held == word).map(|(_, number)| *number).or_else(fold)
}

/// Returns true for a word with letters of another script than Latin, after folding.
pub(super) fn is_foreign(word: &str) -> bool {
    word.chars().any(|c| c >= '\u{250}' && c.is_alphabetic())
}

/// Returns the words of a list as they look in a folded reply, in any of three casings.
fn shapes(words: &str) -> BTreeSet<String> {
    cased(words).iter().flat_map(|line| line.split_whitespace()).map(String::from).collect()
}

/// Returns the words of a list as they look in a folded reply, in order, once for each of three casings: folding turns
/// some letters of a word into Latin ones, and which ones depends on the case.
fn cased(words: &str) -> [String; 3] {
    let titled = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    let title: Vec<String> = words.split_whitespace().map(titled).collect();
    [String::from(words), title.join(" "), words.to_uppercase()].map(|line| folded(&line).to_lowercase())
}
