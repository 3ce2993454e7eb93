//! The quota of an app, as the Partner object published it to KV.

use crate::clock;
use crate::kv;
use embark_onboarding::resources::quota::Quota;
use embark_protocol::AppKey;
use worker::Env;

/// Whether the app's quota was published as full and still is. If KV cannot be read it counts as not full: Meta
/// enforces its limit itself.
pub async fn quota_is_full(env: &Env, app: &AppKey) -> bool {
    let quota = kv::read_json::<Quota>(env, &kv::quota_key(app)).await;
    let free_at = quota.ok().flatten().and_then(|quota| quota.free_at);
    free_at.is_some_and(|at| clock::now() < at)
}
