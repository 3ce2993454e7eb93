//! One cell: a signup is run until the call of a column has failed as a row says, and then to its end.

use crate::fake::{ScriptedReply, World, session_ids};
use crate::fault::Fault;
use core::time::Duration;
use embark_onboarding::signup::{Signup, commands};
use embark_protocol::requests::InputRequest;
use embark_protocol::snapshot::InputKind;
use embark_protocol::{SignupStatus, Snapshot};

/// A world in which one call will fail.
pub struct Cell {
    world: World,
}

/// A signup right after the fault, or at its end.
pub struct Observed {
    /// What its page reads.
    pub snapshot: Snapshot,
    /// The time until it goes on by itself. `None`: it does not.
    pub next_wake_in: Option<Duration>,
}

impl Cell {
    /// A world in which the call of this column fails once.
    pub fn new(column: &str, row: &str, fault: Fault) -> Self {
        let world = World::new();
        if matches!(column, "request" | "verify" | "phone2") {
            world.unverify_number();
        }
        if row == "100/36008" {
            world.meta.borrow_mut().redirect_uri = Some(String::new());
        }
        // These reads follow a change that had no reply.
        let before = match column {
            "apps2" => Some(ScriptedReply::timeout("subscribe")),
            "phone" => Some(ScriptedReply::timeout("register")),
            _ => None,
        };
        let (name, skip) = call_of(column);
        let failure = ScriptedReply {
            name,
            skip,
            takes_effect: fault.takes_effect,
            reply: fault.reply,
        };
        let scripted = before.into_iter().chain([failure]);
        world.meta.borrow_mut().scripted.extend(scripted);
        Self { world }
    }

    /// A world in which every call of this column times out.
    pub fn with_endless_timeouts(column: &str) -> Self {
        let cell = Self::new(column, "", Fault::timeout());
        let (name, _) = call_of(column);
        let timeouts = std::iter::repeat_n(ScriptedReply::timeout(name), 3_000);
        cell.world.meta.borrow_mut().scripted.extend(timeouts);
        cell
    }

    /// Runs a signup until the call has failed.
    pub fn run_until_fault(&self) -> Observed {
        self.world.with_code("code-1", Some(session_ids()));
        for _ in 0..60 {
            let signup = self.run_once();
            if self.world.meta.borrow().scripted.is_empty() {
                return self.observe(&signup);
            }
            self.advance(signup);
        }
        panic!("the call is never made");
    }

    /// Runs the signup to its end, or a new one. The customer enters what is right.
    pub fn run_to_end(&self) -> Observed {
        if self.world.stored.borrow().is_none() {
            self.world.with_code("code-1", Some(session_ids()));
        }
        for _ in 0..3_000 {
            let signup = self.run_once();
            if self.is_over(&signup) {
                return self.observe(&signup);
            }
            self.advance(signup);
        }
        panic!("the signup never ends");
    }

    fn run_once(&self) -> Signup {
        self.world.run_once().expect("nothing crashes here")
    }

    /// Enters what the signup asks for, or moves the clock to its alarm.
    fn advance(&self, mut signup: Signup) {
        let asked = self.world.snapshot(&signup).input;
        if let Some(need) = asked {
            let input = right_input(need.kind);
            self.world
                .with_context(|cx| commands::input(&mut signup, input, cx))
                .expect("it was asked for");
            self.world.store(&signup);
        } else if let Some(at) = signup.next_wake_at {
            self.world.advance_to_wake(at);
        }
    }

    fn observe(&self, signup: &Signup) -> Observed {
        let now = self.world.now.get();
        Observed {
            snapshot: self.world.snapshot(signup),
            next_wake_in: signup.next_wake_at.map(|at| now.until(at)),
        }
    }

    /// Whether the signup is over, its report is complete and its outbox empty.
    fn is_over(&self, signup: &Signup) -> bool {
        let status = self.world.status(signup);
        let reported = status != SignupStatus::Connected || signup.steps.report.complete;
        status.is_terminal() && reported && signup.outbox.is_empty()
    }
}

fn right_input(kind: InputKind) -> InputRequest {
    match kind {
        InputKind::Verification => InputRequest::RequestCode {
            method: "sms".into(),
            language: None,
        },
        InputKind::VerificationCode => InputRequest::VerifyCode {
            code: "424242".into(),
        },
        _ => InputRequest::Pin {
            pin: "731904".into(),
        },
    }
}

/// The call of a column: its name, and how many calls of that name succeed before.
fn call_of(column: &str) -> (&'static str, u32) {
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
