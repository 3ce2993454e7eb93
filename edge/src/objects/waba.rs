//! One WhatsApp Business Account. Publishes its token of record to KV, sealed, for fast reads, and tells
//! the owning sites when a token must be renewed or was.

use super::published::KV;
use super::shell::Shell;
use super::{SITE, answer, post, read};
use crate::host;
use crate::site;
use crate::waba::{self, Ask, token_name};
use embark_protocol::WabaId;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

#[durable_object]
pub struct Waba {
    shell: Shell,
}

impl DurableObject for Waba {
    fn new(state: State, env: Env) -> Self {
        Self {
            shell: Shell::new(state, env),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        crate::pulse::beat();
        let (name, ask) = read::<Ask>(request).await?;
        let id = WabaId::parse(&name).map_err(|_| "not a WABA id")?;
        let mut record = self.record()?;
        let published = match &ask {
            Ask::Claim { held, .. } => Some((token_name(&held.app, &id), held.token.clone())),
            _ => None,
        };
        let looks = matches!(ask, Ask::Token { .. } | Ask::Run { .. });
        let said = record.answer(&id, ask);
        if !looks {
            self.commit(&record)?;
            self.sleep(&record).await;
        }
        if let Some((key, sealed)) = published
            && let Ok(put) = self.shell.env.kv(KV)?.put(&key, sealed.as_str())
        {
            // The record is here; the copy in KV may lag or fail, and is written again by the next claim.
            let _ = put.execute().await;
        }
        answer(&said)
    }

    async fn alarm(&self) -> Result<Response> {
        crate::pulse::beat();
        // An object knows its own name by its id; the claims carry it too.
        let Some(id) = self
            .shell
            .state
            .id()
            .name()
            .and_then(|name| WabaId::parse(&name).ok())
        else {
            return Response::ok("");
        };
        let mut record = self.record()?;
        record.notice(&id, host::now());
        self.commit(&record)?;
        for event in record.owed {
            let site = event.site.clone();
            let ask = site::Ask::Event(event.clone());
            if let Some(site::Answer::Noted) =
                post(&self.shell.env, SITE, site.as_str(), &ask).await
            {
                // Read again: a claim may have come while the site was told.
                let mut record = self.record()?;
                record.owed.retain(|owed| *owed != event);
                self.commit(&record)?;
            }
        }
        self.sleep(&self.record()?).await;
        Response::ok("")
    }
}

impl Waba {
    fn record(&self) -> Result<waba::Waba> {
        Ok(self.shell.load::<waba::Waba>()?.unwrap_or_default())
    }

    fn commit(&self, record: &waba::Waba) -> Result<()> {
        self.shell
            .commit(record)
            .map_err(|_| "not committed".into())
    }

    async fn sleep(&self, record: &waba::Waba) {
        let now = host::now();
        // Events that are owed go out at once; `wake` paces their repeats.
        if let Some(at) = record.wake(now) {
            self.shell.alarm_in(at.saturating_sub(now)).await;
        }
    }
}
