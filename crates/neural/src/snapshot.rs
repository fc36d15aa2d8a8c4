//! A session as bytes, on disk or elsewhere.
//!
//! A snapshot names its dependencies, the digest of the model (which covers configuration and weights) and
//! the numerics version. It holds position, history, layout and all keys and values, and a digest covers all
//! of that. A restored session has every bit of the original and goes on as the original does.
//!
//! A digest finds damage and not intent: somebody who can write the file can write another snapshot with
//! another digest. [`Snapshot::require`] notices that, if the caller has kept the digest.

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

/// A session as bytes. Holding one proves that the bytes are whole, match their digest and have a form that a
/// session could have written. [`Session::restore`] checks that the snapshot fits a given model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    bytes: Vec<u8>,
    header: Header,
    /// The offset of the first page.
    pages: usize,
    digest: Digest,
}

impl Snapshot {
    /// Creates a snapshot from its bytes, after a check of form, length, digest and all numbers.
    ///
    /// # Errors
    /// [`SnapshotError::NotSnapshot`] if the bytes do not begin as a snapshot does, [`SnapshotError::Length`]
    /// if bytes are missing or were added, [`SnapshotError::Changed`] if they do not match their digest, and
    /// [`SnapshotError::Malformed`] if they match it but no session could have written them.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, SnapshotError> {
        let (header, pages, digest) = format::parse(&bytes)?;
        Ok(Self { bytes, header, pages, digest })
    }

    /// Returns the bytes of the snapshot, from which [`from_bytes`](Self::from_bytes) makes it again.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the digest of the snapshot: BLAKE3 under `nmk.snapshot.v1` over its content. Two sessions of
    /// one model have the same digest exactly if they have the same history and hold the same keys and
    /// values, bit for bit.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the digest of the model that the session ran on, which [`Session::restore`] compares with that
    /// of its model.
    #[must_use]
    pub fn model(&self) -> Digest {
        self.header.model
    }

    /// Returns the position of the session, which is the number of its tokens and injected rows.
    #[must_use]
    pub fn position(&self) -> usize {
        self.header.position()
    }

    /// Returns the input of each position, which is a token or an injected row, in ascending order.
    #[must_use]
    pub fn history(&self) -> &[Step] {
        &self.header.history
    }

    /// Returns the positions at which traps changed a pass, in ascending order, with the digest of each
    /// change.
    #[must_use]
    pub fn edits(&self) -> &[(usize, Digest)] {
        &self.header.edits
    }

    /// Returns the keys and values of each layer: the first position that is held, and the bytes of the pages
    /// from there on, in ascending order. Each page takes [`page_bytes`](Self::page_bytes).
    pub fn layers(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let (page_bytes, mut rest) = (self.page_bytes(), &self.bytes[self.pages..]);
        self.header.first_pages.iter().map(move |first| {
            let (held, others) = rest.split_at(self.header.pages(*first) * page_bytes);
            rest = others;
            (first * PAGE, held)
        })
    }

    /// Returns the number of bytes of one page: keys and values of `PAGE` positions of one layer.
    #[must_use]
    pub fn page_bytes(&self) -> usize {
        self.header.layout.page_bytes()
    }

    /// Returns this snapshot if it has the digest that the caller expects, so that a replaced file is
    /// noticed.
    ///
    /// # Errors
    /// [`SnapshotError::OtherSnapshot`] if the snapshot has another digest.
    pub fn require(self, digest: Digest) -> Result<Self, SnapshotError> {
        if self.digest == digest {
            return Ok(self);
        }
        Err(SnapshotError::OtherSnapshot { found: self.digest, expected: digest })
    }

    /// Checks that a session of `model` could have written the snapshot.
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
            // The layer must hold all keys that the next query sees.
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
    /// Returns the session as bytes. The bytes depend on the model, the history, the edits and the pages that
    /// were dropped behind windows. They do not depend on the chunks, forks and rewinds that led there.
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

    /// Returns a session on `model` that goes on from `snapshot`. Every bit of it is that of the original
    /// session.
    ///
    /// # Errors
    /// [`SnapshotError::OtherModel`] if the snapshot is of another model, [`SnapshotError::OtherNumerics`] if
    /// it was computed under another numerics version, and [`SnapshotError::Unfit`] if its sizes do not fit
    /// the model.
    pub fn restore(model: &Arc<Model<B>>, snapshot: &Snapshot) -> Result<Self, SnapshotError> {
        snapshot.check_fit(model)?;
        let header = &snapshot.header;
        let page_bytes = header.layout.page_bytes();
        let mut pages = snapshot.bytes[snapshot.pages..].chunks_exact(page_bytes);
        let table = |first: &usize| {
            let held = pages.by_ref().take(header.pages(*first));
            let held = held.map(|bits| model.backend.page_from_bits(header.layout, bits));
            PageTable::from_pages(header.layout, *first, held)
        };
        let tables = header.first_pages.iter().map(table).collect();
        let mut history = History::default();
        history.extend(header.history.iter().copied());
        header.edits.iter().for_each(|(position, edit)| history.edit(*position, *edit));
        Ok(Self { model: Arc::clone(model), tables, history })
    }
}
