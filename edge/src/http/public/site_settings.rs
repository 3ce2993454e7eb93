//! The settings of a site, for pages that strangers request under any name: no Durable Object is created for a name that
//! no operator put.

use crate::clock;
use crate::durable_objects::rpc;
use crate::kv;
use core::cell::RefCell;
use core::time::Duration;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::site::{SiteRecord, SiteReply, SiteRequest};
use embark_onboarding::resources::site_solution::SiteSolution;
use embark_onboarding::time::UnixMillis;
use embark_protocol::admin::SiteSettings;
use embark_protocol::{Problem, ProblemCode, SiteId};
use worker::Env;

/// The settings of a site: the copy in KV. KV may not find an entry for a minute after it was written: a site that the
/// Partner object knows, or one whose copy cannot be read, is asked itself. `None`: there is no such site.
///
/// # Errors
/// `internal`: an object did not reply.
pub async fn site_settings(env: &Env, site: &SiteId) -> Result<Option<SiteSettings>, Problem> {
    let published = published_site(env, site).await?;
    Ok(published.map(|site| site.settings))
}

/// What pages need of a site.
pub struct PublishedSite {
    /// The settings.
    pub settings: SiteSettings,
    /// The state of its partner solution. `None`: it has none, or that is not known at the moment.
    pub solution: Option<SiteSolution>,
}

/// Like [`site_settings`], with what else is published.
///
/// # Errors
/// As of [`site_settings`].
pub async fn published_site(env: &Env, site: &SiteId) -> Result<Option<PublishedSite>, Problem> {
    let copy = kv::read_json::<SiteRecord>(env, &kv::site_record_key(site)).await;
    match copy {
        Ok(Some(copy)) => {
            let solution = copy.solution;
            let published = |settings| PublishedSite { settings, solution };
            return Ok(copy.config.map(published));
        }
        Ok(None) if !is_known(env, site).await? => return Ok(None),
        Ok(None) | Err(_) => {}
    }
    match rpc::call(env, site, &SiteRequest::Get).await? {
        SiteReply::Config { config } => Ok(config.map(|config| PublishedSite {
            settings: *config,
            solution: None,
        })),
        _ => Err(Problem::new(ProblemCode::Internal)),
    }
}

/// Whether the Partner object lists the site. The list is kept for a few seconds, so that requests for unknown names do
/// not reach the object one by one.
async fn is_known(env: &Env, site: &SiteId) -> Result<bool, RpcError> {
    let now = clock::now();
    let kept = SITES.with_borrow(|sites| {
        let is_fresh = sites.read_at <= now && now.since(sites.read_at) < KEPT_FOR;
        is_fresh.then(|| sites.list.contains(site))
    });
    if let Some(is_known) = kept {
        return Ok(is_known);
    }
    let PartnerReply::Sites { sites: list } =
        rpc::call(env, &Singleton, &PartnerRequest::Sites).await?
    else {
        return Err(RpcError::UnexpectedReply);
    };
    let is_known = list.contains(site);
    SITES.with_borrow_mut(|sites| *sites = KnownSites { read_at: now, list });
    Ok(is_known)
}

/// The Partner object's list of sites.
struct KnownSites {
    read_at: UnixMillis,
    list: Vec<SiteId>,
}

thread_local! {
    static SITES: RefCell<KnownSites> = const {
        RefCell::new(KnownSites { read_at: UnixMillis(0), list: Vec::new() })
    };
}

const KEPT_FOR: Duration = Duration::from_secs(10);
