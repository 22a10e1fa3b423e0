//! Between the domain's types and the contract's messages; here and nowhere else.

mod spec;
mod status;
mod user;
mod workspace;

use gitpod_core::Timestamp;
use gitpod_core::proto::gitpod::v1 as wire;

pub(super) use spec::spec_message;
pub(super) use status::status_message;
pub(super) use user::user_message;
pub use workspace::workspace_message;
pub(super) use workspace::{class_message, context_metadata};

type WireTimestamp = buffa_types::google::protobuf::Timestamp;

pub(super) fn timestamp(at: Timestamp) -> WireTimestamp {
    WireTimestamp::from_unix(at.as_second(), at.subsec_nanosecond())
}

/// Counts that the contract gave 32 bits.
fn count(n: u64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn editor_reference(id: &str) -> wire::EditorReference {
    wire::EditorReference {
        name: id.to_owned(),
        version: String::from("stable"),
        prefer_toolbox: false,
    }
}
