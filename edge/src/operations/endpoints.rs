//! Where the events of a site are delivered.

use super::Deployment;
use super::seed::Seed;
use super::site_client::ask;
use embark_onboarding::crypto::Secret;
use embark_onboarding::resources::backend::{BackendReply, BackendRequest};
use embark_onboarding::resources::event_delivery::{SigningSecret, StoredSigningSecret};
use embark_onboarding::resources::rpc::RpcError;
use embark_protocol::backend::{EndpointDetails, EndpointRequest};
use embark_protocol::{Problem, ProblemCode, SiteId};

/// Sets the address, and switches the endpoint on. The first time, the result has the signing secret.
///
/// # Errors
/// `bad_request`: the address is not one of a public https host. `unknown_site`; `internal`: the site did not reply.
pub async fn put(
    deployment: Deployment<'_>,
    site: &SiteId,
    order: EndpointRequest,
) -> Result<EndpointDetails, Problem> {
    let (text, secret) = signing_secret(deployment, site, &Seed::fresh())?;
    let url = order.url;
    let request = BackendRequest::PutEndpoint { url, secret };
    details(ask(deployment.env, site, request).await?, Some(&text))
}

/// The endpoint, and how its deliveries go.
///
/// # Errors
/// `not_found`: there is none. `unknown_site`; `internal`: the site did not reply.
pub async fn get(deployment: Deployment<'_>, site: &SiteId) -> Result<EndpointDetails, Problem> {
    let reply = ask(deployment.env, site, BackendRequest::Endpoint).await?;
    details(reply, None)
}

/// Removes the endpoint: events are kept for the list, and not delivered any more.
///
/// # Errors
/// `unknown_site`; `internal`: the site did not reply.
pub async fn delete(deployment: Deployment<'_>, site: &SiteId) -> Result<(), Problem> {
    ask(deployment.env, site, BackendRequest::DeleteEndpoint).await?;
    Ok(())
}

/// Creates a new signing secret. The one before signs too, for a day.
///
/// # Errors
/// `not_found`: there is no endpoint. `unknown_site`; `internal`: the site did not reply.
pub async fn rotate_secret(
    deployment: Deployment<'_>,
    site: &SiteId,
    seed: &Seed,
) -> Result<EndpointDetails, Problem> {
    let (text, secret) = signing_secret(deployment, site, seed)?;
    let request = BackendRequest::RotateSecret { secret };
    details(ask(deployment.env, site, request).await?, Some(&text))
}

/// Delivers the event `endpoint.test`.
///
/// # Errors
/// `not_found`: there is no endpoint. `conflict`: it is switched off. `unknown_site`; `internal`: the site did not reply.
pub async fn test(deployment: Deployment<'_>, site: &SiteId, seed: &Seed) -> Result<(), Problem> {
    let id = ["test/", &seed.id()].concat();
    ask(deployment.env, site, BackendRequest::TestEndpoint { id }).await?;
    Ok(())
}

fn signing_secret(
    deployment: Deployment<'_>,
    site: &SiteId,
    seed: &Seed,
) -> Result<(Secret, StoredSigningSecret), Problem> {
    let text = SigningSecret::from_random(&seed.secret_bytes()).to_text();
    let name = ["sealed/site/", site.as_str(), "/endpoint/", &seed.id()].concat();
    let cx = deployment.settings.context();
    let sealed = cx.keyring.seal(&name, &text, cx.nonce());
    let sealed = sealed.map_err(|_| Problem::new(ProblemCode::Internal))?;
    let stored = StoredSigningSecret {
        name,
        sealed,
        until: None,
    };
    Ok((text, stored))
}

/// `fresh`: the secret of the request, which the result has if the site took it.
fn details(reply: BackendReply, fresh: Option<&Secret>) -> Result<EndpointDetails, Problem> {
    let BackendReply::Endpoint {
        endpoint,
        secret_taken,
    } = reply
    else {
        return Err(RpcError::UnexpectedReply.into());
    };
    let missing = || Problem::new(ProblemCode::NotFound).with_detail("the site has no endpoint");
    let secret = fresh.filter(|_| secret_taken);
    Ok(EndpointDetails {
        status: endpoint.ok_or_else(missing)?,
        secret: secret.map(|secret| secret.expose_secret().to_owned()),
    })
}
