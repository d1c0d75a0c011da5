//! The driver on a pretended GPU: copies, memory, errors, and what is left when it is closed.

use crate::EngineError;
use crate::cuda::driver::{Driver, Launches};
use crate::cuda::launch::{DIGEST_WORDS, Digest, Runner};
use crate::cuda::machine::{Buffer, Machine, Precision, as_bytes, from_bytes};
use crate::cuda::pretended::{TestGpu, pretended};
use crate::error::DeviceError;
use std::sync::Arc;

const MIB: usize = 1 << 20;
/// Codes of the driver's errors.
const OUT_OF_MEMORY: i32 = 2;
const INVALID_IMAGE: i32 = 200;
const ILLEGAL_ADDRESS: i32 = 700;

fn numbers(count: usize, salt: u32) -> Vec<u32> {
    (0..count as u32).map(|i| i.wrapping_mul(2_654_435_761).wrapping_add(salt)).collect()
}

/// Asks for a kernel over a buffer of words.
fn digest(machine: &Arc<dyn Machine>, words: &Buffer) -> Result<u64, EngineError> {
    let runner = Runner { machine: machine.clone(), precision: Precision::F32 };
    let count = words.len() / 4;
    let sums = Buffer::new(machine, 8 * count.div_ceil(DIGEST_WORDS))?;
    runner.digest(&Digest { from: words.at(), sums: sums.at(), count: count as u64 })?;
    Ok(sums.read::<u64>(0, count.div_ceil(DIGEST_WORDS))?.into_iter().fold(0, u64::wrapping_add))
}

#[test]
fn large_copies_go_through_a_little_pinned_memory() {
    let gpu = TestGpu::take();
    let machine = gpu.open();
    // Three pieces, the last one not whole.
    let values = numbers(11 * MIB + 5, 1);
    let buffer = Buffer::of(&machine, &values).unwrap();
    for _ in 0..5 {
        assert_eq!(buffer.read::<u32>(0, values.len()).unwrap(), values);
    }
    // Within a buffer, and across the pieces' ends.
    assert_eq!(buffer.read::<u32>(4 * MIB - 3, 6).unwrap(), values[4 * MIB - 3..4 * MIB + 3]);
    let large = machine.fetch(buffer.at(), 20 * MIB).unwrap();
    // What is asked for behind it does not show in it.
    machine.clear(buffer.at(), buffer.len()).unwrap();
    assert_eq!(from_bytes::<u32>(&large().unwrap()), values[..5 * MIB]);
    drop((buffer, machine));
    if let Some(gpu) = gpu.pretended() {
        assert!(gpu.look().most_pinned <= 64 * MIB as u64, "{:?}", gpu.look());
    }
}

#[test]
fn what_was_uploaded_may_change_at_once_and_reads_may_wait() {
    let gpu = TestGpu::take();
    let machine = gpu.open();
    let buffer = Buffer::new(&machine, 4 * 600).unwrap();
    let mut pending = Vec::new();
    for i in 0..600u32 {
        // The same memory of the host each time.
        let value = [i];
        machine.upload(buffer.at() + u64::from(4 * i), as_bytes(&value)).unwrap();
        if i % 3 == 0 {
            pending.push((i, machine.fetch(buffer.at() + u64::from(4 * i), 4).unwrap()));
        }
    }
    // Some are never waited for.
    for (i, bytes) in pending.into_iter().filter(|(i, _)| i % 2 == 0) {
        assert_eq!(from_bytes::<u32>(&bytes().unwrap()), [i]);
    }
    assert_eq!(buffer.read::<u32>(0, 600).unwrap(), (0..600).collect::<Vec<_>>());
    // From another thread, too.
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(buffer.read::<u32>(7, 1).unwrap(), [7])).join().unwrap();
    });
}

#[test]
fn a_buffer_that_grows_beside_pending_work_keeps_out_of_its_way() {
    let gpu = TestGpu::take();
    let machine = gpu.open();
    let mut buffer = Buffer::empty(&machine);
    let mut wanted = Vec::new();
    for round in 1..40u32 {
        let values = numbers(5000 * round as usize, round);
        buffer.room(4 * values.len()).unwrap();
        buffer.fill(as_bytes(&values)).unwrap();
        wanted.push((values.len(), machine.fetch(buffer.at(), 4 * values.len()).unwrap(), round));
    }
    for (count, bytes, round) in wanted {
        assert_eq!(from_bytes::<u32>(&bytes().unwrap()), numbers(count, round));
    }
    // With room to spare, so that not every longer batch asks for memory.
    if let Some(gpu) = gpu.pretended() {
        assert!(gpu.look().allocations < 10, "{:?}", gpu.look());
    }
}

