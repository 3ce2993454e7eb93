//! Code → business token, once. The code lives 30 s and works once ("Embedded Signup, Implementation"),
//! so an answer that was not heard is asked for once more, quickly; after that the customer goes through
//! the popup again, under the same signup.
//!
//! Which redirect_uri Meta wants for an SDK code is not documented: a ladder moves on 36008 only, which
//! does not spend the code. The token is sealed in the poll that read it.

use super::record::Sent;
use super::{Acts, End, Flow, Signup};
use crate::fault;
use crate::graph::{Class, Failure, Redirect, answer, call, check, error};
use crate::run::{Act, Ctx, Key, Ms, Told};
use crate::seal::Sealed;
use embark_protocol::post::CodeSource;
use embark_protocol::{Code, Step};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exchange {
    /// Waiting for a code, or for the moment to send it.
    #[default]
    Idle,
    Ready {
        rung: usize,
        heard: bool,
        not_before: Ms,
        #[serde(default)]
        tries: u8,
    },
    /// The call was begun and its answer is not stored.
    Sent {
        rung: usize,
        heard: bool,
        #[serde(default)]
        tries: u8,
    },
    Done {
        token: Sealed,
        expires_at: Option<u64>,
        at: Ms,
    },
}

const KEY: Key = Key::Step(Step::Exchange, 0);

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) -> Flow {
    if run.has_token() {
        return Flow::Done;
    }
    let Some(sent) = &mut run.sent else {
        return Flow::Pending;
    };
    if run.exchange == Exchange::Idle {
        sent.first = ctx.access.redirect;
    }
    let sent = sent.clone();
    if busy.contains(&KEY) {
        return Flow::Pending;
    }
    let (rung, heard, tries) = match run.exchange {
        Exchange::Idle => (0, true, 0),
        Exchange::Ready { not_before, .. } if ctx.now < not_before => {
            run.wake_by(not_before);
            return Flow::Pending;
        }
        Exchange::Ready {
            rung, heard, tries, ..
        } => (rung, heard, tries),
        // Begun by an incarnation that died: its one quick retry.
        Exchange::Sent {
            rung,
            heard: true,
            tries,
        } => (rung, false, tries),
        Exchange::Sent { heard: false, .. } | Exchange::Done { .. } => {
            relaunch(run, Code::AnswerLost, None, ctx);
            return Flow::Pending;
        }
    };
    if ctx.now.saturating_sub(sent.at) > CODE_LIFE_MS {
        let code = if heard {
            Code::CodeExpired
        } else {
            Code::AnswerLost
        };
        relaunch(run, code, None, ctx);
        return Flow::Pending;
    }
    let name = run.code_name();
    let Some(code) = sent
        .code
        .as_ref()
        .and_then(|code| ctx.vault.open(&name, code).ok())
    else {
        relaunch(run, Code::AnswerLost, None, ctx);
        return Flow::Pending;
    };
    let rungs = ladder(&sent, &run.host);
    let redirect_uri = rungs.into_iter().nth(rung).and_then(|(_, uri)| uri);
    run.exchange = Exchange::Sent { rung, heard, tries };
    let request = call::exchange(ctx.access, &code, redirect_uri.as_deref()).sign(ctx.access);
    acts.push((KEY, Act::Graph(request)));
    Flow::Pending
}

