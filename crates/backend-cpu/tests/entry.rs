//! A tap on the prefill reads one row, the same in any schedule, and a head that does not fit is refused.

mod common;

use std::collections::HashMap;
use std::sync::Arc;

use backend_cpu::CpuBackend;
use common::synthetic::{ODD, Random};
use common::{backends, best, bits};
use neural::{
    EntryClass, EntryError, EntryHead, EntryParts, EntryReading, EntryRequest, EntryTap, Injection, Model,
    PassSite, Session, Traps, Want, WeightsError,
};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

const HIDDEN: usize = 5;
const LAYER: usize = 2;

/// Edits of numbers or of a description, each with what the refusal says.
type Edit<T> = (&'static str, fn(&mut T), &'static str);

fn class(capability: &str, threshold: f64) -> EntryClass {
    EntryClass { capability: capability.to_owned(), threshold }
}

/// A head of drawn numbers with two classes beside the one that asks for nothing.
fn parts(model: &Model<CpuBackend>) -> EntryParts {
    let mut random = Random(11);
    let mut draw = |count: usize| (0..count).map(|_| random.symmetric()).collect::<Vec<f32>>();
    let width = model.config().hidden_size;
    EntryParts {
        model: model.digest(),
        layer: LAYER,
        classes: vec![class("fact:gcd", 0.1 + 0.2), class("fact:is_prime", 0.75)],
        mean: draw(width),
        scale: draw(width),
        hidden: draw(HIDDEN * width),
        hidden_bias: draw(HIDDEN),
        output: draw(3 * HIDDEN),
        output_bias: draw(3),
    }
}

fn tokens() -> Vec<u32> {
    Random(5).tokens(140, ODD.vocab)
}

/// What a tap on the prompt's last position reads, the prompt coming in chunks and ten tokens following it,
/// and the bits of every logit.
fn tapped(
    model: &Arc<Model<CpuBackend>>,
    head: &Arc<EntryHead>,
    chunk: usize,
) -> (Option<EntryReading>, Vec<u32>) {
    let ids = tokens();
    let prompt = ids.len() - 10;
    let mut tap = EntryTap::new(head, prompt - 1);
    let mut session = Session::open(model);
    let mut logits = Vec::new();
    for ids in ids[..prompt].chunks(chunk).chain(ids[prompt..].chunks(1)) {
        assert_eq!(tap.reading().is_some(), session.position() >= prompt);
        let rows = session.prefill_trapped(ids, Want::All, &mut tap).expect("a model");
        logits.extend(bits(rows.values()));
    }
    (tap.reading(), logits)
}

#[test]
fn a_reading_is_the_same_in_any_schedule_and_changes_nothing() {
    let mut seen: Option<(u64, Vec<u32>)> = None;
    for backend in backends() {
        let model = ODD.model(backend);
        let head = Arc::new(EntryHead::new(parts(&model), &model).expect("a head"));
        let plain = Session::open(&model).prefill(&tokens(), Want::All).expect("a model");
        for chunk in [1, 3, 64, 130] {
            let (reading, logits) = tapped(&model, &head, chunk);
            assert!(logits == bits(plain.values()), "a tap changes nothing, chunks of {chunk}");
            let found = (reading.expect("the position was passed").confidence.to_bits(), logits);
            assert!(*seen.get_or_insert_with(|| found.clone()) == found, "chunks of {chunk}");
        }
    }
}

/// An edit of the row at the prompt's end, or of one before it, is read: the tap is on the live pass, whatever
/// was done to it there.
#[test]
fn a_tap_reads_the_pass_that_it_is_on() {
    let model = ODD.model(best());
    let head = Arc::new(EntryHead::new(parts(&model), &model).expect("a head"));
    let ids = tokens();
    let read = |session: &mut Session<CpuBackend>, ids: &[u32]| {
        let mut tap = EntryTap::new(&head, session.position() + ids.len() - 1);
        session.prefill_trapped(ids, Want::Last, &mut tap).expect("a model");
        (tap.reading().expect("a reading"), tap.residual().expect("a row").to_vec())
    };
    let whole = read(&mut Session::open(&model), &ids);
    let mut session = Session::open(&model);
    let row = vec![0.5; model.config().hidden_size];
    let mut injection = Injection { layer: 0, rows: [(119, row)].into() };
    session.prefill_trapped(&ids[..120], Want::Last, &mut injection).expect("a model");
    assert_ne!(read(&mut session, &ids[120..]), whole);
    session.rewind(0).expect("within the horizon");
    assert_eq!(read(&mut session, &ids), whole, "a rewind leads back to the same reading");
    assert_ne!(read(&mut Session::open(&model), &ids[..ids.len() - 1]), whole);
}

