//! Who is at the other end of a connection.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(in crate::server) struct Peer {
    ip: IpAddr,
    /// The user of this machine whose program it is, where the system says so.
    uid: Option<u32>,
}

/// What counts as one peer where places are given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::server) struct PeerKey(IpAddr, Option<u32>);

impl Peer {
    pub(in crate::server) fn new(ip: IpAddr, uid: Option<u32>) -> Self {
        Self { ip: ip.to_canonical(), uid }
    }

    /// The peer of a connection between these addresses.
    pub(in crate::server) async fn at(theirs: SocketAddr, ours: SocketAddr) -> Self {
        let uid = if theirs.ip().to_canonical().is_loopback() {
            // The kernel's table is a file: reading it may take a moment where there are many connections.
            tokio::task::spawn_blocking(move || system::uid(theirs, ours)).await.ok().flatten()
        } else {
            None
        };
        Self::new(theirs.ip(), uid)
    }

    /// Whether it is a program of the user whose program this is, on this machine.
    pub(in crate::server) fn is_owner(self) -> bool {
        self.ip.is_loopback() && self.uid.is_some() && self.uid == system::own_uid()
    }

    /// What it counts as: a user of this machine, an address, or a network of IPv6.
    pub(in crate::server) fn key(self) -> PeerKey {
        let ip = match self.ip {
            // Whoever has one address of a /64 has all.
            IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
            ip => ip,
        };
        PeerKey(if self.ip.is_loopback() { self.ip } else { ip }, self.uid)
    }
}

/// Linux tells whose the other end of a connection within the machine is.
#[cfg(target_os = "linux")]
mod system {
    use super::super::table::owner;
    use std::net::SocketAddr;

    /// Users that are unknown in a container all have this number there.
    const NOBODY: u32 = 65_534;

    pub(super) fn own_uid() -> Option<u32> {
        Some(rustix::process::geteuid().as_raw()).filter(|&uid| uid != NOBODY)
    }

    /// Whose the program at `theirs` is.
    pub(super) fn uid(theirs: SocketAddr, ours: SocketAddr) -> Option<u32> {
        let look = || {
            // A client that speaks IPv4 stands in the first, also where the server listens for IPv6.
            let tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"].into_iter();
            tables
                .filter_map(|table| std::fs::read_to_string(table).ok())
                .find_map(|text| owner(&text, theirs, ours))
        };
        // A connection that its program has closed belongs to root, whoever opened it, and is no longer established.
        // Only one that is still established when it is looked at again was so, and its program's, the first time.
        let first = look()?;
        look().map(|_| first)
    }
}

/// Elsewhere nobody is known: everyone shows a token.
#[cfg(not(target_os = "linux"))]
mod system {
    use std::net::SocketAddr;

    pub(super) fn own_uid() -> Option<u32> {
        None
    }
    pub(super) fn uid(_theirs: SocketAddr, _ours: SocketAddr) -> Option<u32> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};
    use tunemask_shared::fixtures::Requirement;

    #[test]
    fn the_user_at_the_other_end_is_known_while_it_is_there() {
        for host in ["127.0.0.1:0", "[::1]:0", "[::ffff:127.0.0.1]:0"] {
            let Ok(listener) = TcpListener::bind(host) else {
                Requirement::Ipv6.skip(format_args!("this machine has no {host}"));
                continue;
            };
            let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (stream, theirs) = listener.accept().unwrap();
            let ours = stream.local_addr().unwrap();
            let uid = system::uid(theirs, ours);
            assert_eq!(uid, Some(rustix::process::geteuid().as_raw()), "{host}");
            assert_eq!(Peer::new(theirs.ip(), uid).is_owner(), system::own_uid().is_some());
            // What it said may still be read, but it is nobody's any more.
            drop(client);
            assert_eq!(system::uid(theirs, ours), None, "{host}");
        }
    }

    #[test]
    fn only_this_user_on_this_machine_is_the_owner() {
        let own = system::own_uid();
        let peer = |ip: &str, uid| Peer::new(ip.parse().unwrap(), uid);
        assert_eq!(peer("::ffff:127.0.0.1", own).is_owner(), own.is_some());
        assert!(!peer("127.0.0.1", None).is_owner());
        assert!(!peer("127.0.0.1", own.map(|uid| uid + 1)).is_owner());
        assert!(!peer("192.0.2.7", own).is_owner());
    }
}
