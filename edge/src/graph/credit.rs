//! Credit lines ("Share and revoke credit lines", "Add system users"): the calls of a Solution Partner and
//! what they answer. All but the attaching take the partner's system token.

use super::answer::TextOrNumber;
use super::call::{Business, Call, System, get, node, post};
use embark_protocol::partner::Credit;
use embark_protocol::{BusinessId, WabaId};
use serde::Deserialize;

/// `GET /{waba}/assigned_users`: who of the partner's portfolio is on the account.
pub fn assigned_users(waba: &WabaId, partner: &BusinessId) -> Call<System> {
    get("assigned_users", node(waba.as_str(), "/assigned_users"))
        .with("business", partner.to_string())
        .with("limit", "200".to_owned())
}

/// `POST /{waba}/assigned_users`: puts our system user on the account.
pub fn assign(waba: &WabaId, credit: &Credit, tasks: &[&str]) -> Call<System> {
    let list = ["['", &tasks.join("','"), "']"].concat();
    post("assign_user", node(waba.as_str(), "/assigned_users"))
        .with("user", credit.system_user.to_string())
        .with("tasks", list)
}

/// `GET /{credit}/owning_credit_allocation_configs`: what this line shares with a business.
pub fn allocations(credit: &Credit, owner: &BusinessId) -> Call<System> {
    let path = node(credit.line.as_str(), "/owning_credit_allocation_configs");
    get("allocations", path)
        .with("receiving_business_id", owner.to_string())
        .with("fields", "id,receiving_business".to_owned())
}

/// `GET /{allocation}`.
pub fn allocation(id: &str) -> Call<System> {
    get("allocation", node(id, "")).with(
        "fields",
        "receiving_credential{id},request_status".to_owned(),
    )
}

/// `POST /{credit}/whatsapp_credit_sharing_and_attach`.
pub fn share_and_attach(credit: &Credit, waba: &WabaId) -> Call<System> {
    let path = node(credit.line.as_str(), "/whatsapp_credit_sharing_and_attach");
    attached(post("share_and_attach", path), credit, waba)
}

/// `POST /{credit}/whatsapp_credit_sharing`.
pub fn share(credit: &Credit, owner: &BusinessId) -> Call<System> {
    let path = node(credit.line.as_str(), "/whatsapp_credit_sharing");
    post("share_credit", path).with("receiving_business_id", owner.to_string())
}

/// `POST /{credit}/whatsapp_credit_attach`, with the customer's token.
pub fn attach(credit: &Credit, waba: &WabaId) -> Call<Business> {
    let path = node(credit.line.as_str(), "/whatsapp_credit_attach");
    attached(post("attach_credit", path), credit, waba)
}

fn attached<Kind>(call: Call<Kind>, credit: &Credit, waba: &WabaId) -> Call<Kind> {
    call.with("waba_currency", credit.currency.word().to_owned())
        .with("waba_id", waba.to_string())
}

/// Whether `user` is assigned with one of these tasks.
pub fn has_task(body: &[u8], user: &str, wanted: &[&str]) -> Option<bool> {
    #[derive(Deserialize)]
    struct Wire {
        data: Vec<User>,
    }
    #[derive(Deserialize)]
    struct User {
        id: TextOrNumber,
        #[serde(default)]
        tasks: Vec<String>,
    }
    let wire = crate::json::from_slice::<Wire>(body).ok()?;
    Some(wire.data.iter().any(|one| {
        let may = one.tasks.iter().any(|task| wanted.contains(&task.as_str()));
        one.id.0 == user && may
    }))
}

/// The ids of the allocations, newest news of Meta first; a handful at most.
pub fn allocation_ids(body: &[u8]) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Wire {
        data: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        id: TextOrNumber,
    }
    let wire = crate::json::from_slice::<Wire>(body).ok()?;
    let ids = wire.data.into_iter().map(|entry| entry.id.0);
    Some(ids.filter(|id| is_id(id)).take(MOST_ALLOCATIONS).collect())
}

/// What an allocation lends, unless it was taken back.
pub fn credential(body: &[u8]) -> Option<Option<String>> {
    #[derive(Deserialize)]
    struct Wire {
        receiving_credential: Option<Entry>,
        request_status: Option<String>,
    }
    #[derive(Deserialize)]
    struct Entry {
        id: TextOrNumber,
    }
    let wire = crate::json::from_slice::<Wire>(body).ok()?;
    if wire.request_status.as_deref() == Some("DELETED") {
        return Some(None);
    }
    // One that is being made has none yet: read again.
    wire.receiving_credential.map(|entry| Some(entry.id.0))
}

/// `allocation_config_id` of a sharing call.
pub fn shared(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Wire {
        allocation_config_id: TextOrNumber,
    }
    let wire = crate::json::from_slice::<Wire>(body).ok()?;
    Some(wire.allocation_config_id.0).filter(|id| is_id(id))
}

/// It becomes part of an address.
fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

const MOST_ALLOCATIONS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_counts_for_its_own_user() {
        let body =
            br#"{"data":[{"id":"800","tasks":["DEVELOP"]},{"id":900,"tasks":["MANAGE_BILLING"]}]}"#;
        let wanted = ["MANAGE", "MANAGE_BILLING"];
        for (user, want) in [("800", false), ("900", true), ("700", false)] {
            assert_eq!(has_task(body, user, &wanted), Some(want), "{user}");
        }
        assert_eq!(has_task(b"<html>", "800", &wanted), None);
    }

    #[test]
    fn allocations_are_read_by_their_digits() {
        let body = br#"{"data":[{"id":"1972385232742146"},{"id":58501441721238},{"id":"../x"}]}"#;
        let ids = allocation_ids(body).unwrap();
        assert_eq!(ids, ["1972385232742146", "58501441721238"]);
        let lent = br#"{"receiving_credential":{"id":"700"},"request_status":"APPROVED","id":"1"}"#;
        assert_eq!(credential(lent), Some(Some("700".into())));
        let back = br#"{"receiving_credential":{"id":"700"},"request_status":"DELETED"}"#;
        assert_eq!(credential(back), Some(None));
        for body in [
            "[]",
            r#"{"id":"1","request_status":"PENDING"}"#,
            r#"{"id":7}"#,
        ] {
            assert_eq!(credential(body.as_bytes()), None, "{body}");
        }
        let said = br#"{"allocation_config_id":"58501441721238","waba_id":"5"}"#;
        assert_eq!(shared(said).as_deref(), Some("58501441721238"));
        assert_eq!(shared(br#"{"success":true}"#), None);
    }
}
