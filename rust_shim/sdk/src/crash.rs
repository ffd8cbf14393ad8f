//! The last line of a process that a signal kills: the signal, and whether the stack overflowed.
//!
//! The line goes to standard error, such as
//! `driftcheck: fault signal=11 address=0x7ffd5e4f3ff8 stack-overflow`. Its last word may also be
//! `bad-address`, `illegal-instruction` or `arithmetic`. Then the signal kills the process as usual.
//!
//! The handler needs an alternate stack, and each thread has its own. A thread that the subject started has
//! none. If the stack of such a thread overflows, the kernel has no room for the handler and kills the process
//! without the line. Any other fault of that thread is reported. So SIGSEGV without the line means a stack
//! overflow, too.
//!
//! Linux on x86-64 and arm64. The functions and structures of libc are declared here by hand, because the
//! crate has no dependencies. Assertions at compile time hold their layouts.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::mem::{MaybeUninit, offset_of, size_of};
use std::ptr;
use std::sync::Once;

const SIGILL: c_int = 4;
const SIGBUS: c_int = 7;
const SIGFPE: c_int = 8;
const SIGSEGV: c_int = 11;
const SIGNALS: [c_int; 4] = [SIGILL, SIGBUS, SIGFPE, SIGSEGV];

const SA_SIGINFO: c_int = 4;
const SA_ONSTACK: c_int = 0x0800_0000;
const SIG_DFL: usize = 0;
const SS_DISABLE: c_int = 2;
const STDERR: c_int = 2;

/// In bytes. The frame of a signal with all vector registers takes about 11 KiB.
const ALTERNATE_STACK: usize = 64 * 1024;

/// How many bytes from the stack pointer an overflow may touch: the width of the kernel's own guard gap.
const REACH: usize = 1 << 20;

/// `struct sigaction`.
#[repr(C)]
struct SigAction {
    handler: usize,
    mask: [u64; 16],
    flags: c_int,
    restorer: usize,
}

/// The beginning of `siginfo_t`, up to the address of the fault.
#[repr(C)]
struct SigInfo {
    signal: c_int,
    errno: c_int,
    code: c_int,
    address: usize,
}

/// `stack_t`.
#[repr(C)]
struct Stack {
    start: *mut c_void,
    flags: c_int,
    size: usize,
}

/// The beginning of `ucontext_t`, up to the stack pointer.
#[repr(C)]
struct Context {
    flags: u64,
    link: usize,
    stack: Stack,
    #[cfg(target_arch = "x86_64")]
    registers_before: [u64; 15],
    #[cfg(target_arch = "aarch64")]
    registers_before: [u64; 49],
    stack_pointer: usize,
}

// As <signal.h> and <ucontext.h> of glibc and musl lay them out, on both architectures.
const _: () = {
    assert!(size_of::<SigAction>() == 152);
    assert!(offset_of!(SigAction, mask) == 8);
    assert!(offset_of!(SigAction, flags) == 136);
    assert!(offset_of!(SigAction, restorer) == 144);
    assert!(offset_of!(SigInfo, address) == 16);
    assert!(size_of::<Stack>() == 24);
    assert!(offset_of!(Stack, flags) == 8);
    assert!(offset_of!(Stack, size) == 16);
    assert!(offset_of!(Context, stack) == 16);
};
#[cfg(target_arch = "x86_64")]
const _: () = assert!(offset_of!(Context, stack_pointer) == 160); // gregs[REG_RSP]
#[cfg(target_arch = "aarch64")]
const _: () = assert!(offset_of!(Context, stack_pointer) == 432); // uc_mcontext.sp

// SAFETY: the signatures are those of libc, for structures with the layouts above.
unsafe extern "C" {
    fn sigaction(signal: c_int, new: *const SigAction, old: *mut SigAction) -> c_int;
    fn sigaltstack(new: *const Stack, old: *mut Stack) -> c_int;
    fn raise(signal: c_int) -> c_int;
    fn write(file: c_int, bytes: *const c_void, length: usize) -> isize;
}

