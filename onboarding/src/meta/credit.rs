//! Credit lines: the calls by which a Solution Partner pays for a customer's account, and their responses
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/share-and-revoke-credit-lines>).
//! All but [`attach`] take the token of the partner's system user, which must be assigned to the account first
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-system-users>).

use super::request::call::{BusinessToken, Call, SystemToken, get, node, post};
use super::response::decode::List;
use super::response::id_text::TextOrNumber;
use super::response::lenient;
use embark_protocol::policy::CreditSettings;
use embark_protocol::{BusinessId, WabaId};
use serde::Deserialize;

/// `GET /{waba}/assigned_users`: lists the users of the partner's portfolio that are assigned to the account.
pub fn assigned_users(waba: &WabaId, partner: &BusinessId) -> Call<SystemToken> {
    get("assigned_users", node(waba.as_str(), "/assigned_users"))
        .with("business", partner.to_string())
        .with("limit", "200".to_owned())
}

/// `POST /{waba}/assigned_users`: assigns the partner's system user to the account with these tasks.
pub fn assign(waba: &WabaId, credit: &CreditSettings, tasks: &[&str]) -> Call<SystemToken> {
    let list = ["['", &tasks.join("','"), "']"].concat();
    post("assign_user", node(waba.as_str(), "/assigned_users"))
        .with("user", credit.system_user.to_string())
        .with("tasks", list)
}

/// `GET /{credit}/owning_credit_allocation_configs`: lists the allocations by which this line is shared with a
/// business.
pub fn allocations(credit: &CreditSettings, owner: &BusinessId) -> Call<SystemToken> {
    let path = node(credit.line.as_str(), "/owning_credit_allocation_configs");
    get("allocations", path)
        .with("receiving_business_id", owner.to_string())
        .with("fields", "id,receiving_business".to_owned())
}

/// `GET /{allocation}`: reads the funding source that an allocation gives the customer.
pub fn allocation(id: &str) -> Call<SystemToken> {
    get("allocation", node(id, "")).with(
        "fields",
        "receiving_credential{id},request_status".to_owned(),
    )
}

/// `POST /{credit}/whatsapp_credit_sharing_and_attach`: shares the line and attaches it to the account.
pub fn share_and_attach(credit: &CreditSettings, waba: &WabaId) -> Call<SystemToken> {
    let path = node(credit.line.as_str(), "/whatsapp_credit_sharing_and_attach");
    with_account(post("share_and_attach", path), credit, waba)
}

/// `POST /{credit}/whatsapp_credit_sharing`: shares the line with a business.
pub fn share(credit: &CreditSettings, owner: &BusinessId) -> Call<SystemToken> {
    let path = node(credit.line.as_str(), "/whatsapp_credit_sharing");
    post("share_credit", path).with("receiving_business_id", owner.to_string())
}

/// `POST /{credit}/whatsapp_credit_attach`: attaches the shared line to the account, with the customer's token.
pub fn attach(credit: &CreditSettings, waba: &WabaId) -> Call<BusinessToken> {
    let path = node(credit.line.as_str(), "/whatsapp_credit_attach");
    with_account(post("attach_credit", path), credit, waba)
}

/// Adds the account and its currency, which cannot be changed afterwards.
fn with_account<Kind>(call: Call<Kind>, credit: &CreditSettings, waba: &WabaId) -> Call<Kind> {
    call.with("waba_currency", credit.currency.as_str().to_owned())
        .with("waba_id", waba.to_string())
}

/// The response of [`assigned_users`].
#[derive(Deserialize)]
#[serde(transparent)]
pub struct AssignedUsers(List<AssignedUser>);

#[derive(Deserialize)]
struct AssignedUser {
    id: TextOrNumber,
    #[serde(default, deserialize_with = "lenient::list")]
    tasks: Vec<String>,
}

impl AssignedUsers {
    /// Whether `user` is assigned with one of these tasks.
    pub fn has_task(&self, user: &str, wanted: &[&str]) -> bool {
        self.0.data.iter().any(|assigned| {
            let is_wanted =
                |task: &String| wanted.iter().any(|name| task.eq_ignore_ascii_case(name));
            assigned.id.0 == user && assigned.tasks.iter().any(is_wanted)
        })
    }
}

/// The response of [`allocations`].
#[derive(Deserialize)]
#[serde(from = "List<AllocationEntry>")]
pub struct Allocations {
    /// The ids of the first few allocations, in Meta's order.
    pub ids: Vec<String>,
}

