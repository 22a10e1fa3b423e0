//! Submodules, level by level: git alone would follow any URL that a repository's `.gitmodules` names.

use std::collections::VecDeque;
use std::path::Path;

use gitpod_core::Result;
use gitpod_core::content::InitReport;
use url::Url;

use super::checkout::Checkout;
use super::failure::{Attempt, printable};
use super::remote::Remote;
use super::room::Room;
use crate::beneath::{self, blocking, check_location};

/// How deep submodules may nest, and how many there may be in all.
const MAX_DEPTH: usize = 4;
const MAX_MODULES: usize = 64;

/// A repository whose submodules are wanted.
struct Parent {
    /// Below the clone; empty for the clone itself.
    path: String,
    remote: Url,
    depth: usize,
}

/// A submodule, as `.gitmodules` declares it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Module {
    name: String,
    path: String,
    url: String,
}

/// Clones the submodules. Best effort: one that cannot be had is a warning, but for a full disk.
pub(super) async fn update(
    checkout: &Checkout<'_>,
    room: &Room,
    host_tree: &Path,
    report: &mut InitReport,
) -> Result<()> {
    let mut parents = VecDeque::from([Parent {
        path: String::new(),
        remote: checkout.source.remote.clone(),
        depth: 0,
    }]);
    let mut done = 0;
    while let Some(parent) = parents.pop_front() {
        for module in declared(checkout, room, host_tree, &parent).await? {
            if done == MAX_MODULES || parent.depth == MAX_DEPTH {
                let limit =
                    format!("only {MAX_MODULES} submodules, nested {MAX_DEPTH} deep, were cloned");
                report.warnings.push(limit);
                return Ok(());
            }
            done += 1;
            match update_one(checkout, room, &parent, &module).await {
                Ok(child) => parents.push_back(child),
                Err(error) if error.context().any(|(key, _)| key == "disk") => return Err(error),
                Err(error) => report.warnings.push(format!(
                    "the submodule `{}` was left out: {error}",
                    printable(&module.path)
                )),
            }
        }
    }
    Ok(())
}

/// The submodules of `parent`, as its checked-out `.gitmodules` declares them.
async fn declared(
    checkout: &Checkout<'_>,
    room: &Room,
    host_tree: &Path,
    parent: &Parent,
) -> Result<Vec<Module>> {
    let file = below(&parent.path, ".gitmodules");
    let wanted = file.clone();
    let found = blocking(
        "cannot read the clone",
        host_tree.to_path_buf(),
        move |tree| beneath::read(tree, &wanted, 1),
    )
    .await?;
    if found.is_none() {
        return Ok(Vec::new());
    }
    let mut session = checkout.git.offline().await?;
    session.enter(room);
    let file = room.see(&below(super::checkout::TREE, &file));
    let pattern = r"^submodule\..*\.(path|url)$";
    // A file that git cannot read declares nothing.
    let arguments = ["config", "--null", "--file", &file, "--get-regexp", pattern];
    let output = session.try_run("read the submodules", &arguments).await?;
    Ok(parse(&output.stdout))
}

async fn update_one(
    checkout: &Checkout<'_>,
    room: &Room,
    parent: &Parent,
    module: &Module,
) -> Result<Parent> {
    check_location(&module.path)?;
    let url = join(&parent.remote, &module.url)?;
    let attempt = Attempt {
        what: "clone the submodule",
        remote: Some(&url),
        reference: None,
    };
    let remote = Remote::admit(&url, checkout.context.allow_local).await?;
    let mut session = checkout.git.online(&remote).await?;
    session.enter(room);
    session.set_timeout(checkout.git.config.clone_timeout());
    let directory = room.see(&below(super::checkout::TREE, &parent.path));
    // What was checked is what git uses: the URL in the configuration wins over that of the file.
    let key = format!("submodule.{}.url", module.name);
    session
        .run(&attempt, &["-C", &directory, "config", &key, url.as_str()])
        .await?;
    let path = format!(":(top,literal){}", module.path);
    session
        .run(
            &attempt,
            &[
                "-C",
                &directory,
                "submodule",
                "update",
                "--init",
                "--",
                &path,
            ],
        )
        .await?;
    Ok(Parent {
        path: below(&parent.path, &module.path),
        remote: url,
        depth: parent.depth + 1,
    })
}

