//! The public API: messages, service traits and clients for Connect, gRPC and gRPC-Web.

#[rustfmt::skip]
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::restriction,
    dead_code,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    rust_2018_idioms,
    reason = "generated code"
)]
pub mod v1;

/// What the original calls experimental, and what its command line speaks.
pub mod experimental {
    #[rustfmt::skip]
    #[allow(
        clippy::all,
        clippy::pedantic,
        clippy::nursery,
        clippy::restriction,
        dead_code,
        missing_docs,
        missing_debug_implementations,
        unreachable_pub,
        unused_qualifications,
        rust_2018_idioms,
        reason = "generated code"
    )]
    pub mod v1;
}
