//! The rotation of the sealing keys: a run of the Partner object that visits one place at each alarm. What comes next, and when
//! it is done, is decided by [`KeyRotation`].

use super::fault_points::Operation;
use super::record::ObjectRecord;
use super::rpc;
use super::storage::ObjectStorage;
use super::unclaimed;
use crate::clock;
use crate::kv;
use core::time::Duration;
use embark_onboarding::resources::deadlines;
use embark_onboarding::resources::key_rotation::{
    BATCH, KeyRotation, KeysReply, KeysRequest, KvPage, ObjectId, Position, ResealCount,
    RunResealed, SEALED_PREFIXES, Visited, is_outdated,
};
use embark_onboarding::resources::partner::PartnerRecord;
use embark_onboarding::resources::phone_number::{PhoneReply, PhoneRequest};
use embark_onboarding::resources::rpc::ObjectRequest;
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::resources::waba::{WabaReply, WabaRequest};
use embark_protocol::{PhoneNumberId, ProblemCode, SignupId, SiteId, WabaId};
use futures_util::stream::{self, StreamExt};
use worker::{Env, Result};

/// The rotation of one incarnation of the Partner object.
pub struct KeyRotator<'a> {
    /// Of the object.
    pub storage: &'a ObjectStorage,
    /// Of the object.
    pub record: &'a ObjectRecord<PartnerRecord>,
}

impl KeyRotator<'_> {
    /// Answers a request. One that begins a rotation sets the alarm.
    ///
    /// # Errors
    /// The record cannot be read or stored, or the deployment has no key.
    pub async fn handle(&self, request: KeysRequest) -> Result<KeysReply> {
        if request == KeysRequest::Start {
            let settings = self.storage.settings().ok_or("settings")?;
            let newest = settings.keyring.newest_number();
            let goes_on =
                |rotation: &KeyRotation| rotation.ended_at.is_none() && rotation.key == newest;
            let record = self.record.get(self.storage)?;
            let is_running = record.borrow().rotation.as_ref().is_some_and(goes_on);
            if !is_running {
                let rotation = KeyRotation::begin(newest, clock::now());
                self.record
                    .change(self.storage, |record| record.rotation = Some(rotation))?;
            }
            self.wake().await?;
        }
        let record = self.record.get(self.storage)?;
        let record = record.borrow();
        let rotation = record.rotation.as_ref();
        Ok(KeysReply {
            rotation: rotation.map(|rotation| rotation.status(&record.sites)),
        })
    }

    /// Sets the alarm for a rotation that goes on.
    ///
    /// # Errors
    /// The record cannot be read.
    pub async fn wake(&self) -> Result<()> {
        let now = clock::now();
        let record = self.record.get(self.storage)?;
        let next = record
            .borrow()
            .rotation
            .as_ref()
            .and_then(|rotation| rotation.next_at(now));
        if let Some(at) = next {
            self.storage.set_alarm_within(now.until(at)).await;
        }
        Ok(())
    }

    /// Visits what is next, if a rotation goes on, and sets the alarm for what follows.
    ///
    /// # Errors
    /// The record cannot be read or stored.
    pub async fn work(&self) -> Result<()> {
        let now = clock::now();
        let record = self.record.get(self.storage)?;
        let rotation = record.borrow().rotation.clone();
        let due = |rotation: &KeyRotation| rotation.next_at(now).is_some_and(|at| at <= now);
        if let Some(rotation) = rotation.filter(due) {
            let operation = Operation::begin_request(self.storage, "rotate_keys").await;
            let visited = self.visit(&rotation).await?;
            operation.end();
            self.record.change(self.storage, |record| {
                let sites = record.sites.clone();
                // Another rotation may have begun meanwhile.
                let same = |other: &&mut KeyRotation| **other == rotation;
                if let Some(rotation) = record.rotation.as_mut().filter(same) {
                    rotation.advance(visited, &sites, clock::now());
                }
            })?;
        }
        self.wake().await
    }

    async fn visit(&self, rotation: &KeyRotation) -> Result<Visited> {
        let env = self.storage.env();
        let key = rotation.key;
        Ok(match &rotation.position {
            Position::Partner => {
                let settings = self.storage.settings().ok_or("settings")?;
                let reseal = |record: &mut PartnerRecord| record.reseal(&settings.context());
                Visited::Partner(self.record.reseal(self.storage, reseal)?)
            }
            Position::Unclaimed { after } => {
                let accounts = unclaimed::after(self.storage, after.as_ref(), BATCH)?;
                let reseal = |waba: WabaId| async move {
                    let count = reseal_waba(env, &waba, key).await;
                    (waba, count)
                };
                let visits = stream::iter(accounts).map(reseal).buffered(AT_ONCE);
                Visited::Unclaimed(visits.collect().await)
            }
            Position::Site { site } => Visited::Site(reseal_site(env, site, key).await),
            Position::Objects { site, after } => {
                let request = SiteRequest::Objects {
                    after: after.clone(),
                    limit: BATCH,
                };
                let Some(SiteReply::Objects(page)) = ask(env, site, &request).await else {
                    return Ok(Visited::NoObjects);
                };
                let reseal = |object: ObjectId| async move {
                    let count = reseal_object(env, &object, key).await;
                    (object, count)
                };
                let visits = stream::iter(page.objects).map(reseal).buffered(AT_ONCE);
                Visited::Objects {
                    objects: visits.collect().await,
                    next: page.next,
                }
            }
            Position::Entries { prefix, cursor } => {
                let prefix = SEALED_PREFIXES.get(*prefix).copied().unwrap_or_default();
                let page = read_entries(env, prefix, cursor.as_deref()).await;
                reseal_owners(env, &page, key).await;
                Visited::Entries(page)
            }
            Position::Waiting { .. } => Visited::Waited,
        })
    }
}

