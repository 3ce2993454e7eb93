//! Replaces `std` in the released wasm: a one-kilobyte allocator, and a panic handler without messages.
//! The messages of panics and the code that formats them would be a tenth of the file.

use core::panic::PanicInfo;
use lol_alloc::{FreeListAllocator, LockedAllocator};

#[global_allocator]
static ALLOCATOR: LockedAllocator<FreeListAllocator> =
    LockedAllocator::new(FreeListAllocator::new());

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
