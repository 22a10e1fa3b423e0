//! The programs that cases run inside instances: this executable again, so that an image needs no tools.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

/// First argument of a guest program.
pub(super) const MARKER: &str = "--conformance-guest";

/// A guest program and its arguments.
#[derive(Debug)]
pub(super) struct Program(Vec<String>);

/// The guest program these arguments ask for, if they do.
pub(super) fn recognise(mut arguments: impl Iterator<Item = String>) -> Option<Program> {
    (arguments.next()? == MARKER).then(|| Program(arguments.collect()))
}

impl Program {
    /// Plays the program. Exit codes: as the program says; 99 for an unknown one; 98 when it could not do its work.
    pub(super) fn play(self) -> ExitCode {
        let words: Vec<&str> = self.0.iter().map(String::as_str).collect();
        let outcome = match words.as_slice() {
            ["sleep"] => loop {
                thread::sleep(Duration::from_hours(1));
            },
            ["exit", code] => Ok(code.parse().unwrap_or(98)),
            ["echo", port] => serve_echo(port),
            ["cat"] => cat(),
            ["print", name] => print_fact(name),
            ["both"] => both(),
            ["connect", address] => Ok(connect(address)),
            ["exists", path] => Ok(u8::from(!std::path::Path::new(path).exists())),
            ["write", path] => Ok(u8::from(std::fs::write(path, b"written").is_err())),
            ["hog", mebibytes] => hog(mebibytes),
            ["spin", millis] => spin(millis),
            ["spawn", count] => spawn(count),
            ["orphan"] => orphan(),
            _ => Ok(99),
        };
        ExitCode::from(outcome.unwrap_or(98))
    }
}

/// Answers every connection with what it sends.
fn serve_echo(port: &str) -> std::io::Result<u8> {
    let port: u16 = port.parse().map_err(std::io::Error::other)?;
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    for connection in listener.incoming() {
        let mut connection = connection?;
        thread::spawn(move || {
            let mut reader = connection.try_clone()?;
            std::io::copy(&mut reader, &mut connection)
        });
    }
    Ok(0)
}

fn cat() -> std::io::Result<u8> {
    std::io::copy(&mut std::io::stdin(), &mut std::io::stdout())?;
    Ok(0)
}

/// Prints one fact about where this runs.
fn print_fact(name: &str) -> std::io::Result<u8> {
    let fact = match name {
        "cwd" => std::env::current_dir()?.display().to_string(),
        "hostname" => std::fs::read_to_string("/proc/sys/kernel/hostname")?,
        "uid_map" => std::fs::read_to_string("/proc/self/uid_map")?,
        "status" => std::fs::read_to_string("/proc/self/status")?,
        "gateway" => gateway()?,
        "processes" => processes()?.to_string(),
        "tty" => u8::from(std::io::IsTerminal::is_terminal(&std::io::stdin())).to_string(),
        variable => std::env::var(variable).unwrap_or_default(),
    };
    std::io::stdout().write_all(fact.trim_end().as_bytes())?;
    Ok(0)
}

/// Where packets for anywhere go; empty if nowhere.
fn gateway() -> std::io::Result<String> {
    let table = std::fs::read_to_string("/proc/net/route")?;
    let default = table.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (destination, gateway) = (fields.next()?, fields.next()?);
        (destination == "00000000").then(|| u32::from_str_radix(gateway, 16).ok())?
    });
    // The bytes are in the order of the network, written as a number of this machine.
    let address = default.map(|gateway| Ipv4Addr::from(gateway.to_ne_bytes()));
    Ok(address.map_or_else(String::new, |address| address.to_string()))
}

/// How many processes `/proc` shows.
fn processes() -> std::io::Result<usize> {
    let is_pid = |name: std::ffi::OsString| {
        name.to_str()
            .is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()))
    };
    Ok(std::fs::read_dir("/proc")?
        .filter_map(Result::ok)
        .filter(|entry| is_pid(entry.file_name()))
        .count())
}

fn both() -> std::io::Result<u8> {
    std::io::stdout().write_all(b"out")?;
    std::io::stderr().write_all(b"err")?;
    Ok(0)
}

/// 0: connected; 1: not.
fn connect(address: &str) -> u8 {
    let Ok(address) = address.parse::<SocketAddr>() else {
        return 98;
    };
    match TcpStream::connect_timeout(&address, Duration::from_secs(2)) {
        Ok(mut stream) => {
            // A listener that closes at once is reached all the same.
            let _ = stream.read(&mut [0; 1]);
            0
        }
        Err(_) => 1,
    }
}

/// Takes that much memory and keeps it.
fn hog(mebibytes: &str) -> std::io::Result<u8> {
    let count: usize = mebibytes.parse().map_err(std::io::Error::other)?;
    let mut kept = Vec::new();
    for index in 0..count {
        // Distinct bytes, so that nothing can be merged or left unbacked.
        kept.push(vec![u8::try_from(index % 251).unwrap_or(1) | 1; 1 << 20]);
    }
    std::hint::black_box(&kept);
    Ok(0)
}

/// Burns CPU for so many milliseconds of wall time and prints how many it got.
fn spin(millis: &str) -> std::io::Result<u8> {
    let limit = Duration::from_millis(millis.parse().map_err(std::io::Error::other)?);
    #[expect(
        clippy::disallowed_methods,
        reason = "a guest program has no clock to be given"
    )]
    let start = std::time::Instant::now();
    let mut number = 0_u64;
    while start.elapsed() < limit {
        number = std::hint::black_box(number.wrapping_add(1));
    }
    let accounting = std::fs::read_to_string("/proc/self/stat")?;
    // Fields 14 and 15 (user, system), in ticks of 10 ms; the name in parentheses may hold blanks.
    let after_name = accounting.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    std::io::stdout().write_all((ticks * 10).to_string().as_bytes())?;
    Ok(0)
}

/// Starts so many children at once and prints how many could be.
fn spawn(count: &str) -> std::io::Result<u8> {
    let count: usize = count.parse().map_err(std::io::Error::other)?;
    let mut children = Vec::new();
    for _ in 0..count {
        match Command::new(std::env::current_exe()?)
            .args([MARKER, "sleep"])
            .stdin(Stdio::null())
            .spawn()
        {
            Ok(child) => children.push(child),
            Err(_) => break,
        }
    }
    let started = children.len();
    for mut child in children {
        child.kill()?;
        child.wait()?;
    }
    std::io::stdout().write_all(started.to_string().as_bytes())?;
    Ok(0)
}

/// Leaves a grandchild behind and ends.
fn orphan() -> std::io::Result<u8> {
    Command::new(std::env::current_exe()?)
        .args([MARKER, "sleep"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(0)
}
