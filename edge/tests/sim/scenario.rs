//! What a history is about: who signs up where, how Meta's side stands, what people do elsewhere, and when
//! processes die and clocks jump.

use crate::browser::{Act, Tab};
use crate::meta::{Account, Number};
use crate::phone_object::number_id;
use crate::run_object::RunObject;
use crate::world::{Down, Event, Object, Operation, START, World};

impl World {
    pub fn set_up(&self) {
        let dice = &self.dice;
        self.set_up_meta();
        // The app was set up long ago, or only just now.
        let fresh = dice.chance(30);
        if !fresh {
            self.now.set(START - 86_400_000);
        }
        self.put_app("app-secret-0");
        self.now.set(START);
        let signups = dice.pick(&[1, 1, 1, 1, 1, 2, 2, 2, 3, 4]);
        for at in 0..signups {
            let site = usize::from(dice.chance(250));
            self.sign_up(at, site);
        }
        for _ in 0..dice.pick(&[0, 0, 0, 1, 2, 5]) {
            let object = match dice.below(3) {
                0 => Object::Phone(dice.below(3) as usize),
                _ => Object::Run(dice.below(signups as u64) as usize),
            };
            self.after(dice.range(1_000, 300_000), Event::Crash(object));
        }
        if dice.chance(100) {
            let leap = dice.pick(&[
                -3_600_000,
                -60_000,
                60_000,
                3_600_000,
                86_400_000,
                30 * 86_400_000,
            ]);
            self.after(dice.range(1_000, 600_000), Event::Leap(leap));
        }
        self.elsewhere();
        self.poke_rounds();
    }

    /// What people do elsewhere, and what breaks there.
    fn elsewhere(&self) {
        let dice = &self.dice;
        let operation = match dice.below(24) {
            0 => Operation::Enable(0, false),
            1 => Operation::Rotate,
            2 => Operation::Transfer(dice.below(3) as usize),
            3 => Operation::Deregister(dice.below(3) as usize),
            4 => Operation::Revoke,
            5..8 => {
                let what = dice.pick(&[Down::Sites, Down::Accounts, Down::Meta]);
                Operation::Outage(what, dice.pick(&[5_000, 60_000, 300_000]))
            }
            _ => return,
        };
        self.after(dice.range(1_000, 300_000), Event::Operator(operation));
        if let Operation::Enable(site, _) = operation {
            let back = Event::Operator(Operation::Enable(site, true));
            self.after(dice.range(300_000, 1_200_000), back);
        }
    }

    /// The sweep: every quarter of an hour at most.
    fn poke_rounds(&self) {
        let mut at = 0;
        while START + at < self.calm_at + 40 * 60_000 {
            at += self.dice.range(5 * 60_000, 15 * 60_000);
            for run in 0..self.runs.borrow().len() {
                self.after(at, Event::Poked(run));
            }
        }
    }

    fn set_up_meta(&self) {
        let dice = &self.dice;
        let mut meta = self.meta.borrow_mut();
        for at in 0..2u64 {
            meta.accounts.push(Account {
                id: format!("{}", 5_000_000_000_000_001 + at),
                business: format!("{}", 4_000_000_000_000_001 + at),
                subscribed: dice.chance(100),
            });
        }
        // Two numbers of the first account, one of the second.
        for at in 0..3 {
            let kind = dice.below(20);
            meta.numbers.push(Number {
                id: number_id(at),
                account: at / 2,
                connected: kind == 0,
                coexistence: kind == 1,
                verified: !dice.chance(150),
                pin: (kind == 0 || dice.chance(150)).then(|| "731904".into()),
                sms: None,
                accepted: vec![],
                wrong_pins: 0,
                decided: 0,
                disturbed: 0,
                synced: vec![],
            });
        }
    }

    fn sign_up(&self, at: usize, site: usize) {
        let dice = &self.dice;
        self.runs.borrow_mut().push(RunObject::new(at, site));
        let account = usize::from(dice.chance(250));
        let number = match (account, dice.below(10)) {
            (_, 0) => None,
            (0, n) => Some(usize::from(n > 7)),
            _ => Some(2),
        };
        self.tabs.borrow_mut().push(Tab {
            run: at,
            account,
            number,
            launches: 0,
            polls: 0,
            gone: false,
            answered: 0,
        });
        let start = if at == 0 { 0 } else { dice.range(0, 120_000) };
        self.after(start, Event::Tab(at, Act::Click));
    }
}