#[test]
fn a_rewind_is_forgotten_and_what_follows_the_prompt_is_not_heard() {
    let model = ODD.model(best());
    let head = Arc::new(EntryHead::new(parts(&model), &model).expect("a head"));
    let mut tap = EntryTap::new(&head, 9);
    let deaf = |tap: &EntryTap| {
        let sites =
            [PassSite::Entry, PassSite::Block(LAYER - 1), PassSite::Block(LAYER), PassSite::Router(LAYER)];
        sites.map(|site| Traps::<CpuBackend>::ignores(tap, site))
    };
    assert_eq!(deaf(&tap), [true, true, false, true]);
    let mut session = Session::open(&model);
    session.prefill_trapped(&tokens()[..10], Want::Last, &mut tap).expect("a model");
    let first = tap.reading();
    assert_eq!((first.is_some(), deaf(&tap)), (true, [true; 4]));
    Traps::<CpuBackend>::rewound(&mut tap, 10);
    assert_eq!(tap.reading(), first, "the prompt itself is kept");
    Traps::<CpuBackend>::rewound(&mut tap, 9);
    assert_eq!((tap.reading(), deaf(&tap)), (None, [true, true, false, true]));
    session.rewind(9).expect("one position back");
    let other = (tokens()[9] + 1) % ODD.vocab as u32;
    session.prefill_trapped(&[other], Want::Last, &mut tap).expect("a model");
    assert!(tap.reading().is_some() && tap.reading() != first);
}

#[test]
fn a_head_computes_what_another_writing_of_it_does() {
    let model = ODD.model(best());
    let head = EntryHead::new(parts(&model), &model).expect("a head");
    let parts = head.parts();
    let width = parts.mean.len();
    for seed in 0..50 {
        let mut random = Random(100 + seed);
        let row: Vec<f32> = (0..width).map(|_| 3.0 * random.symmetric()).collect();
        let dot = |weights: &[f32], inputs: &[f64]| -> f64 {
            weights.iter().rev().zip(inputs.iter().rev()).map(|(w, x)| f64::from(*w) * x).sum()
        };
        let inputs: Vec<f64> =
            (0..width).map(|i| f64::from(parts.scale[i]) * f64::from(row[i] - parts.mean[i])).collect();
        let hidden: Vec<f64> = (0..HIDDEN)
            .map(|j| dot(&parts.hidden[j * width..][..width], &inputs) + f64::from(parts.hidden_bias[j]))
            .map(|x| x.max(0.0))
            .collect();
        let odds: Vec<f64> = (0..3)
            .map(|k| dot(&parts.output[k * HIDDEN..][..HIDDEN], &hidden) + f64::from(parts.output_bias[k]))
            .map(f64::exp)
            .collect();
        let reading = head.read(&row).expect("a finite row");
        let expected = odds[reading.class] / odds.iter().sum::<f64>();
        assert!((reading.confidence - expected).abs() < 1e-5, "{reading:?}, expected {expected}");
        assert!(odds.iter().all(|odd| *odd <= odds[reading.class]));
    }
    let row = vec![0.0; width];
    assert!(head.read(&row[1..]).is_none() && head.read(&[&row[1..], &[f32::NAN]].concat()).is_none());
}

#[test]
fn a_request_names_one_capability_at_the_threshold_and_above() {
    let model = ODD.model(best());
    let head = EntryHead::new(parts(&model), &model).expect("a head");
    let request = |class, confidence| head.request(EntryReading { class, confidence });
    for (class, capability, threshold) in [(1, "fact:gcd", 0.1 + 0.2), (2, "fact:is_prime", 0.75)] {
        let capability = capability.to_owned();
        let at = EntryRequest { capability, confidence: threshold, threshold };
        assert_eq!(request(class, threshold), Some(at));
        assert_eq!(request(class, threshold.next_down()), None);
    }
    for (class, confidence) in [(0, 1.0), (1, f64::NAN), (3, 1.0)] {
        assert_eq!(request(class, confidence), None, "class {class} at {confidence}");
    }
}

