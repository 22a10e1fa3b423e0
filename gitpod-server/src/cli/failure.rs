use std::io::{self, Write as _};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use buffa::Message as _;
use connectrpc::{ConnectError, ErrorCode};
use gitpod_core::proto::gitpod::v1::ErrorHint;
use gitpod_core::{Chain, Error, ErrorKind};

/// How the command line ends, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    Denied = 4,
    Unavailable = 5,
    TimedOut = 124,
    NoCommand = 127,
    Interrupted = 130,
}

/// Why a command failed: for the person, and for the script.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Failure {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A failure to read or write something of this machine.
    pub(super) fn io(what: &str, e: &io::Error) -> Self {
        Self::failed(format!("{what}: {e}"))
    }

    /// Tells the person, and gives the exit code.
    pub(super) fn report(&self) -> ExitCode {
        let mut stderr = io::stderr().lock();
        // Nobody is left to tell when standard error is gone.
        if !self.message.is_empty() {
            let _ = writeln!(stderr, "gitpod: {}", self.message);
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(stderr, "  {hint}");
        }
        ExitCode::from(self.exit as u8)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match error.kind() {
            ErrorKind::NotFound => Exit::NotFound,
            ErrorKind::PermissionDenied | ErrorKind::Unauthenticated => Exit::Denied,
            ErrorKind::Unavailable => Exit::Unavailable,
            ErrorKind::TimedOut => Exit::TimedOut,
            ErrorKind::InvalidInput => Exit::Usage,
            _ => Exit::Failed,
        };
        Self {
            exit,
            message: Chain(&error).to_string(),
            hint: error.hint().map(ToOwned::to_owned),
        }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let exit = exit_of(error.code);
        let mut message = error.message.clone().unwrap_or_default();
        let mut cause = std::error::Error::source(&error);
        // What stands between us and the server is told by the innermost cause.
        while let Some(inner) = cause {
            if inner.source().is_none() {
                message = format!("{message}: {inner}");
            }
            cause = inner.source();
        }
        if message.is_empty() {
            message = format!("the server answered {}", error.code.as_str());
        }
        let hint = error.details.iter().find_map(|detail| {
            if detail.type_url.rsplit('/').next() != Some("gitpod.v1.ErrorHint") {
                return None;
            }
            let value = detail.value.as_deref()?.trim_end_matches('=');
            let bytes = STANDARD_NO_PAD
                .decode(value)
                .or_else(|_| STANDARD.decode(value));
            ErrorHint::decode_from_slice(&bytes.ok()?)
                .ok()
                .map(|hint| hint.hint)
        });
        let hint = hint.or_else(|| way_out(exit, &message).map(ToOwned::to_owned));
        Self {
            exit,
            message,
            hint,
        }
    }
}

/// What to do when the server could not be spoken to.
fn way_out(exit: Exit, message: &str) -> Option<&'static str> {
    if message.contains("invalid peer certificate") {
        return Some(
            "name the certificate of its authority in SSL_CERT_FILE, or have this machine trust it",
        );
    }
    if message.contains("InvalidContentType") {
        return Some("the server speaks no TLS there: give its address with http://");
    }
    (exit == Exit::Unavailable)
        .then_some("check that the server runs and that this is its address: `--host`, GITPOD_HOST")
}

impl From<tonic::Status> for Failure {
    fn from(status: tonic::Status) -> Self {
        let number = u32::try_from(i32::from(status.code())).unwrap_or(2);
        let code = ErrorCode::from_grpc_code(number).unwrap_or(ErrorCode::Unknown);
        let message = match status.message() {
            "" => format!("the workspace answered {}", code.as_str()),
            message => message.to_owned(),
        };
        Self::new(exit_of(code), message)
    }
}

fn exit_of(code: ErrorCode) -> Exit {
    match code {
        ErrorCode::NotFound => Exit::NotFound,
        ErrorCode::PermissionDenied | ErrorCode::Unauthenticated => Exit::Denied,
        ErrorCode::Unavailable => Exit::Unavailable,
        ErrorCode::DeadlineExceeded => Exit::TimedOut,
        ErrorCode::InvalidArgument => Exit::Usage,
        _ => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use connectrpc::ErrorDetail;

    use super::*;

    #[test]
    fn hints_of_the_server_reach_the_person() {
        let hint = ErrorHint {
            hint: String::from("look again"),
        };
        let error = ConnectError::not_found("no such workspace")
            .with_detail(ErrorDetail::from_message("gitpod.v1.ErrorHint", &hint));
        let failure = Failure::from(error);
        assert_eq!(failure.exit, Exit::NotFound);
        assert_eq!(failure.hint.as_deref(), Some("look again"));
    }
}
