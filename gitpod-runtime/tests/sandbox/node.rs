//! A node of an ordinary user's, for one case: with a network of its own, somebody out there to reach, and a name server that
//! listens on the node's loopback alone, as systemd's does.

use std::io::Write as _;
use std::net::{Ipv4Addr, UdpSocket};
use std::process::{Child, Command, Stdio};

/// Whether this process is to make such a node, or runs on one.
const MARKER: &str = "GITPOD_TEST_NODE";
/// The node's own address on its network.
pub(crate) const NODE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
/// Somebody else's, who serves HTTP at port 8080.
pub(crate) const SOMEBODY: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 2);

/// Runs one case of this executable as an ordinary user on such a node.
pub(crate) fn play(case: &str) -> Result<(), String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("unshare")
        .args(["--net", "--mount"])
        .arg(this)
        .args(["--exact", case, "--nocapture"])
        .env(MARKER, "1")
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    // Not to be found would be a success, too.
    if output.status.success() && said.contains("1 passed") {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("as a user: {}\n{said}\n{errors}", output.status))
}

/// Makes the node if this process is to and is root. What is answered has to live as long as the node.
pub(crate) fn make() -> Option<Somebody> {
    let is_root = rustix::process::geteuid().is_root();
    let asked = is_root && std::env::var_os(MARKER).is_some();
    asked.then(|| {
        let somebody = Somebody::new();
        answer_names();
        somebody
    })
}

/// Another machine: a network namespace with a server in it.
#[derive(Debug)]
pub(crate) struct Somebody(Child);

impl Somebody {
    fn new() -> Self {
        let serve = format!(
            "echo there && read linked && ip address add {SOMEBODY}/24 dev in && ip link set in up \
             && exec python3 -m http.server --bind {SOMEBODY} --directory /usr/share/misc 8080 2>/dev/null"
        );
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "unshare", "--net", "sh", "-c"])
            .arg(serve)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut there = [0; 6];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut there).unwrap();
        ip(&format!(
            "link add out type veth peer name in netns {}",
            child.id()
        ));
        for step in [
            String::from("link set lo up"),
            format!("address add {NODE}/24 dev out"),
            String::from("link set out up"),
            format!("route add default via {SOMEBODY}"),
        ] {
            ip(&step);
        }
        writeln!(child.stdin.as_mut().unwrap(), "linked").unwrap();
        Self(child)
    }
}

impl Drop for Somebody {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status();
    assert!(status.as_ref().unwrap().success(), "ip {arguments}");
}

/// Answers every question for a name with [`SOMEBODY`], on the node's loopback, and has the node ask there.
fn answer_names() {
    let socket = UdpSocket::bind("127.0.0.1:53").unwrap();
    std::thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut question) {
            let mut answer = question[..length].to_vec();
            // A response, recursion available, with one answer and nothing after it.
            answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
            // What follows the question itself is an extension; it is not answered.
            let name = answer[12..].iter().position(|byte| *byte == 0).unwrap();
            let is_ipv4 = answer[12 + name + 1..][..2] == [0, 1];
            answer.truncate(12 + name + 5);
            if is_ipv4 {
                // The name of the question, type A, class IN, for a minute.
                answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
                answer.extend(SOMEBODY.octets());
            } else {
                answer[7] = 0;
            }
            let _ = socket.send_to(&answer, from);
        }
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "nameserver 127.0.0.1\n").unwrap();
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(file.path(), readable).unwrap();
    let status = Command::new("mount")
        .arg("--bind")
        .args([file.path(), "/etc/resolv.conf".as_ref()])
        .status();
    assert!(status.unwrap().success(), "mount");
}
