//! The words that may stand around a question, each in its place.

use super::Shared;

pub(super) const SHARED: &[Shared] = &[
    ("before", &["[<greeting>] [<opening>]"]),
    ("after", &["[.] [[','] <closing> [.|','] [<closing>]] [.]"]),
    ("greeting", &["(hi|hello|hey|okay|ok|good (morning|afternoon|evening)) [there|friend] [.|',']"]),
    (
        "opening",
        &[
            "[please] help me .",
            "(quick question|i have a [quick] question|question|a question) (.|':'|',')",
            "(one more thing|just curious|for my homework|tell me) (.|':'|',')",
        ],
    ),
    (
        "closing",
        &[
            "please",
            "(thanks|thank you) [so much|very much|a lot|in advance]",
            "[please] answer briefly",
            "[please] be careful",
            "i am in a hurry",
            "it is for (a game|my homework)",
            "my friend wants to know",
        ],
    ),
    // What stands before an imperative.
    ("polite", &["please", "(can|could|would|will) you [please|kindly]", "kindly"]),
    // What asks for the value of a noun phrase.
    (
        "asks_value",
        &[
            "what (is|are)",
            "what's",
            "[<polite>] (tell me|give me|give|find|find out|compute|calculate|determine|work out)",
            "i (need|want|would like)",
            "i'd like",
            "which is",
        ],
    ),
    // What asks for the value of a sum that is written with signs. "I need 20 - 30" names a range.
    (
        "computes",
        &["what (is|are)", "what's", "how much is", "[<polite>] (compute|calculate|determine|work out)"],
    ),
    // What asks for the content of a clause: how many there are, whether it is so.
    (
        "asks_clause",
        &[
            "[<polite>] (tell me|find out|work out|figure out|determine|check|say|let me know)",
            "i (want|need|would like) to know",
            "i'd like to know",
            "i wonder",
            "do you know",
        ],
    ),
];
