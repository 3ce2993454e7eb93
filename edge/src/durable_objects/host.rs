//! An object as the host of its rules: [`Host`] on the runtime.

use super::drive_lock::DriveLock;
use super::fault_points::Operation;
use super::storage::ObjectStorage;
use crate::config::Settings;
use crate::fetch;
use embark_onboarding::meta::error::ApiError;
use embark_onboarding::meta::response::decode;
use embark_onboarding::meta::{AppCredentials, GraphRequest};
use embark_onboarding::telemetry::Subject;
use embark_onboarding::transport::ApiResult;
use embark_onboarding::workflow::{AppContext, CommitError, Host};
use serde::Serialize;
use serde::de::IgnoredAny;

/// What an object needs to run its rules.
pub struct ObjectHost<'a> {
    /// Of the object.
    pub storage: &'a ObjectStorage,
    /// Held while the rules run.
    pub lock: &'a DriveLock,
    /// Of the deployment.
    pub settings: &'a Settings,
    /// Of the Meta app that requests are made for.
    pub credentials: AppCredentials,
    /// Whom its calls are about.
    pub subject: Subject,
}

impl ObjectHost<'_> {
    /// Awaits the response to an outgoing request, with a line in the journal before and after.
    ///
    /// # Errors
    /// That of `response`.
    pub async fn journaled(
        &self,
        name: &'static str,
        response: impl Future<Output = ApiResult>,
    ) -> ApiResult {
        self.storage.journal(name, "begun");
        let operation = Operation::begin_request(self.storage, name).await;
        let result = operation.response(response).await;
        operation.end();
        match &result {
            Ok(response) if response.status < 400 => {
                self.storage.journal(name, &response.status.to_string());
            }
            // With Meta's code and trace id.
            Ok(response) => {
                let error = decode::<IgnoredAny>(Ok(response.clone())).err();
                let error = error.unwrap_or_else(|| ApiError::from_status(response));
                self.storage.journal(name, &error.to_string());
            }
            Err(error) => self.storage.journal(name, &error.to_string()),
        }
        result
    }
}

impl<R: Serialize> Host<R> for ObjectHost<'_> {
    fn context(&self) -> AppContext<'_> {
        AppContext {
            context: self.settings.context(),
            credentials: &self.credentials,
        }
    }

    async fn call(&self, request: GraphRequest) -> ApiResult {
        let graph = &self.settings.meta.graph;
        let response = fetch::send_graph_request(graph, &request, &self.subject);
        self.journaled(request.name, response).await
    }

    fn save(&self, record: &R) -> Result<(), CommitError> {
        self.lock.renew();
        let operation = Operation::begin(self.storage, "save");
        self.storage.commit(record)?;
        operation.end();
        Ok(())
    }
}
