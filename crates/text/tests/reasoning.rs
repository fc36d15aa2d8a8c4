//! Thoughts in the replies of checkpoints: the template says where they begin, and the tokenizer what marks them.

mod common;

use abi::Thinking;
use common::{Added, embedded};
use text::{ChatError, ChatSource, ChatTemplate, ReasonedReply, Tokenizer};

const HEAD: &str = "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}{% endfor %}";

/// Returns a tokenizer with more tokens, and the template over it.
fn chat(template: &str, added: &[Added]) -> (Tokenizer, Result<ChatTemplate, ChatError>) {
    let (json, tokens) = embedded(added);
    let tokenizer = Tokenizer::from_json(json.as_bytes(), tokens).expect("a tokenizer");
    let source = ChatSource {
        file: ChatSource::TEMPLATE_FILE,
        template: format!("{HEAD}{template}"),
        bos_token: String::new(),
        eos_token: "<|end|>".to_owned(),
    };
    let chat = ChatTemplate::from_source(&tokenizer, &source);
    (tokenizer, chat)
}

/// Returns the ids of a reply, in which each of the added tokens that is spelled is one token.
fn ids(tokenizer: &Tokenizer, added: &[Added], reply: &str) -> Vec<u32> {
    let (_, tokens) = embedded(added);
    let first = tokens - added.len();
    let mut ids = Vec::new();
    let mut rest = reply;
    while !rest.is_empty() {
        let next =
            added.iter().zip(first..).filter_map(|((token, ..), id)| Some((rest.find(token)?, token, id)));
        let Some((at, token, id)) = next.min_by_key(|(at, ..)| *at) else {
            ids.extend(tokenizer.encode(rest).expect("bytes"));
            break;
        };
        ids.extend(tokenizer.encode(&rest[..at]).expect("bytes"));
        ids.push(u32::try_from(id).expect("a small id"));
        rest = &rest[at + token.len()..];
    }
    ids
}

fn parts(reply: ReasonedReply) -> (String, String) {
    (reply.answer, reply.thoughts)
}

#[test]
fn thoughts_are_found_by_tokens_that_the_decoder_drops() {
    let cases: [(&[Added], &str, &str); 5] = [
        (&[("<think>", false, false), ("</think>", false, false)], "", "<think>red</think>\n\nblue"),
        (&[("[THINK]", true, false), ("[/THINK]", true, false)], "", "[THINK]red[/THINK]blue"),
        (
            &[
                ("<|START_THINKING|>", true, false),
                ("<|END_THINKING|>", true, false),
                ("<|START_RESPONSE|>", true, false),
                ("<|END_RESPONSE|>", true, false),
            ],
            "",
            "<|START_THINKING|>red<|END_THINKING|><|START_RESPONSE|>blue<|END_RESPONSE|>",
        ),
        (
            &[("<|channel>", true, false), ("<channel|>", true, false)],
            "",
            "<|channel>thought\nred<channel|>blue",
        ),
        (
            &[
                ("<|start|>", true, false),
                ("<|channel|>", true, false),
                ("<|message|>", true, false),
                ("<|end_part|>", true, false),
            ],
            "<|start|>assistant",
            "<|channel|>analysis<|message|>red<|start|>assistant<|channel|>final<|message|>blue",
        ),
    ];
    for (added, opening, reply) in cases {
        let (tokenizer, chat) = chat(opening, added);
        let chat = chat.expect("a template");
        let ids = ids(&tokenizer, added, reply);
        let read = chat.read_reply(&tokenizer, &ids).expect("ids of the tokenizer");
        assert_eq!(parts(read), ("blue".to_owned(), "red".to_owned()), "{reply}");
        // Cut behind the thoughts: no answer is stated.
        let cut = ids.len() - tokenizer.encode("blue").expect("bytes").len();
        for cut in 1..cut.min(ids.len() - 3) {
            let read = chat.read_reply(&tokenizer, &ids[..cut]).expect("ids of the tokenizer");
            assert!(!read.answer.contains("red"), "{read:?} of {reply}");
        }
    }
}

