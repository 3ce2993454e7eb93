//! The rotation of the sealing keys: a run of the Partner object that visits one place at each alarm. What comes next, and when
//! it is done, is decided by [`KeyRotation`].

use super::fault_points::Operation;
use super::record::ObjectRecord;
use super::rpc;
use super::storage::ObjectStorage;
use super::unclaimed;
use crate::clock;
use crate::kv;
use embark_onboarding::resources::deadlines;
use embark_onboarding::resources::key_rotation::{
    BATCH, KeyRotation, KeysReply, KeysRequest, KvPage, ObjectId, Position, ResealCount,
    SEALED_PREFIXES, Visited,
};
use embark_onboarding::resources::partner::PartnerRecord;
use embark_onboarding::resources::phone_number::{PhoneReply, PhoneRequest};
use embark_onboarding::resources::rpc::ObjectRequest;
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::resources::waba::{WabaReply, WabaRequest};
use embark_protocol::{ProblemCode, WabaId};
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
            let visited = self.visit(&rotation.position).await?;
            operation.end();
            self.record.change(self.storage, |record| {
                let sites = record.sites.clone();
                // Another rotation may have begun meanwhile.
                let same = |other: &&mut KeyRotation| other.position == rotation.position;
                if let Some(rotation) = record.rotation.as_mut().filter(same) {
                    rotation.advance(visited, &sites, clock::now());
                }
            })?;
        }
        self.wake().await
    }

    async fn visit(&self, position: &Position) -> Result<Visited> {
        let env = self.storage.env();
        Ok(match position {
            Position::Partner => {
                let settings = self.storage.settings().ok_or("settings")?;
                let reseal = |record: &mut PartnerRecord| record.reseal(&settings.context());
                Visited::Partner(self.record.reseal(self.storage, reseal)?)
            }
            Position::Unclaimed { after } => {
                let accounts = unclaimed::after(self.storage, after.as_ref(), BATCH)?;
                let reseal = |waba: WabaId| async move {
                    let count = reseal_waba(env, &waba).await;
                    (waba, count)
                };
                let visits = stream::iter(accounts).map(reseal).buffered(AT_ONCE);
                Visited::Unclaimed(visits.collect().await)
            }
            Position::Site { site } => {
                let reply = rpc::call_within(env, site, &SiteRequest::Reseal, deadlines::RESEAL);
                Visited::Site(match reply.await {
                    Ok(SiteReply::Resealed(count)) => Some(count),
                    _ => None,
                })
            }
            Position::Objects { site, after } => {
                let request = SiteRequest::Objects {
                    after: after.clone(),
                    limit: BATCH,
                };
                let reply = rpc::call_within(env, site, &request, deadlines::RESEAL).await;
                let Ok(SiteReply::Objects(page)) = reply else {
                    return Ok(Visited::NoObjects);
                };
                let reseal = |object: ObjectId| async move {
                    let count = reseal_object(env, &object).await;
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
                Visited::Entries(read_entries(env, prefix, cursor.as_deref()).await)
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

/// `None`: the object has not replied.
async fn reseal_object(env: &Env, object: &ObjectId) -> Option<ResealCount> {
    match object {
        ObjectId::Run(id) => match ask(env, id, &RunRequest::Reseal).await? {
            RunReply::Document(json) => serde_json::from_str(json.get()).ok(),
            // It is over, and was deleted.
            RunReply::Refused(problem) if problem.code == ProblemCode::NotLaunched => {
                Some(ResealCount::default())
            }
            RunReply::Refused(_) => None,
        },
        ObjectId::Waba(id) => reseal_waba(env, id).await,
        ObjectId::Phone(id) => match ask(env, id, &PhoneRequest::Reseal).await? {
            PhoneReply::Resealed(count) => Some(count),
            _ => None,
        },
    }
}

async fn reseal_waba(env: &Env, waba: &WabaId) -> Option<ResealCount> {
    match ask(env, waba, &WabaRequest::Reseal).await? {
        WabaReply::Resealed(count) => Some(count),
        _ => None,
    }
}

async fn ask<R: ObjectRequest>(env: &Env, name: &R::Name, request: &R) -> Option<R::Reply> {
    let reply = rpc::call_within(env, name, request, deadlines::RESEAL).await;
    reply.ok()
}

/// How many objects are asked at a time.
const AT_ONCE: usize = 10;
