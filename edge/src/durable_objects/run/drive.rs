//! When a Run object runs its workflow, and when it wakes next.

use super::host::RunHost;
use super::state::{RunState, SharedSignup};
use crate::clock;
use crate::config::Settings;
use crate::durable_objects::app_credentials::{app_credentials, remember_redirect_variant};
use crate::durable_objects::host::ObjectHost;
use crate::durable_objects::retention;
use crate::telemetry;
use core::time::Duration;
use embark_onboarding::meta::AppCredentials;
use embark_onboarding::retention::Retention;
use embark_onboarding::signup::unconfigured::{Unconfigured, credentials_retry_delay};
use embark_onboarding::telemetry::Subject;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::workflow::run_to_idle;
use embark_protocol::Problem;
use std::rc::Rc;

/// How a drive ended.
enum DriveEnd {
    /// The workflow is idle until the record's own time, if it has one.
    Idle(SharedSignup),
    /// The app's credentials cannot be read at the moment: the signup is untouched.
    NoCredentials,
    /// The record could not be stored. The alarm that was set when the drive began runs the next one.
    NotStored,
    /// The record cannot be read at the moment, or is gone: likewise.
    Unreadable,
    /// The record has expired.
    Expired,
}

impl RunState {
    /// Runs the workflow in the background, unless it has nothing to do. Continues after the request that
    /// started it.
    pub fn spawn_drive(self: &Rc<Self>) {
        let idle_until = self.idle_until.get();
        if idle_until.is_some_and(|until| clock::now() < until) {
            return;
        }
        let state = self.clone();
        let runtime = self.storage.state();
        runtime.wait_until(async move { state.drive().await });
    }

    /// Runs the workflow in the foreground of an alarm.
    ///
    /// # Errors
    /// The record cannot be read: the platform repeats the alarm.
    pub async fn on_alarm(&self) -> Result<(), Problem> {
        self.signup()?;
        if self.lock.is_driving() {
            // The drive that runs may still die: check again then.
            self.storage.set_alarm_in(DRIVE_DIED_AFTER).await;
        }
        self.drive().await;
        Ok(())
    }

    /// Runs the workflow until it is idle, and sets the alarm for the next time. Does nothing while another drive
    /// runs.
    async fn drive(&self) {
        if !matches!(self.signup(), Ok(Some(_))) || !self.lock.try_acquire() {
            return;
        }
        // Nothing is awaited between the last look at the requests and the release.
        let end = self.changes.run_until_quiet(|| self.drive_once()).await;
        self.lock.release();
        let now = clock::now();
        let wake_at = match end {
            DriveEnd::Idle(signup) => {
                let retention = retention::of(&self.storage);
                signup.borrow().wake_at(now, &retention)
            }
            DriveEnd::NoCredentials => Some(now + self.credentials_backoff()),
            DriveEnd::NotStored | DriveEnd::Unreadable => None,
            DriveEnd::Expired => return self.erase().await,
        };
        if let Some(at) = wake_at {
            self.idle_until.set(Some(at));
            self.storage.set_alarm_in(now.until(at)).await;
        }
    }

    async fn drive_once(&self) -> DriveEnd {
        // Read anew in each round: the last one may have invalidated it.
        let Ok(Some(signup)) = self.signup() else {
            return DriveEnd::Unreadable;
        };
        self.lock.renew();
        let Some(settings) = self.storage.settings() else {
            return DriveEnd::Idle(signup);
        };
        let now = clock::now();
        let (app, expires_at, outbox_empty) = {
            let signup = signup.borrow();
            let outbox_empty = signup.outbox.is_empty();
            (
                signup.app.clone(),
                signup.expires_at(&settings.retention),
                outbox_empty,
            )
        };
        if outbox_empty && expires_at.is_some_and(|at| now >= at) {
            return DriveEnd::Expired;
        }
        self.storage.set_alarm_in(DRIVE_DIED_AFTER).await;
        match app_credentials(self.storage.env(), &settings, &app).await {
            Ok(Some(credentials)) => {
                self.credential_failures.set(0);
                self.run_workflow(&signup, &settings, credentials).await
            }
            Ok(None) => self.end_unconfigured(&signup, &settings.retention, now),
            Err(error) => {
                let subject = signup.borrow().subject();
                telemetry::failure("app_credentials", &error, &subject);
                DriveEnd::NoCredentials
            }
        }
    }

