//! A browser that comes back from Meta's dialog: the callback names its signup in a cookie, and the hosted page shows it
//! at once. The cookie is used up by that page.

use crate::clock;
use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use embark_onboarding::auth::grant::Grant;
use embark_onboarding::auth::redirect::{RETURN_COOKIE, read_return_cookie};
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_protocol::{SignupStatus, SiteId, Snapshot};

/// The snapshot of the signup that this browser comes back to. `None`: it does not come back, or the signup cannot be
/// read, or it has no code yet, so that the page has a button.
pub async fn snapshot(incoming: &Incoming<'_>, site: &SiteId) -> Option<Snapshot> {
    let cookies = incoming.header("cookie")?;
    let (signup, signed) = read_return_cookie(&cookies)?;
    let keyring = &incoming.settings.keyring;
    let grant = Grant::verify(&signed, &signup, keyring, clock::now()).ok()?;
    if grant.site != *site {
        return None;
    }
    let request = RunRequest::Get {
        grant: Box::new(grant),
        after: 0,
    };
    let Ok(RunReply::Document(json)) = rpc::call(incoming.env, &signup, &request).await else {
        return None;
    };
    let snapshot: Snapshot = serde_json::from_str(json.get()).ok()?;
    let has_code = !matches!(
        snapshot.status,
        SignupStatus::Launched | SignupStatus::Abandoned
    );
    has_code.then_some(snapshot)
}

/// `Set-Cookie` that removes the cookie.
pub fn forget(site: &SiteId) -> String {
    [RETURN_COOKIE, "=;path=/go/", site.as_str(), ";max-age=0"].concat()
}
