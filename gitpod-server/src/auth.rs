//! Who is asking: bearer tokens, browser sessions, and how the first person gets in.
//!
//! Tokens are 32 random bytes; only their SHA-256 is stored. A browser's session is an `HttpOnly`, `SameSite=Lax` cookie of the
//! platform's own host, so workspaces never see it; what it authorises must come from the platform's own pages (`origin`).

mod authenticator;
mod bootstrap;
mod cookie;
mod failures;
mod origin;
mod session;
mod token;

pub(crate) use authenticator::unauthenticated;
pub use authenticator::{Authenticator, Caller, Credential};
pub use bootstrap::{ADMIN_TOKEN_FILE, FirstRun, bootstrap};
pub use cookie::{end_session_cookie, session_cookie};
pub use session::{NewSession, exchange_sign_in, next_path, sign_in_link, sign_out};
pub use token::{issue, mint};
