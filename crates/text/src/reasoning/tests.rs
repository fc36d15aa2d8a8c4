//! Replies of many families, whole, cut, nested and quoting.

use abi::Step;

use super::{ReasonedReply, ReasoningMarkup, StreamedReply};

/// Returns the answer and the thoughts of a reply of an unknown model.
fn split(reply: &str) -> (String, String) {
    parts(ReasoningMarkup::default().split(reply))
}

fn parts(reply: ReasonedReply) -> (String, String) {
    (reply.answer, reply.thoughts)
}

#[test]
fn thoughts_of_every_family_are_taken_out() {
    let families = [
        ("<think>", "</think>"),
        ("[THINK]", "[/THINK]"),
        ("<|START_THINKING|>", "<|END_THINKING|>"),
        ("<|channel>thought\n", "<channel|>"),
        ("<seed:think>", "</seed:think>"),
        ("◁think▷", "◁/think▷"),
        ("<|inner_prefix|>", "<|inner_suffix|>"),
        ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
        (
            "<|start|>assistant<|channel|>analysis<|message|>",
            "<|end|><|channel|>final <|constrain|>json<|message|>",
        ),
        ("analysis", "assistantfinal"),
        ("<THINK>", "</THINK>"),
        ("<Think>", "</think>"),
        ("<longcat_think>", "</longcat_think>"),
        ("<|begin_of_thought|>", "<|end_of_thought|>"),
        ("<|think|>", "<|end|><|begin|>assistant<|content|>"),
    ];
    let thought = "Is it {\"colour\":\"red\"}? no";
    for (open, close) in families {
        let reply = format!("{open}{thought}{close}{{\"colour\":\"blue\"}}");
        let (answer, thoughts) = split(&reply);
        assert_eq!(answer, "{\"colour\":\"blue\"}", "{reply}");
        assert_eq!(thoughts.split("<|end|>").next(), Some(thought), "{reply}");
        // Cut anywhere in the thoughts: they are all thought, and no answer is stated.
        let end = open.len() + thought.len();
        for cut in (open.len() + 1..=end).filter(|cut| reply.is_char_boundary(*cut)) {
            assert_eq!(split(&reply[..cut]).0, "", "{}", &reply[..cut]);
        }
        // Cut inside the mark between thoughts and answer.
        for cut in (end + 1..end + close.len()).filter(|cut| reply.is_char_boundary(*cut)) {
            let answer = split(&reply[..cut]).0;
            assert!(answer.is_empty(), "{answer:?} of {}", &reply[..cut]);
        }
    }
}

#[test]
fn an_ordinary_reply_is_left_as_it_is() {
    for reply in [
        "",
        "  7 \n",
        "Answer: 7",
        "{\"note\": \"end it with </think>\", \"open\": \"<think>\"}",
        "[\"a\", \"<think>b</think>\"]",
        "The tag `</think>` ends thoughts, and `<think>` begins them.",
        "Write '</think>' or \u{201c}<think>\u{201d}.",
        "```html\n<think>x</think>\n```\nThat is all.",
        "Well: <reasoning>an element</reasoning>",
        "<analysis>what was asked for</analysis>\n<summary>it</summary>",
        "<PLAN>1. rest</PLAN>",
        "Well. Here is my thought process: none.",
        "[think] about it [/think]",
        "{\"a\": \"<thinking>b</thinking>\"}",
        "```xml\n<thinking>x</thinking>\n```\nThat is all.",
        "`<thinking>` begins thoughts, and `</thinking>` ends them.",
        "<thinkings>x</thinkings>",
        "<a><thought>x</thought><b/></a>",
        "analysis of the sentence",
        "a <| b |> c",
        "Parts begin with `<|channel|>NAME<|message|>` there.",
        "The mark <|channel|> begins a part.",
        "````\n```\n<think>\n```\n````\nThat is all.",
        "~~~xml\n<think>\nx\n</think>\n~~~",
    ] {
        assert_eq!(split(reply), (reply.to_owned(), String::new()));
    }
}

