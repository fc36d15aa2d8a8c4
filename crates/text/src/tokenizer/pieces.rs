//! Text in which special tokens stand on purpose.

use std::ops::Range;

use tokenizers::normalizer::Range as Slice;
use tokenizers::{
    AddedVocabulary, Model, ModelWrapper, NormalizedString, Normalizer, NormalizerWrapper, OffsetReferential,
    OffsetType, PreTokenizedString, PreTokenizer, Token,
};

use crate::tokenizer::{Tokenizer, TokenizerError};

/// A piece of what is encoded: some text, or one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text, which stays text even if it spells a special token.
    Text(String),
    /// A token that is meant as such, with its spelling.
    Token { id: u32, written: String },
}

/// A part of a text, with its tokens if they are known already.
type Cut = (NormalizedString, Option<Vec<Token>>);

impl Tokenizer {
    /// Splits a trusted text at the added tokens that it spells. White space stays text, so that it can join
    /// its neighbours.
    pub(crate) fn pieces(&self, trusted: &str) -> Vec<Piece> {
        let mut added = self.inner.get_added_vocabulary().clone();
        added.set_encode_special_tokens(false);
        let mut pieces: Vec<Piece> = Vec::new();
        for (range, id) in spelled(&added, trusted) {
            let written = &trusted[range];
            match (id, pieces.last_mut()) {
                (Some(id), _) if !written.trim().is_empty() => {
                    pieces.push(Piece::Token { id, written: written.to_owned() })
                }
                (_, Some(Piece::Text(text))) => text.push_str(written),
                _ => pieces.push(Piece::Text(written.to_owned())),
            }
        }
        pieces
    }

    /// Returns the ids of all pieces. Neighbouring texts are encoded as one text. A special token, and any
    /// token that is among the pieces, can come only from a [`Piece::Token`] and never from text.
    ///
    /// # Errors
    /// [`TokenizerError::Encode`] if the tokenizer has no ids for a part, and [`TokenizerError::Forged`] if
    /// it makes such a token out of text all the same.
    pub(crate) fn encode_pieces(&self, pieces: &[Piece]) -> Result<Vec<u32>, TokenizerError> {
        let mut text = String::new();
        let mut marks: Vec<(Range<usize>, u32)> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Token { id, written } => {
                    marks.push((text.len()..text.len() + written.len(), *id));
                    text.push_str(written);
                }
            }
        }
        let ids = self.encode_around(&text, &marks);
        let ids = ids.map_err(|source| TokenizerError::Encode { bytes: text.len(), source })?;
        self.refuse_forged(&ids, &marks)?;
        Ok(ids)
    }

    /// Runs the library's own steps of encoding, with the tokens of `marks` at their places and no others.
    fn encode_around(&self, text: &str, marks: &[(Range<usize>, u32)]) -> tokenizers::Result<Vec<u32>> {
        let mut whole = PreTokenizedString::from(text);
        whole.split(|_, sequence| cut_at(&sequence, marks))?;
        let added = self.inner.get_added_vocabulary();
        let marked = |id: &u32| marks.iter().any(|(_, mark)| mark == id);
        whole.split(|_, sequence| {
            let found = spelled(added, sequence.get()).into_iter();
            let found = joined(found.map(|(range, id)| (range, id.filter(|id| !marked(id)))));
            found
                .into_iter()
                .map(|(range, id)| cut(&sequence, range, id))
                .collect::<tokenizers::Result<Vec<Cut>>>()
        })?;
        if let Some(normalizer) = self.inner.get_normalizer() {
            whole.normalize(|part| normalizer.normalize(part))?;
        }
        if let Some(pre_tokenizer) = self.inner.get_pre_tokenizer() {
            pre_tokenizer.pre_tokenize(&mut whole)?;
        }
        let model = self.inner.get_model();
        whole.tokenize(|part| model.tokenize(part.get()))?;
        Ok(whole.into_encoding(None, 0, OffsetType::None)?.get_ids().to_vec())
    }

    /// Refuses ids whose special tokens are not exactly those of `marks`. The vocabulary of a model may hold
    /// the spelling of a special token, and reach that token from characters.
    fn refuse_forged(&self, ids: &[u32], marks: &[(Range<usize>, u32)]) -> Result<(), TokenizerError> {
        let added = self.inner.get_added_vocabulary().get_added_tokens_decoder();
        let unknown = self.unknown_token();
        let guarded = |id: &u32| {
            let special = added.get(id).filter(|token| token.special);
            marks.iter().any(|(_, mark)| mark == id) || special.is_some_and(|token| token.content != unknown)
        };
        let mut meant = marks.iter().map(|(_, id)| *id);
        let mut found = ids.iter().copied().filter(guarded);
        loop {
            match (meant.next(), found.next()) {
                (None, None) => return Ok(()),
                (meant, found) if meant == found => {}
                (meant, found) => {
                    let id = found.or(meant).unwrap_or_default();
                    let token = self.inner.id_to_token(id).unwrap_or_else(|| id.to_string());
                    return Err(TokenizerError::Forged { token });
                }
            }
        }
    }

    /// Returns the spelling of the token for unknown characters; empty if there is none.
    fn unknown_token(&self) -> &str {
        match self.inner.get_model() {
            ModelWrapper::BPE(model) => model.get_unk_token().as_deref().unwrap_or_default(),
            ModelWrapper::WordPiece(model) => &model.unk_token,
            ModelWrapper::WordLevel(model) => &model.unk_token,
            // The library does not tell the spelling; every Unigram model in use has this one.
            ModelWrapper::Unigram(_) => "<unk>",
        }
    }
}

