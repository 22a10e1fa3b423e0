use std::convert::Infallible;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Makes this process the leader of a new session with its standard input as terminal, then becomes the program in `argv`.
///
/// # Errors
/// Standard input is no terminal, or the program cannot be executed. Without an error this does not return.
pub(crate) fn become_program(argv: &[OsString]) -> io::Result<Infallible> {
    let (program, arguments) = argv
        .split_first()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    rustix::process::setsid()?;
    rustix::process::ioctl_tiocsctty(io::stdin())?;
    Err(Command::new(program).args(arguments).exec())
}
