//! The signups of a site.

use super::every_site::every_site;
use super::site_client::{OperatorClient, SiteClient};
use super::{Deployment, run_document, sites};
use crate::clock;
use crate::durable_objects::rpc;
use core::cell::RefCell;
use embark_onboarding::resources::backend::{
    BackendQuery, BackendReply, MergedPages, SignupCursor,
};
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_protocol::backend::{
    AllSignupsPage, SignupCancellation, SignupDetails, SignupFilter, SignupLink, SignupPage,
    SignupRetry,
};
use embark_protocol::signup_calls::SignupCalls;
use embark_protocol::signup_counts::SignupCounts;
use embark_protocol::{Problem, ProblemCode, SignupId, SiteId, Snapshot};

/// A page of the signups that match, the one that changed last first. `after`: where the page before ended.
///
/// # Errors
/// `unknown_site`; `internal`: the site did not reply.
pub async fn list(
    client: &impl SiteClient,
    filter: SignupFilter,
    after: Option<SignupCursor>,
    limit: u32,
) -> Result<SignupPage, Problem> {
    let query = BackendQuery::Signups {
        filter,
        after,
        limit,
    };
    match client.ask(query).await? {
        BackendReply::Signups(page) => Ok(page),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// A page of the signups of all sites that match, the one that changed last first. `after`: where the page before ended. Sites
/// that do not reply are named in it.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list_all(
    deployment: Deployment<'_>,
    filter: SignupFilter,
    after: Option<SignupCursor>,
    limit: u32,
) -> Result<AllSignupsPage, Problem> {
    let sites = sites::list(deployment).await?;
    Ok(list_of_sites(deployment, sites, filter, after, limit).await)
}

/// The same of these sites alone.
pub async fn list_of_sites(
    deployment: Deployment<'_>,
    sites: Vec<SiteId>,
    filter: SignupFilter,
    after: Option<SignupCursor>,
    limit: u32,
) -> AllSignupsPage {
    // Only the first so many are in memory, however many sites there are.
    let merged = RefCell::new(MergedPages::new(limit));
    let found = every_site(sites, async |site| {
        let client = OperatorClient::new(deployment, site.clone());
        let page = list(&client, filter.clone(), after.clone(), limit).await?;
        merged.borrow_mut().add(&site, page);
        Ok(())
    })
    .await;
    let (signups, next) = merged.into_inner().finish();
    AllSignupsPage {
        signups,
        next: next.map(|next| next.to_string()),
        missing_sites: found.missing,
    }
}

/// One signup with its events.
///
/// # Errors
/// `not_found`: the site has none of this id; `unknown_site`; `internal`: the site did not reply.
pub async fn get(client: &impl SiteClient, id: SignupId) -> Result<SignupDetails, Problem> {
    match client.ask(BackendQuery::Signup { id }).await? {
        BackendReply::Signup(Some(details)) => Ok(*details),
        BackendReply::Signup(None) => Err(Problem::new(ProblemCode::NotFound)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// How many signups came how far, of those that began within the last so many days.
///
/// # Errors
/// `unknown_site`; `internal`: the site did not reply.
pub async fn counts(client: &impl SiteClient, days: u32) -> Result<SignupCounts, Problem> {
    let today = u32::try_from(clock::now().0 / MILLIS_PER_DAY).unwrap_or(u32::MAX);
    let first_day = today.saturating_sub(days.saturating_sub(1));
    match client.ask(BackendQuery::Counts { first_day }).await? {
        BackendReply::Counts(counts) => Ok(counts),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// What a signup asked of Meta and of providers.
///
/// # Errors
/// `not_found`: the site has none of this id. `internal`: the signup did not reply.
pub async fn calls(client: &impl SiteClient, id: SignupId) -> Result<SignupCalls, Problem> {
    let site = client.site().clone();
    let env = client.deployment().env;
    match rpc::call(env, &id, &RunRequest::Calls { site }).await? {
        RunReply::Refused(problem) if problem.code == ProblemCode::NotLaunched => {
            Err(Problem::new(ProblemCode::NotFound))
        }
        reply => run_document(reply),
    }
}

/// A link by which the customer goes on with a signup.
///
/// # Errors
/// `not_found`: the site has none of this id. `conflict`: nobody has to go on with it. `deadline_passed`: it is too late.
/// `unknown_site`; `internal`: an object did not reply.
pub async fn create_link(client: &impl SiteClient, id: SignupId) -> Result<SignupLink, Problem> {
    let site = client.site().clone();
    let env = client.deployment().env;
    match rpc::call(env, &id, &RunRequest::Link { site }).await? {
        RunReply::Refused(problem) if problem.code == ProblemCode::NotLaunched => {
            Err(Problem::new(ProblemCode::NotFound))
        }
        reply => run_document(reply),
    }
}

/// Cancels a signup.
///
/// # Errors
/// `not_found`: the site has none of this id. `conflict`: it has ended. `internal`: the signup did not reply.
pub async fn cancel(client: &impl SiteClient, id: SignupId) -> Result<SignupCancellation, Problem> {
    let site = client.site().clone();
    let env = client.deployment().env;
    let snapshot: Snapshot = match rpc::call(env, &id, &RunRequest::Cancel { site }).await? {
        RunReply::Refused(problem) if problem.code == ProblemCode::NotLaunched => {
            return Err(Problem::new(ProblemCode::NotFound));
        }
        reply => run_document(reply)?,
    };
    Ok(SignupCancellation {
        signup: id,
        status: snapshot.status,
        problem: snapshot.problem,
    })
}

/// Has a signup tried again.
///
/// # Errors
/// `not_found`: the site has none of this id. Those of [`Signup::retry`](embark_onboarding::signup::Signup::retry). `internal`: the
/// signup did not reply.
pub async fn retry(client: &impl SiteClient, id: SignupId) -> Result<SignupRetry, Problem> {
    let site = client.site().clone();
    let env = client.deployment().env;
    match rpc::call(env, &id, &RunRequest::Retry { site }).await? {
        RunReply::Refused(problem) if problem.code == ProblemCode::NotLaunched => {
            Err(Problem::new(ProblemCode::NotFound))
        }
        reply => run_document(reply),
    }
}

const MILLIS_PER_DAY: u64 = 86_400_000;
