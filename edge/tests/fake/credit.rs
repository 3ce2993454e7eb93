//! A partner's credit line, as far as one account sees it.

use super::{error, ok};
use embark_edge::graph::{Heard, Request};
use serde_json::json;

/// What pays, what the line shares, who is on the account.
#[derive(Default)]
pub struct Credit {
    pub funding: Option<String>,
    pub shared: bool,
    pub assigned: Vec<String>,
    /// Where the account shows it only after so many looks.
    pub shows_after: u32,
    attached: bool,
}

pub const OURS: &str = "7500000000000001";

impl Credit {
    pub fn answer(&mut self, request: &Request) -> Option<Heard> {
        let has = |what: &str| request.target.contains(what);
        let said = match request.name {
            "assigned_users" => {
                let users = self.assigned.iter();
                let users = users.map(|tasks| json!({"id": "8000000000000001", "tasks": tasks.split(',').collect::<Vec<_>>()}));
                ok(json!({"data": users.collect::<Vec<_>>()}))
            }
            "assign_user" => {
                self.assigned = vec![
                    if has("BILLING") {
                        "MANAGE_BILLING"
                    } else {
                        "MANAGE"
                    }
                    .into(),
                ];
                ok(json!({"success": true}))
            }
            "allocations" => {
                let shared: &[&str] = if self.shared {
                    &["5850000000000001"]
                } else {
                    &[]
                };
                ok(json!({"data": shared.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()}))
            }
            "allocation" => {
                ok(json!({"receiving_credential": {"id": OURS}, "request_status": "APPROVED"}))
            }
            "share_and_attach" | "attach_credit" if self.funding.is_some() => {
                error(400, 100, Some(99))
            }
            "share_and_attach" | "attach_credit" => {
                self.shared = true;
                self.attached = true;
                self.funding = (self.shows_after == 0).then(|| OURS.to_owned());
                ok(
                    json!({"allocation_config_id": "5850000000000001", "waba_id": "5000000000000001"}),
                )
            }
            "share_credit" if self.shared => error(400, 100, Some(98)),
            "share_credit" => {
                self.shared = true;
                ok(json!({"success": true, "allocation_config_id": "5850000000000001"}))
            }
            _ => return None,
        };
        Some(said)
    }

    /// A look at the account.
    pub fn look(&mut self) {
        if self.attached && self.funding.is_none() {
            self.shows_after = self.shows_after.saturating_sub(1);
            self.funding = (self.shows_after == 0).then(|| OURS.to_owned());
        }
    }
}
