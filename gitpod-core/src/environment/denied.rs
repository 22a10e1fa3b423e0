//! Variables that change what programs run, or that are the platform's own.

const NAMES: [&str; 14] = [
    "BASH_ENV",
    "ENV",
    "PROMPT_COMMAND",
    "ZDOTDIR",
    "PATH",
    "SHELL",
    "IFS",
    "CDPATH",
    "BASHOPTS",
    "SHELLOPTS",
    "GLOBIGNORE",
    "EDITOR",
    "VISUAL",
    "PAGER",
];
const STARTS: [&str; 12] = [
    "PS",
    "LD_",
    "DYLD_",
    "PYTHON",
    "PERL",
    "RUBY",
    "NODE_",
    "JAVA_",
    "GIT_",
    "BASH_FUNC",
    "GITPOD_",
    "SUPERVISOR_",
];
const ENDS: [&str; 6] = ["_PATH", "_HOME", "_CONFIG", "_OPTIONS", "_STARTUP", "_INIT"];
/// The platform says these; nobody else may.
const RESERVED_STARTS: [&str; 2] = ["GITPOD_", "SUPERVISOR_"];

/// Whether an address, which anybody can make up and send, may set the variable.
pub fn may_be_set_by_address(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    !(NAMES.contains(&name.as_str())
        || STARTS.iter().any(|start| name.starts_with(start))
        || ENDS.iter().any(|end| name.ends_with(end)))
}

/// Whether the name is the platform's own. `GITPOD_IMAGE_AUTH` is for people to set.
pub(super) fn is_reserved(name: &str) -> bool {
    name != super::IMAGE_AUTH && RESERVED_STARTS.iter().any(|start| name.starts_with(start))
}
