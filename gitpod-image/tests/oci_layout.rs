//! OCI layouts made here, honest and hostile ones, unpacked for real.

#[path = "oci_layout/fixture.rs"]
mod fixture;
#[path = "oci_layout/honest.rs"]
mod honest;
#[path = "oci_layout/hostile.rs"]
mod hostile;