#[test]
fn tags_that_nest_repeat_or_lack_their_pair_hide_no_thought() {
    let table = [
        ("red</think>blue", "blue", "red"),
        ("red\n</think>\n\nblue", "blue", "red"),
        ("<think>a<think>red</think>b</think>blue", "blue", "a<think>red</think>b"),
        ("<think>I use <think> here: red</think>blue", "blue", "I use <think> here: red"),
        ("<think>a</think>red</think>blue", "blue", "a\nred"),
        ("<think>a</think><think>red</think>blue", "blue", "a\nred"),
        ("<think>a</think>blue<think>red</think>", "blue", "a\nred"),
        ("Well.<think>red</think>blue", "Well.\nblue", "red"),
        ("Well. <think>red", "Well.", "red"),
        ("<think></think>blue", "blue", ""),
        ("<think>\n\n</think>\n\nblue", "blue", ""),
        ("<think>", "", ""),
        ("</think>", "", ""),
        ("<think>end it with \"</think>\" then</think>blue", "blue", "end it with \"</think>\" then"),
        ("<think>it is 5\" long</think>blue", "blue", "it is 5\" long"),
        ("<think>\"open </think>{\"colour\":\"blue\"}", "{\"colour\":\"blue\"}", "\"open"),
        ("<think>```json\nred\n```</think>\n```json\nblue\n```", "```json\nblue\n```", "```json\nred\n```"),
        ("<think>a</think>{\"note\":\"</think>\"}", "{\"note\":\"</think>\"}", "a"),
        ("<think>a</think><answer>blue</answer>", "blue", "a"),
        ("```\nred\n</think>\n```json\nblue\n```", "```json\nblue\n```", "```\nred"),
        ("~~~\nred\n</think>\nblue\n~~~", "blue\n~~~", "~~~\nred"),
        ("The tag </think> ends it, so red</think>blue", "blue", "The tag </think> ends it, so red"),
        ("<think>a</think>Use </think> there: blue", "there: blue", "a\nUse"),
        ("Hm.<|channel|>analysis<|message|>red<|end|><|channel|>final<|message|>blue", "Hm.\nblue", "red"),
        ("analysis<|message|>red<|end|><|start|>assistant<|channel|>final<|message|>blue", "blue", "red"),
        ("<|channel|>final<|message|>blue<|channel|>analysis<|message|>red", "blue", "red"),
        ("<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>blue<|END_RESPONSE|>", "blue", "a"),
        ("<thinking>a</thinking>\n<reflection>red</reflection>\n<output>blue</output>", "blue", "a\nred"),
        (
            "<thinking>a<reflection>red</reflection></thinking><output>blue</output>",
            "blue",
            "a<reflection>red</reflection>",
        ),
        ("<THINKING>a</THINKING><REFLECTION>red</REFLECTION><SOLUTION>blue</SOLUTION>", "blue", "a\nred"),
        ("<Thought>red</Thought>\n<Output>blue</Output>", "blue", "red"),
        ("<think>red</think>\n<response>\nblue\n</response>\n", "blue", "red"),
        ("<think>red</think><|begin_of_box|>blue<|end_of_box|>", "blue", "red"),
        ("<think>a</think><reflection>red", "", "a\nred"),
        ("Here is my thought process: red\n\nHere is my response: blue", "blue", "red"),
        ("Here's my thought process: red", "", "red"),
        (
            "<|begin_of_thought|>red<|end_of_thought|>\n<|begin_of_solution|>blue<|end_of_solution|>",
            "blue",
            "red",
        ),
        ("<|content|>blue", "blue", ""),
    ];
    for (reply, answer, thoughts) in table {
        assert_eq!(split(reply), (answer.to_owned(), thoughts.to_owned()), "{reply}");
    }
}

#[test]
fn a_prompt_may_open_the_thoughts() {
    let opened = ReasoningMarkup::from_sources(&[], "<|Assistant|><think>\n");
    let table = [
        ("red</think>blue", "blue", "red"),
        ("red", "", "red"),
        ("<think>red</think>blue", "blue", "red"),
        ("I write <think> here: red</think>blue", "blue", "I write <think> here: red"),
    ];
    for (reply, answer, thoughts) in table {
        assert_eq!(parts(opened.split(reply)), (answer.to_owned(), thoughts.to_owned()), "{reply}");
    }
    // A template that closes them again opens nothing, and what it writes before the user's text does not count.
    let closed = ReasoningMarkup::from_sources(&["{{ '<think>' }}</think>"], "<think>\n\n</think>\n\n");
    assert_eq!(closed.split("blue").answer, "blue");
    let channels = ReasoningMarkup::from_sources(&[], "<|end|><|start|>assistant");
    let reply = "<|channel|>analysis<|message|>red<|end|><|start|>assistant<|channel|>final<|message|>blue";
    assert_eq!(parts(channels.split(reply)), ("blue".to_owned(), "red".to_owned()));
    assert_eq!(channels.split("blue").answer, "blue");
    let analysis = ReasoningMarkup::from_sources(&[], "<|start|>assistant<|channel|>analysis<|message|>");
    assert_eq!(parts(analysis.split("red")), (String::new(), "red".to_owned()));
}

