//! One WhatsApp Business Account: which sites own it, the business token of record, sealed, and when that
//! token must be renewed. Business tokens live 60 days and there is no refresh token ("Access tokens").

use crate::run::Ms;
use crate::seal::Sealed;
use crate::webhook::meta::News;
use embark_protocol::{AppKey, Problem, SignupId, SiteId, WabaId};
use serde::{Deserialize, Serialize};

/// The stored record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Waba {
    pub owners: Vec<SiteId>,
    /// By app: one WABA may be shared with several apps of a partner.
    pub tokens: Vec<Held>,
    /// Partner solutions the customer came by.
    pub solutions: Vec<String>,
    /// Events the owning sites have not acknowledged yet.
    pub owed: Vec<Event>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub app: AppKey,
    pub token: Sealed,
    /// Unix seconds; `None` or 0 never expires.
    pub expires_at: Option<u64>,
    pub run: SignupId,
    /// When Meta handed it out. Of two tokens the newer one is kept, whichever claim comes last.
    #[serde(default)]
    pub issued: Ms,
    /// How many of `NOTICES_MS` were given.
    #[serde(default)]
    pub noticed: usize,
}

/// Something a site's owner should hear. The id is the same however often it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub site: SiteId,
    pub name: String,
    pub waba: Option<WabaId>,
    pub at: Ms,
    #[serde(default)]
    pub problem: Option<Box<Problem>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Take the token of record and the site into ownership. Idempotent.
    Claim { site: SiteId, held: Held, at: Ms },
    /// A number was transferred to this site.
    Own { site: SiteId },
    /// The token of record of an app.
    Token { app: AppKey },
    /// The run that token came with.
    Run { app: AppKey },
    /// What Meta said of the account by webhook.
    Heard { news: News, at: Ms },
    /// Meta answered 190: the token is no longer good, whatever its date says.
    TokenRefused { app: AppKey, at: Ms },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// `renewed`: this site's earlier token was replaced.
    Claimed {
        renewed: bool,
    },
    Token {
        token: Option<Sealed>,
    },
    Run {
        run: Option<SignupId>,
    },
    Noted,
}

/// The name the business token is sealed under, in this object and in KV.
pub fn token_name(app: &AppKey, waba: &WabaId) -> String {
    ["token/", app.as_str(), "/", waba.as_str()].concat()
}

impl Waba {
    pub fn answer(&mut self, id: &WabaId, ask: Ask) -> Answer {
        match ask {
            Ask::Claim { site, held, at } => self.claim(id, site, held, at),
            Ask::Own { site } => {
                self.own(site);
                Answer::Noted
            }
            Ask::Token { app } => {
                let held = self.tokens.iter().find(|held| held.app == app);
                Answer::Token {
                    token: held.map(|held| held.token.clone()),
                }
            }
            Ask::Run { app } => {
                let held = self.tokens.iter().find(|held| held.app == app);
                let run = held.map(|held| held.run.clone());
                Answer::Run { run }
            }
            Ask::Heard { news, at } => {
                self.hear(id, news, at);
                Answer::Noted
            }
            Ask::TokenRefused { app, at } => {
                let held = self.tokens.iter().find(|held| held.app == app);
                if let Some(run) = held.map(|held| held.run.clone()) {
                    self.tell(
                        id,
                        "token.expiring",
                        &[run.as_str(), "/refused"].concat(),
                        at,
                    );
                }
                Answer::Noted
            }
        }
    }

    fn claim(&mut self, id: &WabaId, site: SiteId, held: Held, at: Ms) -> Answer {
        let before = self.tokens.iter().find(|other| other.app == held.app);
        // The same run asking again is a repeat, and gets the same answer.
        let replaced = before.is_some_and(|before| before.run != held.run);
        let told = [held.run.as_str(), "/renewed"].concat();
        let repeat = before.is_some_and(|before| before.run == held.run)
            && self.owed.iter().any(|event| event.id == told);
        let renewed = (replaced || repeat) && self.owners.contains(&site);
        self.own(site);
        let overtaken = |other: &Held| other.app == held.app && other.issued > held.issued;
        if self.tokens.iter().any(overtaken) {
            return Answer::Claimed { renewed };
        }
        self.tokens.retain(|other| other.app != held.app);
        self.tokens.push(held);
        if renewed {
            self.tell(id, "token.renewed", &told, at);
        }
        Answer::Claimed { renewed }
    }

    /// The owning sites hear of what concerns them. Meta says things twice: the same news of one moment are one.
    fn hear(&mut self, id: &WabaId, news: News, at: Ms) {
        let name = match news {
            News::PartnerAdded { solutions, .. } => {
                self.solutions.extend(solutions);
                self.solutions.sort();
                self.solutions.dedup();
                return;
            }
            News::PartnerRemoved { .. } => "account.removed",
            News::Offboarded { .. } => "number.offboarded",
            News::Reconnected { .. } => "number.reconnected",
            News::HistoryDeclined { .. } => "history.declined",
            News::History { progress: 100, .. } => "history.complete",
            News::History { .. } | News::Contacts { .. } | News::Echoes { .. } => return,
        };
        let told = [id.as_str(), "/", name, "/", &at.to_string()].concat();
        self.tell(id, name, &told, at);
    }

    fn own(&mut self, site: SiteId) {
        if !self.owners.contains(&site) {
            self.owners.push(site);
        }
    }

    fn tell(&mut self, waba: &WabaId, name: &str, id: &str, at: Ms) {
        for site in &self.owners {
            let known = |event: &Event| event.id == id && event.site == *site;
            if !self.owed.iter().any(known) {
                let (id, name) = (id.to_owned(), name.to_owned());
                self.owed.push(Event {
                    id,
                    site: site.clone(),
                    name,
                    waba: Some(waba.clone()),
                    at,
                    problem: None,
                });
            }
        }
    }