#[test]
fn a_template_may_open_thoughts_and_a_user_may_not() {
    let added: &[Added] = &[("<think>", false, false), ("</think>", false, false)];
    let (tokenizer, opened) = chat("<|assistant|><think>\n", added);
    let opened = opened.expect("a template");
    let read = |chat: &ChatTemplate, reply: &str| {
        parts(chat.read_reply(&tokenizer, &ids(&tokenizer, added, reply)).expect("ids"))
    };
    assert_eq!(read(&opened, "red</think>blue"), ("blue".to_owned(), "red".to_owned()));
    assert_eq!(read(&opened, "red"), (String::new(), "red".to_owned()));
    // Whatever a user writes stands before the end of the prompt, and is no part of the template.
    let plain = chat("<|assistant|>", added).1.expect("a template");
    assert_eq!(read(&plain, "blue"), ("blue".to_owned(), String::new()));
    let closed = chat("<|assistant|><think>\n\n</think>\n\n", added).1.expect("a template");
    assert_eq!(read(&closed, "blue"), ("blue".to_owned(), String::new()));
}

#[test]
fn the_choice_of_thinking_reaches_the_switch_of_a_template() {
    let switch = "<|assistant|>{% if enable_thinking is defined and enable_thinking is false %}-{% endif %}";
    let thinking = "<|assistant|>{% if thinking is defined and thinking %}+{% endif %}";
    let effort = "{% if reasoning_effort is defined %}{{ reasoning_effort }}{% endif %}<|assistant|>";
    let none = "{{ reasoning_effort | default('none') }}<|assistant|>";
    let budget = "{{ thinking_budget }}<|assistant|>";
    let table = [
        (switch, Thinking::Auto, "<|user|>Hi<|assistant|>"),
        (switch, Thinking::On, "<|user|>Hi<|assistant|>"),
        (switch, Thinking::Off, "<|user|>Hi<|assistant|>-"),
        (thinking, Thinking::On, "<|user|>Hi<|assistant|>+"),
        (thinking, Thinking::Off, "<|user|>Hi<|assistant|>"),
        (effort, Thinking::Auto, "<|user|>Hi<|assistant|>"),
        (effort, Thinking::On, "<|user|>Hihigh<|assistant|>"),
        (effort, Thinking::Off, "<|user|>Hilow<|assistant|>"),
        (none, Thinking::Off, "<|user|>Hinone<|assistant|>"),
        (budget, Thinking::Off, "<|user|>Hi0<|assistant|>"),
        (budget, Thinking::On, "<|user|>Hi-1<|assistant|>"),
    ];
    for (template, thinking, written) in table {
        let (tokenizer, chat) = chat(template, &[]);
        let chat = chat.expect("a template").with_thinking(&tokenizer, thinking).expect("a switch");
        assert_eq!(chat.thinking(), thinking);
        let ids = chat.render(&tokenizer, "", "Hi").expect("ids");
        let special = |token: &'static str| tokenizer.special(token).expect("a token");
        let (user, assistant) = (special("<|user|>"), special("<|assistant|>"));
        let encode = |text: &str| tokenizer.encode(text).expect("ids");
        let (before, after) = written["<|user|>".len()..].split_once("<|assistant|>").expect("an end");
        let expected = [vec![user], encode(before), vec![assistant], encode(after)].concat();
        assert_eq!(ids, expected, "{template} {thinking:?}");
    }
    for thinking in [Thinking::On, Thinking::Off] {
        let (tokenizer, plain) = chat("<|assistant|>", &[]);
        let refused = plain.expect("a template").with_thinking(&tokenizer, thinking);
        assert!(matches!(refused, Err(ChatError::NoThinkingSwitch)), "{refused:?}");
        let own = ChatTemplate::from_tokenizer(&tokenizer).expect("its own tokens");
        assert!(matches!(own.with_thinking(&tokenizer, thinking), Err(ChatError::NoThinkingSwitch)));
        assert!(own.with_thinking(&tokenizer, Thinking::Auto).is_ok());
    }
}
