//! The nineteen domains of the set, and how many items each has.

/// The domains, in the order in which their items are counted.
pub const DOMAINS: [&str; 19] = [
    "adversarial_edge",
    "analysis_argument",
    "coding",
    "commonsense",
    "creative_writing",
    "data_transform",
    "estimation_fermi",
    "ethics_judgment",
    "factual_knowledge",
    "instruction_format",
    "logic_puzzles",
    "math_reasoning",
    "multiturn_dialogue",
    "planning_procedure",
    "professional_domain",
    "reading_summarize",
    "research_current",
    "science_explain",
    "translation_language",
];

/// The gaps in code of all domains together.
pub(crate) const GAPS: usize = 300;
/// The questions in prose of all domains together.
pub(crate) const QUESTIONS: usize = 200;

/// Returns the share of the domain with this number in a count of items: even shares, the rest to the first domains.
pub(crate) fn share(total: usize, domain: usize) -> usize {
    total / DOMAINS.len() + usize::from(domain < total % DOMAINS.len())
}

/// The data of one domain: its families of gaps, and its families of questions.
pub(crate) struct Sources {
    pub(crate) gaps: &'static str,
    pub(crate) questions: &'static str,
}

macro_rules! sources {
    ($($name:literal),* $(,)?) => {
        /// Returns the data of a domain.
        pub(crate) fn sources(domain: &str) -> Sources {
            match domain {
                $($name => Sources {
                    gaps: include_str!(concat!("../data/code/", $name, ".toml")),
                    questions: include_str!(concat!("../data/prose/", $name, ".toml")),
                },)*
                _ => Sources { gaps: "", questions: "" },
            }
        }
    };
}

sources!(
    "adversarial_edge",
    "analysis_argument",
    "coding",
    "commonsense",
    "creative_writing",
    "data_transform",
    "estimation_fermi",
    "ethics_judgment",
    "factual_knowledge",
    "instruction_format",
    "logic_puzzles",
    "math_reasoning",
    "multiturn_dialogue",
    "planning_procedure",
    "professional_domain",
    "reading_summarize",
    "research_current",
    "science_explain",
    "translation_language",
);
