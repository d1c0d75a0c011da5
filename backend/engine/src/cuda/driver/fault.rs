//! What the driver and cuBLAS say when they fail, as the engine's errors.

use crate::EngineError;
use crate::error::DeviceError;
use cudarc::cublas::result::CublasError;
use cudarc::driver::result::DriverError;
use cudarc::driver::sys::CUresult;

fn driver_error(message: String) -> EngineError {
    DeviceError::Driver(message).into()
}

/// The GPU failed at something: lost if its context can do nothing any more.
pub(super) fn failed(what: &str, error: DriverError) -> EngineError {
    let why =
        error.error_string().map_or_else(|_| format!("{error:?}"), |s| s.to_string_lossy().into_owned());
    let message = format!("it failed at {what}: {why}");
    if is_final(error.0) {
        EngineError::Lost(message)
    } else {
        DeviceError::Driver(format!("the GPU: {message}")).into()
    }
}

/// Whether every call gives this error from now on.
fn is_final(error: CUresult) -> bool {
    use CUresult::*;
    matches!(
        error,
        CUDA_ERROR_DEINITIALIZED
            | CUDA_ERROR_DEVICE_UNAVAILABLE
            | CUDA_ERROR_INVALID_CONTEXT
            | CUDA_ERROR_CONTEXT_IS_DESTROYED
            | CUDA_ERROR_ECC_UNCORRECTABLE
            | CUDA_ERROR_NVLINK_UNCORRECTABLE
            | CUDA_ERROR_ILLEGAL_ADDRESS
            | CUDA_ERROR_LAUNCH_TIMEOUT
            | CUDA_ERROR_ASSERT
            | CUDA_ERROR_HARDWARE_STACK_ERROR
            | CUDA_ERROR_ILLEGAL_INSTRUCTION
            | CUDA_ERROR_MISALIGNED_ADDRESS
            | CUDA_ERROR_INVALID_ADDRESS_SPACE
            | CUDA_ERROR_INVALID_PC
            | CUDA_ERROR_LAUNCH_FAILED
            | CUDA_ERROR_EXTERNAL_DEVICE
            | CUDA_ERROR_UNKNOWN
    )
}

/// cuBLAS failed at something.
pub(super) fn blas(what: &str, error: CublasError) -> EngineError {
    driver_error(format!("cuBLAS failed at {what}: {error:?}"))
}

/// The host has no memory that could be pinned: nothing that fewer runs at once would help.
pub(super) fn no_pinned(bytes: usize, error: DriverError) -> EngineError {
    if error.0 != CUresult::CUDA_ERROR_OUT_OF_MEMORY {
        return failed("pinning memory of the host", error);
    }
    driver_error(format!(
        "this computer gave no {} KiB of its own memory for copies to and from the GPU (pinned memory); close other \
         programs, or raise the limit on locked memory (ulimit -l)",
        bytes >> 10
    ))
}

/// Why the driver does not take the program's kernels.
pub(super) fn image(error: DriverError) -> EngineError {
    use CUresult::*;
    let refused = matches!(
        error.0,
        CUDA_ERROR_INVALID_IMAGE
            | CUDA_ERROR_NO_BINARY_FOR_GPU
            | CUDA_ERROR_INVALID_PTX
            | CUDA_ERROR_UNSUPPORTED_PTX_VERSION
            | CUDA_ERROR_INVALID_SOURCE
    );
    match (refused, TOOLKIT) {
        (true, None) => driver_error(
            "this program was built without nvcc and has no kernels for a GPU: build it with `make cuda`"
                .into(),
        ),
        (true, Some(_)) => too_old(),
        (false, _) => failed("loading the kernels", error),
    }
}

/// The version of the toolkit that made the kernels, if one did. See build.rs.
const TOOLKIT: Option<&str> = option_env!("TUNEMASK_CUDA_TOOLKIT");
/// The first driver that takes what that toolkit makes, if that is known.
const DRIVER: Option<&str> = option_env!("TUNEMASK_CUDA_DRIVER");

/// The driver, or cuBLAS, is older than the program.
pub(super) fn too_old() -> EngineError {
    let toolkit =
        TOOLKIT.map_or_else(String::new, |version| format!(", which was built with CUDA {version}"));
    let driver =
        DRIVER.map_or_else(|| "a newer driver".to_owned(), |first| format!("a driver from {first} on"));
    driver_error(format!(
        "the NVIDIA driver or cuBLAS here is too old for this program{toolkit}: {driver} is needed"
    ))
}
