//! What a provider function implements.

use super::ty::Type;
use super::value::Value;

/// A pure function that configurations call as `provider::NAME::function(…)`. The same arguments always give the same result.
pub trait Function: Send + Sync {
    /// Its name, an identifier.
    fn name(&self) -> &'static str;

    /// Parameters, result and documentation.
    fn signature(&self) -> Signature;

    /// Calls it with arguments that fit the signature.
    ///
    /// # Errors
    /// A text for the user, and which argument it is about.
    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError>;
}

/// What a function takes and gives.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Positional parameters in order.
    pub parameters: Vec<Parameter>,
    /// A last parameter that may be given any number of times.
    pub variadic: Option<Parameter>,
    /// The type of the result.
    pub result: Type,
    /// One line.
    pub summary: &'static str,
    /// Markdown.
    pub description: &'static str,
    /// What to use instead, for a function that will go.
    pub deprecated: Option<&'static str>,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name, an identifier.
    pub name: &'static str,
    /// What Terraform converts an argument to before the call.
    pub ty: Type,
    /// True if null may be given; else Terraform refuses it.
    pub allow_null: bool,
    /// True if unknown values are given; else Terraform answers unknown by itself.
    pub allow_unknown: bool,
    /// What it means, in Markdown.
    pub description: &'static str,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The argument it is about, from 0.
    pub argument: Option<usize>,
    /// Reason and remedy.
    pub text: String,
}
