//! The people and their pages: they click, go through Meta's popup or leave it, answer what they are asked,
//! rightly or not, and go away. Their requests are lost, late, doubled and out of order.

use crate::meta::Grants;
use crate::posted::Posted;
use crate::world::{Event, World};
use embark_edge::run::Ms;
use embark_protocol::post::{Assets, CodeSource, EndReason, Ended, Ids, Input, Outcome};
use embark_protocol::snapshot::{Need, NeedKind};
use embark_protocol::{PhoneNumberId, Snapshot, Status, WabaId};
use std::rc::Rc;

pub struct Tab {
    pub run: usize,
    /// What the person means to connect.
    pub account: usize,
    pub number: Option<usize>,
    pub launches: u8,
    pub polls: u8,
    pub gone: bool,
    /// The last question answered.
    pub answered: u32,
}

pub enum Act {
    Click,
    Finish,
    Leave,
    Late(Box<Ids>),
    Poll,
    Saw(Box<Snapshot>),
    Answer(Box<Need>),
}

impl World {
    pub fn tab_acts(self: &Rc<Self>, at: usize, act: Act) {
        if self.tabs.borrow()[at].gone {
            return;
        }
        match act {
            Act::Click => self.click(at),
            Act::Finish => self.finish(at),
            Act::Leave => {
                let left = Ended {
                    reason: EndReason::Cancelled,
                    current_step: Some("PHONE_NUMBER_SETUP".into()),
                    error_code: None,
                    error_message: None,
                    session_id: None,
                    attempt: Some(u32::from(self.tabs.borrow()[at].launches)),
                };
                self.send(at, Posted::Ended(left));
                if self.dice.chance(400) {
                    self.after(self.dice.range(1_000, 60_000), Event::Tab(at, Act::Click));
                }
            }
            Act::Late(ids) => {
                let ids = *ids;
                let click = u32::from(self.tabs.borrow()[at].launches);
                self.send(
                    at,
                    Posted::Assets(Assets {
                        event: None,
                        ids,
                        attempt: Some(click),
                    }),
                );
            }
            Act::Poll => {
                {
                    let tab = &mut self.tabs.borrow_mut()[at];
                    tab.polls += 1;
                    tab.gone = tab.polls > 40;
                }
                self.after(self.dice.range(5, 300), Event::Polled(at));
            }
            Act::Saw(snapshot) => self.saw(at, *snapshot),
            Act::Answer(need) => {
                let answer = self.answer(at, &need);
                self.send(at, Posted::Input(answer));
            }
        }
    }

    fn click(&self, at: usize) {
        let click = {
            let mut tabs = self.tabs.borrow_mut();
            let tab = &mut tabs[at];
            if tab.launches >= 4 {
                tab.gone = true;
                return;
            }
            tab.launches += 1;
            tab.launches
        };
        self.send(at, Posted::Launched(click));
        self.after(self.dice.range(500, 5_000), Event::Tab(at, Act::Poll));
        let stay = self.dice.range(300, 90_000);
        match self.dice.below(20) {
            0 | 1 => self.after(stay, Event::Tab(at, Act::Leave)),
            2 => {}
            3 => {
                // Two codes, of two tabs or two goes.
                self.after(stay, Event::Tab(at, Act::Finish));
                self.after(
                    stay + self.dice.range(0, 5_000),
                    Event::Tab(at, Act::Finish),
                );
            }
            _ => self.after(stay, Event::Tab(at, Act::Finish)),
        }
    }

    /// Meta hands out a code; the page posts it, with the ids or before them.
    fn finish(&self, at: usize) {
        let (account, number, click) = {
            let tabs = self.tabs.borrow();
            (tabs[at].account, tabs[at].number, tabs[at].launches)
        };
        let others = self.meta.borrow().accounts.len();
        let mut accounts = vec![account];
        if others > 1 && self.dice.chance(200) {
            accounts.push((account + 1) % others);
        }
        let grants = Grants {
            accounts,
            listed: self.dice.chance(850),
            messaging: self.dice.chance(970),
        };
        let ids = self.ids(account, number);
        let with = self.dice.below(10);
        // Which redirect_uri the exchange wants is Meta's secret: none, mostly, or an empty one.
        let redirect_uri = self.dice.chance(250).then(String::new);
        let mut meta = self.meta.borrow_mut();
        let code = meta.mint(self.now.get(), redirect_uri, grants);
        drop(meta);
        let forged = self.dice.chance(30);
        let ids = if forged {
            self.ids((account + 1) % others, number)
        } else {
            ids
        };
        self.send(
            at,
            outcome(click, code.clone(), (with < 6).then(|| ids.clone())),
        );
        if (6..8).contains(&with) {
            let late = Act::Late(Box::new(ids));
            self.after(self.dice.range(0, 6_000), Event::Tab(at, late));
        }
        if self.dice.chance(100) {
            // The other tab of this person posts the same.
            self.send(at, outcome(click, code, None));
        }
    }

