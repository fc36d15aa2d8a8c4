//! The tokenizer of the embedded model: byte-level BPE with separate digits, trained on the corpus.

use crate::TrainError;
use crate::coder;
use crate::corpus::{self, Item};
use crate::render::facts_body;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::{AddedToken, Tokenizer, TokenizerBuilder};

/// The special tokens. The id of each token is its index in this list.
pub const SPECIAL: [&str; 6] = ["<|pad|>", "<|user|>", "<|assistant|>", "<|end|>", "<|facts|>", "<|/facts|>"];
/// The id of the padding token, which fills up the short rows of a batch.
pub const PAD: u32 = 0;
/// The id of the token that opens the prompt, after the facts block.
pub const USER: u32 = 1;
/// The id of the token that closes the prompt and opens the answer.
pub const ASSISTANT: u32 = 2;
/// The id of the token that closes the answer and ends the sequence.
pub const END: u32 = 3;
/// The id of the token that opens the facts block, before the prompt.
pub const FACTS: u32 = 4;
/// The id of the token that closes the facts block.
pub const FACTS_CLOSE: u32 = 5;

const VOCABULARY: usize = 1024;
const SAMPLE_ITEMS: u64 = 40_000;
const SAMPLE_SEED: u64 = 0x0074_6f6b_656e;

/// An item of the corpus as tokens, with the positions at which its parts begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The ids of all tokens, from the facts block to the end token.
    pub ids: Vec<u32>,
    /// Index in `ids` of the prompt's first token.
    pub prompt: usize,
    /// Index in `ids` of the answer's first token.
    pub answer: usize,
}

/// The tokenizer of the workshop. The name of a special token inside plain text is encoded as text.
pub struct Codec {
    tokenizer: Tokenizer,
}

/// A corpus to train on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corpus {
    /// Questions and conversation, for the embedded model.
    Talk,
    /// Python functions, for the model `coder`.
    Code,
}

impl Corpus {
    /// Returns item `index` of the training corpus with this seed: the text of its facts, its prompt and its answer.
    fn item(self, seed: u64, index: u64) -> [String; 3] {
        match self {
            Corpus::Talk => {
                let item = corpus::training(seed, index);
                [facts_body(&item.facts), item.prompt, item.answer]
            }
            Corpus::Code => {
                let item = coder::training(seed, index);
                [String::new(), item.prompt, item.answer]
            }
        }
    }

    /// Returns item `index` of the training corpus with this seed, as tokens.
    ///
    /// # Errors
    /// [`TrainError`] if the tokenizer cannot encode the item.
    pub fn encoded(self, codec: &Codec, seed: u64, index: u64) -> Result<Encoded, TrainError> {
        let [facts, prompt, answer] = self.item(seed, index);
        codec.exchange(&facts, &prompt, &answer)
    }

    /// Returns a text from which the tokenizer learns.
    fn plain_text(self, index: u64) -> String {
        let [facts, prompt, answer] = self.item(SAMPLE_SEED, index);
        format!("{facts}\n{prompt} {answer}")
    }
}

/// Trains a tokenizer on a fixed sample of a training corpus, and returns its `tokenizer.json`. The result
/// is always the same.
///
/// # Errors
/// [`TrainError`] if the tokenizer library fails.
pub fn train(corpus: Corpus) -> Result<String, TrainError> {
    let parts = vec![
        PreTokenizerWrapper::Digits(Digits::new(true)),
        PreTokenizerWrapper::ByteLevel(ByteLevel::new(false, true, true)),
    ];
    let mut tokenizer = TokenizerBuilder::new()
        .with_model(BPE::default())
        .with_normalizer(None::<tokenizers::NormalizerWrapper>)
        .with_pre_tokenizer(Some(PreTokenizerWrapper::Sequence(Sequence::new(parts))))
        .with_post_processor(None::<tokenizers::PostProcessorWrapper>)
        .with_decoder(Some(tokenizers::DecoderWrapper::ByteLevel(ByteLevel::default())))
        .build()?;
    let mut trainer = BpeTrainer::builder()
        .vocab_size(VOCABULARY)
        .show_progress(false)
        .special_tokens(SPECIAL.iter().map(|text| AddedToken::from(*text, true)).collect())
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .build();
    let texts = (0..SAMPLE_ITEMS).map(|index| corpus.plain_text(index));
    tokenizer.train(&mut trainer, texts)?;
    Ok(tokenizer.to_string(false)?)
}

impl Codec {
    /// Reads a tokenizer from the bytes of its `tokenizer.json`.
    ///
    /// # Errors
    /// [`TrainError`] if the tokenizer library refuses the bytes.
    pub fn from_json(json: &[u8]) -> Result<Self, TrainError> {
        let mut tokenizer = Tokenizer::from_bytes(json)?;
        tokenizer.set_encode_special_tokens(true);
        Ok(Self { tokenizer })
    }

    /// Returns the ids of a plain text, in which the name of a special token is only text.
    pub fn plain(&self, text: &str) -> Result<Vec<u32>, TrainError> {
        Ok(self.tokenizer.encode(text, false)?.get_ids().to_vec())
    }

    /// Returns the text of token ids, without the special tokens.
    pub fn text(&self, ids: &[u32]) -> Result<String, TrainError> {
        Ok(self.tokenizer.decode(ids, true)?)
    }

    /// Returns the ids of a question as the model gets it, up to the start of the answer, and the index of
    /// the prompt's first token.
    pub fn question(&self, facts: &str, prompt: &str) -> Result<(Vec<u32>, usize), TrainError> {
        let mut ids = Vec::new();
        if !facts.is_empty() {
            ids.push(FACTS);
            ids.extend(self.plain(facts)?);
            ids.push(FACTS_CLOSE);
        }
        ids.push(USER);
        let start = ids.len();
        ids.extend(self.plain(prompt)?);
        ids.push(ASSISTANT);
        Ok((ids, start))
    }

    /// Encodes a whole item of the corpus of questions, from the facts block to the end token.
    pub fn item(&self, item: &Item) -> Result<Encoded, TrainError> {
        self.exchange(&facts_body(&item.facts), &item.prompt, &item.answer)
    }

    /// Encodes a prompt with its answer, from the facts block to the end token.
    pub fn exchange(&self, facts: &str, prompt: &str, answer: &str) -> Result<Encoded, TrainError> {
        let (mut ids, start) = self.question(facts, prompt)?;
        let first = ids.len();
        ids.extend(self.plain(answer)?);
        ids.push(END);
        Ok(Encoded { ids, prompt: start, answer: first })
    }
}
