//! Writes of a back end that are repeated with the header `Idempotency-Key`
//! (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>): the first request is carried out, and
//! its answer is given to every repetition. A key belongs to one token.
//!
//! Ids and secrets of the answer are made of a seed that is stored with the key: a request whose answer was lost before it
//! was stored is carried out again and makes the same ones. Seed and answer are sealed.

use crate::crypto::{Sealed, sha256_hex};
use crate::resources::key_rotation::SealedContents;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::ProblemCode;
use serde::{Deserialize, Serialize};

/// SHA-256 of the value of the header. `None`: it is not 1 to 255 printable ASCII characters.
pub fn key_digest(header: &str) -> Option<String> {
    let is_printable = |byte: u8| (0x20..=0x7e).contains(&byte);
    let is_key = (1..=255).contains(&header.len()) && header.bytes().all(is_printable);
    is_key.then(|| sha256_hex(header.as_bytes()))
}

/// What makes a request another one: SHA-256 of method, path and body.
pub fn fingerprint(method: &str, path: &str, body: &[u8]) -> String {
    let head = [method, " ", path, "\n"].concat();
    sha256_hex(&[head.as_bytes(), body].concat())
}

/// The answers that are kept: those that a repetition would get as well. The others ask for a repetition, or for another
/// token.
pub const fn is_kept(status: u16) -> bool {
    status < 500 && !matches!(status, 401 | 403 | 409 | 429)
}

/// One request with a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WriteAttempt {
    /// See [`key_digest`].
    pub key: String,
    /// See [`fingerprint`].
    pub fingerprint: String,
    /// A fresh id: the object may get the same attempt twice.
    pub attempt: String,
    /// A fresh seed, sealed.
    pub seed: Sealed,
    /// The name that seed and answer are sealed under.
    #[serde(default)]
    pub name: String,
}

/// What is stored under a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredWrite {
    fingerprint: String,
    /// The attempt that is in work, or was last.
    attempt: String,
    seed: Sealed,
    /// The name that seed and answer are sealed under. Empty: stored before this was kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    /// When the key was first used.
    pub first_at: UnixMillis,
    /// Until when the attempt counts as in work. 0: it was given up.
    in_work_until: UnixMillis,
    /// `None`: there is none yet.
    answer: Option<StoredAnswer>,
}

/// An answer that repetitions get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// Its body.
    pub body: Sealed,
}

/// What is to be done with an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteAdmission {
    /// It is carried out, with this seed.
    Execute {
        /// The seed, sealed.
        seed: Sealed,
    },
    /// It has this answer.
    Replay(StoredAnswer),
    /// It is refused.
    Refused {
        /// Why.
        code: ProblemCode,
        /// The same in words.
        detail: String,
    },
}

impl SealedContents for StoredWrite {
    fn visit_sealed(&mut self, _: &str, visit: &mut dyn FnMut(&str, &mut Sealed)) {
        visit(&self.name, &mut self.seed);
        if let Some(answer) = &mut self.answer {
            visit(&self.name, &mut answer.body);
        }
    }
}

impl StoredWrite {
    /// Decides about an attempt. `stored`: what is under its key. Returns what is to be stored there, if that changes.
    pub fn admit(
        stored: Option<Self>,
        request: &WriteAttempt,
        now: UnixMillis,
    ) -> (Option<Self>, WriteAdmission) {
        let Some(mut stored) = stored.filter(|stored| now.since(stored.first_at) < KEPT_FOR) else {
            let first = Self {
                fingerprint: request.fingerprint.clone(),
                attempt: request.attempt.clone(),
                seed: request.seed.clone(),
                name: request.name.clone(),
                first_at: now,
                in_work_until: now + IN_WORK_FOR,
                answer: None,
            };
            let seed = request.seed.clone();
            return (Some(first), WriteAdmission::Execute { seed });
        };
        if stored.fingerprint != request.fingerprint {
            let detail = "Idempotency-Key: it was used with another body or at another address";
            return (None, refused(ProblemCode::IdempotencyKeyReused, detail));
        }
        if let Some(answer) = stored.answer {
            return (None, WriteAdmission::Replay(answer));
        }
        if stored.attempt != request.attempt && now < stored.in_work_until {
            let detail =
                "Idempotency-Key: the first request with it is still in work; repeat this one";
            return (None, refused(ProblemCode::Conflict, detail));
        }
        stored.attempt.clone_from(&request.attempt);
        stored.in_work_until = now + IN_WORK_FOR;
        let seed = stored.seed.clone();
        (Some(stored), WriteAdmission::Execute { seed })
    }

    /// Ends an attempt, with the answer that repetitions get; `None`: a repetition is carried out. Returns whether it
    /// changed: an attempt that another took over from ends nothing.
    pub fn end(&mut self, attempt: &str, answer: Option<StoredAnswer>) -> bool {
        if self.attempt != attempt || self.answer.is_some() {
            return false;
        }
        self.in_work_until = UnixMillis(0);
        self.answer = answer;
        true
    }
}

