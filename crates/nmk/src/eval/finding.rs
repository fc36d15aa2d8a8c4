//! Claims that an evaluation must show, and does or does not.

use serde_json::{Value as Json, json};

/// One thing that must be shown.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) name: &'static str,
    pub(crate) holds: bool,
    /// The figures, in words.
    pub(crate) figures: String,
}

impl Finding {
    /// Returns the line for people.
    pub(crate) fn line(&self) -> String {
        let Self { name, holds, figures } = self;
        format!("{} {name}: {figures}", if *holds { "ok  " } else { "FAIL" })
    }

    /// Returns the object for programs.
    pub(crate) fn json(&self) -> Json {
        json!({ "name": self.name, "holds": self.holds, "figures": self.figures })
    }
}
