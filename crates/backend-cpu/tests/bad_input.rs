//! Bad weights and bad tokens are errors that say what and where; nothing panics.

mod common;

use std::sync::Arc;

use common::synthetic::{ODD, Random};
use common::{best, bits};
use neural::{GenerateSpec, Model, ModelError, Session, SessionError, Site, Want, WeightsError, generate};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

type Tensors = Vec<(String, Dtype, Vec<usize>, Vec<u8>)>;

/// The synthetic weights, edited.
fn weights(edit: impl FnOnce(&mut Tensors)) -> Vec<u8> {
    let bytes = ODD.weights(7);
    let file = SafeTensors::deserialize(&bytes).expect("the synthetic weights");
    let mut tensors: Tensors = file
        .tensors()
        .into_iter()
        .map(|(name, view)| (name, view.dtype(), view.shape().to_vec(), view.data().to_vec()))
        .collect();
    edit(&mut tensors);
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (name.clone(), TensorView::new(*dtype, shape.clone(), bytes).expect("sizes agree"))
    });
    safetensors::serialize(views, None).expect("a file")
}

fn tensor<'a>(tensors: &'a mut Tensors, name: &str) -> &'a mut (String, Dtype, Vec<usize>, Vec<u8>) {
    tensors.iter_mut().find(|tensor| tensor.0 == name).expect("a tensor of this name")
}

fn refusal(weights: &[u8]) -> WeightsError {
    match Model::load(&ODD.config(), weights, best()) {
        Err(ModelError::Weights(refusal)) => refusal,
        Err(other) => panic!("refused for another reason: {other}"),
        Ok(_) => panic!("the weights are accepted"),
    }
}

const NAME: &str = "model.layers.1.mlp.experts.3.up_proj.weight";

#[test]
fn files_that_are_cut_or_foreign_are_refused() {
    let whole = ODD.weights(7);
    let mut longer = whole.clone();
    longer.push(0);
    let mut huge_header = whole.clone();
    huge_header[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    let foreign = b"GGUF\x03\0\0\0 and so on, long enough to hold a header length".to_vec();
    for bytes in
        [vec![], whole[..4].to_vec(), whole[..whole.len() - 1].to_vec(), longer, huge_header, foreign]
    {
        let refusal = refusal(&bytes);
        assert!(matches!(refusal, WeightsError::NotSafetensors { .. }), "{refusal}");
        assert!(refusal.to_string().contains(&format!("{} bytes", bytes.len())), "{refusal}");
    }
}

#[test]
fn every_cut_is_refused() {
    let whole = ODD.weights(7);
    for length in (0..whole.len()).step_by(997) {
        refusal(&whole[..length]);
    }
}

#[test]
fn a_missing_tensor_is_named_with_its_shape() {
    let refusal = refusal(&weights(|tensors| tensors.retain(|tensor| tensor.0 != NAME)));
    assert!(
        matches!(&refusal, WeightsError::Missing { name, expected } if name == NAME && *expected == [19, 37])
    );
}

#[test]
fn another_shape_is_named_with_the_expected_one() {
    let refusal = refusal(&weights(|tensors| tensor(tensors, NAME).2 = vec![37, 19]));
    let said = refusal.to_string();
    assert!(matches!(refusal, WeightsError::Shape { .. }), "{said}");
    assert!(said.contains(NAME) && said.contains("[37, 19]") && said.contains("[19, 37]"), "{said}");
}

#[test]
fn another_type_is_named() {
    let refusal = refusal(&weights(|tensors| tensor(tensors, NAME).1 = Dtype::I32));
    assert!(matches!(&refusal, WeightsError::Type { name, found: Dtype::I32 } if name == NAME), "{refusal}");
}

#[test]
fn a_tensor_without_a_place_is_refused() {
    let bias = ("model.layers.0.self_attn.q_proj.bias".to_owned(), Dtype::F32, vec![1], vec![0; 4]);
    let refusal = refusal(&weights(|tensors| tensors.push(bias)));
    assert!(
        matches!(&refusal, WeightsError::Unexpected { name } if name.ends_with("q_proj.bias")),
        "{refusal}"
    );
}

#[test]
fn weights_that_are_not_finite_are_refused_where_they_are() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for (name, index) in [(NAME, 123), ("model.norm.weight", 36)] {
            let edit = |tensors: &mut Tensors| {
                tensor(tensors, name).3[index * 4..index * 4 + 4].copy_from_slice(&bad.to_le_bytes());
            };
            let refusal = refusal(&weights(edit));
            let WeightsError::NonFinite { name: found, index: at, .. } = &refusal else {
                panic!("{refusal}")
            };
            assert_eq!((found.as_str(), *at), (name, index));
        }
    }
}

#[test]
fn a_model_that_overflows_says_in_which_layer() {
    let edit = |tensors: &mut Tensors| {
        let huge = f32::MAX.to_le_bytes();
        tensor(tensors, "model.layers.2.self_attn.q_proj.weight").3.chunks_exact_mut(4).for_each(|x| {
            x.copy_from_slice(&huge);
        });
    };
    let model = Arc::new(Model::load(&ODD.config(), &weights(edit), best()).expect("finite weights"));
    let mut session = Session::open(&model);
    let Err(SessionError::NonFinite(found)) = session.prefill(&[1, 2, 3], Want::Last) else {
        panic!("the overflow is not noticed");
    };
    assert_eq!((found.site, found.first, found.last), (Site::Layer(2), 0, 2));
    assert_eq!(session.position(), 0);
}

#[test]
fn a_refused_step_leaves_the_session_as_it_was() {
    let model = ODD.model(best());
    let ids = Random(3).tokens(40, ODD.vocab);
    let mut session = Session::open(&model);
    session.prefill(&ids[..20], Want::Last).expect("valid tokens");
    let vocab_size = ODD.vocab;
    let refusals = [
        (vec![], SessionError::Empty),
        (vec![1, 61], SessionError::TokenOutOfVocabulary { token: 61, index: 1, vocab_size }),
        (vec![u32::MAX], SessionError::TokenOutOfVocabulary { token: u32::MAX, index: 0, vocab_size }),
        (vec![1; 493], SessionError::ContextOverflow { position: 20, added: 493, capacity: 512 }),
    ];
    for (tokens, refusal) in refusals {
        assert_eq!(session.prefill(&tokens, Want::All), Err(refusal));
        assert_eq!(session.position(), 20);
    }
    let rest = session.prefill(&ids[20..], Want::Last).expect("valid tokens");
    let whole = Session::open(&model).prefill(&ids, Want::Last).expect("valid tokens");
    assert_eq!(bits(rest.values()), bits(whole.values()));
}

#[test]
fn the_context_can_be_filled_and_not_exceeded() {
    let model = ODD.model(best());
    let prompt = Random(4).tokens(500, ODD.vocab);
    let run =
        |max_new| generate(&model, &GenerateSpec { prompt: &prompt, max_new, end_tokens: &[] }, &mut |_| {});
    assert_eq!(run(12).expect("512 positions").tokens.len(), 12);
    assert_eq!(run(13), Err(SessionError::ContextOverflow { position: 500, added: 13, capacity: 512 }));
    assert_eq!(run(usize::MAX).expect_err("too many").to_string().matches("context").count(), 1);
}
