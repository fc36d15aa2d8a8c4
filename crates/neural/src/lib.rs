//! The untrusted proposer: a decoder, its sessions, and text in and out.
//!
//! A model is read from the bytes of a Hugging Face folder ([`Model::load`], [`LocalModel::from_parts`]),
//! checked whole, and packed by a [`Backend`], which owns every kernel. A [`Session`] is one sequence with
//! its keys and values by absolute position. The logits at a position are a pure function of model,
//! numerics version and history, bit for bit, for any split into chunks, before and after fork and rewind,
//! and restored from a [`Snapshot`]; `docs/numerics.md` says why.
//!
//! What a model proposes is worth nothing by itself: this crate cannot name a verdict. The boundary's plain
//! data is re-exported as [`abi`], so that a proposer can be used with this crate alone.

#![forbid(unsafe_code)]

mod backend;
mod batch;
mod chat;
mod checkpoint;
mod config;
mod decoder;
mod entry;
mod faulty;
mod generate;
mod history;
mod lanes;
mod likelihood;
mod local;
mod memory;
mod model;
mod numerics;
mod pages;
mod plain;
mod proposer;
mod rotary;
mod sampling;
mod session;
mod snapshot;
mod speculate;
mod state;
mod stops;
mod tensors;
mod token_bytes;
mod tokenizer;
mod traps;
mod unsaid;
mod weights;

pub use abi;
pub use backend::{AttentionSpec, Backend, ExpertShare, KvLayout, PageRun, PageSlots, WeightedRow};
pub use batch::{Turn, prefill_together, prefill_together_trapped};
pub use chat::{ChatError, ChatSource, ChatTemplate};
pub use checkpoint::{Checkpoint, GenerationDefaults, GenerationDefaultsError};
pub use config::{
    Activation, AttentionConfig, Block, Combine, ConfigError, ExpertNames, Family, HeadConfig, HeadNorm,
    LayerConfig, MlpConfig, ModelConfig, NormConfig, NormKind, Pairing, RopeConfig, RopeScaling,
    RouterConfig, Scores, SharedConfig, TensorNames, Yarn,
};
pub use decoder::{NonFinite, Site, Want};
pub use entry::{EntryClass, EntryError, EntryHead, EntryParts, EntryReading, EntryRequest, EntryTap};
pub use faulty::{Fault, Faulty, FaultyMatrix};
pub use generate::{Decoding, Ended, GenerateSpec, GeneratedToken, Generation, generate, generate_in};
pub use history::Step;
pub use lanes::{LaneId, LaneLimits, LaneOutcome, LaneRefusal, LaneSpec, LaneState, LaneTurn, Lanes};
pub use local::{LoadError, LocalModel, ProposeError, Schedule};
pub use memory::SessionMemory;
pub use model::{Model, ModelError};
pub use numerics::{BLOCK, LANES, NUMERICS_VERSION, PAGE, SEGMENT};
pub use plain::{PlainBackend, PlainMatrix, PlainPage, PlainRotation, PlainRows};
pub use sampling::{Sampler, SamplingError, SamplingSpec};
pub use session::{Logits, REWIND_HORIZON, Session, SessionError};
pub use snapshot::{Snapshot, SnapshotError, SnapshotFileError};
pub use speculate::{Ahead, Drafter, Effort, LookupDrafter, MOST_AHEAD, ModelDrafter};
pub use state::{State, UnknownState};
pub use stops::{EmptyStop, StopMatch, StopSequences};
pub use tensors::{StoredMatrix, StoredValues, WeightsError};
pub use token_bytes::TokenBytes;
pub use tokenizer::{Tokenizer, TokenizerError};
pub use traps::{
    Commit, CommitTrap, EntropyTap, ExpertMask, Forbidden, ForbiddenError, Gateway, GatewayError,
    GatewayWeights, Injection, Interrupt, Isolation, NoTraps, PassSite, TokenMask, TrapPlane, Traps,
};
pub use unsaid::{Unsaid, UnsaidError};
