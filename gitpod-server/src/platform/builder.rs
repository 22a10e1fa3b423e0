/// Collects the parts of a [`Platform`](super::Platform).
#[derive(Debug, Default)]
pub struct PlatformBuilder {}
