//! How account and number stand ("Messaging health status", "Phone numbers", "Business accounts"), read
//! leniently: a field that is not there is not known.

use super::call::{App, Business, Call, PHONE_FIELDS, get, node};
use embark_protocol::report::Reason;
use embark_protocol::{PhoneNumberId, WabaId};
use serde::{Deserialize, Serialize};

/// `GET /{waba}`, with what a report is about.
pub fn waba(id: &WabaId) -> Call<Business> {
    let fields =
        "id,business_verification_status,account_review_status,primary_funding_id,health_status";
    get("waba", node(id.as_str(), "")).with("fields", fields.to_owned())
}

/// `GET /{phone}`, likewise.
pub fn phone(id: &PhoneNumberId) -> Call<Business> {
    let more = "throughput,whatsapp_business_manager_messaging_limit,health_status";
    let fields = [PHONE_FIELDS, ",", more].concat();
    get("phone", node(id.as_str(), "")).with("fields", fields)
}

/// `GET /{solution}` ("Multi-partner solutions").
pub fn solution(id: &str) -> Call<App> {
    get("solution", node(id, "")).with("fields", "id,name,status".to_owned())
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    pub business_verification_status: Option<String>,
    pub account_review_status: Option<String>,
    pub primary_funding_id: Option<String>,
    pub health_status: Option<Health>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Number {
    pub throughput: Option<Throughput>,
    pub whatsapp_business_manager_messaging_limit: Option<String>,
    pub health_status: Option<Health>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Throughput {
    pub level: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    pub can_send_message: Option<String>,
    pub entities: Vec<Entity>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entity {
    pub errors: Vec<Error>,
    pub additional_info: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Error {
    pub error_code: Option<i64>,
    pub error_description: Option<String>,
    pub possible_solution: Option<String>,
}

pub fn account_of(body: &[u8]) -> Option<Account> {
    crate::json::from_slice(body).ok()
}

pub fn number_of(body: &[u8]) -> Option<Number> {
    crate::json::from_slice(body).ok()
}

/// The state of a partner solution, e.g. `ACTIVE`.
pub fn solution_state(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Wire {
        status: Option<String>,
    }
    crate::json::from_slice::<Wire>(body).ok()?.status
}

impl Health {
    /// Meta's own words, capped.
    pub fn reasons(&self) -> Vec<Reason> {
        let short = |text: &String| text.chars().take(400).collect::<String>();
        let of = |entity: &Entity| {
            let errors = entity.errors.iter().map(|error| Reason {
                code: error.error_code,
                text: error
                    .error_description
                    .as_ref()
                    .map_or_else(String::new, short),
                solution: error.possible_solution.as_ref().map(short),
            });
            let infos = entity.additional_info.iter().map(|info| Reason {
                code: None,
                text: short(info),
                solution: None,
            });
            errors.chain(infos).collect::<Vec<_>>()
        };
        self.entities.iter().flat_map(of).take(10).collect()
    }
}
