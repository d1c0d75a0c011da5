//! One input after the other, in this process.

use super::chance::MAX_BYTES;
use super::{Chance, Depth, Target, form};
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// No input may take longer.
const MAX_TIME: Duration = Duration::from_secs(10);

/// What came of inputs.
#[derive(Debug, Default)]
pub struct Driven {
    /// How many there were.
    pub inputs: u64,
    /// How many of them came past the first parser.
    pub read: u64,
    /// How many of them were taken.
    pub taken: u64,
    /// What the slowest one took.
    pub slowest: Duration,
    /// Numbers of those at which the program was wrong, and how.
    pub wrong: Vec<(u64, String)>,
}

/// Whether an input is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is.
    Input,
    /// Neither it nor those behind it are.
    Stop,
}

/// The input of a seed and a number.
pub fn input(target: Target, corpus: &[Vec<u8>], seed: u64, number: u64) -> Vec<u8> {
    // Each has a chance of its own, so that it can be made without those before it.
    let mut chance = Chance::new(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    // Bytes that are anything find what is wrong in the first parser, and those that keep their form what is behind it.
    if number.is_multiple_of(2) {
        return chance.mutated(corpus, target.words());
    }
    let mut input = form::changed(target, &mut chance, corpus);
    input.truncate(MAX_BYTES);
    input
}

/// Lets inputs in until `begins` stops it.
///
/// # Errors
/// The corpus cannot be read; `begins` fails.
pub fn drive(
    target: Target,
    seed: u64,
    numbers: std::ops::Range<u64>,
    mut begins: impl FnMut(u64) -> io::Result<Next>,
) -> io::Result<Driven> {
    let corpus = target.corpus()?;
    let mut driven = Driven::default();
    for number in numbers {
        if begins(number)? == Next::Stop {
            break;
        }
        let input = input(target, &corpus, seed, number);
        let begin = Instant::now();
        let taken = catch_unwind(AssertUnwindSafe(|| target.take(&input)));
        let took = begin.elapsed();
        driven.inputs += 1;
        driven.slowest = driven.slowest.max(took);
        let depth = *taken.as_ref().unwrap_or(&Depth::Refused);
        driven.read += u64::from(depth >= Depth::Read);
        driven.taken += u64::from(depth == Depth::Taken);
        if let Err(panic) = taken {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            driven.wrong.push((number, format!("it panicked: {}", text.unwrap_or_default())));
        } else if took > MAX_TIME {
            driven.wrong.push((number, format!("it took {} s", took.as_secs())));
        }
    }
    Ok(driven)
}

/// The same for the process that started this one: the number of each input stands in a file before it is let in, and what
/// was wrong is printed, one in a line, behind its number. No input begins after `until`.
///
/// # Errors
/// As [`drive`].
pub fn inside(
    target: Target,
    seed: u64,
    numbers: std::ops::Range<u64>,
    progress: &Path,
    until: Option<Instant>,
) -> io::Result<()> {
    let file = File::create(progress)?;
    quiet();
    let driven = drive(target, seed, numbers, |number| {
        write_at(&file, number)?;
        Ok(if until.is_some_and(|until| Instant::now() >= until) { Next::Stop } else { Next::Input })
    })?;
    println!("inputs {}", driven.inputs);
    println!("read {}", driven.read);
    println!("taken {}", driven.taken);
    println!("slowest {}", driven.slowest.as_millis());
    for (number, why) in driven.wrong {
        println!("wrong {number} {}", why.replace('\n', " "));
    }
    Ok(())
}

/// Lets panics be: one of a library that the program catches is no violation, and one that it does not catch comes to whoever
/// drives. `cargo fuzz` would end at either.
pub fn quiet() {
    std::panic::set_hook(Box::new(|_| {}));
}

#[cfg(unix)]
fn write_at(file: &File, number: u64) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    file.write_all_at(&number.to_le_bytes(), 0)
}

#[cfg(not(unix))]
fn write_at(mut file: &File, number: u64) -> io::Result<()> {
    use std::io::{Seek, Write};
    file.rewind()?;
    file.write_all(&number.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_input_is_let_in_behind_the_last() {
        let mut begun = Vec::new();
        let driven = drive(Target::Mask, 1, 5..50, |number| {
            begun.push(number);
            Ok(if number < 8 { Next::Input } else { Next::Stop })
        });
        assert_eq!((driven.unwrap().inputs, begun), (3, vec![5, 6, 7, 8]));
    }
}
