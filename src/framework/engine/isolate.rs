//! Keeps a panic of provider code from taking Terraform's run with it: it becomes a diagnostic.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::FutureExt;

use crate::framework::diagnostic::Diagnostic;

/// Runs `call`.
///
/// # Errors
/// The panic of `call`, as a diagnostic. What `call` was changing may be half changed: use copies.
pub fn call<T>(call: impl FnOnce() -> T) -> Result<T, Diagnostic> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|_| panicked())
}

/// Waits for `future`.
///
/// # Errors
/// The panic of `future`, as a diagnostic.
pub async fn future<T>(future: impl Future<Output = T>) -> Result<T, Diagnostic> {
    AssertUnwindSafe(future).catch_unwind().await.map_err(|_| panicked())
}

/// The message of a panic may quote values, so it is only where the panic hook has put it.
fn panicked() -> Diagnostic {
    let detail = "The message and the place are in the log: run again with TF_LOG_PROVIDER=ERROR.";
    Diagnostic::bug("The provider panicked", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_become_diagnostics_without_their_message() {
        assert_eq!(call(|| 1), Ok(1));
        let secret = "hunter2";
        let diagnostic: Diagnostic = call(|| panic!("the key is {secret}")).map(|()| 1).unwrap_err();
        assert_eq!(diagnostic.title, "The provider panicked");
        assert!(!diagnostic.detail.contains(secret), "{diagnostic:?}");
    }
}
