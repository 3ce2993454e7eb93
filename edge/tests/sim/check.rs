//! What must hold at every step, and once a history is over.

use crate::phone_object::PhoneObject;
use crate::run_object::RunObject;
use crate::world::World;
use embark_edge::phone::Phone;
use embark_edge::run::Ms;
use embark_edge::seal::Sealed;
use embark_edge::signup::{End, Signup, Stage, view};
use embark_edge::waba::token_name;
use embark_protocol::{AppKey, Code, Status, WabaId};

/// What the last committed record of a run looked like.
#[derive(Debug, Default)]
pub struct Seen {
    pub seq: u32,
    pub status: Option<Status>,
    pub code: Option<Code>,
    pub running_since: Ms,
    pub settled: bool,
    token: bool,
    claimed: bool,
    spent: usize,
    sent_at: Option<Ms>,
    /// The last click whose code was taken.
    clicked: Option<u8>,
}

impl World {
    /// After every commit of a run.
    pub fn check_run(&self, object: &RunObject, run: &Signup, by_post: bool) {
        let mut seen = object.seen.borrow_mut();
        let at = object.at;
        if run.seq < seen.seq {
            self.wrong(format!(
                "run {at}: seq went from {} to {}",
                seen.seq, run.seq
            ));
        }
        let view = view::render(run, 0);
        let (status, code) = (view.status, code(run));
        let was_over = seen.status.is_some_and(Status::is_end);
        if was_over && !by_post && (Some(status), code) != (seen.status, seen.code) {
            self.wrong(format!(
                "run {at}: it had ended {:?} {:?} and is {status:?} {code:?} without a post",
                seen.status, seen.code
            ));
        }
        let token = run.has_token();
        let new_code = run.sent.is_some() && run.spent.len() > seen.spent;
        // A relaunch brings a new one; nothing else may drop it.
        let relaunch = matches!(seen.status, Some(Status::Relaunch));
        if seen.token && !seen.claimed && !token && !new_code && !relaunch {
            self.wrong(format!(
                "run {at}: the sealed token is gone, and no account has it"
            ));
        }
        let sent_at = run.sent.as_ref().map(|sent| sent.at);
        if by_post && sent_at.is_some() && sent_at != seen.sent_at {
            object.code_at.set(self.now.get());
            object.faults.set(0);
            object.exchanges.set(0);
        }
        seen.sent_at = sent_at;
        if Some(status) != seen.status {
            self.say(|| format!("run {at}: {status:?} {code:?}"));
            seen.running_since = self.now.get();
            if status == Status::Waiting {
                self.check_wait(at, run, view.problem);
            }
        }
        if was_over || !status.is_end() {
            // Nothing new.
        } else if let Some(code) = code {
            self.check_problem(object, status, code);
        } else if status != Status::Abandoned {
            self.check_connected(object, run);
        }
        let over = match &run.stage {
            Stage::Ended {
                end: End::Connected { .. },
                ..
            } => run.report.over,
            Stage::Ended { .. } => true,
            _ => status == Status::NeedsInput,
        };
        seen.seq = run.seq;
        seen.status = Some(status);
        seen.code = code;
        seen.token = token;
        seen.claimed = run.claim.waba;
        seen.spent = run.spent.len();
        seen.settled = over && run.owed.is_empty();
    }

    /// A late or doubled `launched` must not undo what its own code led to.
    pub fn check_click(&self, object: &RunObject, (click, code): (u8, bool), was_over: bool) {
        let mut seen = object.seen.borrow_mut();
        if code {
            seen.clicked = seen.clicked.max(Some(click));
        } else if was_over && seen.clicked >= Some(click) && seen.status == Some(Status::Launched) {
            self.wrong(format!(
                "run {}: a late launched {click} undid its end",
                object.at
            ));
        }
    }