async fn read_entries(env: &Env, prefix: &str, cursor: Option<&str>) -> KvPage {
    let Ok(listed) = kv::list(env, prefix, cursor, BATCH).await else {
        return KvPage {
            failed: true,
            ..KvPage::default()
        };
    };
    let read = |key: String| async move {
        // One that was deleted since it was listed has nothing sealed.
        let value = kv::read_text(env, &key).await;
        (key, value.ok().map(Option::unwrap_or_default))
    };
    let reads = stream::iter(listed.keys).map(read).buffered(AT_ONCE);
    KvPage {
        entries: reads.collect().await,
        cursor: listed.cursor,
        failed: false,
    }
}

/// Asks the owners of entries that an older key sealed, whose objects no list has: the site of a secret that was stored before its
/// settings, or an account whose signups are gone. The next pass sees what came of it.
async fn reseal_owners(env: &Env, page: &KvPage, key: u32) {
    let now = clock::now();
    let is_old = |value: &String| is_outdated(value, key, now);
    for (name, value) in &page.entries {
        if !value.as_ref().is_some_and(is_old) {
            continue;
        }
        match name.split('/').collect::<Vec<_>>().as_slice() {
            ["sealed", "site", site, ..] => {
                if let Ok(site) = SiteId::parse(site) {
                    reseal_site(env, &site, key).await;
                }
            }
            ["token", _, waba] => {
                if let Ok(waba) = WabaId::parse(waba) {
                    reseal_waba(env, &waba, key).await;
                }
            }
            _ => {}
        }
    }
}

/// `None`: the object has not replied.
async fn reseal_object(env: &Env, object: &ObjectId, key: u32) -> Option<ResealCount> {
    match object {
        ObjectId::Run(id) => reseal_signup(env, id, key).await,
        ObjectId::Waba(id) => reseal_waba(env, id, key).await,
        ObjectId::Phone(id) => reseal_number(env, id, key).await,
    }
}

/// A signup, with the account and the number that it has come to. `None`: one of them has not replied.
async fn reseal_signup(env: &Env, id: &SignupId, key: u32) -> Option<ResealCount> {
    let resealed: RunResealed = match ask(env, id, &RunRequest::Reseal { key }).await? {
        RunReply::Document(json) => serde_json::from_str(json.get()).ok()?,
        // It is over, and was deleted.
        RunReply::Refused(problem) if problem.code == ProblemCode::NotLaunched => {
            return Some(ResealCount::default());
        }
        RunReply::Refused(_) => return None,
    };
    let mut count = resealed.count;
    for object in resealed.objects {
        count += match object {
            ObjectId::Waba(id) => reseal_waba(env, &id, key).await?,
            ObjectId::Phone(id) => reseal_number(env, &id, key).await?,
            ObjectId::Run(_) => ResealCount::default(),
        };
    }
    Some(count)
}

async fn reseal_site(env: &Env, site: &SiteId, key: u32) -> Option<ResealCount> {
    match ask(env, site, &SiteRequest::Reseal { key }).await? {
        SiteReply::Resealed(count) => Some(count),
        _ => None,
    }
}

async fn reseal_waba(env: &Env, waba: &WabaId, key: u32) -> Option<ResealCount> {
    match ask(env, waba, &WabaRequest::Reseal { key }).await? {
        WabaReply::Resealed(count) => Some(count),
        _ => None,
    }
}

async fn reseal_number(env: &Env, number: &PhoneNumberId, key: u32) -> Option<ResealCount> {
    match ask(env, number, &PhoneRequest::Reseal { key }).await? {
        PhoneReply::Resealed(count) => Some(count),
        _ => None,
    }
}

/// Of thousands of objects, some are just being moved: each is asked up to three times.
async fn ask<R: ObjectRequest>(env: &Env, name: &R::Name, request: &R) -> Option<R::Reply> {
    for _ in 1..ATTEMPTS {
        let reply = rpc::call_within(env, name, request, deadlines::RESEAL).await;
        if let Ok(reply) = reply {
            return Some(reply);
        }
        clock::sleep(ASKED_AGAIN_AFTER).await;
    }
    let reply = rpc::call_within(env, name, request, deadlines::RESEAL).await;
    reply.ok()
}

const ATTEMPTS: u8 = 3;
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// How many objects are asked at a time.
const AT_ONCE: usize = 10;