/// Installs the handler in the whole process, and gives the current thread an alternate stack.
pub fn watch() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        for signal in SIGNALS {
            set(
                signal,
                on_fault as *const () as usize,
                SA_SIGINFO | SA_ONSTACK,
            );
        }
    });
    thread_local! {
        static WATCHED: Cell<bool> = const { Cell::new(false) };
    }
    if !WATCHED.replace(true) {
        give_alternate_stack();
    }
}

/// Gives the current thread an alternate stack, unless it has one. Never freed: the thread may need it to its end.
fn give_alternate_stack() {
    let mut current = MaybeUninit::<Stack>::uninit();
    // SAFETY: a null first argument changes nothing. `current` has libc's layout, and a call that
    // succeeds initialises it.
    let has_one = unsafe {
        sigaltstack(ptr::null(), current.as_mut_ptr()) != 0
            || current.assume_init_ref().flags & SS_DISABLE == 0
    };
    if has_one {
        return;
    }
    let memory = vec![0_u8; ALTERNATE_STACK].leak();
    let stack = Stack {
        start: memory.as_mut_ptr().cast(),
        flags: 0,
        size: memory.len(),
    };
    // SAFETY: `stack` has libc's layout. Its memory is leaked, so it outlives the thread, and nothing
    // else uses it.
    unsafe { sigaltstack(&stack, ptr::null_mut()) };
}

fn set(signal: c_int, handler: usize, flags: c_int) {
    let action = SigAction {
        handler,
        mask: [0; 16],
        flags,
        restorer: 0,
    };
    // SAFETY: `action` has libc's layout. The handler is the default or `on_fault`, which has the
    // signature for SA_SIGINFO and calls async-signal-safe functions only.
    unsafe { sigaction(signal, &action, ptr::null_mut()) };
}

extern "C" fn on_fault(signal: c_int, info: *const SigInfo, context: *const Context) {
    // SAFETY: with SA_SIGINFO the kernel passes both, and they have the layouts that are asserted above.
    let (address, stack_pointer) = unsafe { ((*info).address, (*context).stack_pointer) };
    let what: &[u8] = match signal {
        SIGSEGV if address.abs_diff(stack_pointer) < REACH => b"stack-overflow",
        SIGILL => b"illegal-instruction",
        SIGFPE => b"arithmetic",
        _ => b"bad-address",
    };

    let mut line = Line::new();
    line.text(b"driftcheck: fault signal=");
    line.decimal(signal as usize);
    line.text(b" address=0x");
    line.hex(address);
    line.text(b" ");
    line.text(what);
    line.text(b"\n");
    // SAFETY: write and raise are async-signal-safe, and the bytes of the line live on this stack.
    // The signal is blocked until this function returns. Then it kills the process, whether a fault or
    // another process raised it.
    unsafe {
        write(STDERR, line.bytes.as_ptr().cast(), line.length);
        set(signal, SIG_DFL, 0);
        raise(signal);
    }
}

/// A line that is built without allocation, which a signal handler may not do.
struct Line {
    bytes: [u8; 96],
    length: usize,
}

impl Line {
    fn new() -> Self {
        Self {
            bytes: [0; 96],
            length: 0,
        }
    }

    fn text(&mut self, text: &[u8]) {
        for &byte in text {
            if let Some(place) = self.bytes.get_mut(self.length) {
                *place = byte;
                self.length += 1;
            }
        }
    }

    fn decimal(&mut self, number: usize) {
        self.number(number, 10);
    }

    fn hex(&mut self, number: usize) {
        self.number(number, 16);
    }

    fn number(&mut self, number: usize, base: usize) {
        if number >= base {
            self.number(number / base, base);
        }
        self.text(&[b"0123456789abcdef"[number % base]]);
    }
}
