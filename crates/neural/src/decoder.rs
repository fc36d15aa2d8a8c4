//! One forward pass, generic over the backend.
//!
//! A pass takes chunks of consecutive positions, of one sequence or several, through every block. The split
//! into chunks changes no bit, because every operation works row by row and attention reads the pages by
//! absolute position.

use thiserror::Error;

use crate::backend::{AttentionSpec, Backend, ExpertShare, KvLayout, PageRun, QueryRun};
use crate::config::{Block, Combine};
use crate::experts::{gated, project, project_three};
use crate::model::Model;
use crate::pages::PageTable;
use crate::state_dtype::StateDtype;
use crate::traps::{PassSite, Traps};
use crate::weights::{AttentionWeights, GatedWeights, MlpWeights, Projection, SparseWeights};

/// The place in a forward pass at which values appeared that are not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// The residual after the block with this index, from 0.
    Layer(usize),
    /// The logits, after the last block.
    Logits,
}

impl std::fmt::Display for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Layer(layer) => write!(f, "layer {layer}"),
            Self::Logits => f.write_str("the logits"),
        }
    }
}

/// The error of a forward pass whose values became infinite or NaN, because the weights overflow on this
/// input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "{site} is not finite for the tokens at positions {first} to {last}; the model overflows on this input"
)]
pub struct NonFinite {
    /// The first place in the pass at which such values appeared.
    pub site: Site,
    /// First position of the chunk that the pass computed.
    pub first: usize,
    /// Last position of the chunk that the pass computed.
    pub last: usize,
}

/// A choice of the rows of logits that a pass computes and returns. The head is large, so a prompt is cheaper
/// if only its last row is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// The logits of every position of the chunk, in ascending order.
    All,
    /// The logits of the last position of the chunk alone.
    Last,
}

/// The chunk of one sequence that a pass computes.
pub(crate) struct Chunk {
    /// Position of the first row.
    pub(crate) first: usize,
    /// Number of rows at consecutive positions, one at least.
    pub(crate) rows: usize,
    pub(crate) want: Want,
}

/// The place of one sequence's rows among all rows of a pass.
struct Place {
    /// Index of the sequence's first row among the rows of all sequences.
    start: usize,
    /// Number of rows.
    rows: usize,
    /// Position of the first row.
    first: usize,
}

/// The layer of a feed-forward network, and the places of the sequences in the rows that it is run on.
#[derive(Clone, Copy)]
struct Sites<'a> {
    layer: usize,
    places: &'a [Place],
}

/// One sequence of a pass: its pages, one table for each layer, and the chunk that it adds.
pub(crate) struct Sequence<'a, B: Backend> {
    pub(crate) tables: &'a mut [PageTable<B>],
    pub(crate) chunk: Chunk,
}

impl Want {
    /// Returns the number of wanted rows in a chunk of `rows` rows.
    pub(crate) fn rows(self, rows: usize) -> usize {
        match self {
            Self::All => rows,
            Self::Last => 1,
        }
    }
}

impl Chunk {
    fn end(&self) -> usize {
        self.first + self.rows
    }

    /// Returns the positions of the rows.
    fn positions(&self) -> std::ops::Range<usize> {
        self.first..self.end()
    }

    fn non_finite(&self, site: Site) -> NonFinite {
        NonFinite { site, first: self.first, last: self.end() - 1 }
    }
}

impl Place {
    fn rows(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.rows
    }
}

/// Returns the place of each sequence among all rows.
fn places<B: Backend>(sequences: &[Sequence<'_, B>]) -> Vec<Place> {
    let mut start = 0;
    let place = |sequence: &Sequence<'_, B>| {
        let place = Place { start, rows: sequence.chunk.rows, first: sequence.chunk.first };
        start += place.rows;
        place
    };
    sequences.iter().map(place).collect()
}

impl<B: Backend> Model<B> {
    /// Returns the layout of the pages of every layer.
    pub(crate) fn layout(&self) -> KvLayout {
        let attention = &self.config.attention;
        KvLayout { kv_heads: attention.kv_heads, head_dim: attention.head_dim, state: self.state }
    }

