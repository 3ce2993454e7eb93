//! The partner's credit line: who is assigned to an account, what the line is shared with, and what it pays for.

use super::limits::credit_is_shared_once;
use super::response::{graph_error, ok, success};
use super::state::{AcceptedShare, Allocation, Caller, Meta};
use core::time::Duration;
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::ApiResult;

impl Meta {
    /// A call about the credit line. `None`: it is about something else.
    pub(super) fn handle_credit(
        &mut self,
        request: &GraphRequest,
        caller: &Caller,
        now: UnixMillis,
    ) -> Option<ApiResult> {
        let (path, query) = request.target.split_once('?').unwrap_or_default();
        let id = path.split('/').nth(2).unwrap_or("");
        let parameter = |name: &str| {
            let mut pairs = query.split('&');
            pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let named = parameter("waba_id").unwrap_or(id);
        let waba = self.wabas.iter().position(|waba| waba.id == named);
        let business = waba.map(|waba| self.wabas[waba].business_id.clone());
        let business = business.or(parameter("receiving_business_id").map(str::to_owned));
        Some(match (request.name, waba, business) {
            ("assigned_users", Some(waba), _) if self.wabas[waba].user_assigned => {
                let user = r#"{"data":[{"id":"8000000000000001","tasks":["MANAGE"]}]}"#;
                ok(user.into())
            }
            ("assigned_users", ..) => ok(r#"{"data":[]}"#.into()),
            ("assign_user", Some(waba), _) => {
                self.wabas[waba].user_assigned = true;
                success()
            }
            ("allocations", _, Some(business)) => {
                let shared = self.allocations.iter();
                let shared = shared.filter(|one| one.business == business);
                let ids: Vec<String> = shared
                    .map(|one| format!(r#"{{"id":"{}"}}"#, one.id))
                    .collect();
                ok(format!(r#"{{"data":[{}]}}"#, ids.join(",")))
            }
            ("allocation", ..) => match self.allocations.iter().find(|one| one.id == id) {
                Some(one) => ok(format!(
                    r#"{{"id":"{id}","receiving_credential":{{"id":"{}"}},"request_status":"{}"}}"#,
                    one.credential,
                    if one.revoked { "DELETED" } else { "APPROVED" }
                )),
                None => graph_error(400, 100, Some(33), None),
            },
            ("share_credit", _, Some(business)) => self.share(business, caller, now),
            ("share_and_attach", Some(waba), Some(business)) => {
                if self.wabas[waba].funding.is_some() || !self.wabas[waba].user_assigned {
                    return Some(graph_error(400, 100, Some(99), None));
                }
                let shared = self.share(business, caller, now);
                self.attach(waba, now);
                shared
            }
            ("attach_credit", Some(waba), Some(business)) => {
                let allocation = self.shared_with(&business);
                match (allocation, &self.wabas[waba].funding) {
                    (Some(allocation), None) => {
                        let body = format!(r#"{{"allocation_config_id":"{allocation}"}}"#);
                        self.attach(waba, now);
                        ok(body)
                    }
                    _ => graph_error(400, 100, Some(99), None),
                }
            }
            ("share_and_attach" | "attach_credit" | "allocations" | "assign_user", ..) => {
                graph_error(400, 100, Some(33), None)
            }
            _ => return None,
        })
    }

    /// The allocation by which the line is shared with a business. `None`: it is not shared.
    fn shared_with(&self, business: &str) -> Option<String> {
        let mut allocations = self.allocations.iter();
        let allocation = allocations.find(|one| one.business == business && !one.revoked);
        allocation.map(|one| one.id.clone())
    }

    /// Meta accepts every sharing: each is another allocation.
    fn share(&mut self, business: String, caller: &Caller, now: UnixMillis) -> ApiResult {
        let check = credit_is_shared_once(&self.shares, &business, caller);
        self.enforce(check);
        let number = 5_850_000_000_000_001 + self.allocations.len() as u64;
        self.shares.push(AcceptedShare {
            business: business.clone(),
            signup: caller.signup.clone(),
            at: now,
        });
        self.allocations.push(Allocation {
            id: number.to_string(),
            credential: (number + 1_000_000_000_000_000).to_string(),
            business,
            revoked: false,
        });
        ok(format!(r#"{{"allocation_config_id":"{number}"}}"#))
    }

    /// The line pays for the account, which shows it after a while.
    fn attach(&mut self, waba: usize, now: UnixMillis) {
        let waba = &mut self.wabas[waba];
        let mut allocations = self.allocations.iter().rev();
        let allocation = allocations.find(|one| one.business == waba.business_id && !one.revoked);
        waba.funding = allocation.map(|one| (one.credential.clone(), now + SHOWN_AFTER));
    }

    /// The partner revokes everything that is shared.
    pub fn revoke_credit(&mut self, now: UnixMillis) {
        for allocation in &mut self.allocations {
            allocation.revoked = true;
        }
        for waba in &mut self.wabas {
            waba.funding = None;
        }
        self.shares.clear();
        self.credit_revoked_at = now;
    }
}

/// After this time an account shows what pays for it.
const SHOWN_AFTER: Duration = Duration::from_millis(400);
