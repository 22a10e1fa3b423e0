/// Longest base of a branch's name, before the number.
const MAX_BASE: usize = 30;

/// The branch to start for an issue: `user/words-of-the-title-7`, the part before the number at most 30 characters long.
///
/// ```
/// use gitpod_core::context::issue_branch;
///
/// assert_eq!(issue_branch("Ada", "Crash: when I press \"Save\"!", 7), "ada/crash-when-i-press-save-7");
/// assert_eq!(issue_branch("", "", 7), "issue-7");
/// ```
pub fn issue_branch(user: &str, title: &str, number: u64) -> String {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .take(MAX_BASE)
            .map(str::to_ascii_lowercase)
            .collect()
    };
    let user: String = words(user).join("-").chars().take(MAX_BASE / 2).collect();
    let mut base = user.trim_end_matches('-').to_owned();
    for (index, word) in words(title).iter().enumerate() {
        let separator = if index > 0 {
            "-"
        } else if base.is_empty() {
            ""
        } else {
            "/"
        };
        if base.len() + separator.len() + word.len() > MAX_BASE {
            break;
        }
        base.push_str(separator);
        base.push_str(word);
    }
    match base.as_str() {
        "" => format!("issue-{number}"),
        base if base.contains('/') || user.is_empty() => format!("{base}-{number}"),
        base => format!("{base}/issue-{number}"),
    }
}
