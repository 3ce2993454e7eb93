//! The customers and their pages. A customer opens Meta's popup, completes or leaves it, answers prompts rightly or
//! wrongly, or goes away; the page's requests are lost, late, repeated and out of order.

use crate::meta::state::Grants;
use crate::page_post::PagePost;
use crate::state::event::Event;
use crate::state::tab::TabAction;
use crate::state::world::World;
use core::time::Duration;
use embark_protocol::requests::{
    AssetsRequest, CodeSource, EndReason, EndedRequest, OutcomeRequest, SessionInfoIds,
};
use embark_protocol::{PhoneNumberId, SignupStatus, Snapshot, WabaId};
use std::rc::Rc;

impl World {
    pub fn tab_acts(self: &Rc<Self>, tab: usize, action: TabAction) {
        if self.tabs.borrow()[tab].closed {
            return;
        }
        match action {
            TabAction::OpenPopup => self.open_popup(tab),
            TabAction::CompletePopup => self.complete_popup(tab),
            TabAction::LeavePopup => self.leave_popup(tab),
            TabAction::PostIds(ids) => {
                let attempt = Some(u32::from(self.tabs.borrow()[tab].launches));
                let post = AssetsRequest {
                    event: None,
                    ids: *ids,
                    granted: Default::default(),
                    attempt,
                };
                self.send_post(tab, PagePost::Assets(post));
            }
            TabAction::Poll => self.send_poll(tab),
            TabAction::ReceiveSnapshot(snapshot) => self.receive_snapshot(tab, *snapshot),
            TabAction::SubmitInput(prompt) => {
                let answer = self.customer_answer(tab, &prompt);
                self.send_post(tab, PagePost::Input(answer));
            }
        }
    }

    fn open_popup(&self, tab: usize) {
        let launch = {
            let tab = &mut self.tabs.borrow_mut()[tab];
            if tab.launches >= MAX_LAUNCHES {
                tab.closed = true;
                return;
            }
            tab.launches += 1;
            tab.launches
        };
        self.send_post(tab, PagePost::Launched(launch));
        self.schedule_tab(tab, self.random.millis(500..=5_000), TabAction::Poll);
        let stay = self.random.millis(300..=90_000);
        match self.random.below(20) {
            0 | 1 => self.schedule_tab(tab, stay, TabAction::LeavePopup),
            // The popup stays open for ever.
            2 => {}
            // Completed twice: two codes.
            3 => {
                self.schedule_tab(tab, stay, TabAction::CompletePopup);
                let later = stay + self.random.millis(0..=5_000);
                self.schedule_tab(tab, later, TabAction::CompletePopup);
            }
            _ => self.schedule_tab(tab, stay, TabAction::CompletePopup),
        }
    }

    /// Meta issues a code. The page posts it with the ids, before them, or without any; the ids may be of another
    /// account than the customer shared.
    fn complete_popup(&self, tab: usize) {
        let (waba, number, launch) = {
            let tabs = self.tabs.borrow();
            (tabs[tab].waba, tabs[tab].number, tabs[tab].launches)
        };
        let wabas = self.meta.borrow().wabas.len();
        let mut shared = vec![waba];
        if wabas > 1 && self.random.chance(200) {
            shared.push((waba + 1) % wabas);
        }
        let grants = Grants {
            wabas: shared,
            wabas_listed: self.random.chance(850),
            messaging: self.random.chance(970),
        };
        let ids_arrive = self.random.below(10);
        // An SDK code is exchanged without a redirect_uri or with an empty one: Meta documents neither.
        let redirect_uri = self.random.chance(250).then(String::new);
        let now = self.now.get();
        let code = self.meta.borrow_mut().issue_code(now, redirect_uri, grants);
        let ids = if self.random.chance(30) {
            self.session_info_ids((waba + 1) % wabas, number)
        } else {
            self.session_info_ids(waba, number)
        };
        let ids_with_code = (ids_arrive < 6).then(|| ids.clone());
        self.send_post(tab, outcome_post(launch, code.clone(), ids_with_code));
        if (6..8).contains(&ids_arrive) {
            let late = TabAction::PostIds(Box::new(ids));
            self.schedule_tab(tab, self.random.millis(0..=6_000), late);
        }
        if self.random.chance(100) {
            // A second tab of the same customer posts the same code.
            self.send_post(tab, outcome_post(launch, code, None));
        }
    }

    fn leave_popup(&self, tab: usize) {
        let post = EndedRequest {
            reason: EndReason::Cancelled,
            current_step: Some("PHONE_NUMBER_SETUP".into()),
            error_code: None,
            error_message: None,
            session_id: None,
            attempt: Some(u32::from(self.tabs.borrow()[tab].launches)),
        };
        self.send_post(tab, PagePost::Ended(post));
        if self.random.chance(400) {
            let delay = self.random.millis(1_000..=60_000);
            self.schedule_tab(tab, delay, TabAction::OpenPopup);
        }
    }

