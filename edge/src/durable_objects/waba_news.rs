//! The messages of a Waba object to the Run objects of its signups, and to the Phone objects of numbers whose display name
//! was approved. Each is repeated until it is acknowledged.

use super::rpc;
use super::waba::Waba;
use crate::clock;
use core::time::Duration;
use embark_onboarding::resources::phone_number::PhoneRequest;
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_onboarding::resources::waba::PendingNews;
use embark_protocol::{ProblemCode, WabaId};
use futures_util::{StreamExt, stream};
use worker::Result;

impl Waba {
    /// Sends what is due.
    ///
    /// # Errors
    /// The storage refused what came of it.
    pub(super) async fn deliver_news(&self, id: &WabaId) -> Result<()> {
        let now = clock::now();
        let record = self.record.get(&self.storage)?;
        let news = record.borrow().news.clone();
        let approvals = record.borrow().name_approvals.clone();
        let mut told = stream::iter(news.into_iter().filter(|entry| entry.not_before <= now))
            .map(|entry| self.tell(id, entry))
            .buffer_unordered(AT_ONCE);
        while let Some(told) = told.next().await {
            told?;
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

    async fn tell(&self, id: &WabaId, entry: PendingNews) -> Result<()> {
        let request = RunRequest::AccountNews {
            waba: id.clone(),
            news: entry.news,
        };
        let env = self.storage.env();
        match rpc::call_within(env, &entry.signup, &request, DEADLINE).await {
            Ok(RunReply::Document(_)) => self.change(|record| record.on_told(&entry, false)),
            Ok(RunReply::Refused(problem)) if problem.code == ProblemCode::NotLaunched => {
                self.change(|record| record.on_told(&entry, true))
            }
            _ => self.change(|record| record.on_not_told(&entry, clock::now())),
        }
    }
}

/// Signups that are told at the same time.
const AT_ONCE: usize = 5;
/// An alarm has a limited time.
const DEADLINE: Duration = Duration::from_secs(10);
