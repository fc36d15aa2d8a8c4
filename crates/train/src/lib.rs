//! The workshop of the embedded model: corpus, tokenizer, training and evaluation.
//!
//! Every result is a pure function of a seed and a configuration. Item `i` of the corpus depends on `(seed,
//! i)` only, gradients are summed in the order of the shards, and parameters are visited in the order of
//! their names. So a run gives the same bits for any number of threads, and also if it was killed and
//! resumed. The shipped binary links nothing of this crate.
#![forbid(unsafe_code)]

pub mod accuracy;
pub mod adamw;
pub mod batch;
pub mod bf16;
pub mod calibrate;
pub mod checkpoint;
pub mod codec;
pub mod coder;
pub mod config;
pub mod corpus;
pub mod curve;
pub mod entry;
pub mod error;
pub mod held_out;
pub mod injector;
pub mod job;
pub mod loads;
pub mod model;
pub mod ops;
pub mod params;
pub mod picture;
pub mod render;
pub mod report;
pub mod repro;
pub mod rng;
pub mod run;
pub mod ship;
pub mod shipped;
pub mod step;
pub mod words;

pub use error::TrainError;