    pub fn ids(&self, account: usize, number: Option<usize>) -> Ids {
        let meta = self.meta.borrow();
        let number = number.map(|at| PhoneNumberId::parse(&meta.numbers[at].id).unwrap());
        Ids {
            waba_id: WabaId::parse(&meta.accounts[account].id).ok(),
            phone_number_id: number,
            business_id: None,
        }
    }

    /// Sends a request, again and again until it is acknowledged or half a minute is over.
    fn send(&self, at: usize, post: Posted) {
        let run = self.tabs.borrow()[at].run;
        let weather = self.weather.get();
        for attempt in 0..7 {
            let waits = attempt * 4_000;
            if !self.befalls(weather.posts) {
                let slow = if self.befalls(weather.posts) {
                    20_000
                } else {
                    400
                };
                let there = waits + self.dice.range(5, slow);
                self.after(there, Event::Posted(run, Box::new(post.clone())));
                if self.befalls(weather.twice) {
                    let late = there + self.dice.range(0, 60_000);
                    self.after(late, Event::Posted(run, Box::new(post.clone())));
                }
                if !self.befalls(weather.posts) {
                    return;
                }
            }
        }
    }

    fn saw(&self, at: usize, snapshot: Snapshot) {
        let mut tabs = self.tabs.borrow_mut();
        let tab = &mut tabs[at];
        let again = self.dice.range(500, 8_000) + Ms::from(snapshot.poll_after_ms);
        match snapshot.status {
            Status::NeedsInput if snapshot.seq != tab.answered => {
                tab.answered = snapshot.seq;
                let thinks = self.thinks();
                if let Some(need) = snapshot.input
                    && !self.dice.chance(100)
                {
                    self.after(thinks, Event::Tab(at, Act::Answer(Box::new(need))));
                }
                self.after(thinks + again, Event::Tab(at, Act::Poll));
            }
            Status::Relaunch if self.dice.chance(800) => {
                self.after(self.dice.range(500, 40_000), Event::Tab(at, Act::Click));
            }
            status if status.is_end() => tab.gone = status != Status::Abandoned,
            _ => self.after(again, Event::Tab(at, Act::Poll)),
        }
    }

    /// People answer within minutes, or sleep over it where the history is long enough.
    fn thinks(&self) -> Ms {
        let left = self.calm_at.saturating_sub(self.now.get());
        match self.dice.below(3) {
            0 | 1 if left > 86_400_000 => self.dice.range(3_600_000, 129_600_000),
            _ => self.dice.range(1_000, 100_000),
        }
    }

    /// What this person answers; now and then it is wrong.
    fn answer(&self, at: usize, need: &Need) -> Input {
        if self.dice.chance(150) {
            return match need.kind {
                NeedKind::VerificationCode => Input::VerifyCode {
                    code: "999999".into(),
                },
                _ => Input::Pin {
                    pin: "111111".into(),
                },
            };
        }
        let tabs = self.tabs.borrow();
        self.right_answer(need, tabs[at].account, tabs[at].number)
    }

    /// What somebody answers who knows everything that Meta knows.
    pub fn right_answer(&self, need: &Need, account: usize, number: Option<usize>) -> Input {
        let meta = self.meta.borrow();
        // The run asks about the number it settled on, which may not be the one that was meant.
        let named = |id: &str| need.choices.iter().any(|choice| choice.id == id);
        let all = meta.numbers.iter().enumerate();
        let mut own = all.filter(|(_, number)| number.account == account);
        let number = number.or_else(|| own.next().map(|(at, _)| at)).unwrap_or(0);
        let held = &meta.numbers[number];
        match need.kind {
            NeedKind::Waba => {
                let id = &meta.accounts[account].id;
                let id = if named(id) { id } else { &need.choices[0].id };
                Input::Waba {
                    waba_id: WabaId::parse(id).unwrap(),
                }
            }
            NeedKind::Number => {
                let id = if named(&held.id) {
                    &held.id
                } else {
                    &need.choices[0].id
                };
                Input::Number {
                    phone_number_id: PhoneNumberId::parse(id).unwrap(),
                }
            }
            NeedKind::Pin => Input::Pin {
                pin: held.pin.clone().unwrap_or_else(|| "246810".into()),
            },
            NeedKind::Verification => Input::RequestCode {
                method: "sms".into(),
            },
            NeedKind::VerificationCode => match &held.sms {
                Some(code) => Input::VerifyCode { code: code.clone() },
                // Nothing came: another one, please.
                None => Input::RequestCode {
                    method: "voice".into(),
                },
            },
        }
    }
}

pub fn outcome(click: u8, code: String, ids: Option<Ids>) -> Posted {
    let post = Outcome {
        code,
        code_source: CodeSource::Sdk,
        redirect_uri: None,
        event: None,
        ids,
        attempt: Some(u32::from(click)),
    };
    Posted::Outcome(click, post)
}
