//! Rules of the packet filter, in a table of our own.

use std::process::Stdio;

use gitpod_core::{Error, ErrorKind, Result};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::Subnet;
use crate::sandbox::instances::failed;
use crate::sandbox::naming::Naming;

/// The whole table. Loading it replaces an earlier one in one transaction.
fn rules(naming: Naming, subnet: Subnet, denied: &[Subnet]) -> String {
    let (table, bridge) = (naming.filter_table(), naming.bridge());
    let denied = denied.iter().fold(String::new(), |rules, network| {
        rules + &format!("    iifname \"{bridge}\" ip daddr {network} drop\n")
    });
    format!(
        "table inet {table}
delete table inet {table}
table inet {table} {{
  chain input {{
    type filter hook input priority -10; policy accept;
    iifname \"{bridge}\" ct state established,related accept
    iifname \"{bridge}\" drop
  }}
  chain forward {{
    type filter hook forward priority -10; policy accept;
    iifname \"{bridge}\" ip saddr != {subnet} drop
    iifname \"{bridge}\" meta nfproto ipv6 drop
    iifname \"{bridge}\" oifname \"{bridge}\" drop
{denied}    oifname \"{bridge}\" ct state established,related accept
    oifname \"{bridge}\" drop
  }}
  chain postrouting {{
    type nat hook postrouting priority 100; policy accept;
    ip saddr {subnet} oifname != \"{bridge}\" masquerade
  }}
}}
"
    )
}

/// Loads the rules.
pub(super) async fn apply(naming: Naming, subnet: Subnet, denied: &[String]) -> Result<()> {
    let denied: Vec<_> = denied
        .iter()
        .map(|network| Subnet::parse(network))
        .collect::<Result<_>>()?;
    load(&rules(naming, subnet, &denied)).await
}

/// Unloads them.
pub(super) async fn remove(naming: Naming) -> Result<()> {
    let table = naming.filter_table();
    load(&format!("table inet {table}\ndelete table inet {table}\n")).await
}

async fn load(rules: &str) -> Result<()> {
    let missing = |error| {
        Error::new(
            ErrorKind::Unsupported,
            "cannot run `nft`, which lets instances out",
        )
        .with_hint("install the package `nftables`")
        .with_source(error)
    };
    let mut child = Command::new("nft")
        .args(["-f", "-"])
        .env_clear()
        .env(
            "PATH",
            "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin",
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(missing)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read says why below.
        let _ = stdin.write_all(rules.as_bytes()).await;
    }
    let output = child
        .wait_with_output()
        .await
        .map_err(|e| failed("cannot load packet filter rules", e))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::new(
        ErrorKind::Unsupported,
        "the kernel refuses packet filter rules",
    )
    .with_context("nft", said.trim().chars().take(500).collect::<String>())
    .with_hint("the kernel needs nf_tables with nat and masquerade"))
}

/// Lets the node forward packets.
pub(super) fn forward(naming: Naming) -> Result<()> {
    // The bridge's own first: should the node forbid the rest, the error names what is to be done.
    for setting in [
        format!("/proc/sys/net/ipv4/conf/{}/forwarding", naming.bridge()),
        String::from("/proc/sys/net/ipv4/ip_forward"),
    ] {
        let on = std::fs::read_to_string(&setting).is_ok_and(|value| value.trim() == "1");
        if !on {
            std::fs::write(&setting, "1").map_err(|e| {
                failed("cannot switch on forwarding", e)
                    .with_context("path", setting)
                    .with_hint("set net.ipv4.ip_forward=1 with sysctl")
            })?;
        }
    }
    Ok(())
}
