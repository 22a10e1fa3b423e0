use std::collections::BTreeSet;
use std::fs;

/// Ports with a listener as `/proc/net` tells them: for where netlink sockets are not allowed.
pub(super) fn listening() -> BTreeSet<u16> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .flat_map(|table| parse(&table).collect::<Vec<_>>())
        .collect()
}

fn parse(table: &str) -> impl Iterator<Item = u16> + '_ {
    const LISTEN: &str = "0A";
    table.lines().skip(1).filter_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (_, port) = fields.nth(1)?.rsplit_once(':')?;
        (fields.nth(1)? == LISTEN).then(|| u16::from_str_radix(port, 16).ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listeners_count() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue\n\
            \x20  0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000\n\
            \x20  1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000\n\
            \x20  2: 00000000000000000000000000000000:0016 0:0 0A 0:0 0:0\n broken\n";
        assert_eq!(parse(table).collect::<Vec<_>>(), [3000, 22]);
    }
}
