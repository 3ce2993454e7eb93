//! Reads the state of a site's partner solution from Meta: after the settings were stored, then every hour. The launch
//! documents read it in the copy of the record.

use super::app_credentials::app_credentials;
use super::record::ObjectRecord;
use super::storage::ObjectStorage;
use crate::clock;
use crate::fetch;
use crate::kv;
use embark_onboarding::meta::health::{SolutionStatus, solution};
use embark_onboarding::meta::response::decode;
use embark_onboarding::resources::site::SiteRecord;
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::telemetry::Subject;
use embark_protocol::SiteId;
use worker::Result;

/// Reads the state if it is due. Returns the event for the site's owner, if it is another one. What Meta does not say now
/// is read again an hour later.
///
/// # Errors
/// The storage refused it.
pub async fn read_if_due(
    storage: &ObjectStorage,
    record: &ObjectRecord<SiteRecord>,
    site: &SiteId,
) -> Result<Option<SiteEvent>> {
    let shared = record.get(storage)?;
    let due = {
        let record = shared.borrow();
        let app = record.config.as_ref().map(|config| config.app.clone());
        let id = record.solution_to_read(clock::now()).map(str::to_owned);
        app.zip(id)
    };
    let (Some(settings), Some((app, id))) = (storage.settings(), due) else {
        return Ok(None);
    };
    let status = match app_credentials(storage.env(), &settings, &app).await {
        Ok(Some(credentials)) => {
            let request = solution(&id).sign(&credentials);
            let subject = Subject {
                app: Some(app.clone()),
                ..Subject::site(site)
            };
            let graph = &settings.meta.graph;
            let response = fetch::send_graph_request(graph, &request, &subject).await;
            let read = decode::<SolutionStatus>(response).ok();
            read.and_then(|read| read.status)
        }
        _ => None,
    };
    let copy_key = kv::site_record_key(site);
    record.change(storage, |record| {
        let before = record.solution.as_ref().map(|read| read.status.clone());
        let event = record.on_solution_read(site, &id, status, clock::now());
        let after = record.solution.as_ref().map(|read| read.status.clone());
        if after != before {
            let copy = serde_json::to_string(&record.published())?;
            record.pending_copies.enqueue(copy_key, copy);
        }
        Ok(event)
    })?
}

/// Sets the alarm for the next read.
///
/// # Errors
/// The record cannot be read.
pub async fn wake_to_read(
    storage: &ObjectStorage,
    record: &ObjectRecord<SiteRecord>,
) -> Result<()> {
    let due_at = record.get(storage)?.borrow().solution_due_at();
    if let Some(at) = due_at {
        storage.set_alarm_within(clock::now().until(at)).await;
    }
    Ok(())
}
