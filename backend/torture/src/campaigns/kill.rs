//! kill -9 at random moments, in every role.
//!
//! Whatever is killed is started again on the same home, in whichever role, until the study has come to its end. Then the
//! log is held against all that was shown and against an undisturbed program's, and a new home begins. Now and then a
//! program is asked to end instead, so that it saves what its runs have become and others go on from there.

use crate::ledger::{self, Again};
use crate::program::Ending;
use crate::report::{Order, Report};
use crate::role::{self, Ended, Progress, Role, Stage};
use crate::study::{Study, small};
use anyhow::Result;
use fastrand::Rng;
use std::time::Duration;

/// How long the rest of a study may take that is not killed any more.
const REST: Duration = Duration::from_secs(300);

/// Does it.
///
/// # Errors
/// The reference cannot be made, or the machine has no room.
pub fn kill(order: &Order) -> Result<Report> {
    let mut report = Report::new("kill", order.seed);
    let mut chance = Rng::with_seed(order.seed);
    let study = Study::new(&order.binary, small())?;
    let roles = role::all();
    let mut done = 0;
    while order.goes_on(done) {
        let home = tempfile::tempdir()?;
        let mut shown = Vec::new();
        let found = report.found().len();
        loop {
            let role = roles[chance.usize(..roles.len())];
            let seed = chance.u64(..);
            let stage = Stage { binary: &order.binary, home: home.path(), study: &study, seed };
            let last = !order.goes_on(done);
            let within = if last { REST } else { moment(study.took, &mut chance) };
            let how = if chance.u8(..5) == 0 { Ending::Ask } else { Ending::Kill };
            let (progress, Ended { shown: more, kind }) = match once(role, stage, within, how) {
                Ok(once) => once,
                Err(error) => {
                    report.violation(format!("{} on {}: {error:#}", role.name(), home.path().display()));
                    break;
                }
            };
            shown.extend(more);
            match how {
                Ending::Kill => {
                    done += 1;
                    report.count(1, "kills");
                    report.count(1, &format!("of {kind}"));
                }
                Ending::Ask => report.count(1, "asked to end"),
            }
            if progress == Progress::Over {
                break;
            }
            if last {
                report.violation(format!("{}: it does not come to its end", role.name()));
                break;
            }
        }
        report.count(1, "homes");
        report.count(study.reference.len() as u64, "runs");
        report.count(shown.len() as u64, "lines shown");
        report.violations(ledger::check(home.path(), &study, &shown, Again::Never));
        if report.found().len() > found {
            eprintln!("kill: what is left stays in {}", home.keep().display());
        }
    }
    Ok(report.ended())
}

/// When the next program is ended, of a study that takes so long: as it starts, soon after, or when it has worked for a while.
fn moment(whole: Duration, chance: &mut Rng) -> Duration {
    let most = [Duration::from_millis(150), whole / 6, whole / 6, whole / 2][chance.usize(..4)];
    most.mul_f64(chance.f64())
}

fn once(role: &dyn Role, stage: Stage<'_>, within: Duration, how: Ending) -> Result<(Progress, Ended)> {
    let mut working = role.start(stage)?;
    let progress = working.work(within)?;
    Ok((progress, working.end(how)?))
}
