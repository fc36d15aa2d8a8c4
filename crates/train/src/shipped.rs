//! The forward pass that ships, over a folder or the embedded bytes.

use crate::TrainError;
use crate::codec::{Codec, Encoded};
use crate::corpus::Item;
use backend_cpu::CpuBackend;
use neural::{Session, Want};
use proposer::LocalModel;
use std::path::Path;

/// A model as users run it, with the workshop's own view of the tokenizer.
pub struct Shipped {
    local: LocalModel<CpuBackend>,
    codec: Codec,
}

impl Shipped {
    /// Reads `config.json`, `tokenizer.json` and `model.safetensors` from a folder.
    pub fn open(folder: &Path) -> Result<Self, TrainError> {
        let read = |name: &str| crate::checkpoint::read(&folder.join(name));
        Self::from_parts(&read("config.json")?, &read("tokenizer.json")?, &read("model.safetensors")?)
    }

    /// The model that the binary embeds.
    pub fn embedded() -> Result<Self, TrainError> {
        Self::from_parts(embedded::CONFIG.as_bytes(), embedded::TOKENIZER, embedded::WEIGHTS)
    }

    fn from_parts(config: &[u8], tokenizer: &[u8], weights: &[u8]) -> Result<Self, TrainError> {
        let local = LocalModel::from_parts(config, tokenizer, weights, CpuBackend::best()?)?;
        Ok(Self { local, codec: Codec::from_json(tokenizer)? })
    }

    /// The tokenizer.
    #[must_use]
    pub fn codec(&self) -> &Codec {
        &self.codec
    }

    /// The model as a proposer.
    #[must_use]
    pub fn local(&self) -> &LocalModel<CpuBackend> {
        &self.local
    }

    /// Logits of every position of a sequence, row after row.
    pub fn logits(&self, ids: &[u32]) -> Result<neural::Logits, TrainError> {
        Ok(Session::open(self.local.model()).prefill(ids, Want::All)?)
    }

    /// The mean surprise of a prompt.
    pub fn surprise(&self, prompt: &str) -> Result<f64, TrainError> {
        Ok(self.local.mean_prompt_nll(prompt)?)
    }

    /// Whether greedy decoding gives exactly the expected answer.
    ///
    /// It does if and only if, at every position of the answer, the likeliest token given the
    /// expected ones before it is the expected one; the bits of prefill are those of decoding, so
    /// one pass over the whole sequence tells.
    pub fn answers(&self, item: &Item) -> Result<bool, TrainError> {
        let Encoded { ids, answer, .. } = self.codec.item(item)?;
        let logits = self.logits(&ids)?;
        Ok((answer..ids.len()).all(|at| logits.argmax(at - 1) == ids[at]))
    }

    /// What greedy decoding says, up to `limit` tokens.
    pub fn reply(&self, item: &Item, limit: usize) -> Result<String, TrainError> {
        let (mut ids, _) = self.codec.question(item)?;
        let start = ids.len();
        let mut session = Session::open(self.local.model());
        let mut next = session.prefill(&ids, Want::Last)?.argmax(0);
        while next != crate::codec::END && ids.len() < start + limit {
            ids.push(next);
            next = session.decode(next)?.argmax(0);
        }
        self.codec.text(&ids[start..])
    }
}

/// Applies a question to every element on `threads` threads; answers come in the order of elements.
pub fn each<T: Sync, R: Send>(
    elements: &[T],
    threads: usize,
    ask: impl Fn(&T) -> Result<R, TrainError> + Sync,
) -> Result<Vec<R>, TrainError> {
    let size = elements.len().div_ceil(threads).max(1);
    let ask = &ask;
    std::thread::scope(|scope| {
        let work = |part| scope.spawn(move || <[T]>::iter(part).map(ask).collect::<Vec<_>>());
        let workers: Vec<_> = elements.chunks(size).map(work).collect();
        let join = |worker: std::thread::ScopedJoinHandle<'_, Vec<_>>| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().flat_map(join).collect()
    })
}