#[derive(Deserialize)]
struct AllocationEntry {
    id: TextOrNumber,
}

impl From<List<AllocationEntry>> for Allocations {
    fn from(list: List<AllocationEntry>) -> Self {
        let ids = list.data.into_iter().map(|entry| entry.id.0);
        Self {
            ids: ids.filter(|id| is_id(id)).take(MAX_ALLOCATIONS).collect(),
        }
    }
}

/// The response of [`allocation`]: the credential that the customer receives.
#[derive(Deserialize)]
#[serde(try_from = "CredentialWire")]
pub struct Credential {
    /// The funding source. `None`: the allocation was revoked.
    pub id: Option<String>,
}

#[derive(Deserialize)]
struct CredentialWire {
    #[serde(default, deserialize_with = "lenient::or_default")]
    receiving_credential: Option<AllocationEntry>,
    #[serde(default, deserialize_with = "lenient::text")]
    request_status: Option<String>,
}

impl TryFrom<CredentialWire> for Credential {
    type Error = &'static str;

    fn try_from(wire: CredentialWire) -> Result<Self, Self::Error> {
        match (wire.request_status.as_deref(), wire.receiving_credential) {
            (Some(status), _) if status.eq_ignore_ascii_case("DELETED") => Ok(Self { id: None }),
            (_, Some(credential)) => Ok(Self {
                id: Some(credential.id.0),
            }),
            (_, None) => Err("the allocation is still being created"),
        }
    }
}

/// The response of a call that shares a credit line.
#[derive(Deserialize)]
#[serde(try_from = "SharedCreditWire")]
pub struct SharedCredit {
    /// The allocation that was created.
    pub allocation_id: String,
}

#[derive(Deserialize)]
struct SharedCreditWire {
    allocation_config_id: TextOrNumber,
}

impl TryFrom<SharedCreditWire> for SharedCredit {
    type Error = &'static str;

    fn try_from(wire: SharedCreditWire) -> Result<Self, Self::Error> {
        let allocation_id = wire.allocation_config_id.0;
        if is_id(&allocation_id) {
            Ok(Self { allocation_id })
        } else {
            Err("not an id")
        }
    }
}

/// Whether text is an id: it becomes part of a URL.
fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// How many allocations are kept.
const MAX_ALLOCATIONS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: serde::de::DeserializeOwned>(body: &str) -> Option<T> {
        serde_json::from_str(body).ok()
    }

    #[test]
    fn task_of_another_user_does_not_count() {
        let body =
            r#"{"data":[{"id":"800","tasks":["DEVELOP"]},{"id":900,"tasks":["MANAGE_BILLING"]}]}"#;
        let users: AssignedUsers = read(body).unwrap();
        for (user, want) in [("800", false), ("900", true), ("700", false)] {
            let has = users.has_task(user, &["MANAGE", "MANAGE_BILLING"]);
            assert_eq!(has, want, "{user}");
        }
        assert!(read::<AssignedUsers>("<html>").is_none());
    }

    #[test]
    fn allocation_ids_keep_their_digits() {
        let body = r#"{"data":[{"id":"1972385232742146"},{"id":58501441721238},{"id":"../x"}]}"#;
        let allocations: Allocations = read(body).unwrap();
        assert_eq!(allocations.ids, ["1972385232742146", "58501441721238"]);
    }

    #[test]
    fn credential_of_a_revoked_allocation_is_none() {
        let approved =
            r#"{"receiving_credential":{"id":"700"},"request_status":"APPROVED","id":"1"}"#;
        let credential: Credential = read(approved).unwrap();
        assert_eq!(credential.id.as_deref(), Some("700"));
        let revoked = r#"{"receiving_credential":{"id":"700"},"request_status":"DELETED"}"#;
        assert_eq!(read::<Credential>(revoked).unwrap().id, None);
    }

    #[test]
    fn credential_of_an_unfinished_allocation_is_unreadable() {
        for body in [r#"{"id":"1","request_status":"PENDING"}"#, r#"{"id":7}"#] {
            assert!(read::<Credential>(body).is_none(), "{body}");
        }
    }

    #[test]
    fn shared_credit_needs_an_allocation_id() {
        let body = r#"{"allocation_config_id":"58501441721238","waba_id":"5"}"#;
        let shared: SharedCredit = read(body).unwrap();
        assert_eq!(shared.allocation_id, "58501441721238");
        assert!(read::<SharedCredit>(r#"{"success":true}"#).is_none());
    }
}
