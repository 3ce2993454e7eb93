//! One cell: a signup is brought to the call, the call goes wrong, and what the signup is then.

use crate::fake::{Twist, World, ids};
use crate::fault::Fault;
use embark_edge::graph::{Heard, Unheard};
use embark_edge::run::Ms;
use embark_edge::signup::{Signup, accept, view};
use embark_protocol::Snapshot;
use embark_protocol::post::Input;
use embark_protocol::snapshot::NeedKind;

pub struct Cell {
    world: World,
}

/// How a signup is right after the fault, or in the end.
pub struct Shown {
    pub snapshot: Snapshot,
    /// Milliseconds until it goes on by itself.
    pub wake: Option<Ms>,
}

impl Cell {
    /// A world in which this call will go wrong.
    pub fn new(column: &str, row: &str, fault: &Fault) -> Self {
        let world = World::new();
        let (name, skip) = call(column);
        let twist = |name, skip, lands, heard: Heard| Twist {
            name,
            skip,
            lands,
            heard,
        };
        {
            let mut meta = world.meta.borrow_mut();
            if matches!(column, "request" | "verify" | "phone2") {
                meta.phones[0]["code_verification_status"] = "NOT_VERIFIED".into();
            }
            // The look after an answer that was not heard needs such an answer.
            match column {
                "apps2" => meta.twists.push(lost("subscribe")),
                "phone" => meta.twists.push(lost("register")),
                _ => {}
            }
            if row == "100/36008" {
                meta.redirect_uri = Some(String::new());
            }
            let broken = twist(name, skip, fault.lands, fault.heard.clone());
            meta.twists.push(broken);
        }
        Self { world }
    }

    /// Every call of the column times out, always.
    pub fn never(column: &str) -> Self {
        let silent = Fault {
            heard: Err(Unheard::Timeout),
            lands: false,
            least: 0,
        };
        let cell = Self::new(column, "", &silent);
        let again = cell.world.meta.borrow().twists.last().cloned();
        let again = Twist {
            skip: 0,
            ..again.unwrap()
        };
        let many = std::iter::repeat_n(again, 3_000);
        cell.world.meta.borrow_mut().twists.extend(many);
        cell
    }

    /// Drives until the call has gone wrong.
    pub fn meet(&self) -> Shown {
        self.world.started("code-1", Some(ids()));
        for _ in 0..60 {
            let mut run = self.world.drive_once().expect("nobody dies here");
            let all_met = self.world.meta.borrow().twists.is_empty();
            if all_met {
                return self.shown(&run);
            }
            self.go_on(&mut run);
        }
        panic!("the call was never made");
    }

    /// Drives to the end; a person answers rightly.
    pub fn end(&self) -> Shown {
        if self.world.stored.borrow().is_none() {
            self.world.started("code-1", Some(ids()));
        }
        for _ in 0..3_000 {
            let mut run = self.world.drive_once().expect("nobody dies here");
            if over(&run, &self.world) {
                return self.shown(&run);
            }
            self.go_on(&mut run);
        }
        panic!("it never ends");
    }

    /// Answers what is asked, or moves the clock to the run's alarm.
    fn go_on(&self, run: &mut Signup) {
        let now = self.world.now.get();
        if let Some(need) = view::render(run, now).input {
            let input = match need.kind {
                NeedKind::Verification => Input::RequestCode {
                    method: "sms".into(),
                },
                NeedKind::VerificationCode => Input::VerifyCode {
                    code: "424242".into(),
                },
                _ => Input::Pin {
                    pin: "731904".into(),
                },
            };
            self.world
                .with_desk(|desk| accept::input(run, input, desk))
                .expect("asked for");
            *self.world.stored.borrow_mut() = Some(serde_json::to_string(run).unwrap());
        } else if let Some(at) = run.wake {
            self.world.now.set(at.max(now + 1));
        }
    }

    fn shown(&self, run: &Signup) -> Shown {
        let now = self.world.now.get();
        Shown {
            snapshot: view::render(run, now),
            wake: run.wake.map(|at| at.saturating_sub(now)),
        }
    }
}

/// Over, and the report of a connection too.
fn over(run: &Signup, world: &World) -> bool {
    let status = view::render(run, world.now.get()).status;
    let connected = status == embark_protocol::Status::Connected;
    status.is_end() && (!connected || run.report.over) && run.owed.is_empty()
}

/// The call of a column: its name, and how many of that name go well before.
fn call(column: &str) -> (&'static str, u32) {
    match column {
        "exchange" => ("exchange", 0),
        "debug" => ("debug_token", 0),
        "waba" => ("waba", 0),
        "phones" => ("phone_numbers", 0),
        "apps" => ("subscribed_apps", 0),
        "subscribe" => ("subscribe", 0),
        "apps2" | "apps3" => ("subscribed_apps", 1),
        "register" => ("register", 0),
        "request" => ("request_code", 0),
        "verify" => ("verify_code", 0),
        _ => ("phone", 0),
    }
}

fn lost(name: &'static str) -> Twist {
    Twist {
        name,
        skip: 0,
        lands: false,
        heard: Err(Unheard::Timeout),
    }
}