    /// No code, token or PIN stands in stored JSON in the clear.
    pub fn check_no_secret(&self, json: &str) {
        let bytes = json.as_bytes();
        let pin = |at: usize| {
            bytes.get(at + 7) == Some(&b'"')
                && bytes[at + 1..at + 7].iter().all(u8::is_ascii_digit)
                // Meta's error codes have six digits, too.
                && !json[..at].ends_with("\"meta_code\":")
        };
        for (at, byte) in bytes.iter().enumerate() {
            let leaks = match byte {
                b'E' => json[at..].starts_with("EAAtoken"),
                b'A' => json[at..].starts_with("AQcode"),
                b'"' => pin(at),
                _ => false,
            };
            if leaks {
                self.wrong(format!("a secret in the clear: {}", &json[at..at + 8]));
            }
        }
    }

    /// A number stays with its site unless an operator moves it.
    pub fn check_owner(&self, object: &PhoneObject, record: &Phone) {
        let owner = record.owner.as_ref().map(|owner| owner.site.to_string());
        let mut held = object.owner.borrow_mut();
        let moved = held.is_some() && *held != owner;
        if moved && !self.moving.get() {
            self.wrong(format!(
                "number {}: went from {held:?} to {owner:?}",
                object.id
            ));
        }
        *held = owner;
    }

    /// Before a register call: at most three in 72 h, by the objects' own clock.
    pub fn check_budget(&self, object: &PhoneObject) {
        let now = self.clock();
        let mut sent = object.sent.borrow_mut();
        sent.retain(|at| now.saturating_sub(*at) < 72 * 3_600_000);
        sent.push(now);
        if sent.len() > 3 {
            self.wrong(format!(
                "number {}: {} registers in 72 h",
                object.id,
                sent.len()
            ));
        }
    }

    /// Once everything is settled: nothing owed, the index right, every token kept and open.
    pub fn check_end(&self) {
        for object in self.runs.borrow().iter() {
            let Some(run) = object.stored(self) else {
                continue;
            };
            let at = object.at;
            let site = self.peers.site(&run.site);
            let index = site.index.borrow();
            let row = index.get(run.id.as_str());
            if row.is_none_or(|row| row.seq != run.seq || row.status != status(&run)) {
                self.wrong(format!(
                    "run {at}: the index says {row:?}, the run is at {}",
                    run.seq
                ));
            }
            self.check_no_secret(&serde_json::to_string(&run).unwrap());
            let json = serde_json::to_value(&run.exchange).unwrap();
            if let Some(token) = json["done"]["token"].as_str() {
                self.check_opens(&run.token_name(), token);
            }
            if let (Some(token), Some(found)) = (&run.claim.token, &run.inspect.found) {
                self.check_opens(&token_name(&run.app, &found.waba.id), token.as_str());
            }
            self.check_account(at, &run);
        }
        for phone in &self.phones {
            let record = phone.store.record.borrow();
            self.check_no_secret(&serde_json::to_string(&*record).unwrap());
        }
        let app = AppKey::parse("main").unwrap();
        for (id, record) in self.peers.accounts.borrow().iter() {
            let name = token_name(&app, &WabaId::parse(id).unwrap());
            self.check_no_secret(&serde_json::to_string(record).unwrap());
            for held in &record.tokens {
                self.check_opens(&name, held.token.as_str());
            }
        }
    }

    fn check_opens(&self, name: &str, sealed: &str) {
        let sealed = Sealed::from_stored(sealed.to_owned());
        match self.vault.open(name, &sealed) {
            Ok(token) if token.secret().starts_with("EAAtoken") => {}
            _ => self.wrong(format!("{name}: the token does not open under its name")),
        }
    }
}

pub fn status(run: &Signup) -> Status {
    view::render(run, 0).status
}

pub fn code(run: &Signup) -> Option<Code> {
    match &run.stage {
        Stage::Ended {
            end: End::Relaunch(problem) | End::Failed(problem),
            ..
        } => Some(problem.code),
        _ => None,
    }
}
