use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use text::{ChatSource, ChatTemplate, Tokenizer};

use super::{split, text};

/// The special tokens of the tokenizer; the index is the id.
const SPECIAL: [&str; 4] = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"];

/// A tokenizer with one token for each byte, and the special tokens.
static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| {
    let names = SPECIAL.map(str::to_owned).into_iter().chain((0..256).map(|byte| format!("<0x{byte:02X}>")));
    let vocab: Map<String, Value> = names.zip(0..).map(|(name, id)| (name, json!(id))).collect();
    let added = SPECIAL.iter().zip(0..).map(|(content, id)| {
        json!({
            "id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true
        })
    });
    let json = json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": null, "pre_tokenizer": null,
        "post_processor": null, "decoder": {"type": "ByteFallback"}, "added_tokens": added.collect::<Vec<_>>(),
        "model": {
            "type": "BPE", "dropout": null, "unk_token": "<s>", "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true, "vocab": vocab, "merges": []
        }
    });
    let tokens = SPECIAL.len() + 256;
    Tokenizer::from_json(json.to_string().as_bytes(), tokens).expect("a tokenizer")
});

/// Checks a chat template and a message, which the input separates by a zero byte. Either the template is
/// refused with one line of text, or the number and order of the special tokens do not depend on the message.
pub(super) fn chat(bytes: &[u8]) {
    let (template, message) = split(bytes);
    let source = ChatSource {
        file: "chat_template.jinja",
        template: text(template),
        bos_token: SPECIAL[0].to_owned(),
        eos_token: SPECIAL[1].to_owned(),
    };
    let chat = match ChatTemplate::from_source(&TOKENIZER, &source) {
        Ok(chat) => chat,
        Err(error) => {
            let line = error.to_string();
            return assert!(!line.is_empty() && !line.contains('\n'), "{line}");
        }
    };
    let message = text(message);
    for facts in [false, true] {
        let special = |message: &str| {
            let facts = if facts { message } else { "" };
            let ids = chat.render(&TOKENIZER, facts, message).expect("every byte has a token");
            ids.into_iter().filter(|id| (*id as usize) < SPECIAL.len()).collect::<Vec<_>>()
        };
        assert_eq!(special(&message), special(if message.is_empty() { "" } else { "x" }));
    }
}
