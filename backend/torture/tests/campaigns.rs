//! Five campaigns once, shortly, against the built program. `make torture` does more, and the others.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::time::{Duration, Instant};
use tunemask_torture::campaigns::{flood, kill, many, sockets, two};
use tunemask_torture::{Binary, Order, Report};

fn survives(campaign: fn(&Order) -> anyhow::Result<Report>, rounds: u64) {
    let binary = Binary::beside().unwrap();
    let until = Some(Instant::now() + Duration::from_secs(60));
    let report = campaign(&Order { binary, seed: 5, rounds, until }).unwrap();
    println!("{report}");
    assert!(report.is_clean(), "{report}");
}

#[test]
fn kills() {
    survives(kill::kill, 2);
}

#[test]
fn broken_sockets() {
    survives(sockets::sockets, 5);
}

#[test]
fn floods() {
    survives(flood::flood, 1);
}

#[test]
fn two_programs() {
    survives(two::two, 1);
}

#[test]
fn many_runs() {
    survives(many::many, 42);
}
