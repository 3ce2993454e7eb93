//! What takes the place of `std` in the released wasm: an allocator of a kilobyte, and an end without
//! words. Messages of panics, and the machinery that formats them, would be a tenth of the whole.

use core::panic::PanicInfo;
use lol_alloc::{FreeListAllocator, LockedAllocator};

#[global_allocator]
static ALLOCATOR: LockedAllocator<FreeListAllocator> =
    LockedAllocator::new(FreeListAllocator::new());

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
