//! When to ask again, and how long to wait before that.
//!
//! Two bounds that never mix: a number of attempts for what broke, and a length of waiting for a
//! server that says it is asked too often. The schedule has no random part, so that a run can be
//! repeated; the requests of one scan are few, and what fans out is the work queue above.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::{Error, ErrorKind, Options};

/// First pause; each one after it is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Longest pause that no server asked for.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Numbers above this are moments (seconds since 1970), not lengths of time: 1e9 s is 31 years.
const MOMENT: u64 = 1_000_000_000;

/// Bounds on asking again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Most attempts, at least one.
    pub attempts: u32,
    /// Longest wait for a rate limit, in total.
    pub patience: Duration,
}

impl Limits {
    /// The bounds that `options` set.
    pub fn of(options: &Options) -> Self {
        Self {
            attempts: options.attempts.max(1),
            patience: options.patience,
        }
    }

    /// The same without waiting for rate limits: where somebody else can be asked instead.
    pub const fn impatient(self) -> Self {
        Self {
            attempts: self.attempts,
            patience: Duration::ZERO,
        }
    }
}

/// How one attempt ended.
pub(super) enum Attempt<T> {
    /// Well.
    Done(T),
    /// With a failure that another attempt will not mend.
    Fail(Error),
    /// With a failure that may pass.
    Again(Error),
    /// With a request to wait, if known for how long.
    Wait(Option<Duration>, Error),
}

/// The pause after failure number `failures` (from 0).
pub(super) fn pause(failures: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(2_u32.saturating_pow(failures))
        .min(LONGEST_PAUSE)
}

/// Makes attempts until one ends well or a bound is hit.
///
/// # Errors
/// That of the last attempt, with how often and how long was tried.
pub(super) fn run<T>(limits: Limits, mut attempt: impl FnMut() -> Attempt<T>) -> Result<T, Error> {
    let mut failures = 0;
    let mut waits = 0;
    let mut waited = Duration::ZERO;
    loop {
        match attempt() {
            Attempt::Done(value) => return Ok(value),
            Attempt::Fail(error) => return Err(error),
            Attempt::Again(error) => {
                if failures + 1 >= limits.attempts {
                    return Err(after(error, failures + 1));
                }
                std::thread::sleep(pause(failures));
                failures += 1;
            }
            Attempt::Wait(asked, error) => {
                let next = asked.unwrap_or_default().max(pause(waits));
                if waited.saturating_add(next) > limits.patience {
                    return Err(out_of_patience(error, asked, waited));
                }
                std::thread::sleep(next);
                waited = waited.saturating_add(next);
                waits += 1;
            }
        }
    }
}

fn after(mut error: Error, attempts: u32) -> Error {
    if attempts > 1 {
        error.message.push_str(&format!(" ({attempts} attempts)"));
    }
    error
}

fn out_of_patience(mut error: Error, asked: Option<Duration>, waited: Duration) -> Error {
    if let Some(asked) = asked {
        error
            .message
            .push_str(&format!("; it asks to wait {} s", asked.as_secs()));
    }
    if !waited.is_zero() {
        error
            .message
            .push_str(&format!("; waited {} s", waited.as_secs()));
    }
    if error.kind == ErrorKind::RateLimited && error.advice.is_none() {
        return error.advise("log in, which usually raises the limit, ask a mirror, or try later");
    }
    error
}

/// How long the server asks to wait: `Retry-After` (RFC 9110, section 10.2.3: seconds or a date),
/// else `RateLimit-Reset` or `X-RateLimit-Reset` (seconds, or a moment).
pub(super) fn asked(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    if let Some(value) = text(headers, RETRY_AFTER.as_str()) {
        if let Ok(seconds) = value.parse() {
            return Some(Duration::from_secs(seconds));
        }
        if let Ok(date) = httpdate::parse_http_date(value) {
            return Some(date.duration_since(now).unwrap_or_default());
        }
    }
    let reset = ["ratelimit-reset", "x-ratelimit-reset"]
        .into_iter()
        .find_map(|name| text(headers, name)?.parse::<u64>().ok())?;
    if reset < MOMENT {
        return Some(Duration::from_secs(reset));
    }
    let since_1970 = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    Some(Duration::from_secs(reset).saturating_sub(since_1970))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(attempts: u32, patience: u64) -> Limits {
        Limits {
            attempts,
            patience: Duration::from_millis(patience),
        }
    }

    fn failure() -> Error {
        Error::new(ErrorKind::RateLimited, "no")
    }

    #[test]
    fn attempts_are_counted() {
        let mut calls = 0;
        let result = run::<()>(limits(2, 0), || {
            calls += 1;
            Attempt::Again(failure())
        });
        assert_eq!(calls, 2);
        assert_eq!(result.unwrap_err().message, "no (2 attempts)");
    }

    #[test]
    fn patience_ends_before_a_wait_that_exceeds_it() {
        let mut calls = 0;
        let error = run::<()>(limits(9, 300), || {
            calls += 1;
            Attempt::Wait(None, failure())
        })
        .unwrap_err();
        assert_eq!(calls, 2, "250 ms fit, 500 ms more do not");
        assert!(error.advice.is_some());
        let error = run::<()>(limits(9, 300), || {
            Attempt::Wait(Some(Duration::from_secs(3600)), failure())
        });
        assert!(error.unwrap_err().message.contains("3600 s"));
    }

    #[test]
    fn the_schedule_doubles_up_to_a_bound() {
        assert_eq!(pause(0), Duration::from_millis(250));
        assert_eq!(pause(2), Duration::from_secs(1));
        assert_eq!(pause(60), LONGEST_PAUSE);
    }

    #[test]
    fn all_ways_to_ask_for_patience() {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for (name, value, expected) in [
            ("retry-after", "7", Some(7)),
            ("retry-after", "Tue, 14 Nov 2023 22:13:50 GMT", Some(30)),
            ("retry-after", "Tue, 14 Nov 2000 22:13:50 GMT", Some(0)),
            ("retry-after", "soon", None),
            ("ratelimit-reset", "60", Some(60)),
            ("x-ratelimit-reset", "1700000090", Some(90)),
            ("retry-after", "99999999999999999999999", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            let expected = expected.map(Duration::from_secs);
            assert_eq!(asked(&headers, now), expected, "{name}: {value}");
        }
    }
}