#[test]
fn elements_are_tags_for_a_model_that_names_them_and_at_the_start_of_a_reply() {
    let reply = "Well. <reasoning>red</reasoning>blue";
    assert_eq!(split(reply).0, reply);
    let named = ReasoningMarkup::from_sources(&["{{ content.split('</reasoning>')[-1] }}"], "");
    assert_eq!(parts(named.split(reply)), ("Well.\nblue".to_owned(), "red".to_owned()));
    let document = "{\"colour\":\"blue\"}";
    let named = ReasoningMarkup::from_sources(&["Write <ANALYSIS> and </ANALYSIS>."], "");
    assert_eq!(named.split("<analysis>red</analysis>blue").answer, "blue");
    for element in
        ["thinking", "thought", "reasoning", "reflection", "Thought", "SCRATCHPAD", "inner_monologue"]
    {
        let thought = "Is it {\"colour\":\"red\"}? no";
        let reply = format!("\n<{element}>{thought}</{element}>\n{document}");
        assert_eq!(split(&reply), (document.to_owned(), thought.to_owned()), "{reply}");
        // Cut in the thoughts or at their end: no answer is stated.
        let end = reply.find('\n').map_or(0, |_| reply.len() - document.len());
        for cut in element.len() + 3..=end {
            assert_eq!(split(&reply[..cut]).0, "", "{}", &reply[..cut]);
        }
        // Another element of the same reply is text.
        let other = format!("<{element}>a</{element}><b><thinker>x</thinker></b>");
        assert_eq!(split(&other), ("<b><thinker>x</thinker></b>".to_owned(), "a".to_owned()));
    }
}

#[test]
fn the_call_of_a_tool_is_no_answer() {
    let calls = [
        "<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{\"colour\":\"red\"}<|call|>",
        "<|START_THINKING|>a<|END_THINKING|><|START_ACTION|>[{\"colour\":\"red\"}]<|END_ACTION|>",
        "<|tool_call>{\"colour\":\"red\"}<tool_call|>",
    ];
    for call in calls {
        let reply = ReasoningMarkup::default().split(call);
        assert!(reply.calls_tool && reply.answer.is_empty(), "{call}: {reply:?}");
        assert!(reply.thoughts.contains("red"), "{reply:?}");
    }
}

/// Each piece, repeated, once took quadratic time: hours at the largest size of a reply. No time is asserted; with the old
/// search the test would not end.
#[test]
fn a_long_reply_of_one_piece_is_taken_apart() {
    let pieces = [
        ("<think>red</think>", ""),
        ("</think>", ""),
        ("<think>", ""),
        ("<think>\"</think>{", "{"),
        ("\"</think>\" ", "\"</think>\" "),
        ("```\n</think>\n```\n", "```"),
        ("<think>[/THINK]", ""),
        ("<think>a</think>b[THINK]", "b"),
        ("<|channel|>analysis<|message|>", ""),
        ("<|channel|>", ""),
        ("<| ", "<|"),
    ];
    for (piece, answer) in pieces {
        let reply = piece.repeat((2 << 20) / piece.len());
        let split = split(&reply).0;
        assert!(if answer.is_empty() { split.is_empty() } else { split.contains(answer) }, "{piece:?}");
    }
}

/// Returns what is told of a reply that comes in pieces of `size` characters, the answer and the thoughts.
fn told(reply: &str, size: usize) -> (String, String) {
    let mut streamed = StreamedReply::new(ReasoningMarkup::default());
    let (mut answer, mut thoughts) = (String::new(), String::new());
    let mut take = |step: Step<'_>| match step {
        Step::Answer(part) => answer.push_str(part),
        Step::Thought(part) => thoughts.push_str(part),
        other => panic!("{other:?}"),
    };
    let ends: Vec<usize> = reply.char_indices().map(|(at, _)| at).skip(1).step_by(size).collect();
    ends.iter().chain([&reply.len()]).for_each(|end| streamed.tell(&reply[..*end], &mut take));
    (answer, thoughts)
}

#[test]
fn a_streamed_reply_tells_no_thought_and_no_mark_as_the_answer() {
    let replies = [
        "Good morning! How are you?",
        "  7 \n",
        "a < b, a <| b, [TH] and <thinly> are no tags.",
        "<think>a thought</think>\n\nAn answer, in words.",
        "\n<think>one</think>first<think>two</think>second",
        "[THINK]hm[/THINK]Yes.",
        "<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>Yes.<|END_RESPONSE|>",
        "<|channel>thought\nhm<channel|>Yes, of course.",
        "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Yes.",
        "analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Yes.",
        "analysisHm, well.assistantfinalYes.",
        "Analysis is a field of mathematics.",
        "final words",
        "<think>hm</think><answer>Yes.</answer>",
        "<THINK>hm</THINK><Output>Yes.</Output>",
        "<thinking>hm</thinking><reflection>well</reflection>Yes.",
        "<|begin_of_thought|>hm<|end_of_thought|><|begin_of_solution|>Yes.<|end_of_solution|>",
        "Here is my thought process: hm\nHere is my response: Yes.",
        "Here is my dog.",
        "The tag `</think>` ends thoughts, and `<think>` begins them.",
        "<think>cut off",
    ];
    for reply in replies {
        let whole = split(reply);
        for size in [1, 2, 3, 7, 1000] {
            let (answer, thoughts) = told(reply, size);
            assert_eq!(answer, whole.0.trim_end(), "{reply:?} in pieces of {size}");
            assert_eq!(thoughts, whole.1.trim_end(), "{reply:?} in pieces of {size}");
        }
    }
    // The control: a closing tag alone shows late that what was told was a thought.
    assert_eq!(split("hm</think>Yes.").0, "Yes.");
    assert_eq!(told("hm</think>Yes.", 1).0, "hm");
}
