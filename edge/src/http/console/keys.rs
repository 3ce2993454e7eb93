//! The sealing keys, and their rotation.

use super::layout::{button, page, table, time};
use super::session::Session;
use crate::http::admin::access;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::operations::keys;
use embark_protocol::Problem;
use embark_protocol::keys::{RotationState, RotationStatus, SealingKeys};
use maud::{Markup, html};

/// `GET /console/keys`. `notice`: what was just done.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn show(
    incoming: &Incoming<'_>,
    session: &Session,
    notice: &Markup,
) -> Result<HandlerResponse, Problem> {
    let keys = keys::get(incoming.deployment()).await?;
    let is_owner = access::may_manage_operators(&session.operator);
    let goes_on = keys.rotation.as_ref().is_some_and(goes_on);
    // Read again by itself while it goes on.
    let content = html! {
        (notice)
        section.card {
            p.hint { "Secrets are stored sealed. The newest key seals, and the others open what they have sealed. To replace one, store " code { "EMBARK_KEY_" (next_number(&keys)) } " with the deployment, and rotate a minute after it was deployed." }
            (table(&html! { th { "Key" } th { "State" } }, &html! {
                @for key in &keys.keys {
                    tr {
                        td { code { "EMBARK_KEY_" (key.number) } }
                        td {
                            @if key.newest { "seals" }
                            @else if key.removable { "can be removed: nothing is sealed with it any more. Links that it signed cease to work." }
                            @else { "opens what it has sealed" }
                        }
                    }
                }
            }))
        }
        section.card id="rotation" hx-get=[goes_on.then_some("/console/keys")] hx-select="#rotation" hx-trigger="every 5s" hx-swap="outerHTML" {
            h2 { "Rotation" }
            @match &keys.rotation {
                None => { p.hint { "There was none yet." } }
                Some(rotation) => { (progress(rotation)) }
            }
            @if is_owner && !goes_on { (button(session, "/console/keys", "Rotate to the newest key")) }
        }
    };
    Ok(page(session, "/operators", "Sealing keys", &content))
}

fn progress(rotation: &RotationStatus) -> Markup {
    let state = match rotation.state {
        RotationState::Running => "Everything is being visited.",
        RotationState::Waiting => "A visit found something to do. Another one follows.",
        RotationState::Done => "Done: nothing is sealed with an older key.",
        RotationState::Incomplete => "Given up with something left. Repair it, and rotate again.",
    };
    html! {
        p { strong { (state) } " To " code { "EMBARK_KEY_" (rotation.key) } ", begun " (time(rotation.started_at)) @if let Some(at) = rotation.ended_at { ", ended " (time(at)) } "." }
        @if goes_on(rotation) {
            p {
                label for="rotated-sites" { "Sites visited: " (rotation.sites_done) " of " (rotation.sites) } " "
                progress id="rotated-sites" value=(rotation.sites_done) max=(rotation.sites.max(1)) {}
            }
        }
        (table(&html! { th { "Found by the last visit" } th { "Count" } }, &html! {
            @for (what, count) in [
                ("Visits that are complete", u64::from(rotation.passes)),
                ("Secrets sealed again, in all visits", rotation.resealed),
                ("Objects visited", rotation.objects),
                ("Copies in KV read", rotation.entries),
                ("Copies in KV that are outdated", rotation.outdated_copies),
                ("Secrets that no key opens", rotation.unreadable),
                ("Objects or copies that have not replied", rotation.unreachable),
            ] {
                tr { td { (what) } td { (count) } }
            }
        }))
        @if !rotation.names.is_empty() {
            p { "What is outdated, unreadable or has not replied:" }
            ul { @for name in &rotation.names { li { code { (name) } } } }
        }
    }
}

fn goes_on(rotation: &RotationStatus) -> bool {
    matches!(
        rotation.state,
        RotationState::Running | RotationState::Waiting
    )
}

fn next_number(keys: &SealingKeys) -> u32 {
    keys.keys.iter().map(|key| key.number).max().unwrap_or(0) + 1
}
