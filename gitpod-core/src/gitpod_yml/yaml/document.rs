use std::borrow::Cow;

use super::cursor::{Cursor, Fault, Read, is_blank, is_line_end, is_space};
use super::node::{Node, Place};

/// Reads a file of one document. One without content has no value.
pub(in crate::gitpod_yml) fn read(text: &str) -> Result<Option<Node>, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let ended = if text.is_empty() || text.ends_with(['\n', '\r']) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{text}\n"))
    };
    let mut cursor = Cursor::new(&ended);
    if let Some(at) = ended.find('\0') {
        while let Some(next) = ended[cursor.place.at..at].find('\n') {
            cursor.place.at += next;
            cursor.line_break();
        }
        cursor.place.at = at;
        return cursor.fault("a zero byte has no place in this file");
    }
    cursor.pass(|byte| byte == b' ');
    cursor.line_indent = cursor.column();
    let mut read: Option<Node> = None;
    while cursor.place.at + 1 < ended.len() {
        let begin = cursor.place;
        let node = document(&mut cursor)?;
        if read.is_some() {
            return super::cursor::fault_at(begin, "a second document begins here");
        }
        read = Some(node);
    }
    Ok(read)
}

fn document(cursor: &mut Cursor<'_>) -> Read<Node> {
    cursor.anchors.clear();
    let directives = directives(cursor)?;
    cursor.separation(true);
    let dashes = (0..3).all(|ahead| cursor.peek(ahead) == b'-');
    if cursor.line_indent == 0 && dashes {
        cursor.place.at += 3;
        cursor.separation(true);
    } else if directives {
        return cursor.fault("after lines that begin with `%` comes a line with `---`");
    }
    let indent = cursor.line_indent - 1;
    let read = cursor.block(indent, false, true)?;
    let node = if read.present {
        read.node
    } else {
        Node::default()
    };
    cursor.separation(true);
    if cursor.at_line_start() && cursor.at_separator() {
        if cursor.here() == b'.' {
            cursor.place.at += 3;
            cursor.separation(true);
        }
        return Ok(node);
    }
    if cursor.place.at + 1 < cursor.text.len() {
        return cursor.fault("this does not belong to what stands before it");
    }
    Ok(node)
}

/// Lines such as `%YAML 1.2` before the document; whether there are any.
fn directives(cursor: &mut Cursor<'_>) -> Read<bool> {
    let mut version: Option<Place> = None;
    let mut any = false;
    while cursor.here() != 0 {
        cursor.separation(true);
        if cursor.line_indent > 0 || cursor.here() != b'%' {
            break;
        }
        any = true;
        let place = cursor.place;
        let start = place.at + 1;
        cursor.pass(|byte| !is_line_end(byte));
        let line = cursor.since(start);
        if cursor.here() != 0 {
            cursor.line_break();
        }
        directive(line, place, &mut version)?;
    }
    Ok(any)
}

fn directive(line: &str, at: Place, version: &mut Option<Place>) -> Read<()> {
    let end = line.bytes().position(is_space).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let mut arguments = Vec::new();
    for word in rest.split(|c: char| u8::try_from(c).is_ok_and(is_blank)) {
        match word {
            "" => {}
            comment if comment.starts_with('#') => break,
            word => arguments.push(word),
        }
    }
    let message = match (name, arguments.as_slice()) {
        ("", _) => "a directive needs a name",
        ("TAG", _) => "tags of one's own have no meaning in this file",
        ("YAML", [_]) if version.is_some() => "the version of YAML is said twice",
        ("YAML", [number]) if is_version(number) => {
            *version = Some(at);
            return Ok(());
        }
        ("YAML", _) => "this must be a version of YAML such as 1.2",
        _ => return Ok(()),
    };
    super::cursor::fault_at(at, message)
}

fn is_version(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.').is_some_and(|(major, minor)| {
        number(major) && major.trim_start_matches('0') == "1" && number(minor)
    })
}
