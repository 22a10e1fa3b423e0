//! What an unquoted word means. The original reads YAML 1.1 words, as most files in the wild were written for: `010` is a
//! number, `12:30` too, `2024-01-01` a date, but `yes` is a text.

/// The meaning of an unquoted word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Word {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Date,
    Text,
}

/// What the unquoted `word` means.
pub(super) fn meaning(word: &str) -> Word {
    match word {
        "" | "~" | "null" | "Null" | "NULL" => return Word::Null,
        "true" | "True" | "TRUE" => return Word::Bool(true),
        "false" | "False" | "FALSE" => return Word::Bool(false),
        _ => {}
    }
    if word.len() > 64 {
        return Word::Text; // no number or date is that long; keeps long texts cheap
    }
    if let Some(value) = integer(word) {
        return Word::Integer(value);
    }
    if let Some(value) = float(word) {
        return Word::Float(value);
    }
    if is_date(word) {
        Word::Date
    } else {
        Word::Text
    }
}

fn split_sign(word: &str) -> (bool, &str) {
    match word.as_bytes().first() {
        Some(b'-') => (true, &word[1..]),
        Some(b'+') => (false, &word[1..]),
        _ => (false, word),
    }
}

fn integer(word: &str) -> Option<i128> {
    let (negative, digits) = split_sign(word);
    let in_radix = |digits: &str, radix| {
        let valid = !digits.ends_with('_') && digits.bytes().any(|b| b != b'_');
        let digits: String = digits.chars().filter(|c| *c != '_').collect();
        if !valid || digits.starts_with(['+', '-']) {
            return None;
        }
        i128::from_str_radix(&digits, radix).ok()
    };
    let value = if digits == "0" {
        0
    } else if let Some(rest) = digits.strip_prefix("0b") {
        in_radix(rest, 2)?
    } else if let Some(rest) = digits.strip_prefix("0x") {
        in_radix(rest, 16)?
    } else if let Some(rest) = digits.strip_prefix('0') {
        in_radix(rest, 8)?
    } else if digits.starts_with('_') {
        return None;
    } else if let Some((first, rest)) = digits.split_once(':') {
        sexagesimal(in_radix(first, 10)?, rest)?
    } else {
        in_radix(digits, 10)?
    };
    Some(if negative { -value } else { value })
}

fn sexagesimal(first: i128, rest: &str) -> Option<i128> {
    rest.split(':').try_fold(first, |value, part| {
        let valid = matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
        let part: i128 = part.parse().ok().filter(|part| valid && *part < 60)?;
        value.checked_mul(60)?.checked_add(part)
    })
}

/// Whether `word` is a float or an integer that is written as one would be.
pub(super) fn is_float(word: &str) -> bool {
    float(word).is_some()
}

fn float(word: &str) -> Option<f64> {
    let (negative, body) = split_sign(word);
    let sign = if negative { -1.0 } else { 1.0 };
    match body {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if body.len() == word.len() => return Some(f64::NAN),
        _ => {}
    }
    if word.ends_with('_')
        || !body
            .bytes()
            .all(|b| b.is_ascii_digit() || b"_.eE+-:".contains(&b))
    {
        return None;
    }
    if let Some((whole, fraction)) = body.split_once('.')
        && let Some((first, rest)) = whole.split_once(':')
    {
        let fraction = fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_');
        let first = first.replace('_', "").parse().ok()?;
        // Only the kind matters for such a number: nothing in the file takes one.
        return sexagesimal(first, rest)
            .filter(|_| fraction)
            .map(|_| f64::NAN);
    }
    let mantissa = body.split(['e', 'E']).next()?;
    let whole = mantissa.split('.').next()?;
    let signed_fraction = whole.is_empty() && body.len() != word.len();
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if signed_fraction || leading_zero || whole.starts_with('_') || mantissa == "." {
        return None;
    }
    body.replace('_', "")
        .parse::<f64>()
        .ok()
        .map(|value| sign * value)
}

/// `2024-01-31`, or a timestamp such as `2024-1-31 12:00:00`.
fn is_date(word: &str) -> bool {
    let digits = |text: &str, lengths: &[usize]| {
        lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let (date, time) = match word.find(['T', 't', ' ', '\t']) {
        Some(at) => (&word[..at], word[at + 1..].trim_start_matches([' ', '\t'])),
        None => (word, ""),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let &[year, month, day] = parts.as_slice() else {
        return false;
    };
    if time.is_empty() {
        return word.len() == 10 && digits(year, &[4]) && digits(month, &[2]) && digits(day, &[2]);
    }
    let clock: Vec<&str> = time.splitn(3, ':').collect();
    let &[hour, minute, second] = clock.as_slice() else {
        return false;
    };
    digits(year, &[4])
        && digits(month, &[1, 2])
        && digits(day, &[1, 2])
        && digits(hour, &[1, 2])
        && digits(minute, &[2])
        && second.len() >= 2
        && digits(&second[..second.floor_char_boundary(2)], &[2])
        && second[2..]
            .bytes()
            .all(|b| b.is_ascii_digit() || b" \t.Z:+-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_what_yaml_1_1_readers_say() {
        for (word, expected) in [
            ("", Word::Null),
            ("~", Word::Null),
            ("True", Word::Bool(true)),
            ("yes", Word::Text),
            ("on", Word::Text),
            ("0", Word::Integer(0)),
            ("010", Word::Integer(8)),
            ("08", Word::Text),
            ("0b11", Word::Integer(3)),
            ("0x1F", Word::Integer(31)),
            ("0o7", Word::Text),
            ("-1_000", Word::Integer(-1000)),
            ("1_", Word::Text),
            ("_1", Word::Text),
            ("12:30", Word::Integer(750)),
            ("3000:3999", Word::Text),
            ("3000-3999", Word::Text),
            ("3.10", Word::Float(3.1)),
            ("1e3", Word::Float(1000.0)),
            (".5", Word::Float(0.5)),
            ("-.5", Word::Text),
            (".", Word::Text),
            ("1.2.3", Word::Text),
            ("2024-01-01", Word::Date),
            ("2024-1-1", Word::Text),
            ("2024-1-1 1:02:03.5 +1", Word::Date),
            ("2024-01-01é", Word::Text),
            ("gitpod/workspace-full", Word::Text),
        ] {
            assert_eq!(meaning(word), expected, "{word}");
        }
    }
}
