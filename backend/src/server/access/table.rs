//! The kernel's table of connections.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The state of a connection of which neither end has closed its half.
const ESTABLISHED: &str = "01";

/// The user of the socket at `theirs` that is connected to `ours`, from the text of `/proc/net/tcp` or `tcp6`. `None` if
/// no established connection has it; lines that cannot be read are none.
pub(super) fn owner(table: &str, theirs: SocketAddr, ours: SocketAddr) -> Option<u32> {
    let wanted = [theirs, ours].map(canonical);
    table.lines().skip(1).find_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let ends = [words.next()?, words.next()?].map(address);
        let found = ends == wanted.map(Some) && words.next()? == ESTABLISHED;
        // Between the state and the user: queues, timer, retransmits.
        found.then(|| words.nth(3)?.parse().ok())?
    })
}

fn canonical(address: SocketAddr) -> (IpAddr, u16) {
    (address.ip().to_canonical(), address.port())
}

/// Reads `0100007F:0BB8`: words of the machine's order of bytes, and the port.
fn address(text: &str) -> Option<(IpAddr, u16)> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| Some(u32::from_str_radix(ip.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    let ip = match ip.len() {
        8 => IpAddr::from(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut bytes = [0; 16];
            for i in 0..4 {
                bytes[4 * i..4 * i + 4].copy_from_slice(&word(8 * i)?);
            }
            IpAddr::from(Ipv6Addr::from(bytes))
        }
        _ => return None,
    };
    Some((ip.to_canonical(), port))
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    const HEAD: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    fn line(local: &str, remote: &str, state: &str, uid: u32) -> String {
        format!(
            "   4: {local} {remote} {state} 00000000:00000000 00:00000000 00000000 {uid:5}        0 4584 1 0\n"
        )
    }

    #[test]
    fn the_clients_own_line_is_found_and_only_while_it_is_established() {
        let (theirs, ours) = ("127.0.0.1:40000".parse().unwrap(), "127.0.0.1:3000".parse().unwrap());
        let (client, server) = ("0100007F:9C40", "0100007F:0BB8");
        let others =
            line(server, client, "01", 7) + &line("00000000:0BB8", "00000000:0000", "0A", 7) + "junk\n\n";
        let table = |state| HEAD.to_owned() + &others + &line(client, server, state, 1000);
        assert_eq!(owner(&table("01"), theirs, ours), Some(1000));
        // Closed by its program, which the kernel shows as root's, or waiting for stragglers.
        for state in ["04", "05", "06", "08"] {
            assert_eq!(owner(&table(state), theirs, ours), None, "{state}");
        }
        assert_eq!(owner(&table("01"), ours, ours), None);
        assert_eq!(owner("", theirs, ours), None);
    }

    #[test]
    fn addresses_of_both_kinds_are_read() {
        let loopback = "00000000000000000000000001000000:9C40";
        let mapped = "0000000000000000FFFF00000100007F:0BB8";
        assert_eq!(address(loopback), Some((Ipv6Addr::LOCALHOST.into(), 40_000)));
        assert_eq!(address(mapped), Some((Ipv4Addr::LOCALHOST.into(), 3000)));
        for wrong in ["", "0100007F", "0100007F:x", "01:0BB8", "é00007F0:0BB8", "0100007F:123456"] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
    }
}
