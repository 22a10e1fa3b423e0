//! The schema of the file, once: [`table`] holds it, [`judge`] checks files along it, [`json`] prints it as JSON Schema.

pub(super) mod json;
pub(super) mod judge;
pub(super) mod table;

/// What a value must be.
#[derive(Debug)]
pub(super) enum Shape {
    /// A text.
    Text,
    /// `true` or `false`.
    Bool,
    /// Any number.
    Number,
    /// A text that is two numbers: `3000-3999`, or `3000:3999`.
    Range,
    /// Whatever it is.
    Any,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// A list of such values.
    List(&'static Self),
    /// A mapping with keys of the user's own; with such values, or with any.
    Map(Option<&'static Self>),
    /// A mapping with these keys.
    Object(&'static Object),
    /// The first of these that fits the value's kind.
    Either(&'static [Self]),
}

/// A mapping with known keys.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) keys: &'static [Key],
    /// Whether the original lets other keys pass.
    pub(super) open: bool,
}

/// A key of a mapping.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// What it is for; one sentence.
    pub(super) about: &'static str,
    pub(super) required: bool,
    /// What counts when it is absent, as JSON.
    pub(super) default: Option<&'static str>,
    /// What is told to those who use it still.
    pub(super) deprecated: Option<&'static str>,
}

impl Key {
    pub(super) const fn new(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self {
            name,
            shape,
            about,
            required: false,
            default: None,
            deprecated: None,
        }
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn default(mut self, json: &'static str) -> Self {
        self.default = Some(json);
        self
    }

    pub(super) const fn deprecated(mut self, why: &'static str) -> Self {
        self.deprecated = Some(why);
        self
    }
}
