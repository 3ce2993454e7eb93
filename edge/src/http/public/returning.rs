//! A browser that comes back from Meta's dialog: the hosted page shows its signup at once.

use crate::clock;
use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use embark_onboarding::auth::grant::Grant;
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_protocol::{SignupId, SignupStatus, Snapshot};

/// The snapshot of the signup that this resume token opens. `None`: the signup cannot be read, or it has no code yet, so
/// that the page has a button.
pub async fn snapshot(incoming: &Incoming<'_>, resume_token: &str) -> Option<Snapshot> {
    let (signup, signed) = resume_token.split_once('.')?;
    let signup = SignupId::parse(signup).ok()?;
    let keyring = &incoming.settings.keyring;
    let grant = Grant::verify(signed, &signup, keyring, clock::now()).ok()?;
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
