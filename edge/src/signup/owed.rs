//! Messages a run owes other objects: repeated until acknowledged. The run is the truth; an index line
//! that newer news has overtaken is dropped before it is sent.

use super::{Acts, Signup};
use crate::partner::{self, Business};
use crate::run::{Act, Answer, Ask, Ctx, Key, Ms, Pace, Told};
use crate::site::{self, Row};
use crate::waba::Event;
use embark_protocol::Problem;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    pub n: u32,
    pub debt: Debt,
    #[serde(default)]
    pub pace: Pace,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Debt {
    /// The site's line about this run.
    Index(Row),
    /// A customer business connected for the first time; the partner counts them.
    Connected(Business),
    /// Something the site's operator should hear.
    Event(Event),
}

impl Signup {
    /// Owes the site this line of its index, instead of any older line.
    pub(super) fn owe_index(&mut self, row: Row) {
        self.owed
            .retain(|owed| !matches!(owed.debt, Debt::Index(_)));
        self.owe(Debt::Index(row));
    }

    /// Tells the operator, once for each word.
    pub(super) fn tell_operator(&mut self, name: &str, problem: Option<Problem>, at: Ms) {
        let id = [self.id.as_str(), "/", &self.rewinds.to_string(), "/", name].concat();
        let found = self.inspect.found.as_ref();
        self.owe(Debt::Event(Event {
            id,
            site: self.site.clone(),
            name: name.to_owned(),
            waba: found.map(|found| found.waba.id.clone()),
            at,
            problem: problem.map(Box::new),
        }));
    }

    pub(super) fn owe(&mut self, debt: Debt) {
        self.owed.push(Owed {
            n: self.owed_next,
            debt,
            pace: Pace::default(),
        });
        self.owed_next = self.owed_next.wrapping_add(1);
    }
}

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) {
    // One message at a time: a newer one waits until the older was heard, and overtakes it if it was not.
    if busy.iter().any(|key| matches!(key, Key::Owed(_))) {
        return;
    }
    let site = run.site.clone();
    if let Some(owed) = run.owed.iter_mut().find(|owed| owed.pace.is_due(ctx.now)) {
        owed.pace = owed.pace.begin(ctx.now);
        let ask = match &owed.debt {
            Debt::Index(row) => Ask::Site(site, site::Ask::Index(row.clone())),
            Debt::Event(event) => Ask::Site(site, site::Ask::Event(event.clone())),
            Debt::Connected(business) => Ask::Partner(partner::Ask::Connected(business.clone())),
        };
        acts.push((Key::Owed(owed.n), Act::Ask(ask)));
        return;
    }
    if let Some(at) = run.owed.iter().map(|owed| owed.pace.not_before).min() {
        run.wake_by(at);
    }
}

pub(super) fn take(run: &mut Signup, n: u32, told: Told, ctx: &Ctx<'_>) {
    let heard = matches!(
        told,
        Told::Peer(Some(
            Answer::Site(site::Answer::Noted) | Answer::Partner(partner::Answer::Noted)
        ))
    );
    if heard {
        run.owed.retain(|owed| owed.n != n);
        return;
    }
    for owed in run.owed.iter_mut().filter(|owed| owed.n == n) {
        owed.pace = owed.pace.unheard(ctx);
    }
}
