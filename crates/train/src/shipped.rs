//! The shipped forward pass, on the model of a folder or on the embedded one.

use crate::TrainError;
use crate::codec::{Codec, Encoded};
use crate::corpus::Item;
use backend_cpu::CpuBackend;
use neural::{Session, Want};
use proposer::LocalModel;
use std::path::Path;

/// A model in the shipped forward pass, as users run it, together with the workshop's own tokenizer.
pub struct Shipped {
    local: LocalModel<CpuBackend>,
    codec: Codec,
}

impl Shipped {
    /// Reads a model from `config.json`, `tokenizer.json` and `model.safetensors` in a folder.
    ///
    /// # Errors
    /// [`TrainError`] if a file is missing or refused.
    pub fn open(folder: &Path) -> Result<Self, TrainError> {
        let read = |name: &str| crate::checkpoint::read(&folder.join(name));
        Self::from_parts(&read("config.json")?, &read("tokenizer.json")?, &read("model.safetensors")?)
    }

    /// Loads the model that is embedded in the binary.
    ///
    /// # Errors
    /// [`TrainError`] if this machine cannot run it.
    pub fn embedded() -> Result<Self, TrainError> {
        Self::from_parts(embedded::CONFIG.as_bytes(), embedded::TOKENIZER, embedded::WEIGHTS)
    }

    /// Loads the model `coder`, which is in the binary too.
    ///
    /// # Errors
    /// [`TrainError`] if this machine cannot run it.
    pub fn coder() -> Result<Self, TrainError> {
        use embedded::coder::{CONFIG, TOKENIZER, WEIGHTS};
        Self::from_parts(CONFIG.as_bytes(), TOKENIZER, WEIGHTS)
    }

    fn from_parts(config: &[u8], tokenizer: &[u8], weights: &[u8]) -> Result<Self, TrainError> {
        let local = LocalModel::from_parts(config, tokenizer, weights, CpuBackend::best()?)?;
        Ok(Self { local, codec: Codec::from_json(tokenizer)? })
    }

    /// Returns the model's tokenizer in the form that the workshop uses for training.
    #[must_use]
    pub fn codec(&self) -> &Codec {
        &self.codec
    }

    /// Returns the model as a proposer, which is the form in which users run it.
    #[must_use]
    pub fn local(&self) -> &LocalModel<CpuBackend> {
        &self.local
    }

    /// Returns the logits at every position of a sequence of token ids.
    ///
    /// # Errors
    /// [`TrainError`] if the model refuses the sequence.
    pub fn logits(&self, ids: &[u32]) -> Result<neural::Logits, TrainError> {
        Ok(Session::open(self.local.model()).prefill(ids, Want::All)?)
    }

    /// Returns the mean negative log-likelihood of a prompt's tokens, in nats.
    ///
    /// # Errors
    /// [`TrainError`] if the model refuses the prompt.
    pub fn surprise(&self, prompt: &str) -> Result<f64, TrainError> {
        Ok(self.local.mean_prompt_nll(prompt)?)
    }

    /// Returns true if greedy decoding would give exactly the expected answer. Fails if the model refuses the
    /// item.
    ///
    /// The result is true exactly if, at every position of the answer, the likeliest token after the expected ones is
    /// the expected one. Prefill has the same bits as decoding, so one pass over the whole sequence is
    /// enough.
    pub fn answers(&self, item: &Item) -> Result<bool, TrainError> {
        let Encoded { ids, answer, .. } = self.codec.item(item)?;
        let logits = self.logits(&ids)?;
        Ok((answer..ids.len()).all(|at| logits.argmax(at - 1) == ids[at]))
    }

    /// Returns the text that greedy decoding gives as the answer to an item, up to `limit` tokens.
    pub fn reply(&self, item: &Item, limit: usize) -> Result<String, TrainError> {
        self.reply_to(&crate::render::facts_body(&item.facts), &item.prompt, limit)
    }

    /// Returns the text that greedy decoding gives as the answer to a prompt with facts, up to `limit` tokens.
    pub fn reply_to(&self, facts: &str, prompt: &str, limit: usize) -> Result<String, TrainError> {
        let (mut ids, _) = self.codec.question(facts, prompt)?;
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

/// Calls `ask` for every element, on `threads` threads. The results have the order of the elements.
///
/// # Errors
/// The first error in that order.
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
