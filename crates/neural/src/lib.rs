//! The forward pass of a model: a decoder over a backend, its sessions, traps and generation.
//!
//! A model is read from the bytes of a Hugging Face folder ([`Model::load`]), checked whole, and packed by a
//! [`Backend`], which owns every kernel. A [`Session`] is one sequence with its keys and values by absolute
//! position. The logits at a position are a pure function of model, numerics version and history, bit for
//! bit: for any split into chunks, after fork and rewind, and after a [`Snapshot`] is restored.
//! `docs/numerics.md` says why.
//!
//! [`generate_in`] chooses tokens and records the logits behind each. [`Traps`] watch or change a pass and
//! the choice after it. [`SequenceScheduler`] lets several generations take turns over one model.
//!
//! Two things are absent on purpose. The crate cannot name a verdict: a model proposes and grants nothing.
//! And the crate knows no text: token ids go in and come out, and a caller that ends answers at bytes passes
//! the bytes of each token.

#![forbid(unsafe_code)]

mod attention;
mod backend;
mod batch;
mod config;
mod decoder;
mod entry;
mod experts;
mod faulty;
mod generate;
mod history;
mod injector;
mod memory;
mod model;
mod numerics;
mod pages;
mod plain;
mod rotary;
mod sampling;
mod sequences;
mod session;
mod snapshot;
mod speculate;
mod state_dtype;
mod stops;
mod tensors;
mod traps;
mod weights;

pub use abi;
pub use backend::{AttentionSpec, Backend, ExpertShare, KvLayout, PageRun, PageSlots, QueryRun, WeightedRow};
pub use batch::{Turn, prefill_together, prefill_together_trapped};
pub use config::{
    Activation, AttentionConfig, Block, Combine, ConfigError, ExpertNames, Family, HeadConfig, HeadNorm,
    LayerConfig, MlpConfig, ModelConfig, NormConfig, NormKind, Pairing, Parameters, RopeConfig, RopeScaling,
    RouterConfig, Scores, SharedConfig, TensorNames, Yarn,
};
pub use decoder::{NonFinite, Site, Want};
pub use entry::{EntryClass, EntryError, EntryHead, EntryParts, EntryReading, EntryRequest, EntryTap};
pub use experts::experts_one_by_one;
pub use faulty::{Fault, Faulty, FaultyMatrix};
pub use generate::{Decoding, Ended, GenerateSpec, GeneratedToken, Generation, generate, generate_in};
pub use history::Step;
pub use injector::{Injector, InjectorError, InjectorParts, Reach, value_digits};
pub use memory::SessionMemory;
pub use model::{Model, ModelError};
pub use numerics::{BLOCK, LANES, NUMERICS_VERSION, PAGE, SEGMENT};
pub use plain::{PlainBackend, PlainMatrix, PlainPage, PlainRotation, PlainRows};
pub use sampling::{Sampler, SamplingError, SamplingSpec};
pub use sequences::{
    SequenceId, SequenceLimits, SequenceOutcome, SequenceRefusal, SequenceScheduler, SequenceSpec,
    SequenceState, SequenceTurn,
};
pub use session::{Logits, REWIND_HORIZON, Session, SessionError};
pub use snapshot::{Snapshot, SnapshotError, SnapshotFileError};
pub use speculate::{Ahead, Drafter, Effort, LookupDrafter, MOST_AHEAD, ModelDrafter};
pub use state_dtype::{StateDtype, UnknownStateDtype};
pub use stops::{EmptyStop, StopMatch, StopSequences};
pub use tensors::{StoredMatrix, StoredValues, WeightsError};
pub use traps::{
    Commit, CommitTrap, EntropyTap, ExpertMask, Gateway, GatewayError, GatewayWeights, Injection, Isolation,
    NoTraps, PassSite, TokenMask, TrapPlane, Traps,
};
pub use weights::{GatedWeights, Projection};
