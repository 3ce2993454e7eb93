//! The Site, Waba and Partner objects, as stored.

use super::copies::CopyWriter;
use embark_onboarding::resources::partner::PartnerRecord;
use embark_onboarding::resources::site::{SignupIndexRow, SiteRecord, SiteReply};
use embark_onboarding::resources::waba::WabaRecord;
use embark_onboarding::time::UnixMillis;
use embark_protocol::{SignupId, SiteId, WabaId};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// The two sites, each with its page's origin.
pub const SITES: [(&str, &str); 2] = [
    ("acme", "https://shop.example"),
    ("rival", "https://rival.example"),
];

/// All of them.
pub struct PeerObjects {
    /// In the order of [`SITES`].
    pub sites: Vec<SiteObject>,
    pub wabas: RefCell<BTreeMap<WabaId, WabaRecord>>,
    pub partner: RefCell<PartnerRecord>,
    pub partner_copies: CopyWriter,
}

/// One Site object.
pub struct SiteObject {
    pub id: SiteId,
    pub record: RefCell<SiteRecord>,
    pub copies: CopyWriter,
    /// The newest row of each signup.
    pub index: RefCell<BTreeMap<SignupId, SignupIndexRow>>,
    /// Since when it is disabled, by true time. `None`: it is enabled.
    pub disabled_since: Cell<Option<UnixMillis>>,
}

impl PeerObjects {
    pub fn new() -> Self {
        Self {
            sites: SITES.into_iter().map(SiteObject::new).collect(),
            wabas: RefCell::default(),
            partner: RefCell::default(),
            partner_copies: CopyWriter::default(),
        }
    }

    pub fn site(&self, id: &SiteId) -> &SiteObject {
        self.sites.iter().find(|site| site.id == *id).unwrap()
    }
}

impl SiteObject {
    fn new((name, origin): (&str, &str)) -> Self {
        let settings = serde_json::json!({
            "key": name,
            "app": "main",
            "origins": [origin],
            "config_id": "3000000000000001",
        });
        let mut record = SiteRecord::default();
        record.put(serde_json::from_value(settings).unwrap());
        Self {
            id: SiteId::parse(name).unwrap(),
            record: RefCell::new(record),
            copies: CopyWriter::default(),
            index: RefCell::default(),
            disabled_since: Cell::new(None),
        }
    }

    /// The operator has chosen another policy. `fields`: of the site's settings.
    pub fn set_policy(&self, fields: &serde_json::Value) {
        let mut record = self.record.borrow_mut();
        let mut settings = serde_json::to_value(&record.config).unwrap();
        let settings_fields = settings.as_object_mut().unwrap();
        settings_fields.extend(fields.as_object().unwrap().clone());
        let reply = record.put(serde_json::from_value(settings).unwrap());
        assert!(matches!(reply, SiteReply::Put { .. }), "{reply:?}");
    }

    /// The operator enables or disables the site.
    pub fn set_enabled(&self, enabled: bool, now: UnixMillis) {
        self.disabled_since.set((!enabled).then_some(now));
        let mut record = self.record.borrow_mut();
        let mut settings = record.config.clone().unwrap();
        settings.enabled = enabled;
        record.put(settings);
        drop(record);
        self.enqueue_copy();
    }

    /// Enqueues the copy in KV of the settings.
    pub fn enqueue_copy(&self) {
        let (key, json) = self.copy();
        self.record.borrow_mut().pending_copies.enqueue(key, json);
    }

    /// Key and value of the entry in KV.
    pub fn copy(&self) -> (String, String) {
        let published = self.record.borrow().published();
        let json = serde_json::to_string(&published).unwrap();
        (format!("site/{}", self.id), json)
    }

    pub fn is_enabled(&self) -> bool {
        let record = self.record.borrow();
        record
            .config
            .as_ref()
            .is_some_and(|settings| settings.enabled)
    }
}