    /// Gives the notices that are due: 14 and 3 days before a token expires.
    pub fn notice(&mut self, id: &WabaId, now: Ms) {
        let mut due = Vec::new();
        for held in &mut self.tokens {
            let Some(expires) = expiry(held) else {
                continue;
            };
            while NOTICES_MS
                .get(held.noticed)
                .is_some_and(|before| now + before >= expires)
            {
                held.noticed += 1;
                due.push([held.run.as_str(), "/expiring/", &held.noticed.to_string()].concat());
            }
        }
        for told in due {
            self.tell(id, "token.expiring", &told, now);
        }
    }

    /// When to look again: the next notice, or soon while an event is owed.
    pub fn wake(&self, now: Ms) -> Option<Ms> {
        let notices = self
            .tokens
            .iter()
            .filter_map(|held| Some(expiry(held)?.saturating_sub(*NOTICES_MS.get(held.noticed)?)));
        let owed = (!self.owed.is_empty()).then_some(now + TELL_AGAIN_MS);
        notices.chain(owed).min()
    }
}

/// Milliseconds; `None`: never.
fn expiry(held: &Held) -> Option<Ms> {
    held.expires_at
        .filter(|at| *at > 0)
        .map(|at| at.saturating_mul(1_000))
}

/// How long before its expiry a token is spoken of.
const NOTICES_MS: &[Ms] = &[14 * 24 * 3_600_000, 3 * 24 * 3_600_000];
const TELL_AGAIN_MS: Ms = 60_000;

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Ms = 24 * 3_600_000;

    fn id() -> WabaId {
        WabaId::parse("5000000000000001").unwrap()
    }

    fn claim(run: &str, site: &str) -> Ask {
        let held = Held {
            app: AppKey::parse("main").unwrap(),
            token: Sealed::from_stored("v1.1.x".into()),
            expires_at: Some(100 * DAY / 1_000),
            run: SignupId::parse(&run.repeat(32)).unwrap(),
            issued: if run == "a" { 1 } else { 2 },
            noticed: 0,
        };
        Ask::Claim {
            site: SiteId::parse(site).unwrap(),
            held,
            at: 0,
        }
    }

    fn names(waba: &Waba) -> Vec<&str> {
        waba.owed.iter().map(|event| event.name.as_str()).collect()
    }

    #[test]
    fn a_second_signup_of_the_same_site_renews() {
        let mut waba = Waba::default();
        assert_eq!(
            waba.answer(&id(), claim("a", "acme")),
            Answer::Claimed { renewed: false }
        );
        assert_eq!(
            waba.answer(&id(), claim("a", "acme")),
            Answer::Claimed { renewed: false }
        );
        for _ in 0..2 {
            assert_eq!(
                waba.answer(&id(), claim("b", "acme")),
                Answer::Claimed { renewed: true }
            );
        }
        assert_eq!(names(&waba), ["token.renewed"]);
        assert_eq!(waba.tokens.len(), 1);
    }

    #[test]
    fn an_older_token_does_not_replace_a_newer_one() {
        let mut waba = Waba::default();
        waba.answer(&id(), claim("b", "acme"));
        waba.answer(&id(), claim("a", "acme"));
        assert_eq!(waba.tokens[0].run.as_str(), "b".repeat(32));
    }

    #[test]
    fn notices_come_14_and_3_days_before_and_once() {
        let mut waba = Waba::default();
        waba.answer(&id(), claim("a", "acme"));
        assert_eq!(waba.wake(0), Some(86 * DAY));
        for (day, told) in [(85, 0), (86, 1), (90, 1), (97, 2), (99, 2), (101, 2)] {
            waba.notice(&id(), day * DAY);
            assert_eq!(names(&waba), vec!["token.expiring"; told], "day {day}");
        }
        waba.owed.clear();
        assert_eq!(waba.wake(101 * DAY), None);
    }

    #[test]
    fn what_meta_says_of_an_account_is_told_once_and_solutions_are_kept() {
        let mut waba = Waba::default();
        waba.answer(&id(), claim("a", "acme"));
        let number = Some("16315550101".to_owned());
        for (news, told) in [
            (
                News::Offboarded {
                    waba: id(),
                    number: number.clone(),
                },
                1,
            ),
            (
                News::Offboarded {
                    waba: id(),
                    number: number.clone(),
                },
                1,
            ),
            (News::Reconnected { waba: id(), number }, 2),
        ] {
            waba.answer(&id(), Ask::Heard { news, at: 5 });
            assert_eq!(waba.owed.len(), told);
        }
        assert_eq!(names(&waba), ["number.offboarded", "number.reconnected"]);
        for _ in 0..2 {
            let solutions = vec!["7000000000000001".to_owned()];
            let news = News::PartnerAdded {
                waba: id(),
                owner: None,
                solutions,
            };
            waba.answer(&id(), Ask::Heard { news, at: 6 });
        }
        assert_eq!((waba.solutions.len(), waba.owed.len()), (1, 2));
    }

    #[test]
    fn a_refused_token_is_told_once() {
        let mut waba = Waba::default();
        waba.answer(&id(), claim("a", "acme"));
        for _ in 0..3 {
            waba.answer(
                &id(),
                Ask::TokenRefused {
                    app: AppKey::parse("main").unwrap(),
                    at: 5,
                },
            );
        }
        assert_eq!(names(&waba), ["token.expiring"]);
    }
}
