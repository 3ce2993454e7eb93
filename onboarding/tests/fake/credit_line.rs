//! A partner's credit line at Meta, as far as one account sees it.

use super::response::{graph_error, success};
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::transport::ApiResult;
use serde_json::json;

/// The funding source that an allocation of our line gives the customer.
pub const OUR_CREDENTIAL: &str = "7500000000000001";
/// The one allocation of our line.
const ALLOCATION: &str = "5850000000000001";

/// What pays for the account, what the line shares, and who is assigned to the account.
#[derive(Default)]
pub struct FakeCreditLine {
    /// What pays for the account, as the account shows it. `None`: nothing.
    pub funding: Option<String>,
    /// Whether the line is shared with the customer.
    pub shared: bool,
    /// The tasks of the partner's system user on the account, separated by commas; one entry per user.
    pub assigned: Vec<String>,
    /// How many reads of the account pass before it shows the attached line.
    pub hidden_reads: u32,
    attached: bool,
}

impl FakeCreditLine {
    /// Replies to a call about the line. `None`: the call is about something else.
    pub fn reply(&mut self, request: &GraphRequest) -> Option<ApiResult> {
        Some(match request.name {
            "assigned_users" => {
                let users = self.assigned.iter().map(|tasks| {
                    let tasks: Vec<_> = tasks.split(',').collect();
                    json!({"id": "8000000000000001", "tasks": tasks})
                });
                success(json!({"data": users.collect::<Vec<_>>()}))
            }
            "assign_user" => {
                let billing = request.target.contains("BILLING");
                let tasks = if billing { "MANAGE_BILLING" } else { "MANAGE" };
                self.assigned = vec![tasks.to_owned()];
                success(json!({"success": true}))
            }
            "allocations" => {
                let shared = self.shared.then(|| json!({"id": ALLOCATION}));
                success(json!({"data": Vec::from_iter(shared)}))
            }
            "allocation" => success(
                json!({"receiving_credential": {"id": OUR_CREDENTIAL}, "request_status": "APPROVED"}),
            ),
            "share_and_attach" | "attach_credit" if self.funding.is_some() => {
                graph_error(400, 100, Some(99))
            }
            "share_and_attach" | "attach_credit" => {
                self.shared = true;
                self.attached = true;
                self.show_funding();
                success(json!({"allocation_config_id": ALLOCATION, "waba_id": "5000000000000001"}))
            }
            "share_credit" if self.shared => graph_error(400, 100, Some(98)),
            "share_credit" => {
                self.shared = true;
                success(json!({"success": true, "allocation_config_id": ALLOCATION}))
            }
            _ => return None,
        })
    }

    /// The account was read: an attached line is shown after enough reads.
    pub fn on_account_read(&mut self) {
        if self.attached && self.funding.is_none() {
            self.hidden_reads = self.hidden_reads.saturating_sub(1);
            self.show_funding();
        }
    }

    fn show_funding(&mut self) {
        self.funding = (self.hidden_reads == 0).then(|| OUR_CREDENTIAL.to_owned());
    }
}