/// Splits a text at its added tokens. Returns all parts in order, each with the id if it is an added token.
fn spelled(added: &AddedVocabulary, text: &str) -> Vec<(Range<usize>, Option<u32>)> {
    let found = added.extract_and_normalize(None::<&NormalizerWrapper>, text);
    let parts = found.get_splits(OffsetReferential::Original, OffsetType::Byte).into_iter();
    let id = |tokens: &Option<Vec<Token>>| tokens.as_ref()?.first().map(|token| token.id);
    parts.map(|(_, (start, end), tokens)| (start..end, id(tokens))).collect()
}

/// Joins neighbouring parts of text, because what stands on both sides of a spelling that stays text belongs to one text.
fn joined(parts: impl Iterator<Item = (Range<usize>, Option<u32>)>) -> Vec<(Range<usize>, Option<u32>)> {
    let mut joined: Vec<(Range<usize>, Option<u32>)> = Vec::new();
    for (range, id) in parts {
        match joined.last_mut() {
            Some((before, None)) if id.is_none() => before.end = range.end,
            _ => joined.push((range, id)),
        }
    }
    joined
}

/// Splits a sequence at `marks`. Returns all parts in order, those of `marks` with their tokens.
fn cut_at(sequence: &NormalizedString, marks: &[(Range<usize>, u32)]) -> tokenizers::Result<Vec<Cut>> {
    let mut cuts = Vec::new();
    let mut start = 0;
    for (range, id) in marks {
        cuts.push(cut(sequence, start..range.start, None)?);
        cuts.push(cut(sequence, range.clone(), Some(*id))?);
        start = range.end;
    }
    cuts.push(cut(sequence, start..sequence.get().len(), None)?);
    Ok(cuts)
}

fn cut(sequence: &NormalizedString, range: Range<usize>, id: Option<u32>) -> tokenizers::Result<Cut> {
    let part = sequence.slice(Slice::Normalized(range)).ok_or("a part is cut inside of a character")?;
    let token = id.map(|id| vec![Token::new(id, part.get().to_owned(), (0, part.get().len()))]);
    Ok((part, token))
}