fn below(directory: &str, path: &str) -> String {
    match (directory, path) {
        ("", path) => path.to_owned(),
        (directory, "") => directory.to_owned(),
        (directory, path) => format!("{directory}/{path}"),
    }
}

/// The URL of a submodule; `./` and `../` are relative to the parent's.
fn join(parent: &Url, url: &str) -> Result<Url> {
    let malformed = || {
        gitpod_core::Error::invalid("the URL of a submodule cannot be used")
            .with_context("url", printable(url))
            .with_hint("use an https:// URL, or one relative to the parent repository")
    };
    if !(url.starts_with("./") || url.starts_with("../")) {
        return match scp_like(url) {
            Some(url) => Url::parse(&url).map_err(|_| malformed()),
            None => Url::parse(url).map_err(|_| malformed()),
        };
    }
    let mut base: Vec<&str> = parent.path().trim_matches('/').split('/').collect();
    let mut rest = url;
    loop {
        if let Some(after) = rest.strip_prefix("./") {
            rest = after;
        } else if let Some(after) = rest.strip_prefix("../") {
            base.pop().ok_or_else(malformed)?;
            rest = after;
        } else {
            break;
        }
    }
    base.push(rest.trim_end_matches('/'));
    let mut joined = parent.clone();
    joined.set_path(&base.join("/"));
    Ok(joined)
}

/// `user@host:path` as a URL.
fn scp_like(url: &str) -> Option<String> {
    let (host, path) = url.split_once(':')?;
    let is_host = !host.is_empty() && !host.contains('/') && !path.starts_with("//");
    is_host.then(|| format!("ssh://{host}/{}", path.trim_start_matches('/')))
}

/// Parses `git config --null --get-regexp` of `submodule.*.path|url`: `key LF value NUL`.
fn parse(output: &[u8]) -> Vec<Module> {
    let mut modules: Vec<Module> = Vec::new();
    for record in output.split(|&byte| byte == 0) {
        let Ok(record) = std::str::from_utf8(record) else {
            continue;
        };
        let Some((key, value)) = record.split_once('\n') else {
            continue;
        };
        let Some((name, field)) = key
            .strip_prefix("submodule.")
            .and_then(|rest| rest.rsplit_once('.'))
        else {
            continue;
        };
        if name.is_empty()
            || [name, value]
                .iter()
                .any(|s| s.chars().any(char::is_control))
        {
            continue;
        }
        let at = modules.iter().position(|module| module.name == name);
        let at = at.unwrap_or_else(|| {
            modules.push(Module {
                name: name.to_owned(),
                ..Module::default()
            });
            modules.len() - 1
        });
        match field {
            "path" => value.clone_into(&mut modules[at].path),
            "url" => value.clone_into(&mut modules[at].url),
            _ => {}
        }
    }
    modules.retain(|module| !module.path.is_empty() && !module.url.is_empty());
    modules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_urls_stay_on_the_parents_host() {
        let parent = Url::parse("https://h.example/a/b.git").unwrap();
        let joined = |url: &str| join(&parent, url).map(String::from).ok();
        assert_eq!(joined("../c.git").unwrap(), "https://h.example/a/c.git");
        assert_eq!(joined("../../x/y").unwrap(), "https://h.example/x/y");
        assert_eq!(joined("./sub").unwrap(), "https://h.example/a/b.git/sub");
        assert_eq!(joined("../../../evil.example/x"), None);
        assert_eq!(
            joined("git@h.example:o/r.git").unwrap(),
            "ssh://git@h.example/o/r.git"
        );
        assert_eq!(
            joined("https://i.example/z").unwrap(),
            "https://i.example/z"
        );
        assert_eq!(joined("/etc"), None);
    }

    #[test]
    fn modules_need_path_and_url() {
        let output = b"submodule.a.b.path\nlib/x\0submodule.a.b.url\n../x\0submodule.c.path\nc\0submodule.d.url\nd\ne\0junk\0";
        assert_eq!(
            parse(output),
            [Module {
                name: "a.b".to_owned(),
                path: "lib/x".to_owned(),
                url: "../x".to_owned()
            }]
        );
    }
}
