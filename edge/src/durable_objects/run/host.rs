//! The Run object as the host of a signup's workflow.

use super::state::ReportedEnd;
use crate::clock;
use crate::durable_objects::fault_points::Operation;
use crate::durable_objects::host::ObjectHost;
use crate::durable_objects::rpc;
use crate::durable_objects::secrets::provider_secrets;
use crate::fetch;
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::signup::{Effect, Outcome, PeerReply, PeerRequest, Signup};
use embark_onboarding::transport::ApiResult;
use embark_onboarding::workflow::{AppContext, CommitError, Host, RecordChanges, WorkflowHost};
use worker::Env;

/// Runs a signup's workflow.
pub struct RunHost<'a> {
    /// Of the object.
    pub object: ObjectHost<'a>,
    /// Announces changes of the record.
    pub changes: &'a RecordChanges,
    /// Writes the end of the signup to the log.
    pub reported_end: &'a ReportedEnd,
}

impl Host<Signup> for RunHost<'_> {
    fn context(&self) -> AppContext<'_> {
        Host::<Signup>::context(&self.object)
    }

    async fn call(&self, request: GraphRequest) -> ApiResult {
        Host::<Signup>::call(&self.object, request).await
    }

    fn save(&self, signup: &Signup) -> Result<(), CommitError> {
        self.object.save(signup)?;
        self.reported_end.on_stored(signup, clock::now());
        self.changes.notify();
        Ok(())
    }
}

impl WorkflowHost<Signup> for RunHost<'_> {
    async fn perform(&self, effect: Effect) -> Outcome {
        match effect {
            Effect::Meta(request) => Outcome::Api(self.call(request).await),
            Effect::Provider(request) => {
                let env = self.object.storage.env();
                let keyring = &self.object.settings.keyring;
                let response = async {
                    let secrets = provider_secrets(env, keyring, &request).await?;
                    fetch::send_provider_request(&secrets, &request, &self.object.subject).await
                };
                Outcome::Api(self.object.journaled(request.name, response).await)
            }
            Effect::Peer(request) => {
                let storage = self.object.storage;
                let operation = Operation::begin_request(storage, request.name()).await;
                let reply = request_peer(storage.env(), *request).await;
                operation.end();
                Outcome::Peer(reply)
            }
        }
    }

    fn changed(&self) -> impl Future<Output = ()> {
        self.changes.next_request()
    }
}

async fn request_peer(env: &Env, request: PeerRequest) -> Result<PeerReply, RpcError> {
    Ok(match request {
        PeerRequest::Site(id, request) => PeerReply::Site(rpc::call(env, &id, &request).await?),
        PeerRequest::Phone(id, request) => PeerReply::Phone(rpc::call(env, &id, &*request).await?),
        PeerRequest::Waba(id, request) => PeerReply::Waba(rpc::call(env, &id, &request).await?),
        PeerRequest::Partner(request) => {
            PeerReply::Partner(rpc::call(env, &Singleton, &request).await?)
        }
    })
}
