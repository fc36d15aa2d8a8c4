//! The words of English by which the parser tells a text from what is said around it.

use std::collections::HashSet;
use std::sync::LazyLock;

/// A list of words in lower case.
type Words = LazyLock<HashSet<&'static str>>;

/// Words that make a number of the word before them. Alone they are no number, and still the beginning of one.
pub(super) const SCALES: &[&str] =
    &["hundred", "thousand", "million", "billion", "trillion", "dozen", "score"];

/// Words that make a compound of "the word" before them, so that "the word list" is a list and no word.
static COMPOUNDS: Words = LazyLock::new(|| {
    "\
anagram anagrams arrangement array art boundary break case casing character characters choice combination combinations \
group lengths letters mapping pair pairs pattern position positions sequence sequences stream string structure structures table \
usage association bank book box boxes cards chain class classes cloud clouds clue clues count counter \
counting counts doc docs document documents docx embedding embeddings family families file files finder form format \
formation forms frequencies frequency game games generator grid groups hunt index jumble ladder ladders length limit \
lists list lookup map maps mining order pair pairs phrase phrases play problem problems processing processor \
processors puzzle puzzles question questions quiz root roots salad scramble scrambles scrambler search searches \
sentence sentences size smith solver splash stem stems stress template templates tile tiles token tokens unscrambler \
vector vectors wall wheel wrap"
        .split(' ')
        .collect()
});

/// Words that point at something, belong to an idiom or name a language, instead of naming a text, so that "in it" is
/// never the text "it".
/// After "the word" they are texts like any other, but for those that are [`MODIFIERS`] too.
static FUNCTION_WORDS: Words = LazyLock::new(|| {
    "\
a about above addition after again all an and another any anybody anyone anything arabic are as at be before \
below bold both brackets braille brief but by can capital capitals care case chinese closing comparison \
conclusion context contrast cursive danish detail do dutch each either english enough every everybody everyone \
everything exactly existence fact few finnish for french from future general german greek had has have hawaiian \
he heart hebrew her here hers herself him himself hindi his hungarian i if in into irish is it italian italics \
its itself japanese korean latin least less letters lowercase many me mine more morse most much my myself nature \
neither no nobody none nor norwegian not notes nothing now of off on only or order other others our ours \
ourselves out over parentheses particular please polish portuguese practice prime print punctuation question \
quotes reality return reverse reversed russian same sentence she short so some somebody someone something spanish stock such sum \
summary swedish text than that the their theirs them themselves then there these they this those time to too \
total turkish turn under until up uppercase us use was we welsh were what when where whether which while who \
whom whose why with without word words writing you your yours yourself yourselves"
        .split(' ')
        .collect()
});

/// Units, of which a question may ask how many smaller ones they have: "how many ms are in second".
static UNITS: Words = LazyLock::new(|| {
    "\
acre acres ampere amperes angstrom atm bar bars barrel barrels bit bits bushel bushels byte bytes calorie calories \
carat carats celsius cent centimeter centimeters centimetre cents century day days decade decades dollar dollars \
dozen erg euro euros fahrenheit farad farthing fathom fathoms feet florin foot furlong furlongs fortnight gallon gal gallons gauss gigabyte gigabytes gram grams groat gross guinea hectare hectares henry hertz hogshead horsepower hour hours inch inches \
joule joules karat kelvin kilocalorie kilohertz kilometre knot knots league leagues lightyear lumen lux mach maxwell \
megahertz megawatt micron millennium mole moles newtons nautical oz ohm ohms parsec parsecs pascal pascals peck pence \
pennies penny picosecond pixel pixels psi radian radians rad ream rod rods rupee rupees score sec secs shilling \
shillings siemens slug stone stones teaspoon teaspoons tablespoon tablespoons tesla therm troy weber yen yuan \
min mins mol bbl bhp btu cwt dbm ghz hrs kbps kcal khz km kmh kpa kph kwh lbs mbps mhz mol mph mph mwh ppb ppm pts qts \
rpm tbsp tsp yds yrs gigahertz gigabit gigabits megabit megabits kilobit kilobits terabit amp amps cal kilo kilobyte kilobytes kilogram kilograms kilometer kilometers kilometre kilometres kilos kilowatt liter \
liters litre litres marathon megabyte megabytes meter meters metre metres microsecond microseconds mile miles \
milligram milliliter millimeter millisecond milliseconds minute minutes month months nanosecond nanoseconds \
newton ounce ounces pint pints pound pounds quart second seconds terabyte ton tonne tonnes tons volt watt watts \
week weeks yard yards year years"
        .split(' ')
        .collect()
});

/// Words that are a name or an idiom with "times" behind them: "the sunday times", "old times".
static BEFORE_TIMES: Words = LazyLock::new(|| {
    "\
ancient bad difficult early end financial friday full good half hard head irish japan last lead load loading local \
many medieval meeting modern monday new old opening part peace prayer recent saturday school several some straits \
sunday these thursday tough tuesday war wednesday"
        .split(' ')
        .collect()
});

