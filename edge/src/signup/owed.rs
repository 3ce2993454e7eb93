//! Messages a run owes other objects: repeated until acknowledged. The run is the truth; a message that
//! newer news has overtaken is dropped before it is sent.

use super::{Acts, Signup};
use crate::run::{Act, Answer, Ask, Ctx, Key, Pace, Told};
use crate::site::{self, Row};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    pub n: u32,
    pub row: Row,
    #[serde(default)]
    pub pace: Pace,
}

impl Signup {
    /// Owes the site this line of its index, instead of any older line.
    pub(super) fn owe(&mut self, row: Row) {
        self.owed.clear();
        self.owed.push(Owed {
            n: self.owed_next,
            row,
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
    let mut wake = None;
    for owed in &mut run.owed {
        if owed.pace.is_due(ctx.now) {
            owed.pace = owed.pace.begin(ctx.now);
            let ask = Ask::Site(run.site.clone(), site::Ask::Index(owed.row.clone()));
            acts.push((Key::Owed(owed.n), Act::Ask(ask)));
        } else {
            wake = Some(owed.pace.not_before);
        }
    }
    if let Some(at) = wake {
        run.wake_by(at);
    }
}

pub(super) fn take(run: &mut Signup, n: u32, told: Told, ctx: &Ctx<'_>) {
    if let Told::Peer(Some(Answer::Site(site::Answer::Noted))) = told {
        run.owed.retain(|owed| owed.n != n);
        return;
    }
    for owed in run.owed.iter_mut().filter(|owed| owed.n == n) {
        let doublings = u32::from(owed.pace.tries.min(8));
        owed.pace.not_before = ctx.now + (500 << doublings) + ctx.below(500);
    }
}
