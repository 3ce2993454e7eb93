//! One customer website: settings, admission, the index of its runs. Pokes runs that sit idle, and tells
//! the partner whether it has open ones.

use super::invitations;
use super::published::KV;
use super::run::RunAsk;
use super::shell::{Shell, millis};
use super::{MAIN, PARTNER, answer, ask_run, post, read};
use crate::fault;
use crate::host;
use crate::partner;
use crate::site::{self, Answer, Ask, Row, is_open};
use crate::waba::Event;
use embark_protocol::{Code, SignupId, SiteId};
use worker::{
    DurableObject, Env, Request, Response, Result, SqlStorageValue, State, durable_object,
};

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
        let id = SiteId::parse(&name).map_err(|_| "not a site id")?;
        let mut record = self.record()?;
        let said = match ask {
            Ask::Admit { host } => {
                let settings = self.shell.settings().ok_or("settings")?;
                record.admit(&host, &settings.origin)
            }
            Ask::Hook { .. } if record.config.is_none() => Answer::Refused {
                code: Code::UnknownSite,
            },
            Ask::Hook { digest } => {
                record.hook = Some(digest);
                self.commit(&record)?;
                Answer::Noted
            }
            Ask::Hooked { digest } => Answer::Config {
                config: record
                    .config
                    .filter(|_| record.hook == Some(digest))
                    .map(Box::new),
            },
            Ask::Get => Answer::Config {
                config: record.config.map(Box::new),
            },
            Ask::Index(row) => {
                self.index(&row)?;
                self.tell_partner(record, id).await?;
                Answer::Noted
            }
            Ask::Event(event) => {
                self.keep(&event)?;
                Answer::Noted
            }
            Ask::Invite(_) | Ask::Invitations if record.config.is_none() => Answer::Refused {
                code: Code::UnknownSite,
            },
            Ask::Invite(invitation) => {
                invitations::keep(&self.shell, &invitation)?;
                Answer::Noted
            }
            Ask::Invitations => Answer::Invitations {
                list: invitations::list(&self.shell)?,
            },
            Ask::Uninvite { id } => {
                invitations::drop(&self.shell, &id)?;
                Answer::Noted
            }
            Ask::Look { id } => invitations::look(&self.shell, &id)?,
            Ask::Redeem { id, signup } => invitations::redeem(&self.shell, &id, &signup)?,
            Ask::Poke => {
                self.poke().await?;
                self.tell_partner(record, id).await?;
                Answer::Noted
            }
            Ask::Put(config) => {
                let said = record.put(*config);
                if matches!(said, Answer::Put { .. }) {
                    self.commit(&record)?;
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

    async fn alarm(&self) -> Result<Response> {
        crate::pulse::beat();
        self.poke().await?;
        let record = self.record()?;
        if let Some(id) = record.config.as_ref().map(|config| config.key.clone()) {
            self.tell_partner(record, id).await?;
        }
        Response::ok("")
    }
}

impl Site {
    fn record(&self) -> Result<site::Site> {
        Ok(self.shell.load::<site::Site>()?.unwrap_or_default())
    }

    fn commit(&self, record: &site::Site) -> Result<()> {
        self.shell
            .commit(record)
            .map_err(|_| "not committed".into())
    }

    /// Keeps the newest line of each run.
    fn index(&self, row: &Row) -> Result<()> {
        self.table()?;
        let insert = "INSERT INTO runs (run, seq, at, open, status, json) VALUES (?, ?, ?, ?, ?, ?) \
                      ON CONFLICT (run) DO UPDATE SET seq = excluded.seq, at = excluded.at, \
                      open = excluded.open, status = excluded.status, json = excluded.json \
                      WHERE excluded.seq > runs.seq";
        let values = vec![
            row.run.as_str().into(),
            i64::from(row.seq).into(),
            millis(row.at),
            i64::from(is_open(row.status)).into(),
            row.status.word().into(),
            serde_json::to_string(row)?.into(),
        ];
        self.shell.exec(insert, values)
    }

    /// Events wait here for their delivery, by id: the same event twice is one.
    fn keep(&self, event: &Event) -> Result<()> {
        let table = "CREATE TABLE IF NOT EXISTS events \
                     (id TEXT PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL, json TEXT NOT NULL)";
        self.shell.exec(table, vec![])?;
        let insert =
            "INSERT INTO events (id, at, name, json) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let (id, name) = (event.id.as_str(), event.name.as_str());
        let json = serde_json::to_string(event)?;
        self.shell.exec(
            insert,
            vec![id.into(), millis(event.at), name.into(), json.into()],
        )
    }

    /// Wakes runs that should have moved by themselves: their alarm was lost, or their object is stuck.
    async fn poke(&self) -> Result<()> {
        self.table()?;
        let now = host::now();
        let idle = "SELECT run FROM runs WHERE open = 1 AND max(at, poked) < \
                    CASE status WHEN 'needs_input' THEN ? WHEN 'launched' THEN ? ELSE ? END \
                    ORDER BY max(at, poked) LIMIT 50";
        let since = |ms: u64| millis(now.saturating_sub(ms));
        let rows = self.shell.rows(
            idle,
            vec![since(ASKING_MS), since(ASKING_MS), since(IDLE_MS)],
        )?;
        for row in rows {
            let Some(SqlStorageValue::String(run)) = row.first() else {
                continue;
            };
            let Ok(run) = SignupId::parse(run) else {
                continue;
            };
            let said = ask_run(&self.shell.env, &run, &RunAsk::Poke).await;
            let gone = said.is_some_and(|said| said.status == fault::status(Code::NotLaunched));
            let update =
                "UPDATE runs SET poked = ?, open = CASE WHEN ? THEN 0 ELSE open END WHERE run = ?";
            self.shell.exec(
                update,
                vec![millis(now), i64::from(gone).into(), run.as_str().into()],
            )?;
        }
        Ok(())
    }

    /// The partner's sweep comes only to sites with open runs. Repeated until it was heard.
    async fn tell_partner(&self, mut record: site::Site, id: SiteId) -> Result<()> {
        let open = !self
            .shell
            .rows("SELECT 1 FROM runs WHERE open = 1 LIMIT 1", vec![])?
            .is_empty();
        if open {
            self.shell.alarm_in(IDLE_MS).await;
        }
        if record.told_open == open {
            return Ok(());
        }
        let ask = partner::Ask::SiteOpen { site: id, open };
        match post::<_, partner::Answer>(&self.shell.env, PARTNER, MAIN, &ask).await {
            Some(_) => {
                // Read again: the settings may have been put while the partner was asked.
                record = self.record()?;
                record.told_open = open;
                self.commit(&record)
            }
            None => {
                self.shell.alarm_in(TELL_AGAIN_MS).await;
                Ok(())
            }
        }
    }

    fn table(&self) -> Result<()> {
        let table = "CREATE TABLE IF NOT EXISTS runs (run TEXT PRIMARY KEY, seq INTEGER NOT NULL, \
                     at INTEGER NOT NULL, open INTEGER NOT NULL, poked INTEGER NOT NULL DEFAULT 0, \
                     status TEXT NOT NULL, json TEXT NOT NULL)";
        self.shell.exec(table, vec![])
    }
}

const IDLE_MS: u64 = 10 * 60_000;
/// A person is waited for, by an alarm of the run's own; this is only against its loss.
const ASKING_MS: u64 = 6 * 3_600_000;
const TELL_AGAIN_MS: u64 = 30_000;
