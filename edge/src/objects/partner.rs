//! The partner's directory of apps. Publishes each app to KV.

use super::shell::Shell;
use super::{KV, answer, read};
use crate::partner::{self, Answer, Ask};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

#[durable_object]
pub struct Partner {
    shell: Shell,
}

impl DurableObject for Partner {
    fn new(state: State, env: Env) -> Self {
        Self {
            shell: Shell::new(state, env),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        crate::pulse::beat();
        let (_, ask) = read::<Ask>(request).await?;
        let puts = matches!(ask, Ask::PutApp { .. });
        let mut record = self.shell.load::<partner::Partner>()?.unwrap_or_default();
        let said = record.answer(ask);
        if let (true, Answer::App { app: Some(app) }) = (puts, &said) {
            self.shell.commit(&record).map_err(|_| "not committed")?;
            let key = ["app/", app.key.as_str()].concat();
            self.shell
                .env
                .kv(KV)?
                .put(&key, serde_json::to_string(app)?)?
                .execute()
                .await?;
        }
        answer(&said)
    }
}
