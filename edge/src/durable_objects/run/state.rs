//! What a Run object holds in memory, and how its record is read and stored.

use crate::config::Settings;
use crate::durable_objects::drive_lock::DriveLock;
use crate::durable_objects::storage::ObjectStorage;
use crate::telemetry;
use core::cell::{Cell, RefCell};
use embark_onboarding::signup::Signup;
use embark_onboarding::telemetry::{LogEvent, Subject};
use embark_onboarding::time::UnixMillis;
use embark_onboarding::workflow::{CommitError, RecordChanges};
use embark_protocol::{Problem, ProblemCode, SignupStatus};
use std::rc::Rc;
use worker::{Env, State};

/// The record in memory, shared by requests and the workflow.
pub type SharedSignup = Rc<RefCell<Signup>>;

/// One incarnation of a Run object.
pub struct RunState {
    /// Of the object.
    pub storage: ObjectStorage,
    /// Held by the workflow that runs.
    pub lock: DriveLock,
    /// Announces changes of the record.
    pub changes: RecordChanges,
    /// The record, as stored. `None`: not read yet, or not to be trusted any more.
    signup: RefCell<Option<SharedSignup>>,
    /// Before this time the workflow has nothing to do, unless a request changes the record.
    pub idle_until: Cell<Option<UnixMillis>>,
    /// How many long polls were held. Wraps around.
    pub polls: Cell<u32>,
    /// How often in succession the app's credentials could not be read.
    pub credential_failures: Cell<u32>,
    /// Writes the end of the signup to the log.
    pub reported_end: ReportedEnd,
}

/// Which status of a signup was last reported to the site's owner, as it is stored: an end is written to the log with the
/// commit that reports it.
#[derive(Default)]
pub struct ReportedEnd(Cell<Option<SignupStatus>>);

impl ReportedEnd {
    /// The record was read.
    fn on_loaded(&self, signup: &Signup) {
        self.0.set(signup.reported_status);
    }

    /// The record was stored.
    pub fn on_stored(&self, signup: &Signup, now: UnixMillis) {
        let before = self.0.replace(signup.reported_status);
        if before != signup.reported_status
            && let Some(end) = signup.reported_end(now)
        {
            telemetry::record(LogEvent::SignupEnded(end), &signup.subject());
        }
    }
}

impl RunState {
    /// The state of a new incarnation.
    pub fn open(state: State, env: Env) -> Self {
        Self {
            storage: ObjectStorage::open(state, env),
            lock: DriveLock::default(),
            changes: RecordChanges::default(),
            signup: RefCell::default(),
            idle_until: Cell::default(),
            polls: Cell::default(),
            credential_failures: Cell::default(),
            reported_end: ReportedEnd::default(),
        }
    }

    /// The record. `None`: nothing was posted yet, or it has expired.
    ///
    /// # Errors
    /// `internal`: it cannot be read.
    pub fn signup(&self) -> Result<Option<SharedSignup>, Problem> {
        if self.signup.borrow().is_none() {
            let stored = self.storage.load::<Signup>().map_err(|error| {
                telemetry::failure("load", &error, &Subject::default());
                Problem::new(ProblemCode::Internal)
            })?;
            if let Some(signup) = &stored {
                self.reported_end.on_loaded(signup);
            }
            *self.signup.borrow_mut() = stored.map(|signup| Rc::new(RefCell::new(signup)));
        }
        Ok(self.signup.borrow().clone())
    }

    /// The record.
    ///
    /// # Errors
    /// `not_launched`: there is none. `internal`: it cannot be read.
    pub fn launched_signup(&self) -> Result<SharedSignup, Problem> {
        self.signup()?
            .ok_or_else(|| Problem::new(ProblemCode::NotLaunched))
    }

    /// Stores what a request made of the record, and wakes the workflow. `current`: the record that
    /// `changed` replaces, `None` for a new one.
    ///
    /// # Errors
    /// `conflict`: a newer incarnation of the object has the record. `internal`: the storage refused it. The
    /// record is unchanged.
    pub fn commit(
        &self,
        mut changed: Signup,
        current: Option<SharedSignup>,
        now: UnixMillis,
    ) -> Result<(), Problem> {
        changed.bump_seq_if_changed(now);
        self.store(changed, current, now)?;
        // What a request brings may not have long to live.
        self.credential_failures.set(0);
        self.wake();
        Ok(())
    }

    /// Stores a record as it is, and wakes nobody: nothing has changed that the workflow or a page looks at. `current` as for
    /// [`commit`](Self::commit).
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn store(
        &self,
        changed: Signup,
        current: Option<SharedSignup>,
        now: UnixMillis,
    ) -> Result<(), Problem> {
        let subject = changed.subject();
        self.storage.commit(&changed).map_err(|error| {
            // A workflow that still has the record cannot store it either. After other errors it can.
            if error == CommitError::Superseded {
                self.invalidate();
            }
            commit_problem(error, &subject)
        })?;
        self.reported_end.on_stored(&changed, now);
        match current {
            Some(signup) => *signup.borrow_mut() = changed,
            None => *self.signup.borrow_mut() = Some(Rc::new(RefCell::new(changed))),
        }
        Ok(())
    }

    /// Asks for a round of the workflow: the drive that runs does it, or else the next one does.
    pub fn wake(&self) {
        self.idle_until.set(None);
        self.changes.notify_request();
    }

    /// Whether the record is in memory.
    pub fn is_loaded(&self) -> bool {
        self.signup.borrow().is_some()
    }

    /// Drops the record from memory: the next access reads what is stored.
    pub fn invalidate(&self) {
        *self.signup.borrow_mut() = None;
    }

    /// The deployment's settings.
    ///
    /// # Errors
    /// `app_misconfigured`: some are missing.
    pub fn settings(&self) -> Result<Settings, Problem> {
        self.storage
            .settings()
            .ok_or_else(|| Problem::new(ProblemCode::AppMisconfigured))
    }
}

fn commit_problem(error: CommitError, subject: &Subject) -> Problem {
    telemetry::failure("commit", &error, subject);
    Problem::new(match error {
        CommitError::Superseded => ProblemCode::Conflict,
        CommitError::Storage(_) | CommitError::Serialization(_) => ProblemCode::Internal,
    })
}
