//! Names and numbers derived from the state directory, so that servers on one machine stay out of each other's way.

use std::path::Path;

/// What a state directory is called elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Naming(u64);

/// Blocks of ids, each of 512 instances' worth, in the upper half of the id space, where nobody else has any.
const ID_BLOCKS: u64 = 60;
/// Ids of a block.
const ID_BLOCK: u64 = 1 << 25;
/// First id of the first block.
const FIRST_ID: u64 = 1 << 31;
/// /20 networks in 10.224.0.0/11.
const SUBNETS: u64 = 512;

impl Naming {
    /// Names for a state directory, which has to exist.
    pub(super) fn of(state: &Path) -> std::io::Result<Self> {
        Ok(Self::of_canonical(&state.canonicalize()?))
    }

    /// Names for a state directory by its canonical path.
    pub(super) fn of_canonical(path: &Path) -> Self {
        // FNV-1a: the same in every release, which the standard library's hasher does not promise.
        let hash = path
            .as_os_str()
            .as_encoded_bytes()
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        // Folded: the low bits of this function alone are weak.
        Self(hash ^ (hash >> 29))
    }

    /// First id of the instances.
    pub(super) fn first_id(self) -> u32 {
        let first = FIRST_ID + (self.0 % ID_BLOCKS) * ID_BLOCK;
        u32::try_from(first).unwrap_or(u32::MAX / 2)
    }

    /// The control group above those of instances.
    pub(super) fn cgroup_parent(self) -> String {
        format!("gitpod-{:08x}", self.short())
    }

    /// The bridge; 14 characters of 15.
    pub(super) fn bridge(self) -> String {
        format!("gitpod{:08x}", self.short())
    }

    /// An instance's end of the link on the node.
    pub(super) fn interface(self, slot: u32) -> String {
        format!("gp{:08x}-{slot}", self.short())
    }

    /// The table of packet filter rules.
    pub(super) fn filter_table(self) -> String {
        format!("gitpod_{:08x}", self.short())
    }

    /// The network of instances.
    pub(super) fn subnet(self, attempt: u64) -> String {
        let number = (self.0 / ID_BLOCKS + attempt) % SUBNETS;
        format!("10.{}.{}.0/20", 224 + number / 16, number % 16 * 16)
    }

    fn short(self) -> u32 {
        u32::try_from(self.0 >> 32).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_and_differ() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (a, b) = (Naming::of(a.path()).unwrap(), Naming::of(b.path()).unwrap());
        assert_ne!(a.bridge(), b.bridge());
        assert!(a.interface(1023).len() <= 15 && a.bridge().len() <= 15);
        assert!(u64::from(a.first_id()) + ID_BLOCK < u64::from(u32::MAX));
    }
}
