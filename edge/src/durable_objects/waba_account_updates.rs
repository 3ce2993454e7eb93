//! The messages of a Waba object to the Run objects of its signups, among them the start of a signup that has no page, and to
//! the Phone objects of numbers whose display name was approved. Each is repeated until it is acknowledged.

use super::rpc;
use super::waba::Waba;
use crate::clock;
use core::time::Duration;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::phone_number::PhoneRequest;
use embark_onboarding::resources::rpc::Singleton;
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_onboarding::resources::waba::PendingAccountUpdate;
use embark_protocol::{ProblemCode, WabaId};
use futures_util::{StreamExt, stream};
use worker::Result;

impl Waba {
    /// Sends what is due.
    ///
    /// # Errors
    /// The storage refused what came of it.
    pub(super) async fn deliver_account_updates(&self, id: &WabaId) -> Result<()> {
        let now = clock::now();
        let record = self.record.get(&self.storage)?;
        let updates = record.borrow().account_updates.clone();
        let approvals = record.borrow().name_approvals.clone();
        let mut sent = stream::iter(updates.into_iter().filter(|entry| entry.not_before <= now))
            .map(|entry| self.send_account_update(id, entry))
            .buffer_unordered(AT_ONCE);
        while let Some(sent) = sent.next().await {
            sent?;
        }
        for approval in approvals
            .iter()
            .filter(|approval| approval.not_before <= now)
        {
            let request = record.borrow().name_request(id, approval, now);
            let reply = match request {
                Some(request) => {
                    let request = PhoneRequest::ApplyName(Box::new(request));
                    rpc::call(self.storage.env(), &approval.number, &request)
                        .await
                        .ok()
                }
                None => None,
            };
            self.change(|record| record.on_name_reply(id, approval, reply, clock::now()))?;
        }
        Ok(())
    }

    /// Starts the signup of a customer who came by Meta's hosted page, where a site takes it.
    ///
    /// # Errors
    /// The storage refused what came of it.
    pub(super) async fn start_hosted(&self, id: &WabaId) -> Result<()> {
        let env = self.storage.env();
        let record = self.record.get(&self.storage)?;
        if record.borrow().hosted.is_some() {
            self.change(|record| record.forget_customer(clock::now()))?;
        }
        let app = record.borrow().hosted_site_due(clock::now()).cloned();
        if let Some(app) = app {
            let request = PartnerRequest::HostedSite { app };
            let site = match rpc::call(env, &Singleton, &request).await {
                Ok(PartnerReply::HostedSite { site }) => site,
                _ => None,
            };
            self.change(|record| record.on_hosted_site(site, clock::now()))?;
        }
        let due = record.borrow().hosted_signup_due(id, clock::now());
        if let Some((signup, hosted)) = due {
            let request = RunRequest::StartHosted(hosted);
            let reply = rpc::call_within(env, &signup, &request, DEADLINE).await;
            let is_started = matches!(reply, Ok(RunReply::Document(_)));
            self.change(|record| record.on_hosted_signup(is_started, clock::now()))?;
        }
        Ok(())
    }

    async fn send_account_update(&self, id: &WabaId, entry: PendingAccountUpdate) -> Result<()> {
        let request = RunRequest::AccountUpdate {
            waba: id.clone(),
            update: entry.update,
        };
        let env = self.storage.env();
        match rpc::call_within(env, &entry.signup, &request, DEADLINE).await {
            Ok(RunReply::Document(_)) => {
                self.change(|record| record.on_acknowledged(&entry, false))
            }
            Ok(RunReply::Refused(problem)) if problem.code == ProblemCode::NotLaunched => {
                self.change(|record| record.on_acknowledged(&entry, true))
            }
            _ => self.change(|record| record.on_unacknowledged(&entry, clock::now())),
        }
    }
}

/// Signups that are sent at the same time.
const AT_ONCE: usize = 5;
/// An alarm has a limited time.
const DEADLINE: Duration = Duration::from_secs(10);
