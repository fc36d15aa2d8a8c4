//! The decisions of the policy, as the ledger shows them.

use serde_json::Value as Json;

use super::home::Home;

/// Returns the bodies of the decisions in the ledger at `seam`.
pub fn decisions(home: &Home, seam: &str) -> Vec<Json> {
    let shown = home.run(["ledger", "show", "--json"]);
    let entries: Vec<Json> = shown.out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let flat = entries.iter().flat_map(|entry| match entry {
        Json::Array(entries) => entries.clone(),
        one => one["entries"].as_array().cloned().unwrap_or_else(|| vec![one.clone()]),
    });
    flat.map(|entry| entry["body"].clone()).filter(|body| body["seam"] == seam).collect()
}
