//! One customer website: its settings, of which KV holds a copy, who may start a signup, and the index of its signups.

use crate::crypto::Sealed;
use crate::resources::backend::BackendToken;
use crate::resources::event_delivery::EventEndpoint;
use crate::resources::key_rotation::{ResealCount, SealedContents, reseal};
use crate::resources::kv_copies::{HasPendingCopies, PendingCopies};
use crate::resources::secret_times::SecretTimes;
use crate::resources::site_solution::SiteSolution;
use crate::time::UnixMillis;
use crate::workflow::Context;
use embark_protocol::SignupStatus;
use embark_protocol::admin::SiteSettings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use crate::resources::site_requests::{SignupIndexRow, SiteReply, SiteRequest};

/// The stored record. Index, invitations and events are rows of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteRecord {
    /// The settings. `None`: the site was never set up.
    pub config: Option<SiteSettings>,
    /// Incremented with every change of the settings.
    pub version: u64,
    /// Whether the site has open signups, as the Partner object last acknowledged it.
    #[serde(rename = "told_open")]
    pub reported_open: bool,
    /// SHA-256 of the token in the URL of Infobip's webhook. `None`: no webhook was set up.
    #[serde(rename = "hook")]
    pub webhook_token_digest: Option<String>,
    /// The keys of the site at providers, each by the key that it is sealed under. KV has copies.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, Sealed>,
    /// When each of them was last put, by the same key. One that was put before this was kept is missing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub secret_set_at: BTreeMap<String, UnixMillis>,
    /// The bearer tokens of the partner's back end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backend_tokens: Vec<BackendToken>,
    /// Where events are delivered to. `None`: nowhere, they are kept for the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EventEndpoint>,
    /// The state of its partner solution. `None`: it has none, or it was not read yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solution: Option<SiteSolution>,
    /// Addresses that messages were sent to before, the oldest first: see [`MessageRoute`](crate::resources::message_route::MessageRoute).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retired_callbacks: Vec<String>,
    /// Copies in KV that are not confirmed.
    #[serde(rename = "copies", skip_serializing_if = "PendingCopies::is_empty")]
    pub pending_copies: PendingCopies,
}

impl HasPendingCopies for SiteRecord {
    fn pending_copies(&self) -> &PendingCopies {
        &self.pending_copies
    }

    fn pending_copies_mut(&mut self) -> &mut PendingCopies {
        &mut self.pending_copies
    }
}

impl SealedContents for SiteRecord {
    fn visit_sealed(&mut self, _: &str, visit: &mut dyn FnMut(&str, &mut Sealed)) {
        for (key, secret) in &mut self.secrets {
            visit(key, secret);
        }
        for secret in self
            .endpoint
            .iter_mut()
            .flat_map(|endpoint| &mut endpoint.secrets)
        {
            visit(&secret.name, &mut secret.sealed);
        }
    }
}

impl SiteRecord {
    /// Seals with the newest key what older ones sealed, and enqueues the copies in KV.
    pub fn reseal(&mut self, cx: &Context<'_>) -> ResealCount {
        let before = self.secrets.clone();
        let count = reseal(self, "", cx);
        let is_new = |(key, secret): &(&String, &Sealed)| before.get(*key) != Some(*secret);
        for (key, secret) in self.secrets.iter().filter(is_new) {
            let copy = secret.as_str().to_owned();
            self.pending_copies.enqueue(key.clone(), copy);
        }
        count
    }

    /// Stores a secret, and enqueues its copy in KV.
    pub fn put_secret(&mut self, key: String, secret: Sealed, now: UnixMillis) {
        self.secret_set_at.insert(key.clone(), now);
        self.pending_copies
            .enqueue(key.clone(), secret.as_str().to_owned());
        self.secrets.insert(key, secret);
    }

    /// When each secret that is stored was last put.
    pub fn secret_times(&self) -> SecretTimes {
        let keys = self.secrets.keys();
        keys.map(|key| (key.clone(), self.secret_set_at.get(key).copied()))
            .collect()
    }

    /// The record as KV has it: without secrets.
    #[must_use]
    pub fn published(&self) -> Self {
        Self {
            secrets: BTreeMap::new(),
            secret_set_at: BTreeMap::new(),
            backend_tokens: vec![],
            endpoint: None,
            retired_callbacks: vec![],
            pending_copies: PendingCopies::default(),
            ..self.clone()
        }
    }
}

/// Whether a signup with this status is not over.
pub const fn is_open(status: SignupStatus) -> bool {
    !status.is_terminal()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use embark_protocol::admin::MessagesSettings;

    /// Messages go to this address.
    pub(crate) fn override_to(url: &str) -> MessagesSettings {
        MessagesSettings::Override {
            callback_url: url.into(),
        }
    }

    /// [`config`] with these settings of messages.
    pub(crate) fn with_messages(messages: MessagesSettings) -> SiteSettings {
        SiteSettings {
            messages,
            ..config()
        }
    }

    /// Settings of a site with two origins.
    pub(crate) fn config() -> SiteSettings {
        let json = r#"{"key": "acme", "app": "main", "origins": ["https://shop.example", "https://www.shop.example"],
            "config_id": "3000000000000001"}"#;
        serde_json::from_str(json).unwrap()
    }
}
