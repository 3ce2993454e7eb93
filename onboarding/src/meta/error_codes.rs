//! What each of Meta's error codes means: the one table of them. Codes that are not in it keep their number and trace
//! id. Where a number means something else at one endpoint, that endpoint's step has a rule of its own: codes 1, 101
//! and 191 at the exchange, 133000 to 133016 at the registration.

use core::fmt;
use core::time::Duration;

/// What a failure means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The call may have taken effect: read before it is repeated.
    Indeterminate,
    /// The call did not take effect; repeated soon, it may succeed.
    Transient,
    /// The call did not take effect; repeated after a while, it may succeed.
    Rate,
    /// The token is not valid any more.
    Token,
    /// App, secret or permissions are wrong, which the operator must mend.
    Config,
    /// The object does not exist, or the token does not reach it.
    Unreachable,
    /// Refused for a reason of its own; see the code.
    Refused,
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Indeterminate => "the call may have taken effect",
            Self::Transient => "the server cannot process the call now",
            Self::Rate => "a rate limit is reached",
            Self::Token => "the token is not valid",
            Self::Config => "app, secret or permissions are wrong",
            Self::Unreachable => "the object does not exist or is not reachable",
            Self::Refused => "the call was refused",
        })
    }
}

/// The class of Meta's error codes, by ranges
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>,
/// <https://developers.facebook.com/docs/graph-api/overview/rate-limiting>).
#[rustfmt::skip]
const CLASSES: &[(i64, i64, ErrorClass)] = &[
    (0, 0, ErrorClass::Token),
    // "Unknown": may pass.
    (1, 2, ErrorClass::Transient),
    (3, 3, ErrorClass::Config),
    (4, 5, ErrorClass::Rate),
    (9, 9, ErrorClass::Rate),
    (10, 10, ErrorClass::Config),
    (12, 12, ErrorClass::Rate),
    (17, 17, ErrorClass::Rate),
    (32, 32, ErrorClass::Rate),
    (33, 33, ErrorClass::Unreachable),
    (100, 100, ErrorClass::Refused),
    (101, 101, ErrorClass::Config),
    (102, 102, ErrorClass::Token),
    (190, 190, ErrorClass::Token),
    (191, 191, ErrorClass::Config),
    (200, 299, ErrorClass::Config),
    (341, 341, ErrorClass::Rate),
    (368, 368, ErrorClass::Refused),
    (613, 613, ErrorClass::Rate),
    (803, 803, ErrorClass::Unreachable),
    // Limits of one business use case; 80008 is that of WhatsApp accounts.
    (80000, 80014, ErrorClass::Rate),
    (130429, 130429, ErrorClass::Rate),
    (130472, 130497, ErrorClass::Refused),
    (131000, 131000, ErrorClass::Transient),
    (131005, 131005, ErrorClass::Config),
    (131008, 131009, ErrorClass::Refused),
    (131016, 131016, ErrorClass::Transient),
    (131021, 131053, ErrorClass::Refused),
    (131056, 131057, ErrorClass::Rate),
    (132000, 132069, ErrorClass::Refused),
    (133000, 133000, ErrorClass::Refused),
    (133004, 133004, ErrorClass::Transient),
    (133005, 133006, ErrorClass::Refused),
    (133008, 133009, ErrorClass::Rate),
    (133010, 133010, ErrorClass::Refused),
    (133015, 133016, ErrorClass::Rate),
    (134011, 134011, ErrorClass::Refused),
    (135000, 135000, ErrorClass::Refused),
    (136024, 136025, ErrorClass::Refused),
    (2388001, 2388103, ErrorClass::Refused),
    (2494100, 2494100, ErrorClass::Transient),
    (2593107, 2593109, ErrorClass::Refused),
];

/// The class of a code in the table. `None`: it is not in the table.
pub(super) fn class_of_code(code: i64) -> Option<ErrorClass> {
    let row = CLASSES
        .iter()
        .find(|(first, last, _)| (*first..=*last).contains(&code));
    row.map(|(.., class)| *class)
}

