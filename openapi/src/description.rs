//! What a description of a route consists of.

use crate::content::Content;
use crate::parameters::{self, PathParameter, header, pattern};
use embark_protocol::ProblemCode;
use embark_protocol::backend::BackendScope;
use utoipa::ToSchema;
use utoipa::openapi::HttpMethod;
use utoipa::openapi::path::Parameter;

/// One route of the API.
pub struct Description {
    /// Its method.
    pub method: HttpMethod,
    /// Its path, with the names of [`PathParameter`]s in braces.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it does, in one line.
    pub summary: &'static str,
    /// What else there is to say. Empty: nothing.
    pub notes: &'static str,
    /// Parameters of query and headers.
    pub parameters: Vec<Parameter>,
    /// The body of the request. `None`: none is read.
    pub body: Option<Content>,
    /// Answers without a problem.
    pub successes: Vec<Success>,
    /// Problem codes of its own, each with its status.
    problems: Vec<(u16, ProblemCode)>,
    /// Whether an id of another shape is answered like one that there is not.
    hides_ids: bool,
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone, or whoever knows a secret of the address or the body.
    Open,
    /// A page with a grant of the signup.
    Grant,
    /// A back end with a token of the site.
    Backend(BackendScope),
    /// A back end with a token of the site, whatever it permits.
    AnyBackend,
    /// The operator.
    Operator,
}

/// An answer without a problem.
pub struct Success {
    /// Its status.
    pub status: u16,
    /// When there is this one.
    pub about: &'static str,
    /// Its body. `None`: none.
    pub content: Option<Content>,
}

impl Description {
    /// A route.
    pub fn new(method: HttpMethod, path: &'static str, access: Access) -> Self {
        Self {
            method,
            path,
            access,
            summary: "",
            notes: "",
            parameters: vec![],
            body: None,
            successes: vec![],
            problems: vec![],
            hides_ids: false,
        }
    }

