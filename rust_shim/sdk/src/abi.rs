//! Exports the calls of a driftcheck library to Python, as functions of an extension module.
//!
//! The module of every adapter is named `driftcheck_subject`, so a loader needs only its file.
//! This is the only module of the SDK that knows Python.
#![allow(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::AtomicU64;

pub use pyo3;
use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCFunction, PyTuple};

use crate::contract::Contract;
use crate::crash;
use crate::describe::{ABI, describe};
use crate::session::run;

/// Makes the extension module of a contract: `driftcheck::extension!(contract(|| Ok(Adapter)));`
///
/// The expression is evaluated once for each request.
#[macro_export]
macro_rules! extension {
    ($contract:expr $(,)?) => {
        /// Python calls this function by its name when it imports the module.
        // SAFETY: the library defines no other symbol of this name, and Python calls it as declared.
        #[unsafe(no_mangle)]
        #[allow(unsafe_code, non_snake_case)]
        pub extern "C" fn PyInit_driftcheck_subject() -> *mut $crate::abi::pyo3::ffi::PyObject {
            let lock = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));
            $crate::abi::module(|| $contract, env!("CARGO_PKG_NAME"), lock)
        }
    };
}

/// Makes the module, or returns null with Python's exception set.
///
/// PyO3's `#[pymodule]` would do the same. It needs PyO3's macros, which take longer to compile than
/// all the rest of PyO3.
///
/// `root` is the name of the adapter's crate, and `lock` the text of its Cargo.lock.
pub fn module<C: Contract>(
    contract: impl Fn() -> C + Send + Sync + 'static,
    root: &'static str,
    lock: &'static str,
) -> *mut ffi::PyObject {
    Python::attach(|py| {
        let module =
            empty(py).and_then(|module| fill(&module, contract, root, lock).map(|()| module));
        match module {
            Ok(module) => module.into_ptr(),
            Err(error) => {
                error.restore(py);
                ptr::null_mut()
            }
        }
    })
}

/// Makes a module without members.
///
/// It has a definition, because Python refuses an extension module without one.
fn empty(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let definition = ffi::PyModuleDef {
        m_base: ffi::PyModuleDef_HEAD_INIT,
        m_name: c"driftcheck_subject".as_ptr(),
        m_doc: ptr::null(),
        m_size: -1, // the module is made once, and never again
        m_methods: ptr::null_mut(),
        m_slots: ptr::null_mut(),
        m_traverse: None,
        m_clear: None,
        m_free: None,
    };
    let definition = Box::leak(Box::new(definition));
    // SAFETY: the definition is leaked, so it outlives the module, and nothing else uses it. The call
    // returns a new reference, or null with Python's exception set.
    let module = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyModule_Create(definition))? };
    Ok(module.cast_into()?)
}

/// Adds the calls to `module`.
fn fill<C: Contract>(
    module: &Bound<'_, PyModule>,
    contract: impl Fn() -> C + Send + Sync + 'static,
    root: &'static str,
    lock: &'static str,
) -> PyResult<()> {
    let py = module.py();
    crash::watch();
    let abi = PyCFunction::new_closure(
        py,
        Some(c"abi"),
        Some(c"abi() -> int\n\nReturn the version of these calls."),
        |_, _| ABI,
    )?;
    let described = PyCFunction::new_closure(
        py,
        Some(c"describe"),
        Some(c"describe() -> bytes\n\nReturn a description of contract and library, a CBOR map."),
        move |arguments, _| PyBytes::new(arguments.py(), &describe::<C>(root, lock)).unbind(),
    )?;
    let run = PyCFunction::new_closure(
        py,
        Some(c"run"),
        Some(
            c"run(note, request) -> bytes\n\n\
              Run a request and return its reply; note is 8 writable bytes.\n\n\
              Raises ValueError if the request cannot be read.",
        ),
        move |arguments, _| answer(arguments, &contract),
    )?;
    #[cfg(feature = "coverage")]
    module.add("coverage", coverage(py)?)?;
    module.add("abi", abi)?;
    module.add("describe", described)?;
    module.add("run", run)
}

/// Makes the function that answers questions about coverage.
#[cfg(feature = "coverage")]
fn coverage(py: Python<'_>) -> PyResult<Bound<'_, PyCFunction>> {
    PyCFunction::new_closure(
        py,
        Some(c"coverage"),
        Some(
            c"coverage(request) -> bytes\n\n\
              Answer a question about coverage.\n\n\
              Raises ValueError if it cannot be read, or its map is of another build.",
        ),
        |arguments, _| -> PyResult<Py<PyBytes>> {
            let py = arguments.py();
            let (request,): (Bound<'_, PyBytes>,) = arguments.extract()?;
            match crate::coverage::coverage(request.as_bytes()) {
                Ok(answer) => Ok(PyBytes::new(py, &answer).unbind()),
                Err(text) => Err(PyValueError::new_err(text)),
            }
        },
    )
}

fn answer<C: Contract>(
    arguments: &Bound<'_, PyTuple>,
    contract: &(impl Fn() -> C + Sync),
) -> PyResult<Py<PyBytes>> {
    let py = arguments.py();
    let (note, request): (Bound<'_, PyAny>, Bound<'_, PyBytes>) = arguments.extract()?;
    let buffer = PyUntypedBuffer::get(&note)?;
    let note = shared_note(&buffer)?;
    let request = request.as_bytes();
    crash::watch();
    let reply = py.detach(|| {
        // The session has turned the subject's panics into outcomes. What is left is the SDK's own.
        catch_unwind(AssertUnwindSafe(|| run(&contract(), note, request)))
    });
    match reply {
        Ok(Ok(reply)) => Ok(PyBytes::new(py, &reply).unbind()),
        Ok(Err(unreadable)) => Err(PyValueError::new_err(unreadable.to_string())),
        Err(_) => Err(PyValueError::new_err(
            "the SDK panicked; standard error has its message",
        )),
    }
}

fn shared_note(buffer: &PyUntypedBuffer) -> PyResult<&AtomicU64> {
    let note = buffer.buf_ptr().cast::<u64>();
    if buffer.readonly() || buffer.len_bytes() != 8 || !note.is_aligned() {
        return Err(PyValueError::new_err(
            "note must be 8 writable bytes at an address that is a multiple of 8",
        ));
    }
    // SAFETY: the buffer keeps its 8 bytes in place while it is borrowed. They are aligned and writable.
    // Code that shares them, in this process or another, expects them to change at any time.
    Ok(unsafe { AtomicU64::from_ptr(note) })
}