#[test]
fn a_head_is_written_and_read_to_the_same_bytes() {
    let model = ODD.model(best());
    let head = EntryHead::new(parts(&model), &model).expect("a head");
    let bytes = head.to_safetensors();
    assert!((0..8).all(|_| head.to_safetensors() == bytes), "equal heads are equal bytes");
    let again = EntryHead::from_safetensors(&bytes, &model).expect("what was written");
    assert_eq!((&again, again.to_safetensors()), (&head, bytes));
}

const PARTS: [Edit<EntryParts>; 15] = [
    ("layer", |p| p.layer = 3, "after layer 3, and the model has 3"),
    ("no classes", |p| p.classes.clear(), "there is none"),
    ("twice", |p| p.classes[1].capability = p.classes[0].capability.clone(), "twice"),
    ("empty name", |p| p.classes[1].capability.clear(), "1 to 128 bytes"),
    ("long name", |p| p.classes[1].capability = "x".repeat(129), "1 to 128 bytes"),
    ("control character", |p| p.classes[1].capability = "fact:\n".to_owned(), "control characters"),
    ("threshold 0", |p| p.classes[1].threshold = 0.0, "`fact:is_prime` is 0,"),
    ("threshold above 1", |p| p.classes[0].threshold = 1.01, "`fact:gcd` is 1.01"),
    ("threshold NaN", |p| p.classes[0].threshold = f64::NAN, "`fact:gcd` is NaN"),
    ("mean", |p| p.mean.truncate(36), "mean has"),
    ("scale", |p| p.scale.push(0.0), "scale has"),
    ("no hidden layer", |p| p.hidden_bias.clear(), "hidden bias has 0"),
    ("class without output", |p| p.output_bias.truncate(2), "output bias has 2"),
    ("infinite", |p| p.hidden[7] = f32::INFINITY, "value 7 of the entry head's hidden layer"),
    ("not a number", |p| p.scale[1] = f32::NAN, "value 1 of the entry head's scale"),
];

#[test]
fn parts_that_do_not_fit_are_refused() {
    let model = ODD.model(best());
    assert_eq!(model.config().layers.len(), 3, "the table below counts on it");
    for (name, edit, says) in PARTS {
        let mut parts = parts(&model);
        edit(&mut parts);
        let error = EntryHead::new(parts, &model).expect_err(name).to_string();
        assert!(error.contains(says) && !error.contains('\n'), "{name}: {error}");
    }
    let mut other = parts(&model);
    other.model = another_model();
    let error = EntryHead::new(other, &model).expect_err("another model");
    assert!(matches!(error, EntryError::OtherModel { trained, .. } if trained == another_model()), "{error}");
}

fn another_model() -> neural::abi::Digest {
    neural::abi::Digest::of("nmk.model.v1", b"another model")
}

type Stored = (String, Dtype, Vec<usize>, Vec<u8>);
type Tensors = Vec<Stored>;

const KEY: &str = "nmk.entry.v1";

/// The head's file, its description or its tensors edited.
fn file(describe: impl FnOnce(&mut String), edit: impl FnOnce(&mut Tensors)) -> Vec<u8> {
    let model = ODD.model(best());
    let bytes = EntryHead::new(parts(&model), &model).expect("a head").to_safetensors();
    let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("a file");
    let mut description = metadata.metadata().clone().expect("a description")[KEY].clone();
    describe(&mut description);
    let file = SafeTensors::deserialize(&bytes).expect("a file");
    let mut tensors: Tensors = file
        .tensors()
        .into_iter()
        .map(|(name, view)| (name, view.dtype(), view.shape().to_vec(), view.data().to_vec()))
        .collect();
    edit(&mut tensors);
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (name.clone(), TensorView::new(*dtype, shape.clone(), bytes).expect("sizes agree"))
    });
    let metadata = (!description.is_empty()).then(|| HashMap::from([(KEY.to_owned(), description)]));
    safetensors::serialize(views, metadata).expect("a file")
}

