//! One WhatsApp Business Account. Publishes its token of record to KV, sealed, for fast reads.

use super::shell::Shell;
use super::{KV, answer, read};
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
        let mut record = self.shell.load::<waba::Waba>()?.unwrap_or_default();
        let Ask::Claim { held, .. } = &ask;
        let (key, sealed) = (token_name(&held.app, &id), held.token.clone());
        let said = record.answer(ask);
        self.shell.commit(&record).map_err(|_| "not committed")?;
        // The record is here; the copy in KV may lag or fail, and is written again by the next claim.
        if let Ok(put) = self.shell.env.kv(KV)?.put(&key, sealed.as_str()) {
            let _ = put.execute().await;
        }
        answer(&said)
    }
}
