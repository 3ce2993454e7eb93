//! Events reported by `page.js`, decoded once from the four arguments of the callback.

use crate::flow::{
    effect::{PostKind, Timer},
    event::PopupResult,
};
use alloc::string::String;
use wasm_bindgen::JsValue;

pub enum BrowserEvent {
    TimerFired(Timer),
    Response {
        request: Request,
        epoch: u32,
        /// HTTP status; 0 if there was no response, or none in time.
        status: u32,
        body: Option<String>,
    },
    SdkReady,
    SdkFailed,
    /// `FB.login` returned.
    LoginReturned {
        popup: PopupResult,
        redirect_uri: Option<String>,
    },
    /// The callback of `FB.login`.
    LoginCallback {
        attempt: u32,
        code: Option<String>,
    },
    PopupClosed,
    /// A message event of any origin.
    Message {
        origin: String,
        data: JsValue,
    },
    /// The `data-act` attribute of a pressed button.
    Action(String),
    /// The value of the submitted form.
    Submit(String),
    PageVisible,
    Online,
    PageHidden,
}

/// A request to the Worker. Each has a slot of its own: a newer request of a slot aborts the older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    Post(PostKind),
    Poll,
    RenewLaunch,
}

impl BrowserEvent {
    /// `kind` is one of the constants below; the meaning of the other arguments depends on it. `None`
    /// for what no version of `page.js` sends.
    pub fn decode(kind: u32, number: u32, text: &JsValue, extra: JsValue) -> Option<Self> {
        let string = text.as_string();
        Some(match kind {
            TIMER_FIRED => Self::TimerFired(Timer::from_number(number)?),
            RESPONSE => Self::Response {
                request: Request::from_slot(number & 15),
                epoch: number >> 4,
                status: extra.as_f64().unwrap_or_default() as u32,
                body: string,
            },
            SDK_LOADED if number == 1 => Self::SdkReady,
            SDK_LOADED => Self::SdkFailed,
            LOGIN_RETURNED => Self::LoginReturned {
                popup: match number {
                    0 => PopupResult::Opened,
                    1 => PopupResult::Blocked,
                    _ => PopupResult::NotCalled,
                },
                redirect_uri: string,
            },
            LOGIN_CALLBACK => Self::LoginCallback {
                attempt: number,
                code: string,
            },
            POPUP_CLOSED => Self::PopupClosed,
            MESSAGE => Self::Message {
                origin: string?,
                data: extra,
            },
            ACTION => Self::Action(string?),
            SUBMIT => Self::Submit(string.unwrap_or_default()),
            PAGE_VISIBLE => Self::PageVisible,
            ONLINE => Self::Online,
            PAGE_HIDDEN => Self::PageHidden,
            _ => return None,
        })
    }
}

impl Request {
    pub fn slot(self) -> u32 {
        match self {
            Self::Post(kind) => kind as u32,
            Self::Poll => POLL_SLOT,
            Self::RenewLaunch => RENEW_SLOT,
        }
    }

    /// Number that comes back with the response: slot and epoch.
    pub fn tag(self, epoch: u32) -> u32 {
        epoch << 4 | self.slot()
    }

    fn from_slot(slot: u32) -> Self {
        match PostKind::from_number(slot) {
            Some(kind) => Self::Post(kind),
            None if slot == RENEW_SLOT => Self::RenewLaunch,
            None => Self::Poll,
        }
    }
}

// Slots after those of the six kinds of posts.
const POLL_SLOT: u32 = 6;
const RENEW_SLOT: u32 = 7;

// Kinds of events, in the same order as in `page.js`.
const TIMER_FIRED: u32 = 0;
const RESPONSE: u32 = 1;
const SDK_LOADED: u32 = 2;
const LOGIN_RETURNED: u32 = 3;
const LOGIN_CALLBACK: u32 = 4;
const POPUP_CLOSED: u32 = 5;
const MESSAGE: u32 = 6;
const ACTION: u32 = 7;
const SUBMIT: u32 = 8;
const PAGE_VISIBLE: u32 = 9;
const ONLINE: u32 = 10;
const PAGE_HIDDEN: u32 = 11;
