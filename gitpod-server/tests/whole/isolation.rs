//! What user code can reach: nothing but its own.

use std::net::TcpListener;

use crate::installation::Installation;
use crate::repository::Repository;

pub(crate) fn a_workspace_reaches_nobody_else() {
    let (installation, repository) = (Installation::fresh(), Repository::with(&[("a", "b")]));
    let (mine, other) = (
        installation.create(&repository.url()),
        installation.create(&repository.url()),
    );
    let secret = installation
        .data_dir()
        .join("admin-token")
        .display()
        .to_string();
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // Each line is a way out; each has to fail.
    let ways = [
        format!("cat {secret}"),
        String::from("cat /etc/shadow"),
        String::from("ls /root/."),
        String::from("ls /proc/1/root/home/."),
        format!("grep -r {other} /proc/*/environ"),
        String::from("mount -t proc none /mnt"),
        String::from("unshare -U true"),
        String::from("mknod /tmp/disk b 254 0"),
        String::from("echo 1 > /proc/sys/kernel/panic"),
        String::from("echo b > /proc/sysrq-trigger"),
        String::from("dmesg"),
        format!("timeout 3 bash -c 'echo > /dev/tcp/127.0.0.1/{port}'"),
        format!(
            "timeout 3 bash -c 'echo > /dev/tcp/127.0.0.1/{}'",
            installation.port()
        ),
        // The node, by its address on the workspaces' network.
        format!(
            "timeout 3 bash -c 'echo > /dev/tcp/'$(awk '$2==\"00000000\"{{g=$3; printf \"%d.%d.%d.%d\", \
             strtonum(\"0x\" substr(g,7,2)), strtonum(\"0x\" substr(g,5,2)), strtonum(\"0x\" substr(g,3,2)), \
             strtonum(\"0x\" substr(g,1,2)); exit}}' /proc/net/route)/{port}"
        ),
    ];
    for way in ways {
        let output = installation.gitpod(&["workspace", "exec", &mine, "--", "sh", "-c", &way]);
        assert!(!output.status.success(), "this worked from inside: {way}");
    }
    let environment = installation.exec(&mine, &["env"]);
    assert!(!environment.contains("OWNER_TOKEN"), "{environment}");
}

pub(crate) fn a_fork_bomb_hurts_only_its_own() {
    let (installation, repository) = (Installation::fresh(), Repository::with(&[("a", "b")]));
    let (bomb, other) = (
        installation.create(&repository.url()),
        installation.create(&repository.url()),
    );
    let script = "for i in $(seq 20000); do sleep 30 & done 2>/dev/null; true";
    installation.gitpod(&[
        "workspace",
        "exec",
        &bomb,
        "--",
        "timeout",
        "5",
        "bash",
        "-c",
        script,
    ]);
    assert_eq!(
        installation.exec(&other, &["sh", "-c", "echo fine"]),
        "fine\n"
    );
    assert!(
        installation
            .gitpod(&["workspace", "stop", &bomb])
            .status
            .success()
    );
}
