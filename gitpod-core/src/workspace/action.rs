//! Effects as data.

use super::effect::EffectKind;
use crate::content::ContentSource;
use crate::image::ImageRef;
use crate::{InstanceId, Timestamp};

/// Something to do. One action is one call of a backend, idempotent, and may be repeated after a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Make the image ready on this node.
    EnsureImage {
        /// Which.
        image: ImageRef,
    },
    /// Choose the editor and make its package ready on this node.
    EnsureEditor {
        /// Which; `None`: the default.
        editor: Option<String>,
    },
    /// Fill a new volume.
    InitContent {
        /// From where.
        source: ContentSource,
    },
    /// Open the volume that is there, and nothing else.
    OpenContent,
    /// Make the instance exist and its supervisor run.
    EnsureInstance {
        /// Which.
        instance: InstanceId,
        /// Whether the content is new, so that tasks run their `init`.
        fresh: bool,
    },
    /// Listen to the instance's supervisor.
    WatchSupervisor {
        /// Of which instance.
        instance: InstanceId,
    },
    /// End the instance's processes.
    StopInstance {
        /// Which.
        instance: InstanceId,
        /// Kill them without asking.
        kill: bool,
    },
    /// Remove the instance and all that was made for it; the content stays.
    RemoveInstance {
        /// Which.
        instance: InstanceId,
    },
    /// Remove an instance that should not exist.
    RemoveStray {
        /// Which.
        instance: InstanceId,
    },
    /// Give up an effect that is under way.
    Cancel {
        /// Which.
        effect: EffectKind,
    },
    /// Ask git about the content.
    ReadGitStatus,
    /// Let go of what the node holds for the content while it is in use; its files stay.
    ReleaseContent,
    /// Remove the content for good.
    RemoveContent,
    /// Remove the record for good.
    Purge,
}

impl Action {
    /// The effect it begins; `None` for those that only steer the driver.
    pub fn effect(&self) -> Option<EffectKind> {
        Some(match self {
            Self::EnsureImage { .. } => EffectKind::Image,
            Self::EnsureEditor { .. } => EffectKind::Editor,
            Self::InitContent { .. } | Self::OpenContent => EffectKind::Content,
            Self::EnsureInstance { .. } => EffectKind::Instance,
            Self::StopInstance { .. } => EffectKind::Stop,
            Self::RemoveInstance { .. } => EffectKind::Remove,
            Self::RemoveStray { instance } => EffectKind::RemoveStray(*instance),
            Self::ReadGitStatus => EffectKind::Git,
            Self::ReleaseContent => EffectKind::Release,
            Self::RemoveContent => EffectKind::RemoveContent,
            Self::Purge => EffectKind::Purge,
            Self::WatchSupervisor { .. } | Self::Cancel { .. } => return None,
        })
    }
}

/// When to look again, if nothing hints at a change before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// At this time.
    At(Timestamp),
    /// When something changes.
    OnChange,
}

impl Wake {
    /// The earlier of two.
    #[must_use]
    pub fn or_at(self, time: Timestamp) -> Self {
        match self {
            Self::At(earlier) if earlier <= time => self,
            Self::At(_) | Self::OnChange => Self::At(time),
        }
    }
}

/// What to do, and when to look again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// To do now; independent of each other.
    pub actions: Vec<Action>,
    /// When to look again.
    pub wake: Wake,
}

impl Decision {
    /// Nothing to do until something changes.
    pub fn quiet() -> Self {
        Self {
            actions: Vec::new(),
            wake: Wake::OnChange,
        }
    }
}
