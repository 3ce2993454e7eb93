//! Which owners of an account have messages forwarded: a setting of each site, read from its copy in KV, and kept for a
//! minute.

use super::rpc;
use crate::clock;
use crate::kv;
use core::cell::RefCell;
use core::time::Duration;
use embark_onboarding::resources::deadlines;
use embark_onboarding::resources::site::{SiteRecord, SiteReply, SiteRequest};
use embark_onboarding::time::UnixMillis;
use embark_protocol::SiteId;
use embark_protocol::admin::{MessagesSettings, SiteSettings};
use std::collections::BTreeMap;
use worker::{Env, Result};

/// What one incarnation of an object has read.
#[derive(Default)]
pub struct ForwardingSites(RefCell<BTreeMap<SiteId, (UnixMillis, bool)>>);

impl ForwardingSites {
    /// Those of `owners` that have messages forwarded.
    ///
    /// # Errors
    /// It is not known of one: what is to be forwarded must come again.
    pub async fn among(&self, env: &Env, owners: &[SiteId]) -> Result<Vec<SiteId>> {
        let mut forwarding = vec![];
        for site in owners {
            if self.forwards(env, site).await? {
                forwarding.push(site.clone());
            }
        }
        Ok(forwarding)
    }

    async fn forwards(&self, env: &Env, site: &SiteId) -> Result<bool> {
        let now = clock::now();
        let read = self.0.borrow().get(site).copied();
        if let Some((at, forwards)) = read
            && at <= now
            && now.since(at) < KEPT_FOR
        {
            return Ok(forwards);
        }
        let settings = settings(env, site).await?;
        let mode = settings.map(|settings| settings.messages);
        let forwards = mode == Some(MessagesSettings::Forward);
        self.0.borrow_mut().insert(site.clone(), (now, forwards));
        Ok(forwards)
    }
}

/// `None`: no operator has set the site up.
async fn settings(env: &Env, site: &SiteId) -> Result<Option<SiteSettings>> {
    let copy = kv::read_json::<SiteRecord>(env, &kv::site_record_key(site)).await;
    if let Ok(Some(copy)) = copy {
        return Ok(copy.config);
    }
    let reply = rpc::call_within(env, site, &SiteRequest::Get, deadlines::ORIGINAL).await;
    match reply {
        Ok(SiteReply::Config { config }) => Ok(config.map(|config| *config)),
        Ok(_) => Err("the reply of another request".into()),
        Err(error) => Err(error.to_string().into()),
    }
}

const KEPT_FOR: Duration = Duration::from_mins(1);
