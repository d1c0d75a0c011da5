//! Places, of which one peer may have a part only.

use super::super::access::PeerKey;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Places for all, of which one peer may have a part only: who takes many leaves some to the others.
#[derive(Clone, Debug)]
pub(in crate::server) struct Shares {
    most: usize,
    most_of_one: usize,
    taken: Arc<Mutex<HashMap<PeerKey, usize>>>,
}

/// One place; given back when dropped.
#[derive(Debug)]
pub(in crate::server) struct Share {
    peer: PeerKey,
    shares: Shares,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Full {
    /// The peer has all that one may have.
    ForOne(usize),
    /// All are taken.
    ForAll(usize),
}

impl Shares {
    pub(in crate::server) fn new(most: usize, most_of_one: usize) -> Self {
        Self { most, most_of_one, taken: Arc::default() }
    }

    /// Takes a place for a peer.
    pub(in crate::server) fn take(&self, peer: PeerKey) -> Result<Share, Full> {
        let mut taken = self.taken();
        if taken.get(&peer).is_some_and(|&own| own >= self.most_of_one) {
            return Err(Full::ForOne(self.most_of_one));
        }
        if taken.values().sum::<usize>() >= self.most {
            return Err(Full::ForAll(self.most));
        }
        *taken.entry(peer).or_default() += 1;
        drop(taken);
        Ok(Share { peer, shares: self.clone() })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<PeerKey, usize>> {
        // Nothing panics while it is held.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shares.taken();
        if let Some(own) = taken.get_mut(&self.peer) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::access::Peer;

    #[test]
    fn one_peer_leaves_places_to_others_and_gives_its_own_back() {
        let peer = |ip: &str, uid| Peer::new(ip.parse().unwrap(), uid).key();
        let (mine, theirs) = (peer("127.0.0.1", Some(1)), peer("127.0.0.1", Some(2)));
        let shares = Shares::new(4, 3);
        let mut places: Vec<Share> = (0..3).map(|_| shares.take(mine).unwrap()).collect();
        assert_eq!(shares.take(mine).unwrap_err(), Full::ForOne(3));
        let other = shares.take(theirs).unwrap();
        assert_eq!(shares.take(theirs).unwrap_err(), Full::ForAll(4));
        places.pop();
        let again = shares.take(theirs).unwrap();
        drop((places, other, again));
        assert!(shares.taken().is_empty());
        // An IPv6 network is one peer: its addresses are without number.
        assert_eq!(peer("2001:db8::1", None), peer("2001:db8::2", None));
        assert_ne!(peer("2001:db8::1", None), peer("2001:db8:0:1::1", None));
    }
}