#[test]
fn memory_in_pieces_is_given_back_and_asked_for_again() {
    let Some(gpu) = pretended() else { return };
    gpu.set_memory(100 * MIB as u64);
    let machine = gpu.open();
    assert_eq!((machine.free_bytes(), machine.total_bytes()), (Some(100 * MIB), Some(100 * MIB)));
    let small: Vec<Buffer> = (0..9).map(|_| Buffer::new(&machine, 10 * MIB).unwrap()).collect();
    drop(small);
    // The pool keeps nine pieces, none of which is large enough.
    assert_eq!(machine.free_bytes(), Some(100 * MIB));
    let large = Buffer::new(&machine, 80 * MIB).unwrap();
    assert_eq!(machine.free_bytes(), Some(20 * MIB));
    // What cannot be is an error, and the rest goes on.
    match Buffer::new(&machine, 4 << 40).err() {
        Some(EngineError::Device(DeviceError::OutOfMemory(why))) => {
            assert!(why.contains("beside the 80.0 MiB in use"), "{why}")
        }
        other => panic!("{other:?}"),
    }
    // No room for a quarter more: just what is needed.
    let mut grows = Buffer::new(&machine, 16 * MIB).unwrap();
    grows.room(19 * MIB).unwrap();
    assert_eq!(grows.len(), 19 * MIB);
    drop((large, grows));
    machine.trim();
    assert_eq!(machine.free_bytes(), Some(100 * MIB));
}

#[test]
fn a_host_without_memory_to_pin_is_not_a_gpu_without_room() {
    let Some(gpu) = pretended() else { return };
    let machine = gpu.open();
    gpu.set_pins(false);
    let buffer = Buffer::new(&machine, 100).unwrap();
    for error in [buffer.fill(&[1; 100]).unwrap_err(), buffer.read::<u8>(0, 100).unwrap_err()] {
        assert!(
            matches!(&error, EngineError::Device(why) if why.to_string().contains("pinned memory")),
            "{error:?}"
        );
    }
    gpu.set_pins(true);
    buffer.fill(&[1; 100]).unwrap();
    assert_eq!(buffer.read::<u8>(0, 100).unwrap(), [1; 100]);
}

#[test]
fn a_gpu_that_failed_is_lost_until_it_is_opened_anew() {
    let Some(gpu) = pretended() else { return };
    let machine = gpu.open();
    let words = Buffer::of(&machine, &numbers(5000, 3)).unwrap();
    let before = digest(&machine, &words).unwrap();
    gpu.fail_launch(0, ILLEGAL_ADDRESS);
    let lost = |result: Result<(), EngineError>| {
        let error = result.unwrap_err();
        let EngineError::Lost(why) = &error else { panic!("{error:?}") };
        assert!(why.contains("illegal memory access"), "{why}");
    };
    lost(digest(&machine, &words).map(|_| ()));
    lost(words.read::<u32>(0, 1).map(|_| ()));
    lost(words.fill(&[0; 4]));
    lost(machine.clear(words.at(), 4));
    lost(Buffer::new(&machine, 4).map(|_| ()));
    assert_eq!(machine.free_bytes(), None);
    // Opened beside the one that failed it is the same.
    assert!(matches!(Driver::open(gpu.ordinal()).err(), Some(EngineError::Lost(_))));
    drop((words, machine));
    let machine = gpu.open();
    let words = Buffer::of(&machine, &numbers(5000, 3)).unwrap();
    assert_eq!(digest(&machine, &words).unwrap(), before);
}

#[test]
fn where_asked_to_the_kernel_that_fails_is_named() {
    let Some(gpu) = pretended() else { return };
    for launches in [Launches::Blocking, Launches::Asynchronous] {
        let machine = Driver::open_with(gpu.ordinal(), launches).unwrap();
        let words = Buffer::of(&machine, &numbers(5000, 3)).unwrap();
        gpu.fail_launch(0, ILLEGAL_ADDRESS);
        let error = digest(&machine, &words).unwrap_err().to_string();
        assert_eq!(error.contains("failed at tunemask_digest"), launches == Launches::Blocking, "{error}");
    }
}

#[test]
fn an_opening_that_fails_leaves_nothing_behind() {
    let Some(gpu) = pretended() else { return };
    let open = |call: i64, error: i32| {
        gpu.fail_call(call, error);
        let opened = Driver::open(gpu.ordinal()).map(|_| ());
        assert_eq!(gpu.look().left(), 0, "after call {call}: {:?}", gpu.look());
        opened
    };
    let mut errors = Vec::new();
    while let Err(error) = open(errors.len() as i64, OUT_OF_MEMORY) {
        errors.push(error.to_string());
    }
    // Context, stream, pool, kernels, cuBLAS.
    assert!(errors.len() > 50, "{errors:?}");
    let module = errors.iter().position(|error| error.contains("loading the kernels")).unwrap();
    let refused = open(module as i64, INVALID_IMAGE).unwrap_err().to_string();
    let want = match option_env!("TUNEMASK_CUDA_TOOLKIT") {
        None => "built without nvcc",
        Some(_) => "too old for this program",
    };
    assert!(refused.contains(want), "{refused}");
    gpu.fail_call(-1, 0);
}

#[test]
fn a_gpu_that_is_not_there_is_named() {
    let Some(gpu) = pretended() else { return };
    let error = Driver::open(64).err().unwrap().to_string();
    assert_eq!(error, "there is no GPU cuda:64 here; there is cuda:0 to cuda:63");
    assert!(gpu.open().name().starts_with("Pretended GPU"));
    let machine = gpu.open();
    let kernel = std::ptr::null();
    // SAFETY: there is no such kernel.
    let error = unsafe { machine.launch("tunemask_nothing", [1, 1, 1], 32, 0, kernel, 0) }.unwrap_err();
    assert!(error.to_string().contains("tunemask_nothing"), "{error}");
}
