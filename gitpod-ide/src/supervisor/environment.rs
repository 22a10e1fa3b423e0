//! The environment of what runs in the workspace. Pure.

use std::path::Path;

use super::account::Account;

/// Ours alone: settings of the supervisor itself, and what would only confuse a shell.
const STRIPPED: [&str; 3] = ["THEIA_SUPERVISOR_TOKENS", "GITPOD_TASKS", "GITPOD_PORTS"];
const STRIPPED_PREFIX: &str = "SUPERVISOR_";
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What the composition needs beside the supervisor's own environment.
#[derive(Debug)]
pub(crate) struct Basis<'a> {
    pub(crate) account: &'a Account,
    pub(crate) shell: &'a Path,
    /// Where `gp` lies.
    pub(crate) tools: &'a Path,
    /// Where the shells keep their history; `None` for their own default.
    pub(crate) history: Option<&'a Path>,
    pub(crate) api_port: u16,
    pub(crate) editor_port: u16,
}

/// The environment of every process of the user.
///
/// # Behavior
/// What the instance was started with, less the supervisor's own settings; the identity (`HOME`, `USER`, `LOGNAME`,
/// `SHELL`) is always the account's; `PATH` always reaches `gp`.
pub(crate) fn compose(own: &[(String, String)], basis: &Basis<'_>) -> Vec<(String, String)> {
    let mut env: Vec<(String, String)> = Vec::with_capacity(own.len() + 12);
    for (key, value) in own {
        if !key.starts_with(STRIPPED_PREFIX) && !STRIPPED.contains(&key.as_str()) {
            set(&mut env, key, value);
        }
    }
    let account = basis.account;
    set(&mut env, "HOME", &account.home.to_string_lossy());
    set(&mut env, "USER", &account.name);
    set(&mut env, "LOGNAME", &account.name);
    set(&mut env, "SHELL", &basis.shell.to_string_lossy());
    set(
        &mut env,
        "SUPERVISOR_ADDR",
        &format!("localhost:{}", basis.api_port),
    );
    set(
        &mut env,
        "GITPOD_THEIA_PORT",
        &basis.editor_port.to_string(),
    );
    set_default(&mut env, "TERM", "xterm-256color");
    set_default(&mut env, "LANG", "C.UTF-8");
    set_default(&mut env, "PATH", DEFAULT_PATH);
    if let Some(history) = basis.history {
        set_default(&mut env, "HISTFILE", &history.to_string_lossy());
    }
    if let Some((_, path)) = env.iter_mut().find(|(key, _)| key == "PATH") {
        let tools = basis.tools.to_string_lossy();
        if !path.split(':').any(|directory| directory == tools) {
            *path = format!("{path}:{tools}");
        }
    }
    env
}

/// Sets `key`, replacing what was there.
pub(crate) fn set(env: &mut Vec<(String, String)>, key: &str, value: &str) {
    match env.iter_mut().find(|(known, _)| known == key) {
        Some((_, known)) => value.clone_into(known),
        None => env.push((key.to_owned(), value.to_owned())),
    }
}

fn set_default(env: &mut Vec<(String, String)>, key: &str, value: &str) {
    if !env.iter().any(|(known, _)| known == key) {
        env.push((key.to_owned(), value.to_owned()));
    }
}

/// Sets each of `more`, leaving out names that no environment can hold.
pub(crate) fn extend<'a>(
    env: &mut Vec<(String, String)>,
    more: impl IntoIterator<Item = (&'a String, &'a String)>,
) {
    for (key, value) in more {
        if !key.is_empty() && !key.contains(['=', '\0']) && !value.contains('\0') {
            set(env, key, value);
        }
    }
}

/// Replaces `$NAME` and `${NAME}` by their values in `env` (nothing for unknown ones).
pub(crate) fn expand(text: &str, env: &[(String, String)]) -> String {
    let value = |name: &str| {
        env.iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some((name, after)) = rest
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
        {
            out.push_str(value(name));
            rest = after;
            continue;
        }
        let end = rest
            .find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
            .unwrap_or(rest.len());
        if end == 0 {
            out.push('$');
        } else {
            out.push_str(value(&rest[..end]));
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn identity_is_the_accounts_and_own_settings_are_gone() {
        let own = pairs(&[
            ("HOME", "/root"),
            ("PATH", "/usr/bin"),
            ("SUPERVISOR_API_PORT", "1"),
            ("GITPOD_TASKS", "[]"),
            ("GITPOD_HOST", "http://localhost"),
            ("TERM", "dumb"),
        ]);
        let account = Account {
            name: String::from("gitpod"),
            uid: 33333,
            gid: 33333,
            home: "/home/gitpod".into(),
        };
        let env = compose(
            &own,
            &Basis {
                account: &account,
                shell: Path::new("/bin/bash"),
                tools: Path::new("/.supervisor"),
                history: None,
                api_port: 22999,
                editor_port: 23000,
            },
        );
        let get = |name: &str| {
            env.iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(get("HOME"), Some("/home/gitpod"));
        assert_eq!(get("PATH"), Some("/usr/bin:/.supervisor"));
        assert_eq!(get("SUPERVISOR_API_PORT"), None);
        assert_eq!(get("GITPOD_TASKS"), None);
        assert_eq!(get("GITPOD_HOST"), Some("http://localhost"));
        assert_eq!(get("TERM"), Some("dumb"));
        assert_eq!(get("SUPERVISOR_ADDR"), Some("localhost:22999"));
    }

    #[test]
    fn expansion_knows_both_forms_and_leaves_the_rest() {
        let env = pairs(&[("A", "1"), ("B_2", "two")]);
        assert_eq!(expand("$A-${B_2}-$C-${C}$", &env), "1-two--$");
        assert_eq!(expand("100$ ${open", &env), "100$ ${open");
    }
}
