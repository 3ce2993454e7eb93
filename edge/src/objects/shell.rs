//! What every object has: its record as one JSON row, a boot counter that fences off older incarnations,
//! a journal of the calls it made, and the world its rules see.

use super::published::provide;
use crate::graph::{Access, Heard, Request as GraphRequest};
use crate::host;
use crate::load::Settings;
#[cfg(feature = "local")]
use crate::local;
use crate::outbound;
use crate::run::{Answer, Ask, Ctx, Desk, Host, Ms, Superseded};
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};
use core::time::Duration;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Env, SqlStorage, SqlStorageValue, State};

pub struct Shell {
    pub env: Env,
    pub state: State,
    sql: SqlStorage,
    boot: i64,
    /// Since when a procedure runs in this incarnation.
    busy: Cell<Option<Ms>>,
    wakers: RefCell<Vec<Waker>>,
    /// Posts that changed the record.
    posts: Cell<u32>,
}

impl Shell {
    /// Opens the storage and counts this boot. Nothing is written for an object that was never used.
    pub fn new(state: State, env: Env) -> Self {
        let sql = state.storage().sql();
        let boot = number(&sql, "SELECT boot AS n FROM boot").map_or(0, |boot| boot + 1);
        let shell = Self {
            env,
            state,
            sql,
            boot,
            busy: Cell::new(None),
            wakers: RefCell::new(vec![]),
            posts: Cell::new(0),
        };
        if boot > 0 {
            // An object that cannot count its boot must not save: `is_mine` will then say so.
            let _ = shell.exec("UPDATE boot SET boot = ?", vec![boot.into()]);
        }
        shell
    }

    /// The settings, or `None` on a deployment that lacks some; the door has said which.
    pub fn settings(&self) -> Option<Settings> {
        Settings::load(&self.env).ok()
    }

    /// The record. Absence is not an error; a record that does not open is.
    pub fn load<T: DeserializeOwned>(&self) -> Result<Option<T>, worker::Error> {
        let Ok(cursor) = self
            .sql
            .exec("SELECT json FROM record WHERE key = 'main'", None)
        else {
            return Ok(None);
        };
        let row = cursor
            .raw()
            .next()
            .transpose()?
            .and_then(|row| row.into_iter().next());
        match row {
            Some(SqlStorageValue::String(json)) => {
                Ok(Some(crate::json::from_slice(json.as_bytes())?))
            }
            _ => Ok(None),
        }
    }

    /// Commits the record, if this is still the newest incarnation.
    pub fn commit<T: Serialize>(&self, record: &T) -> Result<(), Superseded> {
        let json = serde_json::to_string(record).map_err(|_| Superseded)?;
        self.create().map_err(|_| Superseded)?;
        if number(&self.sql, "SELECT boot AS n FROM boot") != Some(self.boot) {
            return Err(Superseded);
        }
        let row = "INSERT INTO record (key, json) VALUES ('main', ?) \
                   ON CONFLICT (key) DO UPDATE SET json = excluded.json";
        self.exec(row, vec![json.into()]).map_err(|_| Superseded)?;
        for waker in self.wakers.borrow_mut().drain(..) {
            waker.wake();
        }
        Ok(())
    }

    pub fn exec(&self, query: &str, values: Vec<SqlStorageValue>) -> worker::Result<()> {
        self.sql.exec(query, values).map(|_| ())
    }

    /// All rows of a query.
    pub fn rows(
        &self,
        query: &str,
        values: Vec<SqlStorageValue>,
    ) -> worker::Result<Vec<Vec<SqlStorageValue>>> {
        self.sql.exec(query, values)?.raw().collect()
    }

    fn create(&self) -> worker::Result<()> {
        self.exec(
            "CREATE TABLE IF NOT EXISTS record (key TEXT PRIMARY KEY, json TEXT NOT NULL)",
            vec![],
        )?;
        self.exec(
            "CREATE TABLE IF NOT EXISTS boot (one INTEGER PRIMARY KEY, boot INTEGER NOT NULL)",
            vec![],
        )?;
        self.exec(
            "INSERT INTO boot VALUES (1, ?) ON CONFLICT (one) DO NOTHING",
            vec![self.boot.into()],
        )?;
        let journal = "CREATE TABLE IF NOT EXISTS journal \
                       (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, call TEXT NOT NULL, said TEXT NOT NULL)";
        self.exec(journal, vec![])
    }

    /// One line for people: which call began or ended, never what it carried.
    fn note(&self, call: &str, said: &str) {
        let at = millis(host::now());
        let row = "INSERT INTO journal (at, call, said) VALUES (?, ?, ?)";
        // The journal is for reading; the record decides.
        let _ = self.exec(row, vec![at, call.into(), said.into()]);
        let _ = self.exec(
            "DELETE FROM journal WHERE n <= (SELECT max(n) FROM journal) - 300",
            vec![],
        );
    }

    /// Whether a procedure runs. A flag older than a minute belongs to a future that died with its
    /// instance.
    pub fn is_busy(&self) -> bool {
        let now = host::now();
        self.busy
            .get()
            .is_some_and(|since| now.saturating_sub(since) < FLAG_MS)
    }