fn refused(code: ProblemCode, detail: &str) -> WriteAdmission {
    WriteAdmission::Refused {
        code,
        detail: detail.to_owned(),
    }
}

/// How long a key is known.
pub const KEPT_FOR: Duration = Duration::from_hours(24);
/// After this time an attempt without an answer counts as lost.
const IN_WORK_FOR: Duration = Duration::from_mins(1);
/// How many keys a site remembers; the oldest are forgotten.
pub const MAX_KEYS: u32 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000_000_000);

    fn request(fingerprint: &str, attempt: &str) -> WriteAttempt {
        WriteAttempt {
            key: "k".into(),
            fingerprint: fingerprint.into(),
            attempt: attempt.into(),
            seed: Sealed::from_stored(format!("seed of {attempt}")),
            name: "n".into(),
        }
    }

    fn answer() -> StoredAnswer {
        StoredAnswer {
            status: 201,
            body: Sealed::from_stored("sealed".into()),
        }
    }

    fn execute(seed: &str) -> WriteAdmission {
        WriteAdmission::Execute {
            seed: Sealed::from_stored(format!("seed of {seed}")),
        }
    }

    fn code(admission: &WriteAdmission) -> Option<ProblemCode> {
        match admission {
            WriteAdmission::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    #[test]
    fn key_is_short_and_printable() {
        for (key, is_valid) in [
            ("8e03978e-40d5-43dd-bc93-6894a57f9324", true),
            ("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", true),
            ("a key", true),
            ("", false),
            ("a\tb", false),
            ("\u{e9}", false),
            (&"x".repeat(255), true),
            (&"x".repeat(256), false),
        ] {
            assert_eq!(key_digest(key).is_some(), is_valid, "{key:?}");
        }
        assert_ne!(key_digest("a"), key_digest("b"));
    }

    #[test]
    fn request_differs_by_method_address_and_body() {
        let one = fingerprint("POST", "/a", b"{}");
        assert_eq!(one, fingerprint("POST", "/a", b"{}"));
        for other in [
            fingerprint("PUT", "/a", b"{}"),
            fingerprint("POST", "/b", b"{}"),
            fingerprint("POST", "/a", b"{} "),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn final_answers_are_kept() {
        for (status, kept) in [
            (200, true),
            (201, true),
            (204, true),
            (400, true),
            (404, true),
            (409, false),
            (401, false),
            (403, false),
            (429, false),
            (500, false),
            (503, false),
        ] {
            assert_eq!(is_kept(status), kept, "{status}");
        }
    }

    #[test]
    fn repetition_gets_the_answer_of_the_first_request() {
        let (first, admission) = StoredWrite::admit(None, &request("f", "1"), NOW);
        assert_eq!(admission, execute("1"));
        let mut first = first.unwrap();
        // The same attempt, whose reply was lost.
        let (_, again) = StoredWrite::admit(Some(first.clone()), &request("f", "1"), NOW);
        assert_eq!(again, execute("1"));
        let (_, in_work) = StoredWrite::admit(Some(first.clone()), &request("f", "2"), NOW);
        assert_eq!(code(&in_work), Some(ProblemCode::Conflict));
        assert!(first.end("1", Some(answer())));
        assert!(!first.end("1", None));
        let day = Duration::from_hours(24);
        for (fingerprint, now, want) in [
            ("f", NOW, Some(WriteAdmission::Replay(answer()))),
            (
                "f",
                NOW + day.saturating_sub(Duration::from_millis(1)),
                Some(WriteAdmission::Replay(answer())),
            ),
            ("other", NOW, None),
            ("f", NOW + day, Some(execute("2"))),
            ("other", NOW + day, Some(execute("2"))),
        ] {
            let request = request(fingerprint, "2");
            let (_, admission) = StoredWrite::admit(Some(first.clone()), &request, now);
            match want {
                Some(want) => assert_eq!(admission, want, "{fingerprint} {now:?}"),
                None => assert_eq!(code(&admission), Some(ProblemCode::IdempotencyKeyReused)),
            }
        }
    }

    #[test]
    fn lost_request_is_carried_out_again_with_the_seed_of_the_first() {
        let (first, _) = StoredWrite::admit(None, &request("f", "1"), NOW);
        let lost = NOW + Duration::from_mins(1);
        let (second, admission) = StoredWrite::admit(first.clone(), &request("f", "2"), lost);
        assert_eq!(admission, execute("1"));
        let mut second = second.unwrap();
        // The first one was slow, and says nothing any more.
        assert!(!second.end("1", Some(answer())));
        assert!(second.end("2", Some(answer())));
        // One that was given up is carried out again at once.
        let mut given_up = first.unwrap();
        assert!(given_up.end("1", None));
        let (_, admission) = StoredWrite::admit(Some(given_up), &request("f", "2"), NOW);
        assert_eq!(admission, execute("1"));
    }
}
