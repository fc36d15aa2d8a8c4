//! Weights that are cut, foreign or not finite are errors that say what and where; nothing panics.

use std::sync::Arc;

use neural::{Model, ModelError, PlainBackend, Session, SessionError, Site, Want, WeightsError};
use synthetic::{Dtype, ODD, Tensor, edited};

/// Returns the synthetic weights after an edit of their tensors.
fn weights(edit: impl FnOnce(&mut Vec<Tensor>)) -> Vec<u8> {
    edited(&ODD.weights(7), edit)
}

fn tensor<'a>(tensors: &'a mut [Tensor], name: &str) -> &'a mut Tensor {
    tensors.iter_mut().find(|tensor| tensor.name == name).expect("a tensor of this name")
}

fn refusal(weights: &[u8]) -> WeightsError {
    match Model::load(&ODD.config(), weights, PlainBackend) {
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
    let refusal = refusal(&weights(|tensors| tensors.retain(|tensor| tensor.name != NAME)));
    assert!(
        matches!(&refusal, WeightsError::Missing { name, expected } if name == NAME && *expected == [19, 37])
    );
}

#[test]
fn another_shape_is_named_with_the_expected_one() {
    let refusal = refusal(&weights(|tensors| tensor(tensors, NAME).shape = vec![37, 19]));
    let text = refusal.to_string();
    assert!(matches!(refusal, WeightsError::Shape { .. }), "{text}");
    assert!(text.contains(NAME) && text.contains("[37, 19]") && text.contains("[19, 37]"), "{text}");
}

#[test]
fn another_type_is_named() {
    let refusal = refusal(&weights(|tensors| tensor(tensors, NAME).dtype = Dtype::I32));
    assert!(matches!(&refusal, WeightsError::Type { name, found: Dtype::I32 } if name == NAME), "{refusal}");
}

#[test]
fn a_tensor_without_a_place_is_refused() {
    let name = "model.layers.0.self_attn.q_proj.bias".to_owned();
    let bias = Tensor { name, dtype: Dtype::F32, shape: vec![1], bytes: vec![0; 4] };
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
            let spoil = |at: usize, old: f32| if at == index { bad } else { old };
            let refusal = refusal(&weights(|tensors| tensor(tensors, name).change(spoil)));
            let WeightsError::NonFinite { name: found, index: at, .. } = &refusal else {
                panic!("{refusal}")
            };
            assert_eq!((found.as_str(), *at), (name, index));
        }
    }
}

#[test]
fn a_model_that_overflows_says_in_which_layer() {
    let huge = |_: usize, _: f32| f32::MAX;
    let bytes = weights(|tensors| tensor(tensors, "model.layers.2.self_attn.q_proj.weight").change(huge));
    let model = Arc::new(Model::load(&ODD.config(), &bytes, PlainBackend).expect("finite weights"));
    let mut session = Session::open(&model);
    let Err(SessionError::NonFinite(found)) = session.prefill(&[1, 2, 3], Want::Last) else {
        panic!("the overflow is not noticed");
    };
    assert_eq!((found.site, found.first, found.last), (Site::Layer(2), 0, 2));
    assert_eq!(session.position(), 0);
}
