//! One value: what stands before it (a tag, a name), and of what style it is.

use super::cursor::{Cursor, Read, is_flow_mark, is_space};
use super::node::{Node, Place, Value};
use super::scalar;
use super::tag::{self, Tag};

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Composed {
    pub(super) node: Node,
    /// Whether there was anything at all; without, the value is null.
    pub(super) present: bool,
    /// Whether it is an unquoted `<<`.
    pub(super) merge: bool,
}

/// What stands before a value.
#[derive(Debug, Default)]
pub(super) struct Properties {
    tag: Option<Tag>,
    pub(super) anchor: Option<String>,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    /// Between brackets.
    FlowIn,
    /// The key of a block mapping.
    FlowOut,
    /// An item of a block list.
    BlockIn,
    /// Anywhere else.
    BlockOut,
}

/// A value and whether its tag is still to be applied.
enum Style {
    Plain(String),
    Done(Value),
    Alias(Node),
    /// Read by an inner call, tags and all.
    Kept(Node),
}

impl Cursor<'_> {
    /// The document, or the value of a block mapping.
    pub(super) fn block(&mut self, parent: isize, seek: bool, compact: bool) -> Read<Composed> {
        self.deeper(|cursor| cursor.compose(parent, Context::BlockOut, seek, compact))
    }

    /// An item of a block list.
    pub(super) fn item(&mut self, parent: isize) -> Read<Composed> {
        self.deeper(|cursor| cursor.compose(parent, Context::BlockIn, false, true))
    }

    /// The key of a block mapping.
    pub(super) fn key(&mut self, parent: isize) -> Read<Composed> {
        self.deeper(|cursor| cursor.compose(parent, Context::FlowOut, false, true))
    }

    /// A value between brackets.
    pub(super) fn flow_value(&mut self, parent: isize) -> Read<Composed> {
        self.deeper(|cursor| cursor.compose(parent, Context::FlowIn, false, true))
    }

    fn compose(
        &mut self,
        parent: isize,
        context: Context,
        seek: bool,
        compact: bool,
    ) -> Read<Composed> {
        let block = matches!(context, Context::BlockIn | Context::BlockOut);
        let mut collections = block;
        let mut new_line = false;
        let mut deeper = true; // than the parent
        let mut level = false; // with the parent
        if seek && self.separation(true) > 0 {
            new_line = true;
            (deeper, level) = (self.line_indent > parent, self.line_indent == parent);
        }
        let mut properties = Properties::default();
        // Once one is read, others may follow wherever they stand.
        let properties_may_follow = deeper;
        while properties_may_follow && self.property(&mut properties)? {
            if self.separation(true) > 0 {
                new_line = true;
                collections = block;
                (deeper, level) = (self.line_indent > parent, self.line_indent == parent);
            } else {
                collections = false;
            }
        }
        collections = collections && (new_line || compact);
        let at = self.place;
        let indents = Indents {
            block: self.column(),
            flow: if block { parent + 1 } else { parent },
            in_flow: context == Context::FlowIn,
        };
        let mut style = None;
        if deeper {
            style = self.style(&properties, indents, collections, block)?;
        } else if level && context == Context::BlockOut && collections {
            // A list may be as far to the left as the key that it belongs to.
            style = self
                .block_list(indents.block, properties.anchor.as_deref())?
                .map(|items| Style::Done(Value::List(items)));
        }
        self.finish(at, properties, style)
    }

    fn style(
        &mut self,
        properties: &Properties,
        indents: Indents,
        collections: bool,
        block: bool,
    ) -> Read<Option<Style>> {
        let anchor = properties.anchor.as_deref();
        if collections {
            if let Some(items) = self.block_list(indents.block, anchor)? {
                return Ok(Some(Style::Done(Value::List(items))));
            }
            if let Some(read) = self.block_mapping(indents.block, indents.flow, anchor)? {
                return Ok(Some(match read {
                    super::block::Read::Mapping(entries) => Style::Done(Value::Map(entries)),
                    super::block::Read::Other(node) => Style::Kept(node),
                }));
            }
        }
        if let Some(value) = self.flow_collection(indents.flow, anchor)? {
            return Ok(Some(Style::Done(value)));
        }
        if block && let Some(text) = self.block_text(indents.flow)? {
            return Ok(Some(Style::Done(Value::Text(text))));
        }
        if let Some(text) = self.quoted()? {
            return Ok(Some(Style::Done(Value::Text(text))));
        }
        if let Some(node) = self.alias(properties)? {
            return Ok(Some(Style::Alias(node)));
        }
        Ok(self.plain(indents.flow, indents.in_flow)?.map(Style::Plain))
    }

    /// Applies the tag and remembers the name.
    fn finish(
        &mut self,
        at: Place,
        properties: Properties,
        style: Option<Style>,
    ) -> Read<Composed> {
        let present = style.is_some() || properties.tag.is_some() || properties.anchor.is_some();
        let mut merge = false;
        let kept = matches!(style, Some(Style::Kept(_)));
        if present && !kept {
            self.count_value()?;
        }
        let node = match (properties.tag, style) {
            (None, Some(Style::Plain(text))) => {
                merge = text == "<<";
                Node::of_word(at, scalar::meaning(&text), text)
            }
            (Some(Tag::Untyped), Some(Style::Plain(text))) => Node::new(at, Value::Text(text)),
            (None | Some(Tag::Untyped), None) => Node::new(at, Value::Null),
            (None | Some(Tag::Untyped), Some(Style::Done(value))) => Node::new(at, value),
            (None | Some(Tag::Untyped), Some(Style::Alias(node) | Style::Kept(node))) => node,
            (Some(tag), style) => {
                let value = style.map(|style| match style {
                    Style::Plain(text) => Value::Text(text),
                    Style::Done(value) => value,
                    Style::Alias(node) | Style::Kept(node) => node.value,
                });
                merge = tag == Tag::Merge;
                match tag::apply(&tag, value, at) {
                    Ok(node) => node,
                    Err(message) => return super::cursor::fault_at(at, message),
                }
            }
        };
        if let Some(name) = properties.anchor {
            let named = if kept {
                Node::new(at, Value::Map(Vec::new())) // as js-yaml has it
            } else {
                self.copy(&node)?
            };
            self.anchors.insert(name, Some(named));
        }
        Ok(Composed {
            node,
            present,
            merge,
        })
    }

    fn property(&mut self, properties: &mut Properties) -> Read<bool> {
        match self.here() {
            b'!' if properties.tag.is_some() => self.fault("a value has one tag only"),
            b'!' => {
                properties.tag = Some(self.tag()?);
                Ok(true)
            }
            b'&' if properties.anchor.is_some() => self.fault("a value has one name (`&`) only"),
            b'&' => {
                properties.anchor = Some(self.name("&")?);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// `&name` or `*name`.
    fn name(&mut self, mark: &str) -> Read<String> {
        let at = self.place;
        let start = at.at + 1;
        self.advance();
        self.pass(|byte| !is_space(byte) && !is_flow_mark(byte));
        let name = self.since(start);
        if name.is_empty() {
            return super::cursor::fault_at(at, format!("a name must follow `{mark}`"));
        }
        Ok(name.to_owned())
    }

    fn alias(&mut self, properties: &Properties) -> Read<Option<Node>> {
        if self.here() != b'*' {
            return Ok(None);
        }
        let at = self.place;
        let name = self.name("*")?;
        let node = match self.anchors.get(&name) {
            None => {
                let message = format!("nothing before has the name `&{name}`");
                return super::cursor::fault_at(at, message);
            }
            Some(None) => {
                let message = format!("the value `&{name}` contains itself");
                return super::cursor::fault_at(at, message);
            }
            Some(Some(node)) => node.clone(),
        };
        let mut node = self.copy(&node)?;
        node.at = at;
        self.separation(true);
        if properties.tag.is_some() || properties.anchor.is_some() {
            return super::cursor::fault_at(at, "a repeated value can have no tag or name");
        }
        Ok(Some(node))
    }
}

/// How far to the right a value must stand.
#[derive(Debug, Clone, Copy)]
struct Indents {
    block: isize,
    flow: isize,
    in_flow: bool,
}
