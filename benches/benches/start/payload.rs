//! The program that is started: 193 bytes of ELF that write `CLOCK_MONOTONIC` as two little-endian words and exit.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

#[cfg(target_arch = "x86_64")]
const CODE: &[u8] = &[
    0xb8, 228, 0, 0, 0, // mov eax, 228        clock_gettime
    0xbf, 1, 0, 0, 0, // mov edi, 1            CLOCK_MONOTONIC
    0x48, 0x8d, 0x74, 0x24, 0xe0, // lea rsi, [rsp-32]
    0x0f, 0x05, // syscall
    0xb8, 1, 0, 0, 0, // mov eax, 1            write
    0xbf, 1, 0, 0, 0, // mov edi, 1            standard output
    0x48, 0x8d, 0x74, 0x24, 0xe0, // lea rsi, [rsp-32]
    0xba, 16, 0, 0, 0, // mov edx, 16
    0x0f, 0x05, // syscall
    0xb8, 60, 0, 0, 0, // mov eax, 60          exit
    0x31, 0xff, // xor edi, edi
    0x0f, 0x05, // syscall
];

/// Where the program is mapped.
const ADDRESS: u64 = 0x40_0000;
const HEADERS: u64 = 64 + 56;

/// Writes the program to `directory/stamp`.
pub(crate) fn write(directory: &Path) -> Result<PathBuf> {
    let path = directory.join("stamp");
    fs::write(&path, elf()).context("cannot write the payload")?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
        .context("cannot make the payload executable")?;
    Ok(path)
}

fn elf() -> Vec<u8> {
    let mut file = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let size = HEADERS + CODE.len() as u64;
    file.extend(2_u16.to_le_bytes()); // executable
    file.extend(62_u16.to_le_bytes()); // x86-64
    file.extend(1_u32.to_le_bytes());
    file.extend((ADDRESS + HEADERS).to_le_bytes()); // entry
    file.extend(64_u64.to_le_bytes()); // program headers
    file.extend(0_u64.to_le_bytes()); // no sections
    file.extend(0_u32.to_le_bytes());
    for half in [64_u16, 56, 1, 0, 0, 0] {
        file.extend(half.to_le_bytes());
    }
    file.extend(1_u32.to_le_bytes()); // load
    file.extend(5_u32.to_le_bytes()); // read, execute
    for word in [0, ADDRESS, ADDRESS, size, size, 0x1000] {
        file.extend(word.to_le_bytes());
    }
    file.extend(CODE);
    file
}

/// Milliseconds from `before` to the time in `stamp`.
pub(crate) fn elapsed(before: f64, stamp: &[u8]) -> Result<f64> {
    let word = |at: usize| -> Result<f64> {
        let bytes = stamp.get(at..at + 8).context("the program left no time")?;
        #[expect(clippy::cast_precision_loss, reason = "milliseconds are asked for")]
        Ok(i64::from_le_bytes(bytes.try_into()?) as f64)
    };
    Ok(word(0)? * 1e3 + word(8)? / 1e6 - before)
}

/// `CLOCK_MONOTONIC` in milliseconds.
pub(crate) fn now() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds are asked for")]
    let (seconds, nanos) = (now.tv_sec as f64, now.tv_nsec as f64);
    seconds * 1e3 + nanos / 1e6
}
