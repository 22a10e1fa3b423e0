//! The one table from error kinds to status codes.

use connectrpc::{ConnectError, ErrorCode, ErrorDetail};
use gitpod_core::proto::gitpod::v1::{
    ErrorHint, FailedPreconditionDetails, InvalidGitpodYMLError, PermissionDeniedDetails,
    UserBlockedError, failed_precondition_details, permission_denied_details,
};
use gitpod_core::{Chain, Error, ErrorKind, Retry};
use http::HeaderMap;
use http::header::RETRY_AFTER;

/// The error as clients get it: code, message, and the details that belong to it.
///
/// # Behavior
/// The hint travels as `gitpod.v1.ErrorHint`. An unexpected error is logged here and told in general words: its text was not
/// written for strangers.
pub fn connect_error(error: Error) -> ConnectError {
    let code = code(error.kind());
    if code == ErrorCode::Internal {
        tracing::error!(error = %Chain(&error), "a call failed unexpectedly");
        return ConnectError::new(code, "the server failed; its log says why");
    }
    let mut answer = ConnectError::new(code, Chain(&error).to_string());
    if error.kind() == ErrorKind::ConfigInvalid {
        answer = answer.with_detail(invalid_configuration(&error));
    }
    if let Some(hint) = error.hint() {
        let hint = ErrorHint {
            hint: hint.to_owned(),
        };
        answer = answer.with_detail(ErrorDetail::from_message("gitpod.v1.ErrorHint", &hint));
    }
    if let (ErrorKind::RateLimited, Retry::After(wait)) = (error.kind(), error.retry()) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, wait.as_secs().max(1).into());
        answer = answer.with_headers(headers);
    }
    answer
}

/// A blocked user's answer to everything.
pub(super) fn blocked() -> ConnectError {
    let details = PermissionDeniedDetails {
        reason: Some(permission_denied_details::Reason::UserBlocked(Box::<
            UserBlockedError,
        >::default(
        ))),
    };
    ConnectError::new(ErrorCode::PermissionDenied, "this user is blocked").with_detail(
        ErrorDetail::from_message("gitpod.v1.PermissionDeniedDetails", &details),
    )
}

/// What a method that this version does not serve answers.
pub(super) fn unimplemented() -> ConnectError {
    ConnectError::new(
        ErrorCode::Unimplemented,
        "this version of the server does not do that yet",
    )
}

/// Bodies of methods that [`METHODS`](super::METHODS) declares as not served.
macro_rules! not_served {
    ($($name:ident: $request:ident => $response:ident;)*) => {$(
        async fn $name(
            &self,
            _: connectrpc::RequestContext,
            _: connectrpc::ServiceRequest<'_, $request>,
        ) -> connectrpc::ServiceResult<$response> {
            Err(crate::api::status::unimplemented())
        }
    )*};
}
pub(super) use not_served;

const fn code(kind: ErrorKind) -> ErrorCode {
    match kind {
        ErrorKind::ConfigInvalid | ErrorKind::FailedPrecondition => ErrorCode::FailedPrecondition,
        ErrorKind::Unsupported => ErrorCode::Unimplemented,
        ErrorKind::NotFound => ErrorCode::NotFound,
        ErrorKind::AlreadyExists => ErrorCode::AlreadyExists,
        ErrorKind::Conflict => ErrorCode::Aborted,
        ErrorKind::PermissionDenied => ErrorCode::PermissionDenied,
        ErrorKind::Unauthenticated => ErrorCode::Unauthenticated,
        ErrorKind::RateLimited => ErrorCode::ResourceExhausted,
        ErrorKind::Unavailable => ErrorCode::Unavailable,
        ErrorKind::TimedOut => ErrorCode::DeadlineExceeded,
        ErrorKind::Cancelled => ErrorCode::Canceled,
        ErrorKind::InvalidInput => ErrorCode::InvalidArgument,
        // `ErrorKind` may grow; the test below holds this table against all kinds there are.
        _ => ErrorCode::Internal,
    }
}

fn invalid_configuration(error: &Error) -> ErrorDetail {
    let mut violations = vec![error.to_string()];
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        violations.push(source.to_string());
        cause = source.source();
    }
    let details = FailedPreconditionDetails {
        reason: Some(failed_precondition_details::Reason::InvalidGitpodYml(
            Box::new(InvalidGitpodYMLError { violations }),
        )),
    };
    ErrorDetail::from_message("gitpod.v1.FailedPreconditionDetails", &details)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_the_unexpected_is_internal() {
        for kind in ErrorKind::ALL {
            let internal = code(kind) == ErrorCode::Internal;
            assert_eq!(internal, kind == ErrorKind::Unexpected, "{kind:?}");
        }
    }

    #[test]
    fn hints_travel_and_secrets_of_the_house_do_not() {
        let answer = connect_error(Error::not_found("no such workspace").with_hint("look again"));
        assert_eq!(answer.code, ErrorCode::NotFound);
        assert_eq!(answer.details[0].type_url, "gitpod.v1.ErrorHint");
        let answer = connect_error(Error::unexpected("password is hunter2"));
        assert!(!answer.message.unwrap_or_default().contains("hunter2"));
    }

    #[test]
    fn a_wait_is_told() {
        let error = Error::new(ErrorKind::RateLimited, "too often")
            .with_retry(Retry::After(Duration::from_secs(7)));
        assert_eq!(connect_error(error).response_headers()[RETRY_AFTER], "7");
    }

    #[test]
    fn a_broken_configuration_lists_its_violations() {
        let error = Error::new(ErrorKind::ConfigInvalid, "line 3, column 1: unknown key");
        let answer = connect_error(error);
        assert_eq!(
            answer.details[0].type_url,
            "gitpod.v1.FailedPreconditionDetails"
        );
    }
}
