//! The objects that answer at once: sites with their run index, accounts, the partner. Their records are
//! the real ones; what the Durable Objects keep in tables is kept in maps here.

use crate::world::{EDGE, World};
use embark_edge::partner::{self, Partner};
use embark_edge::run::{Answer, Ask, Ms};
use embark_edge::site::{self, Row, Site};
use embark_edge::waba::{self, Waba};
use embark_protocol::{SiteId, WabaId};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

pub const SITES: [(&str, &str); 2] = [
    ("acme", "https://shop.example"),
    ("rival", "https://rival.example"),
];

pub struct Peers {
    pub sites: Vec<SiteObject>,
    pub accounts: RefCell<BTreeMap<String, Waba>>,
    pub partner: RefCell<Partner>,
    /// Businesses that were counted, with the runs they were counted for.
    pub counted: RefCell<BTreeMap<String, Vec<String>>>,
}

pub struct SiteObject {
    pub id: SiteId,
    pub record: RefCell<Site>,
    pub index: RefCell<BTreeMap<String, Row>>,
    /// Since when it has been switched off.
    pub off_since: Cell<Option<Ms>>,
}

impl Peers {
    pub fn new() -> Self {
        let site = |(name, host): (&str, &str)| {
            let config = serde_json::json!({"key": name, "app": "main", "origins": [host],
                "config_id": "3000000000000001"});
            let mut record = Site::default();
            record.put(serde_json::from_value(config).unwrap());
            SiteObject {
                id: SiteId::parse(name).unwrap(),
                record: RefCell::new(record),
                index: RefCell::default(),
                off_since: Cell::new(None),
            }
        };
        Self {
            sites: SITES.into_iter().map(site).collect(),
            accounts: RefCell::default(),
            partner: RefCell::default(),
            counted: RefCell::default(),
        }
    }

    pub fn site(&self, id: &SiteId) -> &SiteObject {
        self.sites.iter().find(|site| site.id == *id).unwrap()
    }

    pub fn serve(&self, world: &World, ask: Ask) -> Option<Answer> {
        let name = ask.name();
        let answer = match ask {
            Ask::Site(id, ask) => Answer::Site(self.site(&id).answer(ask)),
            Ask::Waba(id, ask) => Answer::Waba(self.account(&id, ask)),
            Ask::Partner(ask) => Answer::Partner(self.partner(ask)),
            #[allow(unreachable_patterns)]
            _ => return None,
        };
        world.say(|| format!("  {name} served: {answer:?}"));
        Some(answer)
    }

    fn account(&self, id: &WabaId, ask: waba::Ask) -> waba::Answer {
        let mut accounts = self.accounts.borrow_mut();
        let record = accounts.entry(id.to_string()).or_default();
        let said = record.answer(id, ask);
        said
    }

    fn partner(&self, ask: partner::Ask) -> partner::Answer {
        match ask {
            partner::Ask::Connected(business) => {
                let mut counted = self.counted.borrow_mut();
                let runs = counted.entry(business.business.to_string()).or_default();
                let run = business.run.to_string();
                if !runs.contains(&run) {
                    runs.push(run);
                }
                partner::Answer::Noted
            }
            partner::Ask::GetApp { key } => partner::Answer::App {
                app: self.partner.borrow().app(&key).cloned(),
            },
            _ => partner::Answer::Noted,
        }
    }
}

impl SiteObject {
    fn answer(&self, ask: site::Ask) -> site::Answer {
        match ask {
            site::Ask::Admit { host } => self.record.borrow().admit(&host, EDGE),
            site::Ask::Index(row) => {
                let mut index = self.index.borrow_mut();
                let newer = index
                    .get(row.run.as_str())
                    .is_none_or(|held| row.seq > held.seq);
                if newer {
                    index.insert(row.run.to_string(), row);
                }
                site::Answer::Noted
            }
            _ => site::Answer::Noted,
        }
    }

    /// The operator switches the site off or on.
    pub fn enable(&self, enabled: bool, now: Ms) {
        self.off_since.set((!enabled).then_some(now));
        let mut record = self.record.borrow_mut();
        let mut config = record.config.clone().unwrap();
        config.enabled = enabled;
        record.put(config);
    }

    pub fn is_enabled(&self) -> bool {
        let record = self.record.borrow();
        record.config.as_ref().is_some_and(|config| config.enabled)
    }
}
