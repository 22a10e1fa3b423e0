//! Lists and mappings by indentation.

use super::cursor::{Cursor, Read as Reading, is_blank, is_space};
use super::node::{Entry, Node, Place};
use super::pairs::Pairs;

/// What a mapping turned out to be.
pub(super) enum Read {
    Mapping(Vec<Entry>),
    /// No mapping: the value that was tried as its first key.
    Other(Node),
}

/// The mapping as far as it is read.
#[derive(Default)]
struct State {
    pairs: Pairs,
    key: Node,
    merge: bool,
    /// After `? key`, before its `: value`.
    explicit: bool,
    detected: bool,
}

/// What the begin of an entry was.
enum Begin {
    /// A key; whether its value may begin a collection on the same line.
    Entry(bool),
    /// The mapping's end.
    End,
    /// Not a mapping at all.
    Other(Node),
}

impl Cursor<'_> {
    /// `- item` lines at column `indent`.
    pub(super) fn block_list(
        &mut self,
        indent: isize,
        anchor: Option<&str>,
    ) -> Reading<Option<Vec<Node>>> {
        let mut items = Vec::new();
        let mut detected = false;
        while self.here() == b'-' && is_space(self.peek(1)) {
            self.open(anchor, &mut detected);
            self.advance();
            if self.separation(true) > 0 && self.line_indent <= indent {
                self.count_value()?;
                items.push(Node::default());
                continue;
            }
            let line = self.place.line;
            let item = self.item(indent)?;
            if !item.present {
                self.count_value()?;
            }
            items.push(item.node);
            self.separation(true);
            if (self.place.line == line || self.line_indent > indent) && self.here() != 0 {
                return self.fault("this does not belong to the list's item before it");
            }
            if self.line_indent < indent {
                break;
            }
        }
        Ok(detected.then_some(items))
    }

    /// `key: value` lines at column `indent`.
    pub(super) fn block_mapping(
        &mut self,
        indent: isize,
        flow_indent: isize,
        anchor: Option<&str>,
    ) -> Reading<Option<Read>> {
        let mut state = State::default();
        while self.here() != 0 {
            let at = self.place;
            match self.entry(&mut state, flow_indent, at)? {
                Begin::End => break,
                Begin::Other(node) => return Ok(Some(Read::Other(node))),
                Begin::Entry(compact) => {
                    self.open(anchor, &mut state.detected);
                    if self.place.line == at.line || self.line_indent > indent {
                        let value = self.block(indent, true, compact)?;
                        if state.explicit {
                            if value.present {
                                state.key = value.node;
                            }
                        } else {
                            let merge = std::mem::take(&mut state.merge);
                            let key = std::mem::take(&mut state.key);
                            state.pairs.put(self, (key, merge, at), value.node)?;
                        }
                        self.separation(true);
                    }
                }
            }
            if self.line_indent > indent && self.here() != 0 {
                return self.fault("this is further to the right than the keys of its mapping");
            }
            if self.line_indent < indent {
                break;
            }
        }
        if state.explicit {
            let at = state.key.at;
            state
                .pairs
                .put(self, (state.key, state.merge, at), Node::default())?;
        }
        Ok(state.detected.then(|| Read::Mapping(state.pairs.entries())))
    }

    /// The begin of an entry, up to its `:`.
    fn entry(&mut self, state: &mut State, flow_indent: isize, at: Place) -> Reading<Begin> {
        if matches!(self.here(), b'?' | b':') && is_space(self.peek(1)) {
            if self.here() == b'?' {
                self.lone_key(state)?;
                state.explicit = true;
            } else if state.explicit {
                state.explicit = false;
            } else {
                return self.fault("a key must stand before the `:`");
            }
            self.advance();
            return Ok(Begin::Entry(true));
        }
        let key = self.key(flow_indent)?;
        if !key.present {
            return Ok(Begin::End);
        }
        let one_line = self.place.line == at.line;
        if one_line && self.pass(is_blank) == b':' {
            if !is_space(self.advance()) {
                return self.fault("a space must stand after the `:`");
            }
            self.lone_key(state)?;
            (state.key, state.merge) = (key.node, key.merge);
            state.key.at = at;
            return Ok(Begin::Entry(false));
        }
        if !state.detected {
            return Ok(Begin::Other(key.node));
        }
        super::cursor::fault_at(
            at,
            if one_line {
                "a key must be followed by `:`"
            } else {
                "a key must be on one line and be followed by `:`"
            },
        )
    }

    /// Stores the key of `? key` without a value.
    fn lone_key(&mut self, state: &mut State) -> Reading<()> {
        if std::mem::take(&mut state.explicit) {
            let key = std::mem::take(&mut state.key);
            let at = key.at;
            state.pairs.put(self, (key, false, at), Node::default())?;
        }
        Ok(())
    }

    /// Notes that a collection was found, whose name cannot be used inside of it.
    pub(super) fn open(&mut self, anchor: Option<&str>, detected: &mut bool) {
        if !std::mem::replace(detected, true)
            && let Some(name) = anchor
        {
            self.anchors.insert(name.to_owned(), None);
        }
    }
}
