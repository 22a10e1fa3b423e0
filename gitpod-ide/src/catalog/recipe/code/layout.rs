//! Where things lie in the package. `lib/node` beside `lib/vscode` is where the `code` command of its terminals looks.

use std::os::unix::fs::symlink;
use std::path::Path;

use gitpod_core::Result;

use super::files;

/// Taken from code-server beside the server itself.
const FROM_SERVER: [(&str, &str); 7] = [
    ("lib/vscode", "lib/vscode"),
    ("LICENSE", "licenses/code-server.txt"),
    ("ThirdPartyNotices.txt", "licenses/vscode-third-party.txt"),
    ("src/browser/media/favicon.ico", "media/favicon.ico"),
    (
        "src/browser/media/favicon-dark-support.svg",
        "media/favicon-dark-support.svg",
    ),
    (
        "src/browser/media/pwa-icon-192.png",
        "media/pwa-icon-192.png",
    ),
    (
        "src/browser/media/pwa-icon-512.png",
        "media/pwa-icon-512.png",
    ),
];

const FROM_NODE: [(&str, &str); 2] = [("bin/node", "lib/node"), ("LICENSE", "licenses/node.txt")];

/// The scripts for this system, under the names that terminals call.
const LINKS: [(&str, &str); 3] = [
    ("code-linux.sh", "lib/vscode/bin/remote-cli/code"),
    ("code-linux.sh", "lib/vscode/bin/remote-cli/code-server"),
    ("browser-linux.sh", "lib/vscode/bin/helpers/browser.sh"),
];

/// Moves the unpacked `server` and `node` to their places in `package`; their own dependencies are left behind.
pub(super) fn arrange(server: &Path, node: &Path, package: &Path) -> Result<()> {
    for (from, to) in FROM_SERVER {
        files::rename(&server.join(from), &package.join(to))?;
    }
    for (from, to) in FROM_NODE {
        files::rename(&node.join(from), &package.join(to))?;
    }
    for (target, link) in LINKS {
        let link = package.join(link);
        files::remove(&link)?;
        symlink(target, &link)
            .map_err(|error| files::failed("cannot link a command of the editor", &link, error))?;
    }
    Ok(())
}
