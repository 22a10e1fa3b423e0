//! `[a, b]` and `{a: b}`.

use super::cursor::{Cursor, Read, fault_at, is_space};
use super::node::{Node, Value};
use super::pairs::Pairs;

impl Cursor<'_> {
    /// A list or mapping in brackets, if one begins here.
    pub(super) fn flow_collection(
        &mut self,
        indent: isize,
        anchor: Option<&str>,
    ) -> Read<Option<Value>> {
        let (end, is_mapping) = match self.here() {
            b'[' => (b']', false),
            b'{' => (b'}', true),
            _ => return Ok(None),
        };
        let at = self.place;
        self.open(anchor, &mut false);
        self.advance();
        let mut items = Vec::new();
        let mut pairs = Pairs::default();
        let mut comma = true;
        while self.here() != 0 {
            self.separation(true);
            if self.here() == end {
                self.advance();
                return Ok(Some(if is_mapping {
                    Value::Map(pairs.entries())
                } else {
                    Value::List(items)
                }));
            }
            if !comma && self.here() != 0 {
                return self.fault("a comma is missing before this");
            }
            if let Some(item) = self.flow_entry(indent, is_mapping.then_some(&mut pairs))? {
                items.push(item);
            }
            self.separation(true);
            comma = self.here() == b',';
            if comma {
                self.advance();
            }
        }
        fault_at(
            at,
            format!(
                "this bracket is never closed; a `{}` is missing",
                char::from(end)
            ),
        )
    }

    /// One entry. Of a list: the item; `a: b` is an item that is a mapping.
    fn flow_entry(&mut self, indent: isize, pairs: Option<&mut Pairs>) -> Read<Option<Node>> {
        let at = self.place;
        let explicit = self.here() == b'?' && is_space(self.peek(1));
        if explicit {
            self.advance();
            self.separation(true);
        }
        let line = self.place.line;
        let key = self.flow_value(indent)?;
        if !key.present {
            self.count_value()?;
        }
        self.separation(true);
        let mut is_pair = explicit;
        let mut value = Node::default();
        if (explicit || self.place.line == line) && self.here() == b':' {
            is_pair = true;
            self.advance();
            self.separation(true);
            value = self.flow_value(indent)?.node;
        }
        let Some(pairs) = pairs else {
            if !is_pair {
                return Ok(Some(key.node));
            }
            let mut pair = Pairs::default();
            pair.put(self, (key.node, key.merge, at), value)?;
            return Ok(Some(Node::new(at, Value::Map(pair.entries()))));
        };
        pairs.put(self, (key.node, key.merge, at), value)?;
        Ok(None)
    }
}
