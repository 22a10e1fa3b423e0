use std::time::Duration;

use gitpod_core::Timestamp;
use gitpod_core::clock::elapsed;

/// A duration as one says it: `45 ms`, `2.1 s`, `3 min 5 s`.
pub(crate) fn short(duration: Duration) -> String {
    let ms = duration.as_millis();
    if ms < 1000 {
        format!("{ms} ms")
    } else if ms < 60_000 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000)
    }
}

/// How long ago something was: `just now`, `5 min ago`, `3 days ago`.
pub(crate) fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = elapsed(then, now).as_secs();
    let (count, unit) = match seconds {
        0..60 => return String::from("just now"),
        60..3600 => (seconds / 60, "min"),
        3600..86_400 => (seconds / 3600, "h"),
        86_400..172_800 => (1, "day"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{count} {unit} ago")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_people_do() {
        for (ms, said) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (2140, "2.1 s"),
            (185_000, "3 min 5 s"),
        ] {
            assert_eq!(short(Duration::from_millis(ms)), said);
        }
    }

    #[test]
    fn the_past_is_rounded_down_and_the_future_is_now() {
        let at = |s| Timestamp::from_second(s).unwrap();
        for (seconds, said) in [
            (59, "just now"),
            (61, "1 min ago"),
            (7300, "2 h ago"),
            (90_000, "1 day ago"),
            (180_000, "2 days ago"),
        ] {
            assert_eq!(ago(at(0), at(seconds)), said);
        }
        assert_eq!(ago(at(100), at(0)), "just now");
    }
}
