//! Extra configuration of a clone, as a repository's file asks for it. A repository is hostile: what can name a program, a
//! file, another remote or another meaning of a URL is not for it to say.

/// Keys that may be set: lower case, section and name (a subsection, where one is written as `*`).
const ALLOWED: &[&str] = &[
    "advice.*",
    "blame.blankboundary",
    "blame.coloring",
    "blame.markignoredlines",
    "blame.markunblamablelines",
    "blame.showroot",
    "branch.autosetupmerge",
    "branch.autosetuprebase",
    "branch.sort",
    "checkout.defaultremote",
    "checkout.workers",
    "color.*",
    "column.*",
    "commit.cleanup",
    "commit.gpgsign",
    "commit.status",
    "commit.verbose",
    "core.abbrev",
    "core.autocrlf",
    "core.bigfilethreshold",
    "core.commentchar",
    "core.compression",
    "core.eol",
    "core.filemode",
    "core.ignorecase",
    "core.logallrefupdates",
    "core.longpaths",
    "core.precomposeunicode",
    "core.preloadindex",
    "core.quotepath",
    "core.safecrlf",
    "core.symlinks",
    "core.untrackedcache",
    "core.whitespace",
    "diff.algorithm",
    "diff.colormoved",
    "diff.colormovedws",
    "diff.context",
    "diff.ignoresubmodules",
    "diff.indentheuristic",
    "diff.interhunkcontext",
    "diff.mnemonicprefix",
    "diff.noprefix",
    "diff.relative",
    "diff.renamelimit",
    "diff.renames",
    "diff.submodule",
    "diff.wordregex",
    "feature.experimental",
    "feature.manyfiles",
    "fetch.fsckobjects",
    "fetch.parallel",
    "fetch.prune",
    "fetch.prunetags",
    "fetch.recursesubmodules",
    "fetch.writecommitgraph",
    "format.signoff",
    "grep.extendedregexp",
    "grep.linenumber",
    "grep.patterntype",
    "help.autocorrect",
    "i18n.commitencoding",
    "i18n.logoutputencoding",
    "index.threads",
    "index.version",
    "init.defaultbranch",
    "lfs.allowincompletepush",
    "lfs.concurrenttransfers",
    "lfs.fetchexclude",
    "lfs.fetchinclude",
    "lfs.locksverify",
    "lfs.skipdownloaderrors",
    "log.abbrevcommit",
    "log.date",
    "log.decorate",
    "log.follow",
    "log.showroot",
    "merge.autostash",
    "merge.conflictstyle",
    "merge.ff",
    "merge.log",
    "merge.renamelimit",
    "merge.renames",
    "merge.stat",
    "merge.verbosity",
    "pack.threads",
    "pull.ff",
    "pull.octopus",
    "pull.rebase",
    "pull.twohead",
    "push.autosetupremote",
    "push.default",
    "push.followtags",
    "push.gpgsign",
    "push.recursesubmodules",
    "push.useforceifincludes",
    "rebase.abbreviatecommands",
    "rebase.autosquash",
    "rebase.autostash",
    "rebase.backend",
    "rebase.missingcommitscheck",
    "rebase.rebasemerges",
    "rebase.stat",
    "rebase.updaterefs",
    "receive.denycurrentbranch",
    "rerere.autoupdate",
    "rerere.enabled",
    "revert.reference",
    "showbranch.default",
    "stash.showincludeuntracked",
    "stash.showpatch",
    "stash.showstat",
    "status.aheadbehind",
    "status.branch",
    "status.displaycommentprefix",
    "status.relativepaths",
    "status.renamelimit",
    "status.renames",
    "status.short",
    "status.showstash",
    "status.showuntrackedfiles",
    "submodule.fetchjobs",
    "submodule.propagatebranches",
    "submodule.recurse",
    "tag.gpgsign",
    "tag.sort",
    "transfer.fsckobjects",
    "user.email",
    "user.name",
    "user.useconfigonly",
    "versionsort.suffix",
];

const MAX_VALUE: usize = 1024;
const MAX_ENTRIES: usize = 100;

/// Splits `entries` into arguments of `git clone` and warnings about those that are left out.
pub(super) fn arguments(entries: &[(String, String)]) -> (Vec<String>, Vec<String>) {
    let mut arguments = Vec::new();
    let mut warnings = Vec::new();
    for (key, value) in entries.iter().take(MAX_ENTRIES) {
        if is_allowed(key) && value.len() <= MAX_VALUE && !value.chars().any(char::is_control) {
            arguments.push(format!("--config={key}={value}"));
        } else {
            let shown: String = key.escape_debug().take(80).collect();
            warnings.push(format!(
                "the git configuration `{shown}` was left out: a repository may not set it"
            ));
        }
    }
    if entries.len() > MAX_ENTRIES {
        warnings.push(format!(
            "only the first {MAX_ENTRIES} entries of the git configuration were taken"
        ));
    }
    (arguments, warnings)
}

fn is_allowed(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let Some((section, name)) = key.split_once('.') else {
        return false;
    };
    // Names of variables have letters, digits and `-`; a dot would make the first part of the name a subsection.
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    plain
        && ALLOWED.iter().any(|&allowed| {
            allowed == key
                || allowed
                    .strip_suffix(".*")
                    .is_some_and(|whole| whole == section)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_names_a_program_a_file_or_a_url_passes() {
        for good in [
            "core.autocrlf",
            "Core.AutoCRLF",
            "user.name",
            "pull.rebase",
            "advice.detachedHead",
            "color.ui",
        ] {
            assert!(is_allowed(good), "{good}");
        }
        for bad in [
            "core.fsmonitor",
            "core.sshCommand",
            "core.hooksPath",
            "core.editor",
            "core.pager",
            "core.gitProxy",
            "core.askPass",
            "core.alternateRefsCommand",
            "core.attributesFile",
            "core.excludesFile",
            "core.worktree",
            "alias.st",
            "filter.x.clean",
            "diff.external",
            "diff.x.command",
            "diff.x.textconv",
            "merge.x.driver",
            "credential.helper",
            "url.x.insteadOf",
            "http.proxy",
            "http.sslVerify",
            "include.path",
            "includeIf.x.path",
            "protocol.allow",
            "protocol.ext.allow",
            "remote.origin.url",
            "remote.origin.uploadpack",
            "gpg.program",
            "user.signingKey",
            "sequence.editor",
            "pager.log",
            "safe.directory",
            "uploadpack.packObjectsHook",
            "lfs.url",
            "lfs.customtransfer.x.path",
            "submodule.x.update",
            "color.ui.x",
            "advice",
            "advice.",
            "",
            ".",
            "color.a\nb",
            "core.commentString\n[alias]",
        ] {
            assert!(!is_allowed(bad), "{bad:?}");
        }
    }

    #[test]
    fn what_is_left_out_is_said() {
        let entry = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let (arguments, warnings) = arguments(&[
            entry("user.name", "Ada = Lovelace"),
            entry("alias.x", "!id"),
            entry("user.email", "a\nb"),
        ]);
        assert_eq!(arguments, ["--config=user.name=Ada = Lovelace"]);
        assert_eq!(warnings.len(), 2);
        assert!(warnings[0].contains("alias.x"));
    }
}
