//! The wait that Meta's `error_data.details` name in words, e.g. "Please try again after 12 hours and 30 minutes".

use super::error_codes::LONGEST_WAIT;
use core::time::Duration;

/// The wait that a text names, at most [`LONGEST_WAIT`]. `None`: it names none.
///
/// Adjacent amounts of different units are added up. Of several waits, the one counts that follows a word like "after"
/// or "again"; the others may be the limit that was reached. What stands in brackets repeats it in another unit.
pub(super) fn parse_wait(details: &str) -> Option<Duration> {
    let text = without_brackets(details).to_lowercase();
    let sentences = text
        .split(['\n', ';', '!'])
        .flat_map(|part| part.split(". "));
    let (mut after_a_word, mut longest) = (None, None);
    for sentence in sentences {
        for (seconds, announced) in waits(&words(sentence)) {
            if announced && after_a_word.is_none() {
                after_a_word = Some(seconds);
            }
            longest = Some(longest.map_or(seconds, |other: f64| other.max(seconds)));
        }
    }
    let seconds = after_a_word.or(longest)?.min(LONGEST_WAIT.as_secs_f64());
    let wait = Duration::try_from_secs_f64(seconds).ok()?;
    (wait > Duration::ZERO).then_some(wait)
}

/// The waits of a sentence in seconds, and whether a word announces each.
fn waits(words: &[String]) -> Vec<(f64, bool)> {
    let mut found = vec![];
    let (mut announced, mut sum) = (false, None);
    let mut rest = words;
    while let [word, tail @ ..] = rest {
        if let Some((seconds, tail)) = amount_and_unit(rest) {
            sum = Some(sum.unwrap_or(0.0) + seconds);
            rest = tail;
            continue;
        }
        // "12 hours and 30 minutes" is one wait.
        let joins = matches!(word.as_str(), "and" | "&" | "plus");
        if let Some(seconds) = sum.filter(|_| !joins) {
            found.push((seconds, announced));
            sum = None;
        }
        announced |= matches!(
            word.as_str(),
            "again" | "after" | "wait" | "retry" | "until" | "for"
        );
        rest = tail;
    }
    found.extend(sum.map(|seconds| (seconds, announced)));
    found
}

/// The wait that words begin with, in seconds, and the words after it.
fn amount_and_unit(words: &[String]) -> Option<(f64, &[String])> {
    let [amount, unit, rest @ ..] = words else {
        return None;
    };
    Some((parse_amount(amount)? * seconds_of(unit)?, rest))
}

/// A positive amount in digits, with thousands separators or decimals, or in words up to ten.
fn parse_amount(word: &str) -> Option<f64> {
    const NUMBERS: &[&str] = &[
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    if matches!(word, "a" | "an") {
        return Some(1.0);
    }
    if let Some(position) = NUMBERS.iter().position(|name| *name == word) {
        return u32::try_from(position + 1).ok().map(f64::from);
    }
    let is_amount = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    if !word.starts_with(|c: char| c.is_ascii_digit()) || !word.chars().all(is_amount) {
        return None;
    }
    let is_grouped = word.split(',').skip(1).all(|group| {
        let digits = group.split('.').next().unwrap_or_default();
        digits.len() == 3
    });
    let plain = if is_grouped {
        word.replace(',', "")
    } else {
        word.replace(',', ".")
    };
    plain.trim_end_matches('.').parse().ok()
}

/// A unit of time in seconds.
fn seconds_of(unit: &str) -> Option<f64> {
    Some(match unit.trim_end_matches('.') {
        "ms" | "millisecond" | "milliseconds" => 0.001,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        "week" | "weeks" => 604_800.0,
        _ => return None,
    })
}

/// The words of a sentence: amounts with their separators, and words of letters. A unit may follow its amount at once
/// or after a hyphen. An amount after a minus sign is none.
fn words(sentence: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    let mut before = ' ';
    let mut joins = false;
    for c in sentence.chars() {
        let is_number = c.is_ascii_digit();
        let continues_number = is_number || matches!(c, '.' | ',');
        let last_is_number = words
            .last()
            .is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit() || c == '-'));
        if continues_number && joins && last_is_number {
            if let Some(word) = words.last_mut() {
                word.push(c);
            }
        } else if is_number {
            // "-5" is no amount; "5-10" is a range.
            let negative = matches!(before, '-' | '−') && !last_is_number;
            words.push(if negative {
                format!("-{c}")
            } else {
                c.to_string()
            });
            joins = true;
        } else if c.is_alphabetic() || c == '&' {
            match words.last_mut() {
                Some(word) if joins && !last_is_number => word.push(c),
                _ => words.push(c.to_string()),
            }
            joins = true;
        } else {
            joins = false;
        }
        before = c;
    }
    for word in &mut words {
        let trimmed = word.trim_end_matches([',', '.']).len();
        word.truncate(trimmed);
    }
    words
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let mut outside = String::new();
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_is_read_in_full_and_at_most_72_hours() {
        const LONGEST: u64 = 259_200;
        for (details, want) in [
            ("Please try again after 3 hours", Some(10_800)),
            ("wait 90 seconds", Some(90)),
            ("Try in 5 minutes.", Some(300)),
            ("Try again after 1800 seconds.", Some(1_800)),
            ("Please wait 259200 seconds", Some(LONGEST)),
            ("try again in 4320 minutes", Some(LONGEST)),
            ("Try again in 12 hours and 30 minutes.", Some(45_000)),
            (
                "Try again in 1 hour, 30 minutes and 15 seconds",
                Some(5_415),
            ),
            ("Wait 1 day 2 hours", Some(93_600)),
            ("in 1 day", Some(86_400)),
            ("after 3600 sec", Some(3_600)),
            ("after 2 hrs", Some(7_200)),
            ("1h 30m", Some(5_400)),
            ("1h30m", Some(5_400)),
            ("90s", Some(90)),
            ("a 72-hour lock", Some(LONGEST)),
            ("Try again in an hour", Some(3_600)),
            ("Try again in one day", Some(86_400)),
            ("Try again in 1.5 hours.", Some(5_400)),
            ("Try again in 1,800 seconds", Some(1_800)),
            ("Try again in 1,5 hours", Some(5_400)),
            ("Try again in 5-10 minutes", Some(600)),
            ("TRY AGAIN AFTER 2 HOURS", Some(7_200)),
            ("Try again after 24 hours (1 day).", Some(86_400)),
            (
                "10 requests in 72 hours. Please try again after 3 hours.",
                Some(10_800),
            ),
            (
                "Try again after 3 hours. The limit is 10 requests in 72 hours.",
                Some(10_800),
            ),
            ("after 1 year", None),
            ("2 weeks", Some(LONGEST)),
            ("99999999999999999999999999 days", Some(LONGEST)),
            ("18446744073709551615 seconds", Some(LONGEST)),
            ("Try again in -5 minutes", None),
            ("Try again in 0 seconds", None),
            ("code 12 is wrong", None),
            ("code 12 section 3", None),
            ("error 133016 minutely", None),
            ("try again in a few hours", None),
            ("5", None),
            (".,-", None),
            ("", None),
        ] {
            assert_eq!(
                parse_wait(details),
                want.map(Duration::from_secs),
                "{details}"
            );
        }
        assert_eq!(parse_wait("0.5 seconds"), Some(Duration::from_millis(500)));
    }
}
