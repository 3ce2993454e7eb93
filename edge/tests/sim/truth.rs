//! What a run believes, against what Meta knows and what really happened.

use crate::kv::SETTLED_MS;
use crate::run_object::RunObject;
use crate::world::World;
use embark_edge::phone::Phone;
use embark_edge::run::Ms;
use embark_edge::seal::Sealed;
use embark_edge::signup::{End, Signup, Stage};
use embark_protocol::{Code, Problem, Status, Step};

impl World {
    /// Connected is what Meta would say, too: with this run's own token, for this account and number.
    pub fn check_connected(&self, object: &RunObject, run: &Signup) {
        let at = object.at;
        let Some(found) = &run.inspect.found else {
            return self.wrong(format!("run {at}: connected, and nothing was found"));
        };
        let meta = self.meta.borrow();
        let own = |id: &str| meta.accounts.iter().position(|account| account.id == id);
        let Some(account) = own(found.waba.id.as_str()) else {
            return self.wrong(format!("run {at}: connected with an unknown account"));
        };
        if !meta.accounts[account].subscribed {
            self.wrong(format!(
                "run {at}: connected, and our app is not subscribed"
            ));
        }
        let json = serde_json::to_value(&run.exchange).unwrap();
        let sealed = json["done"]["token"].as_str().unwrap_or_default();
        let token = self
            .vault
            .open(&run.token_name(), &Sealed::from_stored(sealed.to_owned()));
        let token = token.ok().and_then(|token| {
            let held = |other: &&crate::meta::Token| other.text == token.secret();
            meta.tokens.iter().find(held)
        });
        match token {
            None => self.wrong(format!("run {at}: connected without a token")),
            Some(token) if !token.grants.accounts.contains(&account) || !token.grants.messaging => {
                self.wrong(format!(
                    "run {at}: connected with a token that was not granted this"
                ));
            }
            Some(_) => {}
        }
        let Some(phone) = &found.phone else { return };
        let number = meta.numbers.iter().find(|n| n.id == phone.id.as_str());
        let stands = number.is_some_and(|number| {
            let since = number.disturbed >= object.code_at.get();
            number.connected || number.coexistence || since
        });
        let synced = number.is_some_and(|number| number.synced.len() == 2);
        let missed = run.warnings.iter().any(|word| word.starts_with("sync_"));
        if phone.is_coexistence() && !synced && !missed {
            self.wrong(format!(
                "run {at}: connected, and its chats are not asked for"
            ));
        }
        if !stands {
            self.wrong(format!("run {at}: connected, and the number is not"));
        }
    }

    /// A new end with a problem has a reason.
    pub fn check_problem(&self, object: &RunObject, status: Status, code: Code) {
        let at = object.at;
        let now = self.now.get();
        match code {
            Code::AppMisconfigured if now > self.rotated.get() + 2 * SETTLED_MS => {
                self.wrong(format!(
                    "run {at}: misconfigured, though nobody changed a thing"
                ));
            }
            // 24 h without an answer are many tries, were the clock to be trusted.
            Code::MetaUnavailable if status == Status::Failed && self.skew.get() <= 0 => {
                let faults = object.faults.get();
                if faults >= 3 {
                    return;
                }
                self.wrong(format!("run {at}: Meta is given up after {faults} faults"));
            }
            _ => {}
        }
    }

    /// A number's three registrations must not be spent on a Meta that is away for a minute.
    pub fn check_wait(&self, at: usize, run: &Signup, problem: Option<Problem>) {
        let ours =
            |problem: &Problem| problem.code == Code::RegisterBudget && problem.meta_code.is_none();
        let found = run.inspect.found.as_ref();
        let phone = found.and_then(|found| found.phone.as_ref());
        let (Some(_), Some(phone)) = (problem.filter(ours), phone) else {
            return;
        };
        let object = self.phone(&phone.id);
        let record = object.store.record.borrow();
        let Some(Phone {
            registers: sent, ..
        }) = &*record
        else {
            return;
        };
        let meta = self.meta.borrow();
        let number = meta.numbers.iter().find(|n| n.id == phone.id.as_str());
        let decided = number.is_some_and(|number| number.decided > 0);
        if let [first, .., last] = sent[..]
            && !decided
            && last.saturating_sub(first) < 300_000
        {
            let ms = last - first;
            self.wrong(format!(
                "run {at}: three registers within {ms} ms, and days to wait"
            ));
        }
    }

