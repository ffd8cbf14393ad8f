//! The native search as a Python module: plans by their digest, traces from seeds, and hashes of replies.
//!
//! Holds what Python needs and nothing else; `driftcheck-generator` does the work.

#![allow(unsafe_code)]

use std::collections::HashMap;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use driftcheck_generator::{Generator, Order, summary};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCFunction, PyTuple};

static PLANS: Mutex<Option<HashMap<u64, Arc<Generator>>>> = Mutex::new(None);
const MOST_PLANS: usize = 16; // in one process; more are forgotten together

/// Python calls this function by its name when it imports the module.
// SAFETY: the library defines no other symbol of this name, and Python calls it as declared.
#[unsafe(no_mangle)]
#[allow(non_snake_case)]
pub extern "C" fn PyInit_driftcheck_native() -> *mut ffi::PyObject {
    Python::attach(
        |py| match empty(py).and_then(|module| fill(&module).map(|()| module)) {
            Ok(module) => module.into_ptr(),
            Err(error) => {
                error.restore(py);
                ptr::null_mut()
            }
        },
    )
}

/// Makes a module without members; see `rust_shim/sdk/src/abi.rs`.
fn empty(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let definition = Box::leak(Box::new(ffi::PyModuleDef {
        m_base: ffi::PyModuleDef_HEAD_INIT,
        m_name: c"driftcheck_native".as_ptr(),
        m_doc: ptr::null(),
        m_size: -1, // the module is made once, and never again
        m_methods: ptr::null_mut(),
        m_slots: ptr::null_mut(),
        m_traverse: None,
        m_clear: None,
        m_free: None,
    }));
    // SAFETY: the definition is leaked, so it outlives the module, and nothing else uses it. The call
    // returns a new reference, or null with Python's exception set.
    let module = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyModule_Create(definition))? };
    Ok(module.cast_into()?)
}

fn fill(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let plan = PyCFunction::new_closure(
        py,
        Some(c"plan"),
        Some(
            c"plan(data) -> bytes\n\nKeep a plan, and return its digest.\n\n\
              Raises ValueError if it cannot be read.",
        ),
        |arguments, _| keep(arguments),
    )?;
    let expand = PyCFunction::new_closure(
        py,
        Some(c"expand"),
        Some(
            c"expand(frame) -> bytes\n\nReturn the request that an order to expand seeds means.\n\n\
              Raises KeyError for a plan that is not kept, and ValueError for anything else.",
        ),
        |arguments, _| expanded(arguments),
    )?;
    let digests = PyCFunction::new_closure(
        py,
        Some(c"summary"),
        Some(c"summary(frame, request, reply) -> bytes\n\nReturn what a sweep tells of a reply."),
        |arguments, _| summarised(arguments),
    )?;
    let describe = PyCFunction::new_closure(
        py,
        Some(c"describe"),
        Some(c"describe(digest, seed) -> bytes\n\nReturn a seed's trace argument by argument."),
        |arguments, _| described(arguments),
    )?;
    module.add("plan", plan)?;
    module.add("expand", expand)?;
    module.add("summary", digests)?;
    module.add("describe", describe)
}

fn keep(arguments: &Bound<'_, PyTuple>) -> PyResult<Py<PyBytes>> {
    let py = arguments.py();
    let (data,): (Bound<'_, PyBytes>,) = arguments.extract()?;
    let generator = Generator::from_bytes(data.as_bytes()).map_err(refused)?;
    let digest = generator.digest();
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    let plans = plans.get_or_insert_default();
    if plans.len() >= MOST_PLANS {
        plans.clear();
    }
    plans.insert(digest, Arc::new(generator));
    Ok(PyBytes::new(py, &digest.to_be_bytes()).unbind())
}

fn kept(digest: u64) -> PyResult<Arc<Generator>> {
    let plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = plans.as_ref().and_then(|plans| plans.get(&digest));
    known.cloned().ok_or_else(|| {
        PyKeyError::new_err(format!("no plan with the digest {digest:016x} is kept"))
    })
}

fn expanded(arguments: &Bound<'_, PyTuple>) -> PyResult<Py<PyBytes>> {
    let py = arguments.py();
    let (frame,): (Bound<'_, PyBytes>,) = arguments.extract()?;
    let order = Order::from_bytes(frame.as_bytes()).map_err(refused)?;
    let generator = kept(order.digest)?;
    let request = py.detach(|| generator.request(order.mode, &order.seeds));
    Ok(PyBytes::new(py, &request.map_err(refused)?).unbind())
}

fn summarised(arguments: &Bound<'_, PyTuple>) -> PyResult<Py<PyBytes>> {
    let py = arguments.py();
    let (frame, request, reply): (Bound<'_, PyBytes>, Bound<'_, PyBytes>, Bound<'_, PyBytes>) =
        arguments.extract()?;
    let counts = Order::from_bytes(frame.as_bytes()).map_err(refused)?.counts;
    let told = summary(request.as_bytes(), reply.as_bytes(), counts).map_err(refused)?;
    Ok(PyBytes::new(py, &told).unbind())
}

fn described(arguments: &Bound<'_, PyTuple>) -> PyResult<Py<PyBytes>> {
    let py = arguments.py();
    let (digest, seed): (Bound<'_, PyBytes>, u64) = arguments.extract()?;
    let digest: [u8; 8] = digest.as_bytes().try_into().map_err(refused)?;
    let told = kept(u64::from_be_bytes(digest))?.describe(seed);
    Ok(PyBytes::new(py, &told.map_err(refused)?).unbind())
}

fn refused(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}
