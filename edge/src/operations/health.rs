//! The health of the deployment: asks KV, an object of each class, and the sites, all with an end to the wait.

use super::Deployment;
use crate::clock;
use crate::config::BUILD_PATH;
use crate::durable_objects::{has_queue, rpc};
use crate::kv;
use core::time::Duration;
use embark_onboarding::health::{HealthAnswers, health_checks, status};
use embark_onboarding::resources::health::{PartnerHealth, SiteHealth};
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::phone_number::PhoneRequest;
use embark_onboarding::resources::rpc::{ObjectRequest, Singleton};
use embark_onboarding::resources::run::RunRequest;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::resources::waba::WabaRequest;
use embark_protocol::health::HealthReport;
use embark_protocol::{AppKey, PhoneNumberId, Problem, ProblemCode, SignupId, SiteId, WabaId};
use futures_util::StreamExt;
use futures_util::future::{join, join3};
use futures_util::stream;
use worker::Env;

/// Checks the deployment, and of its sites as many as one page has: those behind `after`.
///
/// # Errors
/// `internal`: an id of ours is none.
pub async fn check(
    deployment: Deployment<'_>,
    after: Option<&SiteId>,
) -> Result<HealthReport, Problem> {
    let env = deployment.env;
    let (partner, kv_responds, others) = join3(partner(env), kv_responds(env), others(env)).await;
    let mut classes = vec![("Partner", partner.is_some())];
    classes.extend(others?);
    let all = partner.as_ref().map(|partner| partner.sites.as_slice());
    let all = all.unwrap_or_default();
    let rest: Vec<&SiteId> = all
        .iter()
        .filter(|site| after.is_none_or(|after| *site > after))
        .collect();
    let asked = rest.iter().take(SITES_PER_PAGE).copied();
    let sites: Vec<(SiteId, Option<SiteHealth>)> = stream::iter(asked)
        .map(async |id| (id.clone(), site(env, id).await))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let next = sites.last().filter(|_| rest.len() > sites.len());
    let next = next.map(|(site, _)| site.clone());
    let number_of_sites = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let answers = HealthAnswers {
        now: clock::now(),
        kv_responds,
        classes,
        keys: deployment.settings.keyring.numbers(),
        access: deployment.settings.access.clone(),
        has_queue: has_queue(env),
        partner,
        sites,
    };
    let checks = health_checks(&answers);
    Ok(HealthReport {
        status: status(&checks),
        checked_at: answers.now.0,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build: BUILD_PATH.to_owned(),
        sites: number_of_sites,
        checks,
        next,
    })
}

async fn partner(env: &Env) -> Option<PartnerHealth> {
    match rpc::call_within(env, &Singleton, &PartnerRequest::Health, DEADLINE).await {
        Ok(PartnerReply::Health(health)) => Some(*health),
        _ => None,
    }
}

async fn site(env: &Env, site: &SiteId) -> Option<SiteHealth> {
    match rpc::call_within(env, site, &SiteRequest::Health, DEADLINE).await {
        Ok(SiteReply::Health(health)) => Some(*health),
        _ => None,
    }
}

/// Reads an entry that there is not.
async fn kv_responds(env: &Env) -> bool {
    kv::read_text(env, "health").await.is_ok()
}

/// Asks an object of each of the other classes that stores nothing, and by the question stores nothing.
async fn others(env: &Env) -> Result<[(&'static str, bool); 3], Problem> {
    let internal = || Problem::new(ProblemCode::Internal);
    let signup = SignupId::parse(&"0".repeat(32)).map_err(|_| internal())?;
    let phone = PhoneNumberId::parse("00000").map_err(|_| internal())?;
    let waba = WabaId::parse("00000").map_err(|_| internal())?;
    let report = RunRequest::Report { refresh: false };
    let token = WabaRequest::Signup {
        app: AppKey::parse("health").map_err(|_| internal())?,
        site: None,
    };
    let (run, (phone, waba)) = join(
        replies(env, &signup, &report),
        join(
            replies(env, &phone, &PhoneRequest::Owner),
            replies(env, &waba, &token),
        ),
    )
    .await;
    Ok([("Run", run), ("Phone", phone), ("Waba", waba)])
}

async fn replies<R: ObjectRequest>(env: &Env, name: &R::Name, request: &R) -> bool {
    rpc::call_within(env, name, request, DEADLINE).await.is_ok()
}

/// For one object.
const DEADLINE: Duration = Duration::from_secs(3);
/// So that a page takes twenty seconds at most, and a Worker may ask that many objects for one request.
const SITES_PER_PAGE: usize = 40;
/// Sites that are asked at the same time.
const AT_ONCE: usize = 10;