    /// Before an exchange is sent: the code lives 30 s, so it must not have waited for anything.
    pub fn check_code_age(&self, object: &RunObject, born: Ms) {
        let begun = object.code_at.get();
        let waited = self.now.get() - begun;
        let first = object.exchanged.replace(begun) != begun;
        if first && born < begun && waited > 5_000 {
            self.wrong(format!("run {}: a code waited for {waited} ms", object.at));
        }
    }

    /// Nobody asks the same a hundred times a minute.
    pub fn check_rate(&self, object: &RunObject, name: &str) {
        let minute = self.now.get() / 60_000;
        let (last, count) = object.asked.get();
        let count = if last == minute { count + 1 } else { 1 };
        object.asked.set((minute, count));
        if count > 300 {
            self.wrong(format!(
                "run {}: {count} messages in a minute, now {name}",
                object.at
            ));
        }
    }

    /// Before a register call: the site takes signups, or did when the code came.
    pub fn check_site(&self, run: &str) {
        let runs = self.runs.borrow();
        let Some(object) = runs.iter().find(|object| object.id.as_str() == run) else {
            return;
        };
        let off = self.peers.sites[object.site].off_since.get();
        if off.is_some_and(|since| since < object.code_at.get()) {
            self.wrong(format!(
                "run {}: registers for a site that is off",
                object.at
            ));
        }
    }

    /// The account's record, as far as this run has to do with it.
    pub fn check_account(&self, at: usize, run: &Signup) {
        let Some(found) = &run.inspect.found else {
            return;
        };
        let accounts = self.peers.accounts.borrow();
        let held = accounts.get(found.waba.id.as_str());
        match &run.stage {
            Stage::Ended {
                end: End::Connected { .. },
                ..
            } => {
                if held.is_none_or(|record| record.tokens.is_empty()) {
                    self.wrong(format!("run {at}: connected, and the account has no token"));
                }
            }
            Stage::Ended {
                end: End::Failed(problem),
                ..
            } if problem.code == Code::OwnedElsewhere && problem.step == Some(Step::Claim) => {
                let ours = |record: &embark_edge::waba::Waba| {
                    record
                        .tokens
                        .iter()
                        .any(|held| Some(&held.token) == run.claim.token.as_ref())
                };
                if held.is_some_and(ours) {
                    self.wrong(format!("run {at}: refused, and its token is the account's"));
                }
            }
            _ => {}
        }
    }

    /// The token of record is the newest of those that were claimed.
    pub fn check_newest(&self) {
        if self.skew.get() < 0 {
            return;
        }
        let runs = self.runs.borrow();
        let read_at = |run: &Signup| {
            let json = serde_json::to_value(&run.exchange).unwrap();
            json["done"]["at"].as_u64()
        };
        let stored: Vec<Signup> = runs
            .iter()
            .filter_map(|object| object.stored(self))
            .collect();
        for (id, record) in self.peers.accounts.borrow().iter() {
            let claims = |run: &&Signup| {
                let found = run.inspect.found.as_ref();
                run.claim.waba && found.is_some_and(|found| found.waba.id.as_str() == id)
            };
            let newest = stored.iter().filter(claims).filter_map(read_at).max();
            for held in &record.tokens {
                let holder = stored.iter().find(|run| run.id == held.run);
                if let Some(at) = holder.and_then(read_at)
                    && Some(at) < newest
                {
                    self.wrong(format!("account {id}: an older token replaced a newer one"));
                }
            }
        }
    }
}
