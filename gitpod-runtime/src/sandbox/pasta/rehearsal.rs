//! Whether `pasta` works here, found out by having it do its work for a program that ends at once.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::arguments;
use crate::sandbox::network::Subnet;

/// How often it is looked whether it is done, and how long in between: it takes a tenth of a second on an idle machine.
const LOOKS: u32 = 1000;
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// Bytes of its complaints that are read at most.
const MOST: u64 = 16 * 1024;

/// Tries. The error is what the program says.
pub(in crate::sandbox) fn rehearse(program: &Path) -> Result<(), String> {
    let subnet = Subnet::parse("10.224.0.0/28").map_err(|error| error.to_string())?;
    let argv = arguments(program, subnet);
    let mut child = Command::new(program)
        .args(&argv[1..])
        // In namespaces of its own, which it makes for it.
        .arg("true")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let succeeded = wait(&mut child);
    let mut said = String::new();
    if let Some(stderr) = child.stderr.take() {
        // What cannot be read is not said.
        let _ = stderr.take(MOST).read_to_string(&mut said);
    }
    match succeeded {
        Some(true) => Ok(()),
        Some(false) => Err(reason(&said)),
        None => Err(String::from("it does not come to an end")),
    }
}

/// Whether it succeeded; `None` if it had to be killed.
fn wait(child: &mut Child) -> Option<bool> {
    for _ in 0..LOOKS {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) => std::thread::sleep(LOOK_AGAIN),
            Err(_) => break,
        }
    }
    // It may have ended meanwhile.
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// The last complaint that is about the matter.
fn reason(said: &str) -> String {
    said.lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty() && !line.contains("to syslog"))
        .unwrap_or("it failed without a word")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_not_that_there_is_no_log() {
        let said = "Failed to open tun socket in namespace\nFailed to send 45 bytes to syslog\n\n";
        assert_eq!(reason(said), "Failed to open tun socket in namespace");
        assert_eq!(reason(""), "it failed without a word");
    }

    #[test]
    fn a_program_that_fails_is_no_way_out() {
        assert!(rehearse(Path::new("/bin/false")).is_err());
        assert!(rehearse(Path::new("/nonexistent/pasta")).is_err());
    }
}
