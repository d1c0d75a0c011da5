//! Each kernel on the emulated device against its definition in f64, with f32 and with bf16 activations, and with
//! its threads in either order.

mod rig;
mod rows;
mod attention;
mod head;
mod scalars;
#[cfg(all(feature = "cuda", target_os = "linux"))]
mod driver;
