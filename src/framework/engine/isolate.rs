//! Keeps a panic of provider code from taking Terraform's run with it: it becomes a diagnostic.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::FutureExt;

use crate::framework::diagnostic::Diagnostic;

/// Runs `call`.
///
/// # Errors
/// The panic of `call`, as a diagnostic. What `call` was changing may be half changed: use copies.
pub fn call<T>(call: impl FnOnce() -> T) -> Result<T, Diagnostic> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| panicked(&*payload))
}

/// Waits for `future`.
///
/// # Errors
/// The panic of `future`, as a diagnostic.
pub async fn future<T>(future: impl Future<Output = T>) -> Result<T, Diagnostic> {
    AssertUnwindSafe(future).catch_unwind().await.map_err(|payload| panicked(&*payload))
}

fn panicked(payload: &(dyn Any + Send)) -> Diagnostic {
    let message = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Diagnostic::bug("The provider panicked", format!("The message of the panic: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_become_diagnostics_with_their_message() {
        assert_eq!(call(|| 1), Ok(1));
        let number = 7;
        for (result, message) in [
            (call(|| panic!("seven")), "seven"),
            (call(|| panic!("number {number}")), "number 7"),
            (call(|| std::panic::panic_any(7_u8)), "no message"),
        ] {
            let diagnostic: Diagnostic = result.unwrap_err();
            assert_eq!(diagnostic.title, "The provider panicked");
            assert!(diagnostic.detail.contains(message), "{diagnostic:?}");
        }
    }
}
