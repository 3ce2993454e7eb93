//! One customer website: settings, admission, the index of its runs.

use super::shell::Shell;
use super::{KV, answer, read};
use crate::site::{self, Answer, Ask, Row};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

#[durable_object]
pub struct Site {
    shell: Shell,
}

impl DurableObject for Site {
    fn new(state: State, env: Env) -> Self {
        Self {
            shell: Shell::new(state, env),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        crate::pulse::beat();
        let (name, ask) = read::<Ask>(request).await?;
        let mut record = self.shell.load::<site::Site>()?.unwrap_or_default();
        let said = match ask {
            Ask::Admit { host } => record.admit(&host),
            Ask::Get => Answer::Config {
                config: record.config,
            },
            Ask::Index(row) => {
                self.index(&row)?;
                Answer::Noted
            }
            Ask::Put(config) => {
                let said = record.put(config);
                if matches!(said, Answer::Put { .. }) {
                    self.shell.commit(&record).map_err(|_| "not committed")?;
                    let json = serde_json::to_string(&record)?;
                    self.shell
                        .env
                        .kv(KV)?
                        .put(&["site/", &name].concat(), json)?
                        .execute()
                        .await?;
                }
                said
            }
        };
        answer(&said)
    }
}

impl Site {
    /// Keeps the newest line of each run.
    fn index(&self, row: &Row) -> Result<()> {
        let table = "CREATE TABLE IF NOT EXISTS runs (run TEXT PRIMARY KEY, seq INTEGER NOT NULL, \
                     at INTEGER NOT NULL, status TEXT NOT NULL, json TEXT NOT NULL)";
        self.shell.exec(table, vec![])?;
        let status = serde_json::to_value(row.status)?;
        let insert = "INSERT INTO runs (run, seq, at, status, json) VALUES (?, ?, ?, ?, ?) \
                      ON CONFLICT (run) DO UPDATE SET seq = excluded.seq, at = excluded.at, \
                      status = excluded.status, json = excluded.json WHERE excluded.seq > runs.seq";
        let values = vec![
            row.run.as_str().into(),
            i64::from(row.seq).into(),
            i64::try_from(row.at).unwrap_or(i64::MAX).into(),
            status.as_str().unwrap_or_default().into(),
            serde_json::to_string(row)?.into(),
        ];
        self.shell.exec(insert, values)
    }
}
