//! The configuration in force, written as a file that states the same.

use serde::Serialize;

use super::memory_table::MemoryTable;
use super::spending::PolicyShown;
use super::web::WebTable;
use super::{Config, ModelChoice, file};

#[derive(Serialize)]
struct Shown {
    model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    require: Option<&'static str>,
    direct: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_new: Option<u32>,
    thinking: &'static str,
    ledger: String,
    key: String,
    facts: Vec<&'static str>,
    remote: Remote,
    endpoint: EndpointShown,
    policy: PolicyShown,
    web: WebTable,
    memory: MemoryTable,
}

#[derive(Serialize)]
struct EndpointShown {
    max_tokens: &'static str,
    system_role: &'static str,
    temperature: bool,
    seed: bool,
    stream: bool,
    stream_options: bool,
    response_format: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<String>,
}

#[derive(Serialize)]
struct Remote {
    key_variable: String,
    connect_timeout_seconds: f64,
    stall_timeout_seconds: f64,
    total_timeout_seconds: f64,
    max_response_bytes: usize,
}

pub(super) fn toml(config: &Config) -> String {
    toml::to_string_pretty(&Shown::from_config(config)).expect("a table of strings, numbers and tables")
}

pub(super) fn json(config: &Config) -> serde_json::Value {
    serde_json::to_value(Shown::from_config(config)).expect("a table of strings, numbers and tables")
}

impl Shown {
    fn from_config(config: &Config) -> Self {
        let (model, model_name) = match &config.model {
            ModelChoice::Embedded => ("embedded".to_owned(), None),
            ModelChoice::Coder => ("coder".to_owned(), None),
            ModelChoice::Folder(folder) => (folder.display().to_string(), None),
            ModelChoice::Endpoint { endpoint, name } => (endpoint.to_string(), name.clone()),
        };
        let limits = &config.remote.limits;
        let dialect = &config.remote.dialect;
        Self {
            model,
            model_name,
            require: config.require.map(det::Level::word),
            direct: config.direct,
            max_new: config.max_new,
            thinking: config.thinking.word(),
            ledger: config.ledger.display().to_string(),
            key: config.key.display().to_string(),
            facts: config.facts.iter().map(|fact| fact.word()).collect(),
            remote: Remote {
                key_variable: config.remote.key_variable.clone(),
                connect_timeout_seconds: limits.connect.as_secs_f64(),
                stall_timeout_seconds: limits.stall.as_secs_f64(),
                total_timeout_seconds: limits.total.as_secs_f64(),
                max_response_bytes: limits.max_bytes,
            },
            endpoint: EndpointShown {
                max_tokens: file::word(&file::TOKEN_LIMITS, dialect.token_limit),
                system_role: file::word(&file::SYSTEM_ROLES, dialect.system_role),
                temperature: dialect.temperature,
                seed: dialect.seed,
                stream: dialect.stream,
                stream_options: dialect.stream_options,
                response_format: dialect.response_format,
                ca_file: config.remote.ca_file.as_ref().map(|path| path.display().to_string()),
            },
            policy: PolicyShown::from_spending(&config.spending),
            web: WebTable::from_config(&config.web),
            memory: MemoryTable::from_config(&config.memory),
        }
    }
}
