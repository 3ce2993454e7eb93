//! The partner's directory, windows and audit. Publishes apps to KV, and a full window where it blocks.

use super::published::{KV, quota_key};
use super::shell::{Shell, millis};
use super::{answer, read};
use crate::host;
use crate::partner::{self, Answer, Ask, Business, Line};
use crate::quota::{self, Quota, WINDOW_MS, measure};
use embark_protocol::AppKey;
use worker::{
    DurableObject, Env, Request, Response, Result, SqlStorageValue, State, durable_object,
};

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
        let mut record = self.shell.load::<partner::Partner>()?.unwrap_or_default();
        let said = match ask {
            Ask::GetApp { key } => Answer::App {
                app: record.app(&key).cloned(),
            },
            Ask::PutApp { app } => {
                let said = record.put_app(app);
                if let Answer::App { app: Some(app) } = &said {
                    self.commit(&record)?;
                    let key = ["app/", app.key.as_str()].concat();
                    self.shell
                        .env
                        .kv(KV)?
                        .put(&key, serde_json::to_string(app)?)?
                        .execute()
                        .await?;
                }
                said
            }
            Ask::SiteOpen { site, open } => {
                if record.site_open(site, open) {
                    self.commit(&record)?;
                }
                Answer::Noted
            }
            Ask::NextOpen { limit } => {
                let sites = record.next_open(limit);
                self.commit(&record)?;
                Answer::Sites { sites }
            }
            Ask::Connected(business) => {
                self.count(&business)?;
                self.publish(&record, &business.app).await?;
                Answer::Noted
            }
            Ask::Quota { key } => Answer::Quota {
                quota: self.quota(&record, &key)?,
            },
            Ask::Audit(line) => {
                self.audit(&line)?;
                Answer::Noted
            }
        };
        answer(&said)
    }
}

impl Partner {
    fn commit(&self, record: &partner::Partner) -> Result<()> {
        self.shell
            .commit(record)
            .map_err(|_| "not committed".into())
    }

    /// A business counts once for its app, and once for its solution.
    fn count(&self, business: &Business) -> Result<()> {
        self.tables()?;
        let owner = ["app/", business.app.as_str()].concat();
        let solution = business
            .solution
            .as_ref()
            .map(|solution| ["solution/", solution].concat());
        for owner in core::iter::once(owner).chain(solution) {
            let insert = "INSERT INTO businesses (owner, business, at) VALUES (?, ?, ?) \
                          ON CONFLICT DO NOTHING";
            let values = vec![
                owner.into(),
                business.business.as_str().into(),
                millis(business.at),
            ];
            self.shell.exec(insert, values)?;
        }
        Ok(())
    }

    fn quota(&self, record: &partner::Partner, key: &AppKey) -> Result<Quota> {
        let limit = record.app(key).map_or(0, |app| app.weekly_limit);
        self.window(&["app/", key.as_str()].concat(), limit)
    }

    fn window(&self, owner: &str, limit: u32) -> Result<Quota> {
        self.tables()?;
        let now = host::now();
        let select = "SELECT at FROM businesses WHERE owner = ? AND at > ?";
        let values = vec![owner.into(), millis(now.saturating_sub(WINDOW_MS))];
        let rows = self.shell.rows(select, values)?;
        let at = |row: &Vec<SqlStorageValue>| match row.first() {
            Some(SqlStorageValue::Integer(at)) => u64::try_from(*at).ok(),
            _ => None,
        };
        Ok(measure(
            &rows.iter().filter_map(at).collect::<Vec<_>>(),
            limit,
            now,
        ))
    }

    /// Tells the pages' side when no more businesses are to be taken on, where the operator wants that.
    async fn publish(&self, record: &partner::Partner, key: &AppKey) -> Result<()> {
        let quota = self.quota(record, key)?;
        if quota.level != quota::Level::Fine {
            worker::console_warn!(
                "quota of app {}: {} of {}",
                key.as_str(),
                quota.used,
                quota.limit
            );
        }
        if record.app(key).is_some_and(|app| app.block_when_full) {
            let json = serde_json::to_string(&quota)?;
            self.shell
                .env
                .kv(KV)?
                .put(&quota_key(key), json)?
                .execute()
                .await?;
        }
        Ok(())
    }

    fn audit(&self, line: &Line) -> Result<()> {
        self.tables()?;
        let insert = "INSERT INTO audit (at, what) VALUES (?, ?)";
        self.shell
            .exec(insert, vec![millis(line.at), line.what.as_str().into()])
    }

    fn tables(&self) -> Result<()> {
        let businesses = "CREATE TABLE IF NOT EXISTS businesses (owner TEXT NOT NULL, \
                          business TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (owner, business))";
        self.shell.exec(businesses, vec![])?;
        let audit = "CREATE TABLE IF NOT EXISTS audit \
                     (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL)";
        self.shell.exec(audit, vec![])
    }
}
