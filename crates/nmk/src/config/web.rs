//! The settings for pages of the web, in the table `[web]` of the file.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::file::{MAX_SECONDS, Source};
use crate::remote::web::{HostPort, SearchAddress, WebLimits};

/// The largest page that can be allowed, in bytes.
const MOST_PAGE_BYTES: usize = 64 << 20;

/// The settings for pages of the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebConfig {
    /// The address of the search. None if there is none, and then nothing can be searched.
    pub search: Option<SearchAddress>,
    /// The hosts and ports that are reached although they are not public.
    pub allow: Vec<HostPort>,
    /// The limits of time and size for one page.
    pub limits: WebLimits,
}

impl Default for WebConfig {
    fn default() -> Self {
        let limits = WebLimits { total: Duration::from_secs(30), max_bytes: 1 << 20 };
        Self { search: None, allow: Vec::new(), limits }
    }
}

/// The table `[web]`, as it is written and as it is shown.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) search: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) allow: Option<Vec<String>>,
    timeout_seconds: Option<f64>,
    max_page_bytes: Option<usize>,
}

impl WebTable {
    /// Returns the table that states `config`.
    pub(super) fn from_config(config: &WebConfig) -> Self {
        Self {
            search: config.search.as_ref().map(ToString::to_string),
            allow: Some(config.allow.iter().map(ToString::to_string).collect()),
            timeout_seconds: Some(config.limits.total.as_secs_f64()),
            max_page_bytes: Some(config.limits.max_bytes),
        }
    }

    pub(super) fn apply(&self, web: &mut WebConfig, source: &Source) -> Result<(), ConfigError> {
        if let Some(address) = &self.search {
            let address = SearchAddress::parse(address);
            web.search = Some(address.map_err(|error| source.invalid("web.search", &error.to_string()))?);
        }
        if let Some(places) = &self.allow {
            let wrong = |error| {
                let what = format!("{error}; state hosts with ports, such as \"127.0.0.1:8080\"");
                source.invalid("web.allow", &what)
            };
            let places = places.iter().map(|place| HostPort::parse(place).map_err(wrong));
            web.allow = places.collect::<Result<_, _>>()?;
        }
        if let Some(seconds) = self.timeout_seconds {
            if !(0.001..=MAX_SECONDS).contains(&seconds) {
                return Err(source.invalid("web.timeout_seconds", "state seconds from 0.001 to 86400"));
            }
            web.limits.total = Duration::from_secs_f64(seconds);
        }
        if let Some(bytes) = self.max_page_bytes {
            if !(1..=MOST_PAGE_BYTES).contains(&bytes) {
                return Err(source.invalid("web.max_page_bytes", "state bytes from 1 to 67108864"));
            }
            web.limits.max_bytes = bytes;
        }
        Ok(())
    }
}