    /// The ids of Meta's session-info event for an account and a number.
    pub fn session_info_ids(&self, waba: usize, number: Option<usize>) -> SessionInfoIds {
        let meta = self.meta.borrow();
        let number = number.map(|number| &meta.numbers[number].id);
        SessionInfoIds {
            waba_id: WabaId::parse(&meta.wabas[waba].id).ok(),
            phone_number_id: number.map(|id| PhoneNumberId::parse(id).unwrap()),
            business_id: None,
        }
    }

    /// Sends a post every four seconds until it is acknowledged, at most seven times.
    fn send_post(&self, tab: usize, post: PagePost) {
        let signup = self.tabs.borrow()[tab].signup;
        let rates = self.fault_rates.get();
        let deliver = |delay| {
            let event = Event::Post(signup, Box::new(post.clone()));
            self.schedule(delay, event);
        };
        for attempt in 0..7 {
            let request_lost = self.fault_occurs(rates.browser_requests);
            if request_lost {
                continue;
            }
            let slow = self.fault_occurs(rates.browser_requests);
            let slowest = if slow { 20_000 } else { 400 };
            let delay = RETRY_INTERVAL * attempt + self.random.millis(5..=slowest);
            deliver(delay);
            if self.fault_occurs(rates.repeated_requests) {
                deliver(delay + self.random.millis(0..=60_000));
            }
            let response_lost = self.fault_occurs(rates.browser_requests);
            if !response_lost {
                return;
            }
        }
    }

    fn send_poll(&self, tab: usize) {
        {
            let tab = &mut self.tabs.borrow_mut()[tab];
            tab.polls += 1;
            tab.closed = tab.polls > MAX_POLLS;
        }
        self.schedule(self.random.millis(5..=300), Event::Poll(tab));
    }

    /// A poll reaches its Run object. The page polls again if no snapshot returns.
    pub fn answer_poll(self: &Rc<Self>, tab: usize) {
        let signup = self.tabs.borrow()[tab].signup;
        let lost = |_: &Snapshot| self.fault_occurs(self.fault_rates.get().browser_requests);
        let snapshot = self.run_receives_poll(signup);
        match snapshot.filter(|snapshot| !lost(snapshot)) {
            Some(snapshot) => {
                let delay = self.random.millis(5..=300);
                let action = TabAction::ReceiveSnapshot(Box::new(snapshot));
                self.schedule_tab(tab, delay, action);
            }
            None => self.schedule_tab(tab, RETRY_INTERVAL, TabAction::Poll),
        }
    }

    fn receive_snapshot(&self, tab: usize, snapshot: Snapshot) {
        let page = &mut self.tabs.borrow_mut()[tab];
        let poll_after = Duration::from_millis(snapshot.poll_after_ms.into());
        let next_poll = self.random.millis(500..=8_000) + poll_after;
        match snapshot.status {
            SignupStatus::NeedsInput if snapshot.seq != page.answered_seq => {
                page.answered_seq = snapshot.seq;
                let thinking = self.thinking_time();
                if let Some(prompt) = snapshot.input
                    && !self.random.chance(100)
                {
                    self.schedule_tab(tab, thinking, TabAction::SubmitInput(Box::new(prompt)));
                }
                self.schedule_tab(tab, thinking + next_poll, TabAction::Poll);
            }
            SignupStatus::Relaunch if self.random.chance(800) => {
                let delay = self.random.millis(500..=40_000);
                self.schedule_tab(tab, delay, TabAction::OpenPopup);
            }
            status if status.is_terminal() => page.closed = status != SignupStatus::Abandoned,
            _ => self.schedule_tab(tab, next_poll, TabAction::Poll),
        }
    }

    /// The time until a customer answers: minutes, or a day where the history is long enough.
    fn thinking_time(&self) -> Duration {
        let left = self.now.get().until(self.quiescent_from);
        match self.random.below(3) {
            0 | 1 if left > Duration::from_hours(24) => self.random.millis(3_600_000..=129_600_000),
            _ => self.random.millis(1_000..=100_000),
        }
    }

    /// Schedules what happens in a tab.
    pub fn schedule_tab(&self, tab: usize, delay: Duration, action: TabAction) {
        self.schedule(delay, Event::Tab(tab, action));
    }
}

/// The post of an authorization code of the SDK.
pub fn outcome_post(launch: u8, code: String, ids: Option<SessionInfoIds>) -> PagePost {
    let post = OutcomeRequest {
        code,
        code_source: CodeSource::Sdk,
        redirect_uri: None,
        event: None,
        ids,
        granted: Default::default(),
        attempt: Some(u32::from(launch)),
    };
    PagePost::Outcome(launch, post)
}

/// A page sends a request again after this time without a response.
const RETRY_INTERVAL: Duration = Duration::from_secs(4);
const MAX_LAUNCHES: u8 = 4;
const MAX_POLLS: u8 = 40;
