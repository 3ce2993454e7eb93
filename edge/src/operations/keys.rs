//! The sealing keys, and their rotation.

use super::Deployment;
use crate::durable_objects::rpc;
use embark_onboarding::resources::key_rotation::KeysRequest;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_protocol::Problem;
use embark_protocol::keys::{RotationState, RotationStatus, SealingKeyInfo, SealingKeys};

/// The keys, and the last rotation.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn get(deployment: Deployment<'_>) -> Result<SealingKeys, Problem> {
    ask(deployment, KeysRequest::Status).await
}

/// Begins a rotation to the newest key, unless one is under way.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn rotate(deployment: Deployment<'_>) -> Result<SealingKeys, Problem> {
    ask(deployment, KeysRequest::Start).await
}

async fn ask(deployment: Deployment<'_>, request: KeysRequest) -> Result<SealingKeys, Problem> {
    let request = PartnerRequest::Keys(request);
    let PartnerReply::Keys(reply) = rpc::call(deployment.env, &Singleton, &request).await? else {
        return Err(RpcError::UnexpectedReply.into());
    };
    let keyring = &deployment.settings.keyring;
    let newest = keyring.newest_number();
    let is_done =
        |rotation: &RotationStatus| rotation.state == RotationState::Done && rotation.key == newest;
    let done = reply.rotation.as_ref().is_some_and(is_done);
    let info = |number: u32| SealingKeyInfo {
        number,
        newest: number == newest,
        removable: number != newest && done,
    };
    Ok(SealingKeys {
        keys: keyring.numbers().into_iter().map(info).collect(),
        rotation: reply.rotation,
    })
}