/// The class of a response without Meta's error code.
pub(super) fn class_of_status(status: u16) -> ErrorClass {
    match status {
        429 => ErrorClass::Rate,
        // A server that waited in vain for the request, and a gateway that responds for one that may have acted.
        408 | 500..=599 => ErrorClass::Indeterminate,
        401 => ErrorClass::Token,
        404 => ErrorClass::Unreachable,
        _ => ErrorClass::Refused,
    }
}

/// The wait that Meta documents for a code, where the response names none. `None`: it documents none.
pub(super) fn documented_wait(code: Option<i64>) -> Option<Duration> {
    Some(match code? {
        // Throughput is being upgraded.
        131_057 => Duration::from_mins(1),
        // A wrong PIN was entered too often, or too fast.
        133_008 | 133_009 => Duration::from_hours(1),
        // The number was deleted recently.
        133_015 => Duration::from_mins(5),
        // Ten registrations or deregistrations within 72 h.
        REGISTRATION_LIMIT => LONGEST_WAIT,
        _ => return None,
    })
}

/// Meta's code for too many registrations or deregistrations of a number: it stays locked for 72 h
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration>).
pub(crate) const REGISTRATION_LIMIT: i64 = 133_016;
/// Meta's longest documented wait. A longer one is not believed.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_hours(72);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meta::check;
    use crate::transport::ApiResponse;

    /// The lines of the golden file: first code, last code, subcode, class.
    fn golden() -> impl Iterator<Item = (i64, i64, Option<i64>, ErrorClass)> {
        let lines = include_str!("../../golden/meta-error-codes.txt").lines();
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| {
            let (codes, class) = line.split_once(' ').unwrap();
            let (codes, subcode) = match codes.split_once('/') {
                Some((codes, subcode)) => (codes, Some(subcode.parse().unwrap())),
                None => (codes, None),
            };
            let (first, last) = codes.split_once('-').unwrap_or((codes, codes));
            let class = match class {
                "transient" => ErrorClass::Transient,
                "rate" => ErrorClass::Rate,
                "token" => ErrorClass::Token,
                "config" => ErrorClass::Config,
                "unreachable" => ErrorClass::Unreachable,
                "refused" => ErrorClass::Refused,
                other => panic!("no class: {other}"),
            };
            (
                first.parse().unwrap(),
                last.parse().unwrap(),
                subcode,
                class,
            )
        })
    }

    #[test]
    fn every_code_of_the_golden_file_has_its_class() {
        let mut codes = 0;
        for (first, last, subcode, class) in golden() {
            for code in first..=last {
                let subcode = subcode.map_or(String::new(), |n| format!(r#","error_subcode":{n}"#));
                let body = format!(r#"{{"error":{{"code":{code}{subcode}}}}}"#);
                let response = ApiResponse {
                    status: 400,
                    retry_after: None,
                    body: body.into_bytes(),
                };
                let error = check(Ok(response)).unwrap_err();
                assert_eq!(error.class, class, "{code}{subcode}");
                assert!(class_of_code(code).is_some(), "{code} is in the table");
                codes += 1;
            }
        }
        assert!(codes > 200, "{codes} codes");
    }

    #[test]
    fn every_rate_limit_and_outage_of_the_table_is_in_the_golden_file() {
        for (first, last, class) in CLASSES {
            let must_be_listed = *class != ErrorClass::Refused;
            for code in (*first..=*last).filter(|_| must_be_listed) {
                let listed = golden().any(|(first, last, ..)| (first..=last).contains(&code));
                assert!(listed, "{code}");
            }
        }
    }

    #[test]
    fn rows_of_the_table_do_not_overlap() {
        for pair in CLASSES.windows(2) {
            assert!(pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0, "{pair:?}");
        }
    }
}