    /// Returns the input of the first block for `tokens`, each of which must be below the vocabulary's size.
    pub(crate) fn embedded(&self, tokens: &[u32]) -> B::Rows {
        self.backend.embed(&self.weights.embedding, tokens)
    }

    /// Runs the embedded rows `x`, sequence after sequence, and returns the wanted logits in the same order.
    /// Keys and values are written into the sequences' pages at the positions of their chunks. There must be
    /// one sequence at least, and one element of `traps` for each sequence.
    ///
    /// # Errors
    /// [`NonFinite`] if a residual or a logit is infinite or NaN. The error names the positions of the first
    /// sequence.
    pub(crate) fn forward<T: Traps<B>>(
        &self,
        sequences: &mut [Sequence<'_, B>],
        mut x: B::Rows,
        traps: &mut [T],
    ) -> Result<B::Rows, NonFinite> {
        let backend = &self.backend;
        let places: Vec<Place> = places(sequences);
        self.each(&places, PassSite::Entry, traps, &mut x, |traps, first, x| traps.entry(backend, first, x));
        let positions: Vec<_> = sequences.iter().map(|sequence| sequence.chunk.positions()).collect();
        let rotation = backend.rotation(&self.rotary.frequencies, self.rotary.magnitude, &positions);
        let watched = self.is_watched(traps);
        let mut finite = backend.finite_record(self.weights.layers.len() + 1);
        for (index, layer) in self.weights.layers.iter().enumerate() {
            let at = Sites { layer: index, places: &places };
            let normed = backend.norm(&self.config.norm, &layer.norm, &x);
            let attended = self.attention(index, &layer.attention, &normed, &rotation, sequences);
            let fed = match (self.config.block, &layer.second_norm) {
                (Block::Sequential, Some(norm)) => {
                    let normed = backend.add_norm(&mut x, &attended, &self.config.norm, norm);
                    self.mlp(&layer.mlp, &normed, at, traps)
                }
                _ => {
                    let fed = self.mlp(&layer.mlp, &normed, at, traps);
                    backend.add(&mut x, &attended);
                    fed
                }
            };
            backend.add(&mut x, &fed);
            self.each(&places, PassSite::Block(index), traps, &mut x, |traps, first, x| {
                traps.block(backend, index, first, x);
            });
            if self.state == StateDtype::Bf16 {
                backend.round_bf16(&mut x);
            }
            backend.record_finite(&mut finite, index, &x);
            // Traps of later layers must not see what follows from a value that is not finite.
            if watched {
                self.check_finite(&finite, sequences)?;
            }
        }
        let logits = self.logits(x, sequences);
        backend.record_finite(&mut finite, self.weights.layers.len(), &logits);
        self.check_finite(&finite, sequences)?;
        Ok(logits)
    }

    /// Returns true if some trap does not ignore a layer of the pass.
    fn is_watched<T: Traps<B>>(&self, traps: &[T]) -> bool {
        let ignored = |site| ignored(traps, site);
        let layers = 0..self.weights.layers.len();
        !layers.into_iter().all(|layer| ignored(PassSite::Router(layer)) && ignored(PassSite::Block(layer)))
    }

    fn check_finite(&self, record: &B::FiniteRecord, sequences: &[Sequence<'_, B>]) -> Result<(), NonFinite> {
        let Some(place) = self.backend.first_non_finite(record) else { return Ok(()) };
        let site = if place < self.weights.layers.len() { Site::Layer(place) } else { Site::Logits };
        Err(sequences[0].chunk.non_finite(site))
    }

    fn logits(&self, mut x: B::Rows, sequences: &[Sequence<'_, B>]) -> B::Rows {
        let backend = &self.backend;
        if sequences.iter().any(|sequence| sequence.chunk.want == Want::Last) {
            let mut end = 0;
            let wanted = sequences.iter().flat_map(|sequence| {
                end += sequence.chunk.rows;
                end - sequence.chunk.want.rows(sequence.chunk.rows)..end
            });
            x = backend.gather(&x, &wanted.collect::<Vec<usize>>());
        }
        let normed = backend.norm(&self.config.norm, &self.weights.norm, &x);
        let head = self.weights.head.as_ref().unwrap_or(&self.weights.embedding);
        let mut logits = backend.matmul(head, &normed);
        if self.config.head.scale.to_bits() != 1.0_f32.to_bits() {
            backend.scale(&mut logits, self.config.head.scale);
        }
        logits
    }

    fn attention(
        &self,
        index: usize,
        weights: &AttentionWeights<B>,
        x: &B::Rows,
        rotation: &B::Rotation,
        sequences: &mut [Sequence<'_, B>],
    ) -> B::Rows {
        let backend = &self.backend;
        let [mut queries, mut keys, mut values] =
            project_three(&**backend, [&weights.query, &weights.key, &weights.value], x);
        let (norm, clip) = (&self.config.norm, self.config.attention.clip);
        let turn = self.config.layers[index].rotate.then_some((self.config.rope.pairing, rotation));
        match (&weights.norms, turn, clip) {
            (Some((query_norm, key_norm)), Some(turn), None) => {
                queries = backend.norm_rotate(norm, query_norm, turn, &queries);
                keys = backend.norm_rotate(norm, key_norm, turn, &keys);
            }
            (norms, turn, clip) => {
                if let Some((query_norm, key_norm)) = norms {
                    queries = backend.norm(norm, query_norm, &queries);
                    keys = backend.norm(norm, key_norm, &keys);
                }
                if let Some(limit) = clip {
                    for rows in [&mut queries, &mut keys, &mut values] {
                        backend.clamp(rows, limit);
                    }
                }
                if let Some((pairing, rotation)) = turn {
                    backend.rotate(&mut queries, pairing, rotation);
                    backend.rotate(&mut keys, pairing, rotation);
                }
            }
        }
        self.store(index, &keys, &values, sequences);
        let attended = self.attend(index, &queries, sequences, weights.sinks.as_ref());
        self.project(&weights.output, &attended)
    }

    /// Writes keys and values of all rows into the pages of their sequences.
    fn store(&self, index: usize, keys: &B::Rows, values: &B::Rows, sequences: &mut [Sequence<'_, B>]) {
        let (backend, mut start, mut pages) = (&self.backend, 0, Vec::new());
        for sequence in sequences {
            let positions = sequence.chunk.positions();
            pages.extend(sequence.tables[index].writable(backend, positions, start));
            start += sequence.chunk.rows;
        }
        backend.store_all(pages, self.layout(), keys, values);
    }

    /// Computes attention of all rows, each over the pages of its own sequence.
    fn attend(
        &self,
        index: usize,
        queries: &B::Rows,
        sequences: &[Sequence<'_, B>],
        sinks: Option<&B::Vector>,
    ) -> B::Rows {
        let spec = AttentionSpec {
            heads: self.config.attention.heads,
            layout: self.layout(),
            scale: (1.0 / (self.config.attention.head_dim as f64).sqrt()) as f32,
            window: self.config.layers[index].window,
            first_query: 0,
        };
        let pages: Vec<_> = sequences.iter().map(|sequence| sequence.tables[index].pages()).collect();
        let mut runs = Vec::new();
        for (Sequence { tables, chunk }, pages) in sequences.iter().zip(&pages) {
            let pages = PageRun { first_page: tables[index].first_page(), pages };
            runs.push(QueryRun { rows: chunk.rows, first_query: chunk.first, pages });
        }
        self.backend.attend_all(&spec, queries, &runs, sinks)
    }

    fn project(&self, projection: &Projection<B>, x: &B::Rows) -> B::Rows {
        project(self.backend(), projection, x)
    }

    fn mlp<T: Traps<B>>(&self, mlp: &MlpWeights<B>, x: &B::Rows, at: Sites<'_>, traps: &mut [T]) -> B::Rows {
        match mlp {
            MlpWeights::Dense(gated) => self.gated(gated, x),
            MlpWeights::Sparse(sparse) => self.sparse(sparse, x, at, traps),
        }
    }

    fn gated(&self, weights: &GatedWeights<B>, x: &B::Rows) -> B::Rows {
        gated(self.backend(), weights, &self.config.activation, x)
    }

    /// Lets the traps of each sequence watch and change the rows of that sequence in `x`.
    fn each<T: Traps<B>>(
        &self,
        places: &[Place],
        at: PassSite,
        traps: &mut [T],
        x: &mut B::Rows,
        mut site: impl FnMut(&mut T, usize, &mut B::Rows),
    ) {
        match (places, traps) {
            (_, traps) if ignored(traps, at) => {}
            ([place], [traps]) => site(traps, place.first, x),
            (places, traps) => {
                let mut joined = Vec::new();
                for (place, traps) in places.iter().zip(traps) {
                    let mut own = self.backend.gather(x, &place.rows().collect::<Vec<_>>());
                    site(traps, place.first, &mut own);
                    joined.extend(self.backend.read(&own));
                }
                *x = self.backend.rows(self.config.hidden_size, joined);
            }
        }
    }

    /// Chooses the experts of each row and calls the traps. Consecutive rows with the same mask are routed
    /// together.
    fn route<T: Traps<B>>(&self, outputs: &B::Rows, at: Sites<'_>, traps: &mut [T]) -> Vec<Vec<ExpertShare>> {
        let (backend, router) = (&self.backend, &self.config.router);
        let mut shares = Vec::new();
        for (place, traps) in at.places.iter().zip(traps) {
            let own;
            let outputs = match at.places {
                [_] => outputs,
                _ => {
                    own = backend.gather(outputs, &place.rows().collect::<Vec<_>>());
                    &own
                }
            };
            let mask = |row: usize| traps.experts(at.layer, place.first + row);
            let mut chosen = Vec::new();
            while chosen.len() < place.rows {
                let start = chosen.len();
                let end = (start..place.rows).find(|row| mask(*row) != mask(start)).unwrap_or(place.rows);
                chosen.extend(if end - start == place.rows {
                    backend.route(router, mask(0), outputs)
                } else {
                    let alike: Vec<usize> = (start..end).collect();
                    backend.route(router, mask(start), &backend.gather(outputs, &alike))
                });
            }
            traps.routed(backend, at.layer, place.first, outputs, &chosen);
            shares.append(&mut chosen);
        }
        shares
    }

    fn sparse<T: Traps<B>>(
        &self,
        sparse: &SparseWeights<B>,
        x: &B::Rows,
        at: Sites<'_>,
        traps: &mut [T],
    ) -> B::Rows {
        let backend = &self.backend;
        let outputs = self.project(&sparse.router, x);
        let (activation, hidden) = (&self.config.activation, self.config.hidden_size);
        let mut sum = if ignored(traps, PassSite::Router(at.layer)) {
            let router = &self.config.router;
            backend.routed_experts(router, &outputs, &sparse.experts, activation, hidden, x)
        } else {
            let shares = self.route(&outputs, at, traps);
            backend.experts(&sparse.experts, activation, &shares, hidden, x)
        };
        if let (Some(shared), Some(config)) = (&sparse.shared, &self.config.shared) {
            let mut always = self.gated(&shared.expert, x);
            if let Some(gate) = &shared.gate {
                backend.gate(&mut always, &backend.matmul(gate, x));
            }
            backend.add(&mut sum, &always);
            if config.combine == Combine::Average {
                backend.scale(&mut sum, 0.5);
            }
        }
        sum
    }
}

/// Returns true if all traps ignore the site, so that it can be skipped.
fn ignored<B: Backend, T: Traps<B>>(traps: &[T], site: PassSite) -> bool {
    traps.iter().all(|traps| traps.ignores(site))
}