    /// What it does.
    #[must_use]
    pub fn about(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    /// What else there is to say.
    #[must_use]
    pub fn notes(self, notes: &'static str) -> Self {
        Self { notes, ..self }
    }

    /// Adds parameters of the query or the headers.
    #[must_use]
    pub fn with(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// The JSON of the request.
    #[must_use]
    pub fn takes<T: ToSchema>(self) -> Self {
        self.takes_content(Content::of::<T>())
    }

    /// The body of the request.
    #[must_use]
    pub fn takes_content(self, content: Content) -> Self {
        Self {
            body: Some(content),
            ..self
        }
    }

    /// Replaces settings only if they are of the version that the header `If-Match` names.
    #[must_use]
    pub fn replaces_version(self) -> Self {
        let about = "The `ETag` of the settings that are to be replaced, or `*` for any that there are. Without it whatever is stored is replaced.";
        self.with([header("If-Match", about, pattern("^[ -~]{1,200}$"))])
            .refuses(&[ProblemCode::SettingsChanged])
    }

    /// Answers 200 with the JSON of a type.
    #[must_use]
    pub fn gives<T: ToSchema>(self, about: &'static str) -> Self {
        self.answers(200, about, Some(Content::of::<T>()))
    }

    /// Answers without a problem.
    #[must_use]
    pub fn answers(mut self, status: u16, about: &'static str, content: Option<Content>) -> Self {
        self.successes.push(Success {
            status,
            about,
            content,
        });
        self
    }

    /// Problem codes, each with the status of the code.
    #[must_use]
    pub fn refuses(mut self, codes: &[ProblemCode]) -> Self {
        let with_status = codes.iter().map(|code| (code.http_status(), *code));
        self.problems.extend(with_status);
        self
    }

    /// A problem code with another status.
    #[must_use]
    pub fn refuses_with(mut self, status: u16, code: ProblemCode) -> Self {
        self.problems.push((status, code));
        self
    }

    /// An id of another shape is answered like one that there is not.
    #[must_use]
    pub fn hides_ids(self) -> Self {
        Self {
            hides_ids: true,
            ..self
        }
    }

    /// The tag that it is listed under.
    pub fn tag(&self) -> &'static str {
        let is_below = |folder: &str| self.path.starts_with(folder);
        match self.access {
            Access::Grant => "Signups",
            Access::Backend(_) | Access::AnyBackend => "Back end",
            Access::Operator => "Operator",
            Access::Open if is_below("/v1/webhooks/") || is_below("/v1/callbacks/") => "Webhooks",
            Access::Open if is_below("/v1/sites/") => "Signups",
            Access::Open => "Description",
        }
    }

    /// Whether it has an `Idempotency-Key`.
    pub fn is_keyed(&self) -> bool {
        let has_keys = match self.access {
            Access::Backend(_) | Access::AnyBackend => true,
            Access::Operator => self.path.starts_with("/v1/admin/sites/"),
            Access::Open | Access::Grant => false,
        };
        has_keys && matches!(self.method, HttpMethod::Post)
    }

    /// All parameters of query and headers.
    pub fn all_parameters(&self) -> Vec<Parameter> {
        let key = self.is_keyed().then(|| {
            let about = "Repetitions with the same key and the same request have the answer of the first, for a day.";
            header("Idempotency-Key", about, pattern("^[!-~]{1,255}$"))
        });
        self.parameters.iter().cloned().chain(key).collect()
    }

    /// Every problem code that it can be answered with, each with its status, in order and once.
    pub fn all_problems(&self) -> Vec<(u16, ProblemCode)> {
        let mut codes = vec![
            ProblemCode::TooManyRequests,
            ProblemCode::Internal,
            ProblemCode::AppMisconfigured,
        ];
        let mut parameters = parameters::names(self.path).filter_map(PathParameter::find);
        if !self.hides_ids && parameters.any(|parameter| parameter.is_id) {
            codes.push(ProblemCode::BadId);
        }
        if self.body.is_some() || self.is_keyed() {
            codes.extend([ProblemCode::BadRequest, ProblemCode::BodyTooLarge]);
        }
        if self.is_keyed() {
            codes.extend([ProblemCode::Conflict, ProblemCode::IdempotencyKeyReused]);
        }
        codes.extend(match self.access {
            Access::Open => &[][..],
            Access::Grant => &[
                ProblemCode::GrantMissing,
                ProblemCode::GrantInvalid,
                ProblemCode::GrantExpired,
                ProblemCode::GrantMismatch,
                ProblemCode::GrantUsed,
                ProblemCode::OriginNotAllowed,
            ],
            Access::Backend(_) | Access::Operator => {
                &[ProblemCode::Unauthorized, ProblemCode::InsufficientScope]
            }
            Access::AnyBackend => &[ProblemCode::Unauthorized],
        });
        let with_status = codes.into_iter().map(|code| (code.http_status(), code));
        let mut problems: Vec<_> = with_status.chain(self.problems.iter().copied()).collect();
        problems.sort_by_key(|(status, code)| (*status, position(*code)));
        problems.dedup();
        problems
    }
}

fn position(code: ProblemCode) -> Option<usize> {
    ProblemCode::ALL.iter().position(|known| *known == code)
}

/// A route with `GET`.
pub fn get(path: &'static str, access: Access) -> Description {
    Description::new(HttpMethod::Get, path, access)
}

/// A route with `POST`.
pub fn post(path: &'static str, access: Access) -> Description {
    Description::new(HttpMethod::Post, path, access)
}

/// A route with `PUT`.
pub fn put(path: &'static str, access: Access) -> Description {
    Description::new(HttpMethod::Put, path, access)
}

/// A route with `PATCH`.
pub fn patch(path: &'static str, access: Access) -> Description {
    Description::new(HttpMethod::Patch, path, access)
}

/// A route with `DELETE`.
pub fn delete(path: &'static str, access: Access) -> Description {
    Description::new(HttpMethod::Delete, path, access)
}