/// Words that stand for an amount without being a number: ordinals, fractions, and names of amounts.
static AMOUNTS: Words = LazyLock::new(|| {
    "\
couple double dozen eighteenth eighth eighths eightieth eleventh fifteenth fifth fifths fiftieth first fold \
fortieth fourteenth fourth fourths half halves hundreds hundredth infinite infinity naught nil nineteenth \
ninetieth ninth ninths nought null once pi quarter quarters second seconds seventeenth seventh sevenths \
seventieth sixteenth sixth sixths sixtieth tens tenth tenths third thirds thirteenth thirtieth thousands \
thousandth thrice time triple twelfth twentieth twice"
        .split(' ')
        .collect()
});

/// Words that may say something about a word instead of being it, behind "the word": "the word above", "does the word not
/// have". In quotes each of them is a text.
static MODIFIERS: Words = LazyLock::new(|| {
    "\
becoming entered forming input inplace letterwise making offline online there yourself \
aback abbreviated aboard about above abroad accented across actually added afresh after afterward afterwards \
again ago ahead akin alike allowed alone along aloud already also alternatively altogether always anagrammed and \
anew anyhow anymore anytime anyway anywhere apart around as aside asked asleep astray at aware away awhile awry \
back backward backwards because before beforehand beginning being below beneath beside besides best better \
between beyond bigger blanked bolded both boxed bracketed briefly but called capitalised capitalized censored \
chosen circled clockwise closer coded combined completed concatenated containing correct corrected correctly \
corresponding crossed cut daily decoded deep deleted different double doubled down downward downwards drawn due \
during either else elsewhere emphasised emphasized encoded encrypted ending enough entire erased even ever \
everywhere exactly except existing expected far farther fast faster fewer first following for forever formed \
forth forward forwards from full further furthermore garbled given guessed half hard hardly having hence \
henceforth here hereby herein hidden high highlighted hither how however hyphenated if in incorrect indeed \
indoors inserted inside instead intended into inward inwards italicised italicized itself joined jumbled just \
known last late lately later least left less lest like likewise listed little long longer longest loud low \
bold italic italics lowercase lowercased made many marked masked maybe meaning meanwhile mentioned mere mirrored mispronounced missing \
misspelled misspelt more moreover most much named near nearby needed neither never nevertheless new next no \
nonetheless nor not now nowadays nowhere numbered off often omitted on once only onward onwards or original \
other otherwise out outdoors outside over overall overnight own past pasted perhaps placed please pluralised \
pluralized plus possible preceding previous printed prior pronounced provided quick quite quoted rather read \
redacted remaining removed repeated repeating replaced requested required resulting reversed right said same \
scrambled seldom selected sent set shortened shorter shortest shown sideways since single singled so solely some \
somehow someplace sometime sometimes somewhat somewhere soon sooner sorted spelled spelt split spoken squared \
standing starting stated still straight struck such supposed taken tell than then thereafter thereby therefore \
therein thereof though thrice through throughout thus till to today together told tomorrow tonight too total \
toward towards translated transliterated truly twice typed unchanged under underlined underneath undone unknown \
unless until up upon uppercase uppercased upside upward upwards used usually very via wanted well whatsoever when whenever \
where wherever whether while whole why widely with within without worse worst written wrong yesterday yet"
        .split(' ')
        .collect()
});

/// Words that end like an adverb and are none.
static LY_TEXTS: Words = LazyLock::new(|| {
    "\
ally anomaly apply assembly barfly belly bully butterfly comply dolly dragonfly family firefly fly folly gadfly \
gully holly homily horsefly housefly imply italy jelly july lily melancholy monopoly multiply panoply potbelly \
rally rely reply sully supply tally"
        .split(' ')
        .collect()
});

/// Words that end like a participle and are none.
static ED_TEXTS: Words = LazyLock::new(|| {
    "\
aforesaid biped bleed bloodshed bobsled breed creed exceed freed greed hayseed hundred infrared kindred knead linseed \
moped naked newlywed nosebleed proceed quadruped reseed sacred seaweed shred sled speed steed succeed thread toolshed \
treed tweed watershed wicked"
        .split(' ')
        .collect()
});

/// Returns true for a word, in lower case, that makes a compound of "the word" before it.
pub(super) fn is_compound(word: &str) -> bool {
    COMPOUNDS.contains(word)
}

/// Returns true for a word, in lower case, that is a name or an idiom with "times" behind it.
pub(super) fn names_times(word: &str) -> bool {
    BEFORE_TIMES.contains(word)
}

/// Returns true for a word, in lower case, that is a unit.
pub(super) fn is_unit(word: &str) -> bool {
    UNITS.contains(word)
}

/// Returns true for a word, in lower case, that stands for an amount without being a number.
pub(super) fn is_amount(word: &str) -> bool {
    AMOUNTS.contains(word)
}

/// Returns true for a word, in lower case, that may say something about "the word" before it: one of [`MODIFIERS`], an
/// adverb, or a participle.
pub(super) fn is_modifier(word: &str) -> bool {
    let is_participle = word.len() > 4 && word.ends_with("ed") && !ED_TEXTS.contains(word);
    MODIFIERS.contains(word) || is_participle || (word.ends_with("ly") && !LY_TEXTS.contains(word))
}

/// Returns true for a word that cannot be a text unless it is quoted or called a word.
pub(super) fn is_function_word(word: &str) -> bool {
    FUNCTION_WORDS.contains(word.to_lowercase().as_str())
}
