//! `/etc` of an instance on the host's tool chain.

use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::copy;

/// What tools need to run and what holds no secret. Files that only root may read are left out even so.
const ALLOWED: [&str; 42] = [
    "alternatives",
    "apt",
    "bash.bashrc",
    "bash_completion.d",
    "binfmt.d",
    "ca-certificates",
    "ca-certificates.conf",
    "chromium",
    "chromium.d",
    "debian_version",
    "default/locale",
    "dpkg",
    "fonts",
    "gai.conf",
    "host.conf",
    "inputrc",
    "java-17-openjdk",
    "java-21-openjdk",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "ld-musl-x86_64.d",
    "ld-musl-x86_64.path",
    "locale.alias",
    "locale.conf",
    "locale.gen",
    "localtime",
    "magic",
    "mime.types",
    "networks",
    "os-release",
    "perl",
    "pki",
    "profile",
    "profile.d",
    "protocols",
    "python3",
    "services",
    "shells",
    "ssl",
    "terminfo",
    "timezone",
];

const PASSWD: &str = "\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
gitpod:x:33333:33333:gitpod:/home/gitpod:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
";

const GROUP: &str = "\
root:x:0:
daemon:x:1:
tty:x:5:
www-data:x:33:
shadow:x:42:
utmp:x:43:
video:x:44:
staff:x:50:
users:x:100:
gitpod:x:33333:
nogroup:x:65534:
";

const NSSWITCH: &str = "\
passwd: files
group: files
shadow: files
hosts: files dns
networks: files
protocols: files
services: files
ethers: files
rpc: files
";

/// Fills the directory `etc`.
pub(super) fn generate(etc: &Path, extra: &[PathBuf], resolver: &str) -> io::Result<()> {
    let extra = extra.iter().filter_map(|path| {
        let below = path.strip_prefix("/etc").unwrap_or(path);
        below.is_relative().then(|| below.to_owned())
    });
    for name in ALLOWED.iter().map(PathBuf::from).chain(extra) {
        match copy::tree(&Path::new("/etc").join(&name), &etc.join(&name)) {
            // What this user may not read is not for workspaces either.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied
                ) => {}
            other => other?,
        }
    }
    // Credentials for package sources; and what `ssl` may hold beside certificates.
    for secret in ["apt/auth.conf", "apt/auth.conf.d", "ssl/private"] {
        remove(&etc.join(secret))?;
    }
    fs::write(etc.join("passwd"), PASSWD)?;
    fs::write(etc.join("group"), GROUP)?;
    fs::write(etc.join("nsswitch.conf"), NSSWITCH)?;
    fs::write(etc.join("resolv.conf"), resolver)?;
    fs::write(etc.join("machine-id"), "")?;
    symlink("/proc/self/mounts", etc.join("mtab"))
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// `resolv.conf`: the given name servers, else those of the node that can be reached from elsewhere.
pub(in crate::sandbox) fn resolver(name_servers: &[String]) -> String {
    if !name_servers.is_empty() {
        let lines = name_servers
            .iter()
            .flat_map(|server| ["nameserver ", server, "\n"]);
        return lines.collect();
    }
    // Where systemd's stub is in use, the real servers are in the second file.
    let node = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];
    node.iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .map(|text| reachable(&text))
        .find(|text| text.contains("nameserver"))
        .unwrap_or_default()
}

/// `resolv.conf`: as the node's, with this name server alone.
pub(in crate::sandbox) fn resolver_at(server: Ipv4Addr) -> String {
    let node = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let others = node.lines().filter(|line| !line.starts_with("nameserver"));
    others
        .flat_map(|line| [line, "\n"])
        .chain(["nameserver ", &server.to_string(), "\n"])
        .collect()
}

fn reachable(text: &str) -> String {
    let local = |line: &&str| {
        let server = line.strip_prefix("nameserver").map(str::trim);
        server.is_some_and(|server| server.starts_with("127.") || server == "::1")
    };
    text.lines()
        .filter(|line| !local(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_on_the_nodes_loopback_are_left_out() {
        let text = "search a.example\nnameserver 127.0.0.53\nnameserver 10.0.0.2\n";
        assert_eq!(reachable(text), "search a.example\nnameserver 10.0.0.2\n");
    }

    #[test]
    fn there_is_no_shadow() {
        let directory = tempfile::tempdir().unwrap();
        generate(directory.path(), &[], "").unwrap();
        assert!(directory.path().join("passwd").exists());
        for secret in ["shadow", "ssh", "ssl/private", "sudoers"] {
            assert!(!directory.path().join(secret).exists(), "{secret}");
        }
    }
}
