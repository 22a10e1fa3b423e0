//! OCI layouts made here, honest and hostile ones, unpacked for real.
#![expect(
    clippy::unwrap_used,
    reason = "a test whose fixture cannot be made fails"
)]

#[path = "oci_layout/fixture.rs"]
mod fixture;
#[path = "oci_layout/honest.rs"]
mod honest;
#[path = "oci_layout/hostile.rs"]
mod hostile;
