//! The drop of a value, which does not recurse.

use alloc::vec::Vec;
use core::mem;

use crate::Value;

/// A value that was built in memory may nest millions deep, and the drop that the compiler would generate calls
/// itself once a level. This one moves inner lists and maps to a list of its own, so the stack does not grow.
/// Every way to lose a value ends here: an error that drops a plan, a late run, a panic.
impl Drop for Value {
    fn drop(&mut self) {
        let mut open = Vec::new();
        take_containers(self, &mut open);
        while let Some(mut value) = open.pop() {
            take_containers(&mut value, &mut open);
        }
    }
}

/// Moves the lists and maps inside `value` to `open`. What is left of the value has depth 1 at most.
fn take_containers(value: &mut Value, open: &mut Vec<Value>) {
    let is_container = |value: &Value| matches!(value, Value::List(_) | Value::Map(_));
    match value {
        Value::List(items) => {
            let inner = items.iter_mut().filter(|item| is_container(item));
            open.extend(inner.map(|item| mem::replace(item, Value::Null)));
        }
        Value::Map(map) => {
            let inner = map.values_mut().filter(|item| is_container(item));
            open.extend(inner.map(|item| mem::replace(item, Value::Null)));
        }
        _ => {}
    }
}
