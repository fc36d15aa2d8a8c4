//! The entry head: the sides of the split share nothing, the recipe repeats, and the shipped head fits the
//! shipped model.

use std::collections::BTreeSet;
use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::{EntryHead, EntryTap, Session, Want};
use proposer::LocalModel;
use train::entry::{Ask, Kind, Plan, Side, capabilities, draw, make, text};
use train::shipped::Shipped;

const SIDES: [Side; 3] = [Side::Fit, Side::Calibrate, Side::Test];

#[test]
fn wordings_families_words_and_prompts_are_on_one_side() {
    let mut prompts = BTreeSet::new();
    for side in SIDES {
        let asks = draw(side, 400, 5);
        for kind in [Kind::Question, Kind::Paraphrase].iter().chain(&Kind::NEGATIVE) {
            assert!(asks.iter().filter(|ask| ask.kind == *kind).count() >= 60, "{side:?}: few of {kind:?}");
        }
        for Ask { prompt, class, kind, words, places } in asks {
            assert!(places.iter().all(|place| Side::from_place(*place) == side), "{prompt}");
            assert!(words.iter().all(|word| Side::from_word(word) == side), "{prompt}");
            assert!(!words.iter().any(|word| !prompt.to_lowercase().contains(word)), "{prompt}");
            assert_eq!(Kind::NEGATIVE.contains(&kind), class == 0, "{prompt}");
            assert!(kind == Kind::Salad || !places.is_empty(), "{prompt}");
            assert!(!prompt.contains(['{', '}']), "{prompt} has an open slot");
            assert!(prompts.insert(prompt.clone()), "{prompt} is on two sides");
        }
    }
}

/// No prompt that asks for nothing is a question to the rules. If the rules read one, its label would be
/// wrong.
#[test]
fn labels_are_those_of_the_rules_where_the_rules_read_something() {
    let names = capabilities();
    let mut read = 0;
    for side in SIDES {
        for ask in draw(side, 100, 5) {
            let Some(routed) = factloop::route(&ask.prompt) else { continue };
            let capability = factloop::fact_capability(routed.specification).0;
            if !names.contains(&capability) {
                // The head knows nothing of what the rules learnt to read after it was fitted.
                assert_eq!(ask.class, 0, "{}", ask.prompt);
                continue;
            }
            assert_eq!(
                ask.class.checked_sub(1).map(|class| &names[class]),
                Some(&capability),
                "{}",
                ask.prompt
            );
            read += 1;
        }
    }
    assert!(read > 1_000, "{read} are read");
}

#[test]
fn the_recipe_repeats_bit_for_bit_on_any_number_of_threads() {
    let model = Shipped::embedded().expect("model");
    let plan = Plan { items: 8, seed: 3 };
    let [one, two, other] = [(plan, 1), (plan, 3), (Plan { seed: 4, ..plan }, 1)].map(|(plan, threads)| {
        let fitted = make(&model, &plan, threads).expect("a head");
        (fitted.head.to_safetensors(), text(&fitted))
    });
    assert!(one == two, "the number of threads is seen in head or report");
    assert!(one.0 != other.0, "the seed is not used");
}

fn shipped() -> (LocalModel<CpuBackend>, Arc<EntryHead>) {
    let backend = CpuBackend::best().expect("IEEE arithmetic");
    let local =
        LocalModel::from_parts(embedded::CONFIG.as_bytes(), embedded::TOKENIZER, embedded::WEIGHTS, backend)
            .expect("model");
    let head = EntryHead::from_safetensors(embedded::ENTRY_HEAD, local.model()).expect("head");
    (local, Arc::new(head))
}

