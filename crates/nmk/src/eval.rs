//! Evaluations, which print what was measured on given problems.

pub(crate) mod humaneval;