    /// Takes the right to run a procedure; `false` while another one runs.
    pub fn begin(&self) -> bool {
        let free = !self.is_busy();
        if free {
            self.busy.set(Some(host::now()));
        }
        free
    }

    /// A post has changed the record: a procedure that waits for an answer looks again. Call it before
    /// the commit, which wakes who waits.
    pub fn posted(&self) {
        self.posts.set(self.posts.get().wrapping_add(1));
    }

    fn changed(&self) -> impl Future<Output = ()> {
        let seen = self.posts.get();
        poll_fn(move |cx| {
            if self.posts.get() != seen {
                return Poll::Ready(());
            }
            self.wake_later(cx.waker());
            Poll::Pending
        })
    }

    pub fn finish(&self) {
        self.busy.set(None);
    }

    /// Registers interest in the next commit.
    pub fn wake_later(&self, waker: &Waker) {
        self.wakers.borrow_mut().push(waker.clone());
    }

    pub async fn alarm_in(&self, ms: Ms) {
        // Were the alarm not set, the next request to touch the object drives it on.
        let _ = self
            .state
            .storage()
            .set_alarm(Duration::from_millis(ms.max(1)))
            .await;
    }
}

/// Fuses for the tests; see `local`.
#[cfg(feature = "local")]
impl Shell {
    fn begins(&self, name: &'static str) -> Option<usize> {
        let n = local::count(name, &self.state);
        self.passes(local::Place::Before, name, n);
        n
    }

    fn passes(&self, place: local::Place, name: &'static str, n: Option<usize>) {
        local::pass(n, place, name, &self.state);
    }

    /// Waits as the runtime's output gate does: no message leaves before what was written is on disk.
    /// Without this, a fuse before a call would blow at a moment no call can ever see.
    async fn durable(&self) {
        if let Ok(promise) = self.state.storage().as_raw().sync() {
            let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
        }
    }

    async fn interrupted(
        &self,
        n: Option<usize>,
        name: &'static str,
        call: impl Future<Output = Heard>,
    ) -> Heard {
        if !local::blows_during(n) {
            return call.await;
        }
        let pause = Box::pin(host::sleep(150));
        match futures_util::future::select(Box::pin(call), pause).await {
            futures_util::future::Either::Left((heard, _)) => heard,
            futures_util::future::Either::Right(((), call)) => {
                self.passes(local::Place::During, name, n);
                call.await
            }
        }
    }
}

/// A desk as of now.
pub fn desk(settings: &Settings) -> Desk<'_> {
    Desk {
        now: host::now(),
        vault: &settings.vault,
        draw: &host::random,
    }
}

/// The world of a procedure in an object.
pub struct World<'a> {
    pub shell: &'a Shell,
    pub settings: &'a Settings,
    pub access: Access,
}

impl World<'_> {
    async fn journaled(&self, name: &'static str, call: impl Future<Output = Heard>) -> Heard {
        self.shell.note(name, "begun");
        #[cfg(feature = "local")]
        self.shell.durable().await;
        #[cfg(feature = "local")]
        let n = self.shell.begins(name);
        #[cfg(feature = "local")]
        let call = self.shell.interrupted(n, name, call);
        let heard = call.await;
        #[cfg(feature = "local")]
        self.shell.passes(local::Place::After, name, n);
        match &heard {
            Ok(reply) => self.shell.note(name, &reply.status.to_string()),
            Err(_) => self.shell.note(name, "unheard"),
        }
        heard
    }
}

impl<P: Serialize> Host<P> for World<'_> {
    fn ctx(&self) -> Ctx<'_> {
        Ctx {
            desk: desk(self.settings),
            access: &self.access,
        }
    }

    async fn call(&self, request: GraphRequest) -> Heard {
        let call = host::call(&self.settings.meta.graph, &request);
        self.journaled(request.name, call).await
    }

    async fn provide(&self, request: outbound::Request) -> Heard {
        let call = provide(&self.shell.env, self.settings, &request);
        self.journaled(request.name, call).await
    }

    async fn ask(&self, ask: Ask) -> Option<Answer> {
        #[cfg(feature = "local")]
        self.shell.durable().await;
        #[cfg(feature = "local")]
        let n = self.shell.begins(ask.name());
        #[cfg(feature = "local")]
        let name = ask.name();
        let answer = super::ask(&self.shell.env, ask).await;
        #[cfg(feature = "local")]
        self.shell.passes(local::Place::After, name, n);
        answer
    }

    fn changed(&self) -> impl Future<Output = ()> {
        self.shell.changed()
    }

    fn save(&self, record: &P) -> Result<(), Superseded> {
        self.shell.busy.set(Some(host::now()));
        #[cfg(feature = "local")]
        let n = self.shell.begins("save");
        self.shell.commit(record)?;
        #[cfg(feature = "local")]
        self.shell.passes(local::Place::After, "save", n);
        Ok(())
    }
}

/// A time as SQL keeps it.
pub fn millis(at: Ms) -> SqlStorageValue {
    i64::try_from(at).unwrap_or(i64::MAX).into()
}

fn number(sql: &SqlStorage, query: &str) -> Option<i64> {
    match sql.exec(query, None).ok()?.raw().next()?.ok()?.first() {
        Some(SqlStorageValue::Integer(number)) => Some(*number),
        _ => None,
    }
}

const FLAG_MS: Ms = 60_000;
