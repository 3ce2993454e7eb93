//! The Durable Objects: their storage, alarms and requests. What they decide is in `embark_onboarding`.
//!
//! | class | name | holds | requests |
//! |---|---|---|---|
//! | [`Run`](run) | signup id | one signup | `RunRequest` |
//! | [`Site`](site) | site id | settings of a site, its index of signups, invitations, events | `SiteRequest` |
//! | [`Waba`](waba) | id of the WhatsApp Business Account | its owners and tokens of record | `WabaRequest` |
//! | [`Phone`](phone) | phone number id | its owner, register budget and PIN | `PhoneRequest` |
//! | [`Partner`](partner) | `main` | apps, sites with open signups, quotas, audit log | `PartnerRequest` |
//!
//! Each request is idempotent: a caller without a reply sends it again. `rpc` is how they are sent, `storage` what
//! every object has. Class names are frozen by the first deploy.

pub mod app_credentials;
mod audit;
mod backend_writes;
mod backup;
mod backup_classes;
mod checklist;
mod deliveries;
mod drive_lock;
mod event_delivery;
mod event_queue;
mod fault_points;
mod forwarding_sites;
mod host;
mod invitations;
mod key_rotation;
mod kv_copies;
mod operators;
mod partner;
mod phone;
mod quotas;
mod record;
mod retention;
mod rows;
pub mod rpc;
mod run;
pub mod secrets;
mod sessions;
mod signup_counts;
mod signup_index;
mod signup_lists;
mod signup_objects;
mod site;
mod site_backend;
mod site_budget;
mod site_events;
mod solution_watch;
mod storage;
mod unclaimed;
mod users;
mod waba;
mod waba_account_updates;
mod waba_rows;
mod waba_webhooks;
pub mod webhook_secrets;

pub use event_queue::has_queue;

use crate::clock;
use crate::telemetry;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::Singleton;
use embark_onboarding::resources::site::SiteRequest;
use embark_onboarding::telemetry::{CronEvent, LogEvent, Subject};
use embark_onboarding::time::millis;
use worker::Env;

/// Wakes the next few sites that have open signups; the only work of the cron trigger. Signups wake by their own
/// alarms: this is for alarms that were lost.
pub async fn wake_sites(env: &Env) {
    let begun_at = clock::now();
    let request = PartnerRequest::NextOpenSites {
        limit: SITES_PER_RUN,
    };
    let Ok(PartnerReply::Sites { sites }) = rpc::call(env, &Singleton, &request).await else {
        return;
    };
    let mut unanswered = 0;
    for site in &sites {
        // A site that did not reply has its turn again after the others.
        let reply = rpc::call(env, site, &SiteRequest::WakeIdle).await;
        unanswered += usize::from(reply.is_err());
    }
    let event = CronEvent {
        sites: sites.len(),
        unanswered,
        duration_ms: millis(clock::now().since(begun_at)),
    };
    telemetry::record(LogEvent::Cron(event), &Subject::default());
}

/// Each site wakes up to fifty signups.
const SITES_PER_RUN: usize = 15;
