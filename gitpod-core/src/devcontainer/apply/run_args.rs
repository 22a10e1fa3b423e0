//! Arguments for a container's command line: read as one reads it, honoured where a workspace has the like.

use super::container::{mount, user};
use crate::devcontainer::notice::Notices;

/// An option of `runArgs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Argument<'f> {
    index: usize,
    /// Its long name, without dashes.
    name: &'f str,
    value: Option<&'f str>,
}

/// Options of one letter, and whether a value follows.
const SHORT: [(char, &str, bool); 13] = [
    ('e', "env", true),
    ('p', "publish", true),
    ('v', "volume", true),
    ('u', "user", true),
    ('m', "memory", true),
    ('c', "cpu-shares", true),
    ('h', "hostname", true),
    ('l', "label", true),
    ('w', "workdir", true),
    ('P', "publish-all", false),
    ('d', "detach", false),
    ('i', "interactive", false),
    ('t', "tty", false),
];
/// Options that stand alone.
const SWITCHES: [&str; 9] = [
    "privileged",
    "init",
    "rm",
    "tty",
    "interactive",
    "detach",
    "publish-all",
    "read-only",
    "no-healthcheck",
];

impl<'f> Argument<'f> {
    pub(super) fn property(&self) -> String {
        format!("runArgs[{}]", self.index)
    }

    /// `--env NAME=value`.
    pub(super) fn env(&self) -> Option<(&'f str, &'f str)> {
        self.value_of("env")?.split_once('=')
    }

    /// `--publish 8080:80`.
    pub(super) fn publish(&self) -> Option<&'f str> {
        self.value_of("publish")
    }

    fn value_of(&self, name: &str) -> Option<&'f str> {
        self.value.filter(|_| self.name == name)
    }
}

pub(super) fn read(words: &[String]) -> Vec<Argument<'_>> {
    let mut arguments = Vec::new();
    let mut words = words.iter().map(String::as_str).enumerate().peekable();
    while let Some((index, word)) = words.next() {
        let (name, value, needs_value) = option(word.trim());
        let value = value.or_else(|| {
            let next = words.next_if(|(_, next)| needs_value && !next.starts_with('-'));
            next.map(|(_, value)| value)
        });
        arguments.push(Argument { index, name, value });
    }
    arguments
}

/// An option's long name, the value that stands in the same word, and whether it needs one.
fn option(word: &str) -> (&str, Option<&str>, bool) {
    if let Some(long) = word.strip_prefix("--") {
        return match long.split_once('=') {
            Some((name, value)) => (name, Some(value), true),
            None => (long, None, !long.is_empty() && !SWITCHES.contains(&long)),
        };
    }
    let Some(letters) = word.strip_prefix('-') else {
        return (word, None, false);
    };
    let known = SHORT
        .iter()
        .find(|(letter, ..)| letters.starts_with(*letter));
    let Some((letter, name, takes_value)) = known else {
        return (letters, None, true);
    };
    let rest = &letters[letter.len_utf8()..];
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    let value = Some(rest).filter(|rest| *takes_value && !rest.is_empty());
    (name, value, *takes_value)
}

/// Says what becomes of each.
pub(super) fn apply(arguments: &[Argument<'_>], notices: &mut Notices<'_>) {
    for argument in arguments {
        let (property, value) = (argument.property(), argument.value.unwrap_or_default());
        match argument.name {
            // Set, served, or what a workspace has anyway.
            "env" if value.contains('=') => {}
            "publish" | "init" | "interactive" | "tty" | "detach" => {}
            "env" => notices.ignored(property, "there is no host's environment to take it from"),
            "env-file" => notices.ignored(property, "not read; use containerEnv"),
            "user" => user(&property, value, notices),
            "volume" | "mount" => volume(&property, value, notices),
            "tmpfs" => notices.ignored(property, "not mounted"),
            "name" | "hostname" | "label" | "domainname" | "network-alias" => {
                notices.ignored(property, "the platform names its workspaces");
            }
            "memory" | "memory-swap" | "memory-reservation" | "cpus" | "cpu-shares"
            | "cpuset-cpus" | "shm-size" | "pids-limit" | "ulimit" => {
                notices.ignored(property, "the workspace's class says what there is");
            }
            "network" | "net" if value == "host" => {
                notices.refused(property, "each workspace has a network of its own");
            }
            "network" | "net" | "add-host" | "dns" | "ip" | "link" => {
                notices.ignored(property, "each workspace has a network of its own");
            }
            "privileged" | "cap-add" | "security-opt" | "device" | "device-cgroup-rule" | "pid"
            | "ipc" | "uts" | "userns" | "cgroupns" | "cgroup-parent" | "sysctl" | "group-add"
            | "volumes-from" => {
                notices.refused(property, "a workspace has no rights on its host");
            }
            "gpus" | "runtime" => notices.ignored(property, "no graphics processor is offered"),
            "publish-all" => notices.adapted(property, "every port that is served can be opened"),
            "rm" | "restart" => {
                notices.ignored(property, "the platform starts and stops workspaces");
            }
            "workdir" => notices.ignored(property, "use workspaceFolder"),
            _ => notices.ignored(property, "there is no container's command line here"),
        }
    }
}

/// `source:target`, or `type=…,source=…,target=…`.
fn volume(property: &str, value: &str, notices: &mut Notices<'_>) {
    let of_host = value.contains("type=bind") || value.starts_with(['/', '.', '~', '$']);
    mount(property, of_host, notices);
}
