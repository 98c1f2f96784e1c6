//! Calling functions.

use super::Engine;
use super::isolate;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::function::{Function, FunctionError, Parameter, Signature};
use crate::framework::value::Value;

impl Engine {
    /// Calls a function.
    ///
    /// # Errors
    /// What the function answers, or that it is not known.
    pub fn call_function(&self, name: &str, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let Some(function) = self.functions.get(name) else {
            return Err(error(None, format!("this version of the provider has no function \"{name}\"")));
        };
        isolate::call(|| checked(&**function, &arguments)).unwrap_or_else(|panic| Err(reported(panic)))
    }
}

fn checked(function: &dyn Function, arguments: &[Value]) -> Result<Value, FunctionError> {
    let signature = function.signature();
    for (position, argument) in arguments.iter().enumerate() {
        let parameter = parameter(&signature, position).ok_or_else(|| {
            error(Some(position), format!("at most {} arguments are taken", signature.parameters.len()))
        })?;
        fits(parameter, argument).map_err(|text| error(Some(position), text))?;
    }
    if let Some(missing) = signature.parameters.get(arguments.len()) {
        return Err(error(None, format!("the argument \"{}\" is missing", missing.name)));
    }
    let result = function.call(arguments)?;
    if !signature.result.admits(&result) {
        let text = format!("The result of {} is not {}.", function.name(), signature.result.describe());
        return Err(reported(Diagnostic::bug("Unexpected result", text)));
    }
    let unknown_given = arguments.iter().any(|argument| !argument.is_wholly_known());
    if !unknown_given && !result.is_wholly_known() {
        let text = format!("The result of {} is unknown although its arguments are known.", function.name());
        return Err(reported(Diagnostic::bug("Unknown result", text)));
    }
    Ok(result)
}

fn parameter(signature: &Signature, position: usize) -> Option<&Parameter> {
    signature.parameters.get(position).or(signature.variadic.as_ref())
}

fn fits(parameter: &Parameter, argument: &Value) -> Result<(), String> {
    if argument.is_null() && !parameter.allow_null {
        return Err(format!("{} must not be null", parameter.name));
    }
    if !parameter.allow_unknown && !argument.is_wholly_known() {
        return Err(format!("{} must be known", parameter.name));
    }
    if parameter.ty.admits(argument) {
        Ok(())
    } else {
        Err(format!("{} must be {}", parameter.name, parameter.ty.describe()))
    }
}

fn reported(diagnostic: Diagnostic) -> FunctionError {
    error(None, format!("{}: {}", diagnostic.title, diagnostic.detail))
}

fn error(argument: Option<usize>, text: String) -> FunctionError {
    FunctionError { argument, text }
}
