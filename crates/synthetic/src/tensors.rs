//! The tensors of a safetensors file, to be changed by tests.

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::{Map, Value, json};

/// A tensor of a safetensors file, as a test reads and changes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// The name of the tensor in the file.
    pub name: String,
    /// The number format of its values.
    pub dtype: Dtype,
    /// The size of each dimension, the outermost first.
    pub shape: Vec<usize>,
    /// The values row by row, as little-endian bytes.
    pub bytes: Vec<u8>,
}

impl Tensor {
    /// Replaces every value of a tensor in f32 by the result of `change` for its index and its old value.
    ///
    /// # Panics
    /// If the tensor is not in f32.
    pub fn change(&mut self, change: impl Fn(usize, f32) -> f32) {
        assert_eq!(self.dtype, Dtype::F32, "{} is in f32", self.name);
        for (index, value) in self.bytes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            *value = change(index, f32::from_le_bytes(*value)).to_le_bytes();
        }
    }
}

/// Returns the safetensors file `bytes` after `edit` has changed its tensors.
///
/// # Panics
/// If `bytes` are not a safetensors file, or if the shape of an edited tensor does not fit its bytes.
#[must_use]
pub fn edited(bytes: &[u8], edit: impl FnOnce(&mut Vec<Tensor>)) -> Vec<u8> {
    let mut tensors = read(bytes).expect("a safetensors file");
    edit(&mut tensors);
    write(&tensors).expect("tensors whose shapes fit their bytes")
}

/// Returns the tensors of a safetensors file; `None` if the file is not whole.
pub(crate) fn read(bytes: &[u8]) -> Option<Vec<Tensor>> {
    let file = SafeTensors::deserialize(bytes).ok()?;
    let tensor = |(name, view): (String, TensorView<'_>)| Tensor {
        name,
        dtype: view.dtype(),
        shape: view.shape().to_vec(),
        bytes: view.data().to_vec(),
    };
    Some(file.tensors().into_iter().map(tensor).collect())
}

/// Returns the safetensors file of these tensors; `None` if a shape does not fit its bytes.
pub(crate) fn write(tensors: &[Tensor]) -> Option<Vec<u8>> {
    let views: Vec<_> = tensors.iter().map(view).collect::<Option<_>>()?;
    safetensors::serialize(views, None).ok()
}

fn view(tensor: &Tensor) -> Option<(String, TensorView<'_>)> {
    let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes).ok()?;
    Some((tensor.name.clone(), view))
}

/// Returns a safetensors file of tensors in `dtype`, which must be f32 or bf16. The values of each tensor are
/// what `value` returns for its name and shape, one call for each value.
pub(crate) fn filled(
    dtype: Dtype,
    tensors: &[(String, Vec<usize>)],
    mut value: impl FnMut(&str, &[usize]) -> f32,
) -> Vec<u8> {
    let width = if dtype == Dtype::BF16 { 2 } else { 4 };
    let (mut header, mut end) = (Map::new(), 0);
    for (name, shape) in tensors {
        let start = end;
        end += width * shape.iter().product::<usize>();
        let entry = json!({"dtype": format!("{dtype:?}"), "shape": shape, "data_offsets": [start, end]});
        header.insert(name.clone(), entry);
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    // The values begin at a multiple of eight.
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.reserve_exact(header.len() + end);
    file.extend_from_slice(&header);
    for (name, shape) in tensors {
        for _ in 0..shape.iter().product() {
            let bytes = value(name, shape).to_le_bytes();
            // A bf16 is the upper half of an f32.
            file.extend_from_slice(&bytes[4 - width..]);
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_filled_is_read_and_written_again() {
        for dtype in [Dtype::F32, Dtype::BF16] {
            let shapes = [("b".to_owned(), vec![2, 3]), ("a".to_owned(), vec![5])];
            let mut next = 0.0;
            let file = filled(dtype, &shapes, |_, _| {
                next += 1.0;
                next
            });
            let tensors = read(&file).expect("a safetensors file");
            let tensor = tensors.iter().find(|tensor| tensor.name == "a").expect("it was listed");
            assert_eq!((tensor.dtype, &tensor.shape), (dtype, &vec![5]));
            let seven = &7.0_f32.to_le_bytes()[if dtype == Dtype::F32 { 0 } else { 2 }..];
            assert!(tensor.bytes.starts_with(seven));
            let again = edited(&file, |tensors| tensors.retain(|tensor| tensor.name == "b"));
            assert_eq!(read(&again).expect("a safetensors file").len(), 1);
        }
    }
}
