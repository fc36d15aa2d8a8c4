//! A session as bytes, on disk or elsewhere.
//!
//! A snapshot names what it depends on: the digest of the model, which covers configuration and weights, and the
//! numerics version; and what it is: position, history, layout and all keys and values. Its digest covers all of
//! that. The session that is restored from it has every bit of the one that it was taken of, and goes on as that
//! one does. A digest finds damage, not intent: whoever can write the file can write another snapshot, which
//! [`Snapshot::require`] notices for those who kept the digest.

mod error;
mod file;
mod format;

use std::sync::Arc;

use abi::Digest;

use crate::backend::Backend;
use crate::history::{History, Step};
use crate::model::Model;
use crate::numerics::PAGE;
use crate::pages::PageTable;
use crate::session::Session;

pub use error::{SnapshotError, SnapshotFileError};

use format::Header;

/// The bytes of a snapshot. Holding one proves that they are whole, are what their digest says and could be
/// those of a session; whether of a session of a given model, [`Session::restore`] checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    bytes: Vec<u8>,
    header: Header,
    /// Where the pages begin.
    pages: usize,
    digest: Digest,
}

impl Snapshot {
    /// Checks the bytes of a snapshot.
    ///
    /// # Errors
    /// [`SnapshotError::NotSnapshot`], [`SnapshotError::Length`], [`SnapshotError::Changed`] and
    /// [`SnapshotError::Malformed`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, SnapshotError> {
        let (header, pages, digest) = format::parse(&bytes)?;
        Ok(Self { bytes, header, pages, digest })
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// BLAKE3 under `nmk.snapshot.v1` over all that it says. Two sessions of one model have the same digest
    /// exactly if they have the same history and hold the same keys and values, bit for bit.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The digest of the model that it is of.
    #[must_use]
    pub fn model(&self) -> Digest {
        self.header.model
    }

    /// Positions of the session.
    #[must_use]
    pub fn position(&self) -> usize {
        self.header.position()
    }

    /// What each position was made from, ascending.
    #[must_use]
    pub fn history(&self) -> &[Step] {
        &self.header.history
    }

    /// The positions that traps changed, ascending, and what they did.
    #[must_use]
    pub fn edits(&self) -> &[(usize, Digest)] {
        &self.header.edits
    }

    /// The keys and values of each layer: the position of the first that is held, and pages of
    /// [`page_bytes`](Self::page_bytes) from there on, ascending.
    pub fn layers(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let (page_bytes, mut rest) = (self.page_bytes(), &self.bytes[self.pages..]);
        self.header.first_pages.iter().map(move |first| {
            let (held, others) = rest.split_at(self.header.pages(*first) * page_bytes);
            rest = others;
            (first * PAGE, held)
        })
    }

    /// Bytes of the keys and values of `PAGE` positions of one layer.
    #[must_use]
    pub fn page_bytes(&self) -> usize {
        self.header.layout.page_bytes()
    }

    /// Itself, if it is the one of this digest.
    ///
    /// # Errors
    /// [`SnapshotError::OtherSnapshot`] if it is not.
    pub fn require(self, digest: Digest) -> Result<Self, SnapshotError> {
        if self.digest == digest {
            return Ok(self);
        }
        Err(SnapshotError::OtherSnapshot { found: self.digest, expected: digest })
    }

    /// Checks that a session of `model` could have written it.
    fn check_fit<B: Backend>(&self, model: &Model<B>) -> Result<(), SnapshotError> {
        let header = &self.header;
        if header.model != model.digest() {
            return Err(SnapshotError::OtherModel { found: header.model, model: model.digest() });
        }
        let (found, expected) = (&header.numerics, model.state().numerics());
        if *found != expected {
            return Err(SnapshotError::OtherNumerics { found: found.clone(), expected });
        }
        let expected = model.layout();
        let layers = model.config.layers.len();
        equal("number of layers", header.first_pages.len(), layers)?;
        equal("number of heads", header.layout.kv_heads, expected.kv_heads)?;
        equal("width of a head", header.layout.head_dim, expected.head_dim)?;
        at_most("position", self.position(), model.config.max_positions)?;
        for step in &header.history {
            if let Step::Token(token) = step {
                at_most("token", *token as usize, model.config.vocab_size - 1)?;
            }
        }
        for (layer, first) in model.config.layers.iter().zip(&header.first_pages) {
            // What the next query sees is held.
            let seen = layer.window.map_or(0, |window| (self.position() + 1).saturating_sub(window));
            at_most("first page of a layer", *first, seen / PAGE)?;
        }
        Ok(())
    }
}

fn equal(part: &'static str, found: usize, allowed: usize) -> Result<(), SnapshotError> {
    if found == allowed { Ok(()) } else { Err(SnapshotError::Unfit { part, found, allowed }) }
}

fn at_most(part: &'static str, found: usize, allowed: usize) -> Result<(), SnapshotError> {
    if found <= allowed { Ok(()) } else { Err(SnapshotError::Unfit { part, found, allowed }) }
}

impl<B: Backend> Session<B> {
    /// The session as bytes. They depend on the model, on the history and its edits and on which pages were dropped
    /// behind the windows, and not on how the session came to them.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let header = Header {
            model: self.model.digest(),
            numerics: self.model.state().numerics(),
            layout: self.model.layout(),
            first_pages: self.tables.iter().map(PageTable::first_page).collect(),
            history: self.history().collect(),
            edits: self.edits().collect(),
        };
        let mut bytes = header.write();
        let pages = bytes.len();
        let (page_bytes, slots) = (header.layout.page_bytes(), self.position() % PAGE);
        bytes.reserve_exact(self.tables.iter().map(|table| table.pages().len()).sum::<usize>() * page_bytes);
        for table in &self.tables {
            let held = table.pages();
            held.iter().for_each(|page| self.model.backend.page_bits(page, &mut bytes));
            if slots > 0 && !held.is_empty() {
                let last = bytes.len() - page_bytes;
                format::clear_from(&mut bytes[last..], header.layout, slots);
            }
        }
        let digest = format::seal(&mut bytes);
        Snapshot { bytes, header, pages, digest }
    }

    /// The session that `snapshot` was taken of, on `model`.
    ///
    /// # Errors
    /// [`SnapshotError::OtherModel`], [`SnapshotError::OtherNumerics`] and [`SnapshotError::Unfit`].
    pub fn restore(model: &Arc<Model<B>>, snapshot: &Snapshot) -> Result<Self, SnapshotError> {
        snapshot.check_fit(model)?;
        let header = &snapshot.header;
        let page_bytes = header.layout.page_bytes();
        let mut pages = snapshot.bytes[snapshot.pages..].chunks_exact(page_bytes);
        let table = |first: &usize| {
            let held = pages.by_ref().take(header.pages(*first));
            let held = held.map(|bits| model.backend.page_of_bits(header.layout, bits));
            PageTable::of_pages(header.layout, *first, held)
        };
        let tables = header.first_pages.iter().map(table).collect();
        let mut history = History::default();
        history.extend(header.history.iter().copied());
        header.edits.iter().for_each(|(position, edit)| history.edit(*position, *edit));
        Ok(Self { model: Arc::clone(model), tables, history })
    }
}
