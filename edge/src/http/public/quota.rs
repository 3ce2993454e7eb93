//! The quotas of apps and partner solutions, as the Partner object published them to KV.

use crate::clock;
use crate::kv;
use embark_onboarding::resources::quota::Quota;
use embark_protocol::admin::SiteSettings;
use worker::Env;

/// Whether the quota of the site's app or of its partner solution was published as full and still is. One that cannot be read
/// counts as not full: Meta enforces its limits itself.
pub async fn is_full(env: &Env, site: &SiteSettings) -> bool {
    let solution = site.solution_id.as_deref().map(kv::solution_quota_key);
    for key in [Some(kv::quota_key(&site.app)), solution]
        .into_iter()
        .flatten()
    {
        let quota = kv::read_json::<Quota>(env, &key).await;
        let free_at = quota.ok().flatten().and_then(|quota| quota.free_at);
        if free_at.is_some_and(|at| clock::now() < at) {
            return true;
        }
    }
    false
}
