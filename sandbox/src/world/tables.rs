//! All rows, by kind and id, and the changes that touch more than one of them.

use super::assets::{App, Business, Phone, Waba};
use super::authorization::{AuthorizationCode, BusinessToken, Grant, RedirectBinding};
use super::ids::{IdKind, digest, random_alphanumeric};
use super::partners::{Allocation, CreditLine, Solution, SystemUser};
use super::provider_records::{Message, Registration, Sender};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What `GET /_sandbox/world` shows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct World {
    pub apps: BTreeMap<String, App>,
    pub businesses: BTreeMap<String, Business>,
    pub wabas: BTreeMap<String, Waba>,
    pub phones: BTreeMap<String, Phone>,
    /// By [`digest`] of the code.
    pub codes: BTreeMap<String, AuthorizationCode>,
    /// By [`digest`] of the token.
    pub tokens: BTreeMap<String, BusinessToken>,
    pub system_users: BTreeMap<String, SystemUser>,
    pub credits: BTreeMap<String, CreditLine>,
    pub allocations: BTreeMap<String, Allocation>,
    pub solutions: BTreeMap<String, Solution>,
    /// WABAs shared with Infobip, by WABA id.
    pub registrations: BTreeMap<String, Registration>,
    /// Messages sent through Infobip.
    pub messages: BTreeMap<String, Message>,
    /// Senders at Twilio and Sinch.
    pub senders: BTreeMap<String, Sender>,
    /// How many new ids were issued. New ids count up, so that a run after a reset repeats them.
    #[serde(rename = "drawn")]
    pub ids_issued: u64,
}

impl World {
    /// An id that no row has yet.
    pub fn new_id(&mut self, kind: IdKind) -> String {
        self.ids_issued += 1;
        kind.id(self.ids_issued)
    }

    /// Creates a portfolio owned by the person at the dialog; returns its id.
    pub fn add_business(&mut self, name: Option<&str>) -> String {
        let id = self.new_id(IdKind::Business);
        let generated_name = || format!("Fresh Business {}", self.ids_issued);
        let business = Business {
            id: id.clone(),
            name: name.map_or_else(generated_name, str::to_owned),
            owned_by_person: true,
            ..Business::default()
        };
        self.businesses.insert(id.clone(), business);
        id
    }

    /// Creates a WABA in a portfolio; returns its id.
    pub fn add_waba(&mut self, business: &str, name: &str) -> String {
        let id = self.new_id(IdKind::Waba);
        let waba = Waba {
            id: id.clone(),
            name: name.to_owned(),
            business_id: business.to_owned(),
            ..Waba::default()
        };
        self.wabas.insert(id.clone(), waba);
        self.assign_creation_order();
        id
    }

    /// A provider registers this number, with a PIN that only the provider knows. Does nothing to a number that is
    /// unknown or in use with the WhatsApp Business app.
    pub fn connect_by_provider(&mut self, phone: &str, now_ms: u64) {
        let phone = self.phones.get_mut(phone);
        if let Some(phone) = phone.filter(|phone| !phone.is_on_biz_app) {
            phone.mark_connected(now_ms);
            (phone.is_pin_enabled, phone.pin) = (true, None);
        }
    }

    /// The numbers of a WABA, by id.
    pub fn phones_in_waba<'a>(&'a self, waba: &'a str) -> impl Iterator<Item = &'a Phone> {
        self.phones
            .values()
            .filter(move |phone| phone.waba_id == waba)
    }

    /// Makes WABAs without a creation order the newest ones, in the order of their ids.
    pub fn assign_creation_order(&mut self) {
        let orders = self.wabas.values().map(|waba| waba.created_seq);
        let mut newest = orders.max().unwrap_or(0);
        for waba in self.wabas.values_mut() {
            if waba.created_seq == 0 {
                newest += 1;
                waba.created_seq = newest;
            }
        }
    }

    /// The same WABA ids, newest first, as Meta lists target ids.
    pub fn sort_newest_first(&self, mut wabas: Vec<String>) -> Vec<String> {
        let created_seq = |id: &String| self.wabas.get(id).map_or(0, |waba| waba.created_seq);
        wabas.sort_by_key(|id| std::cmp::Reverse(created_seq(id)));
        wabas
    }

    /// Shares the WABAs of the grant with its app and returns a new authorization code for it.
    pub fn issue_code(&mut self, grant: Grant, bound_to: RedirectBinding, now_ms: u64) -> String {
        for id in &grant.waba_ids {
            if let Some(waba) = self.wabas.get_mut(id) {
                waba.shared_with.insert(grant.app_id.clone());
                if grant.solution_id.is_some() {
                    waba.solution_id.clone_from(&grant.solution_id);
                }
            }
        }
        let code = format!("AQ{}", random_alphanumeric(46));
        let row = AuthorizationCode {
            id: digest(&code),
            code: code.clone(),
            grant,
            bound_to,
            issued_ms: now_ms,
            used: false,
        };
        self.codes.insert(row.id.clone(), row);
        code
    }

    /// Returns a new business token. `lifetime_s` is `None` for one that never expires.
    pub fn issue_token(&mut self, grant: Grant, now_ms: u64, lifetime_s: Option<u64>) -> String {
        let token = format!("EAA{}", random_alphanumeric(60));
        let issued_s = now_ms / 1000;
        let row = BusinessToken {
            id: digest(&token),
            token: token.clone(),
            grant,
            issued_s,
            expires_at: lifetime_s.map_or(0, |seconds| issued_s + seconds),
            is_valid: true,
            user_id: self.new_id(IdKind::User),
        };
        self.tokens.insert(row.id.clone(), row);
        token
    }
}