/// Returns the requests of the tap on the prefill in chunks, followed by the first tokens of an answer.
fn requested(
    local: &LocalModel<CpuBackend>,
    head: &Arc<EntryHead>,
    prompt: &str,
    chunk: usize,
) -> Option<String> {
    let ids = local.prompt_ids("", prompt).expect("ids");
    let mut tap = EntryTap::new(head, ids.len() - 1);
    let mut session = Session::open(local.model());
    let chunks = ids.chunks(chunk).map(|ids| session.prefill_trapped(ids, Want::Last, &mut tap));
    let mut next = chunks.last().expect("a prompt").expect("logits").argmax(0);
    let request = tap.request();
    for _ in 0..4 {
        next = session.prefill_trapped(&[next], Want::Last, &mut tap).expect("logits").argmax(0);
    }
    assert_eq!(tap.request(), request, "what is generated is no part of the prompt");
    request.map(|request| request.capability)
}

#[test]
fn the_shipped_head_requests_what_held_out_wordings_ask_for_and_nothing_for_conversation() {
    let (local, head) = shipped();
    let parts = head.parts();
    assert_eq!(
        parts.classes.iter().map(|class| class.capability.clone()).collect::<Vec<_>>(),
        capabilities()
    );
    // A seed of its own, so that no prompt is one of those in the report.
    let asks = draw(Side::Test, 60, 77);
    let (mut right, mut questions, mut false_requests, mut conversation) = (0, 0, 0, 0);
    for ask in asks {
        let request = requested(&local, &head, &ask.prompt, 7);
        match ask.kind {
            Kind::Question => {
                questions += 1;
                right += usize::from(request.as_ref() == Some(&parts.classes[ask.class - 1].capability));
            }
            Kind::Chat => {
                conversation += 1;
                false_requests += usize::from(request.is_some());
            }
            _ => {}
        }
    }
    assert_eq!((questions, conversation), (300, 120));
    println!("{right} of {questions} requested, {false_requests} of {conversation} falsely");
    assert!(right * 100 >= questions * 80, "{right} of {questions}");
    assert!(false_requests <= 1, "{false_requests} of {conversation}");
}

#[test]
fn the_front_doors_example_is_requested_in_any_chunks() {
    let (local, head) = shipped();
    let prompt = "How many times does the letter r appear in strawberry? Add 4 to it.";
    for chunk in [1, 2, 5, 64] {
        assert_eq!(requested(&local, &head, prompt, chunk).as_deref(), Some("fact:count_then_add"));
    }
    for prompt in ["Hello there!", "Write a letter to the prime minister.", "Count me in for dinner."] {
        assert_eq!(requested(&local, &head, prompt, 5), None, "{prompt}");
    }
}

/// A head of another model is refused, not run.
#[test]
fn the_shipped_head_belongs_to_the_shipped_model() {
    let (_, head) = shipped();
    let config =
        embedded::CONFIG.replace("\"max_position_embeddings\": 512", "\"max_position_embeddings\": 256");
    let backend = CpuBackend::best().expect("IEEE arithmetic");
    let other = LocalModel::from_parts(config.as_bytes(), embedded::TOKENIZER, embedded::WEIGHTS, backend)
        .expect("another model");
    let error = EntryHead::from_safetensors(embedded::ENTRY_HEAD, other.model()).expect_err("another model");
    assert!(matches!(error, neural::EntryError::OtherModel { trained, .. } if trained == head.parts().model));
    assert!(embedded::ENTRY_HEAD.len() < 200 << 10, "{} bytes", embedded::ENTRY_HEAD.len());
}

/// The prompts of `nmk eval dispatch`, which the program carries as a file: those of the test side under a seed of their own.
#[test]
fn the_prompts_of_the_evaluation_of_dispatch_are_of_the_test_side() {
    let names = capabilities();
    let line = |ask: Ask| {
        let capability = ask.class.checked_sub(1).map_or("none", |place| names[place].as_str());
        format!("{capability}\t{:?}\t{}\n", ask.kind, ask.prompt)
    };
    let found: String = draw(Side::Test, 40, 2026).into_iter().map(line).collect();
    assert!(
        found == include_str!("../../nmk/src/eval/dispatch.txt"),
        "the file is not what the test side draws"
    );
}