    async fn run_workflow(
        &self,
        signup: &SharedSignup,
        settings: &Settings,
        credentials: AppCredentials,
    ) -> DriveEnd {
        let known_variant = credentials.redirect_uri_variant;
        let had_token = signup.borrow().has_token();
        let host = RunHost {
            object: ObjectHost {
                storage: &self.storage,
                lock: &self.lock,
                settings,
                credentials,
                subject: signup.borrow().subject(),
            },
            changes: &self.changes,
            reported_end: &self.reported_end,
        };
        if let Err(error) = run_to_idle(signup, &host).await {
            telemetry::failure("commit", &error, &signup.borrow().subject());
            // Memory is ahead of what is stored, or behind what a newer incarnation has stored.
            self.invalidate();
            return DriveEnd::NotStored;
        }
        let accepted = {
            let signup = signup.borrow();
            let code = signup.authorization_code.as_ref();
            code.and_then(|code| code.accepted_variant)
        };
        if let Some(variant) = accepted.filter(|variant| *variant != known_variant && !had_token) {
            // In the background: a request that changes the record meanwhile must find the lock free.
            let (env, app) = (self.storage.env().clone(), signup.borrow().app.clone());
            let remember = async move { remember_redirect_variant(&env, &app, variant).await };
            self.storage.state().wait_until(remember);
        }
        DriveEnd::Idle(signup.clone())
    }

    /// The app or its secret is not set up.
    fn end_unconfigured(
        &self,
        signup: &SharedSignup,
        retention: &Retention,
        now: UnixMillis,
    ) -> DriveEnd {
        let mut changed = signup.borrow().clone();
        match changed.on_unconfigured(now, retention) {
            Unconfigured::Wait => return DriveEnd::NoCredentials,
            Unconfigured::Expired => return DriveEnd::Expired,
            Unconfigured::Idle => {}
        }
        if changed.stage == signup.borrow().stage {
            *signup.borrow_mut() = changed;
        } else if self.commit(changed, Some(signup.clone()), now).is_err() {
            return DriveEnd::NotStored;
        }
        DriveEnd::Idle(signup.clone())
    }

    fn credentials_backoff(&self) -> Duration {
        let failures = self.credential_failures.get();
        self.credential_failures.set(failures.saturating_add(1));
        credentials_retry_delay(failures)
    }

    /// Deletes everything that the object stores, the alarm included. Nothing, if the record was read again while the
    /// alarm was deleted, or if a newer incarnation has it: the request that did so begins another drive.
    async fn erase(&self) {
        self.invalidate();
        // The alarm of a newer incarnation stays.
        if !self.storage.is_newest().unwrap_or(false) {
            return;
        }
        let _ = self.storage.state().storage().delete_alarm().await;
        let may_erase = !self.is_loaded() && self.storage.is_newest().unwrap_or(false);
        if may_erase && let Err(error) = self.storage.erase().await {
            telemetry::failure("erase", &error, &Subject::default());
            self.storage.set_alarm_in(ERASE_AGAIN_AFTER).await;
        }
    }
}

/// The alarm while a drive runs, should it die. Short enough to save an authorization code, which lives 30 s. It is
/// set in advance because the platform does not repeat a failed alarm whose handler had set another one.
const DRIVE_DIED_AFTER: Duration = Duration::from_secs(20);
const ERASE_AGAIN_AFTER: Duration = Duration::from_hours(1);
