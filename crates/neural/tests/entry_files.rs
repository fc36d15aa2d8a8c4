//! A head is written and read to the same bytes, and one that does not fit is refused.

mod common;

use std::collections::HashMap;

use common::heads::parts;
use common::shaped;
use neural::{EntryError, EntryHead, EntryParts, WeightsError};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use synthetic::ODD;

/// The name of a case, an edit of numbers or of a description, and a part of the refusal.
type Edit<T> = (&'static str, fn(&mut T), &'static str);

#[test]
fn a_head_is_written_and_read_to_the_same_bytes() {
    let model = shaped(&ODD);
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
    let model = shaped(&ODD);
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
    neural::abi::Digest::hash("nmk.model.v1", b"another model")
}

type Stored = (String, Dtype, Vec<usize>, Vec<u8>);
type Tensors = Vec<Stored>;

const KEY: &str = "nmk.entry.v1";

/// Returns the file of a head after edits of its description and of its tensors.
fn file(describe: impl FnOnce(&mut String), edit: impl FnOnce(&mut Tensors)) -> Vec<u8> {
    let model = shaped(&ODD);
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
    EntryHead::from_safetensors(bytes, &shaped(&ODD)).expect_err("a head that does not fit")
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
    EntryHead::from_safetensors(&file(|_| {}, |_| {}), &shaped(&ODD)).expect("unedited, it is a head");
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
