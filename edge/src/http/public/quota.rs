//! The quotas of apps and partner solutions, as the Partner object published them to KV.

use crate::clock;
use crate::kv;
use embark_onboarding::resources::quota::Quota;
use worker::Env;

/// Whether the quota under this key was published as full and still is. If KV cannot be read it counts as not full: Meta
/// enforces its limit itself.
pub async fn quota_is_full(env: &Env, key: &str) -> bool {
    let quota = kv::read_json::<Quota>(env, key).await;
    let free_at = quota.ok().flatten().and_then(|quota| quota.free_at);
    free_at.is_some_and(|at| clock::now() < at)
}