pub(super) fn take(run: &mut Signup, told: Told, ctx: &Ctx<'_>) {
    let (Told::Heard(reply), Exchange::Sent { rung, heard, tries }) = (told, run.exchange.clone())
    else {
        return;
    };
    let failure = match check(reply) {
        Ok(body) => match answer::token(&body) {
            Some(read) => return seal(run, read, rung, ctx),
            None => error::unreadable(),
        },
        Err(failure) => failure,
    };
    let rungs = run
        .sent
        .as_ref()
        .map_or(0, |sent| ladder(sent, &run.host).len());
    match (failure.code, failure.subcode) {
        (Some(100), Some(36008)) if rung + 1 < rungs => {
            run.exchange = Exchange::Ready {
                rung: rung + 1,
                heard,
                not_before: ctx.now,
                tries,
            };
        }
        (Some(100), Some(36008)) => fail(run, Code::CodeRefused, &failure, ctx),
        (Some(100), Some(36009)) if !heard => relaunch(run, Code::AnswerLost, Some(&failure), ctx),
        (Some(100), Some(36009)) => relaunch(run, Code::CodeSpent, Some(&failure), ctx),
        (Some(100), Some(36007)) => relaunch(run, Code::CodeExpired, Some(&failure), ctx),
        // At this endpoint code 1 is a wrong client secret, not "unknown".
        (Some(1 | 101 | 191), _) => fail(run, Code::AppMisconfigured, &failure, ctx),
        _ => match failure.class {
            Class::Unheard if heard => {
                let not_before = ctx.now + QUICK_MS;
                run.exchange = Exchange::Ready {
                    rung,
                    heard: false,
                    not_before,
                    tries,
                };
            }
            Class::Unheard => relaunch(run, Code::AnswerLost, Some(&failure), ctx),
            Class::Transient | Class::Rate => {
                let pause = QUICK_MS << tries.min(7);
                let not_before = ctx.now + failure.wait_ms.unwrap_or(0).max(pause);
                let dies = run.sent.as_ref().map_or(0, |sent| sent.at) + CODE_LIFE_MS;
                if not_before > dies {
                    return relaunch(run, Code::MetaUnavailable, Some(&failure), ctx);
                }
                run.exchange = Exchange::Ready {
                    rung,
                    heard,
                    not_before,
                    tries: tries.saturating_add(1),
                };
            }
            Class::Token => relaunch(run, Code::TokenInvalid, Some(&failure), ctx),
            Class::Config => fail(run, Code::AppMisconfigured, &failure, ctx),
            Class::Unreachable | Class::Refused => fail(run, Code::MetaRefused, &failure, ctx),
        },
    }
}

/// The redirect_uris to try, in order; the one that the app's last exchange took comes first.
fn ladder(sent: &Sent, host: &str) -> Vec<(Redirect, Option<String>)> {
    if sent.source == CodeSource::Redirect {
        return vec![(Redirect::Captured, sent.redirect_uri.clone())];
    }
    let mut rungs = vec![(Redirect::Omitted, None)];
    if let Some(uri) = &sent.redirect_uri {
        rungs.push((Redirect::Captured, Some(uri.clone())));
    }
    rungs.push((Redirect::Empty, Some(String::new())));
    rungs.push((Redirect::Page, Some([host, "/"].concat())));
    rungs.sort_by_key(|(rung, _)| *rung != sent.first);
    rungs
}

fn seal(run: &mut Signup, read: answer::Token, rung: usize, ctx: &Ctx<'_>) {
    let name = run.token_name();
    let Ok(token) = ctx.vault.seal(&name, &read.token, ctx.nonce()) else {
        // The vault was able to open the code a moment ago: it holds a key.
        return relaunch(run, Code::Internal, None, ctx);
    };
    let expires_at = read.expires_in.map(|seconds| ctx.now / 1000 + seconds);
    run.exchange = Exchange::Done {
        token,
        expires_at,
        at: ctx.now,
    };
    if let Some(sent) = &mut run.sent {
        sent.code = None;
        sent.taken = (sent.source == CodeSource::Sdk)
            .then(|| ladder(sent, &run.host).get(rung).map(|(rung, _)| *rung))
            .flatten();
    }
}

fn relaunch(run: &mut Signup, code: Code, failure: Option<&Failure>, ctx: &Ctx<'_>) {
    let problem = match failure {
        Some(failure) => fault::from_meta(code, Step::Exchange, failure),
        None => fault::in_step(code, Step::Exchange),
    };
    drop_code(run);
    run.end(End::Relaunch(problem), ctx.now);
}

fn fail(run: &mut Signup, code: Code, failure: &Failure, ctx: &Ctx<'_>) {
    drop_code(run);
    run.end(
        End::Failed(fault::from_meta(code, Step::Exchange, failure)),
        ctx.now,
    );
}

fn drop_code(run: &mut Signup) {
    if let Some(sent) = &mut run.sent {
        sent.code = None;
    }
}

/// A code older than this cannot be answered in time any more.
const CODE_LIFE_MS: Ms = 28_000;
const QUICK_MS: Ms = 250;
