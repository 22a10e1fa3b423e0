//! The configuration that every git command gets instead of this machine's.

use std::fmt::Write;
use std::net::IpAddr;

use super::remote::{Protocol, Remote};

/// For every command: nothing of a repository runs, nothing runs in the background, every owner is fine (a job sees only what
/// it was given).
const BASE: &str = "\
[safe]
\tdirectory = *
[core]
\thooksPath = /dev/null
\tfsmonitor = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[advice]
\tdetachedHead = false
[init]
\tdefaultBranch = main
[submodule]
\trecurse = false
[credential]
\thelper =
[transfer]
\tcredentialsInUrl = die
[http]
\tlowSpeedLimit = 1
\tlowSpeedTime = 60
";

/// For questions about what is there.
pub(super) fn offline() -> String {
    BASE.to_owned()
}

/// For commands that speak to `remote`: kept to the addresses that were checked, and to no redirect.
pub(super) fn for_remote(remote: &Remote) -> String {
    let mut text = BASE.to_owned();
    if remote.pins.is_empty() {
        return text;
    }
    let host = remote.host.trim_matches(['[', ']']);
    match remote.protocol {
        Protocol::Https | Protocol::Http => {
            let pins: Vec<String> = remote.pins.iter().map(bracketed).collect();
            let (port, pins) = (remote.port, pins.join(","));
            text.push_str("[http]\n\tfollowRedirects = false\n");
            section(
                &mut text,
                "curloptResolve",
                &format!("{host}:{port}:{pins}"),
            );
        }
        Protocol::Git => {
            let prefix = |host: &str| format!("git://{host}:{}/", remote.port);
            let pin = bracketed(&remote.pins[0]);
            for written in [prefix(&remote.host), format!("git://{}/", remote.host)] {
                let _infallible = writeln!(text, "[url {}]", quoted(&prefix(&pin)));
                section(&mut text, "insteadOf", &written);
            }
        }
        Protocol::Ssh | Protocol::File => {}
    }
    text
}

/// The ssh command: no questions, no agent, known hosts only, and the address that was checked.
pub(super) fn ssh_command(remote: &Remote) -> String {
    let mut command = String::from(
        "ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=20",
    );
    if let Some(pin) = remote.pins.first() {
        // Git hands this to a shell; an address prints as digits, hex digits, `.` and `:`, and the host was checked.
        let host = remote.host.trim_matches(['[', ']']);
        let _infallible = write!(command, " -o HostName={pin} -o HostKeyAlias={host}");
    }
    command
}

fn bracketed(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

fn section(text: &mut String, key: &str, value: &str) {
    let _infallible = writeln!(text, "\t{key} = {}", quoted(value));
}

/// `value` as a string of git's configuration language.
pub(super) fn quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for c in value.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn remote(url: &str, protocol: Protocol, port: u16) -> Remote {
        let url = Url::parse(url).unwrap();
        Remote {
            host: url.host_str().unwrap_or_default().to_owned(),
            url,
            protocol,
            port,
            pins: vec!["1.2.3.4".parse().unwrap(), "2606::1".parse().unwrap()],
            local: None,
        }
    }

    #[test]
    fn http_is_kept_to_the_checked_addresses() {
        let text = for_remote(&remote("https://h.example/x", Protocol::Https, 443));
        assert!(text.contains("followRedirects = false"));
        assert!(text.contains(r#"curloptResolve = "h.example:443:1.2.3.4,[2606::1]""#));
    }

    #[test]
    fn git_and_ssh_are_kept_to_the_checked_address() {
        let text = for_remote(&remote("git://h.example/x", Protocol::Git, 9418));
        assert!(text.contains("[url \"git://1.2.3.4:9418/\"]\n\tinsteadOf = \"git://h.example/\""));
        let command = ssh_command(&remote("ssh://git@h.example/x", Protocol::Ssh, 22));
        assert!(command.ends_with("-o HostName=1.2.3.4 -o HostKeyAlias=h.example"));
    }
}
