/// Longer words are not compared: nobody meant a key by them, and the comparison's cost grows with their length.
const MAX_WORD: usize = 40;

/// The candidate that `word` most probably stands for, if one is near enough.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let word: Vec<char> = word
        .chars()
        .take(MAX_WORD + 1)
        .flat_map(char::to_lowercase)
        .collect();
    if word.is_empty() || word.len() > MAX_WORD {
        return None;
    }
    let near = word.len().div_ceil(3);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|(distance, _)| *distance <= near)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Edit distance (insert, delete, replace, swap neighbours), ignoring case.
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (above[j] + usize::from(x != y))
                .min(above[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_mistakes_find_their_key_and_other_words_do_not() {
        let keys = ["before", "init", "command", "openMode"];
        for (word, key) in [
            ("comand", Some("command")),
            ("commnad", Some("command")),
            ("openmode", Some("openMode")),
            ("inti", Some("init")),
            ("image", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, keys), key, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), keys), None);
    }
}
