use std::fmt;

use serde::Serialize;

use super::places::Places;
use crate::gitpod_yml::Position;

/// Further notices are counted, not listed.
const MAX_NOTICES: usize = 200;

/// Something that the file asks for and that is not done as it asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Notice {
    /// What becomes of it.
    pub kind: NoticeKind,
    /// The property's path, such as `runArgs[2]` or `portsAttributes.3000.requireLocalPort`.
    pub property: String,
    /// Where it is in the file.
    #[serde(flatten)]
    pub position: Position,
    /// What happens instead, lowercase, without a full stop.
    pub instead: String,
}

/// What becomes of something that cannot be had as the file has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum NoticeKind {
    /// Its purpose is served in another way.
    Adapted,
    /// It has no effect.
    Ignored,
    /// It has no effect and never will: it reaches for the host.
    Refused,
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Adapted => "adapted",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
        })
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        let (property, kind, instead) = (&self.property, self.kind, &self.instead);
        write!(
            f,
            "line {line}, column {column}: `{property}` is {kind}: {instead}"
        )
    }
}

/// Notes notices.
#[derive(Debug)]
pub(super) struct Notices<'p> {
    places: &'p Places,
    list: Vec<Notice>,
    unlisted: usize,
}

impl<'p> Notices<'p> {
    pub(super) fn new(places: &'p Places) -> Self {
        Self {
            places,
            list: Vec::new(),
            unlisted: 0,
        }
    }

    pub(super) fn adapted(&mut self, property: impl Into<String>, instead: impl Into<String>) {
        self.note(NoticeKind::Adapted, property.into(), instead.into());
    }

    pub(super) fn ignored(&mut self, property: impl Into<String>, instead: impl Into<String>) {
        self.note(NoticeKind::Ignored, property.into(), instead.into());
    }

    pub(super) fn refused(&mut self, property: impl Into<String>, instead: impl Into<String>) {
        self.note(NoticeKind::Refused, property.into(), instead.into());
    }

    fn note(&mut self, kind: NoticeKind, property: String, instead: String) {
        let known = |notice: &Notice| notice.property == property && notice.instead == instead;
        if self.list.iter().any(known) {
            return;
        }
        if self.list.len() >= MAX_NOTICES {
            self.unlisted += 1;
            return;
        }
        self.list.push(Notice {
            kind,
            position: self.places.find(&property),
            property,
            instead,
        });
    }

    /// What was noted, in the order of the file.
    pub(super) fn finish(mut self) -> Vec<Notice> {
        self.list.sort_by_key(|notice| notice.position);
        if self.unlisted > 0 {
            self.list.push(Notice {
                kind: NoticeKind::Ignored,
                property: String::from("…"),
                position: Position::START,
                instead: format!("{} more are not listed", self.unlisted),
            });
        }
        self.list
    }
}