fn refusal(bytes: &[u8]) -> EntryError {
    EntryHead::from_safetensors(bytes, &ODD.model(best())).expect_err("a head that does not fit")
}

const DESCRIPTIONS: [Edit<String>; 15] = [
    ("none", String::clear, "no description under `nmk.entry.v1`"),
    ("not JSON", |text| text.truncate(9), "not a JSON object"),
    ("a list", |text| *text = "[]".to_owned(), "not a JSON object"),
    ("a key too many", |text| text.insert_str(1, "\"more\":1,"), "not a JSON object"),
    ("another key", |text| *text = text.replace("layer", "lair"), "not a JSON object"),
    ("a layer below 0", |text| *text = text.replace("\"layer\":2", "\"layer\":-2"), "`layer` is -2"),
    ("a layer too far", |text| *text = text.replace("\"layer\":2", "\"layer\":3"), "after layer 3"),
    ("no digest", |text| *text = text.replace("\"model\":\"", "\"model\":\"x"), "a digest of 64"),
    ("no number", |text| *text = text.replace("\"0.75", "\"0,75"), "`classes` is"),
    ("not finite", |text| *text = text.replace("\"0.75", "\"inf"), "`fact:is_prime` is inf"),
    ("a number, not text", |text| *text = text.replace("\"0.75\"", "0.75"), "`classes` is"),
    ("a name that is none", |text| *text = text.replace("\"fact:gcd\"", "7"), "`classes` is"),
    (
        "a class less",
        |text| *text = text.replace(",[\"fact:is_prime\",\"0.75\"]", ""),
        "`output.weight` has shape",
    ),
    (
        "no classes",
        |text| text.replace_range(11..text.find("]]").expect("a list") + 2, "[]"),
        "`output.weight` has",
    ),
    (
        "no hidden layer",
        |text| *text = text.replace("\"hidden\":5", "\"hidden\":0"),
        "`hidden.weight` has shape",
    ),
];

#[test]
fn descriptions_that_do_not_fit_are_refused() {
    for (name, edit, says) in DESCRIPTIONS {
        let error = refusal(&file(edit, |_| {})).to_string();
        assert!(error.contains(says) && !error.contains('\n'), "{name}: {error}");
    }
    EntryHead::from_safetensors(&file(|_| {}, |_| {}), &ODD.model(best())).expect("unedited, it is a head");
}

#[test]
fn tensors_that_do_not_fit_are_refused() {
    let whole = file(|_| {}, |_| {});
    for bytes in [&[][..], &whole[..7], &whole[..whole.len() - 1]] {
        let error = refusal(bytes);
        assert!(matches!(error, EntryError::Tensors(WeightsError::NotSafetensors { .. })), "{error}");
    }
    let missing = refusal(&file(|_| {}, |tensors| tensors.retain(|tensor| tensor.0 != "mean")));
    assert!(matches!(&missing, EntryError::Tensors(WeightsError::Missing { name, .. }) if name == "mean"));
    let more = refusal(&file(
        |_| {},
        |tensors| {
            tensors.push(("more".to_owned(), Dtype::F32, vec![1], vec![0; 4]));
        },
    ));
    assert!(matches!(&more, EntryError::Tensors(WeightsError::Unexpected { name }) if name == "more"));
    let edited = |edit: fn(&mut Stored)| {
        refusal(&file(
            |_| {},
            |tensors| {
                edit(tensors.iter_mut().find(|tensor| tensor.0 == "scale").expect("the scale"));
            },
        ))
    };
    let shape = edited(|scale| {
        scale.2[0] -= 1;
        scale.3.truncate(4 * scale.2[0]);
    });
    assert!(matches!(&shape, EntryError::Tensors(WeightsError::Shape { name, .. }) if name == "scale"));
    let kind = edited(|scale| scale.1 = Dtype::I32);
    assert!(matches!(&kind, EntryError::Tensors(WeightsError::Type { found: Dtype::I32, .. })), "{kind}");
    let infinite = edited(|scale| scale.3[4..8].copy_from_slice(&f32::INFINITY.to_le_bytes()));
    assert!(matches!(&infinite, EntryError::Tensors(WeightsError::NonFinite { index: 1, .. })), "{infinite}");
}
