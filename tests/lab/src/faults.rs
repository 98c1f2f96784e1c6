//! Errors that a test orders from a stand-in: the proxy gives them instead of forwarding, the fake instead of acting.

use super::server::Reply;
use super::xml::{leaf, node};

/// An error answer for chosen calls of one action.
#[derive(Debug, Clone)]
pub struct Fault {
    action: String,
    status: u16,
    code: String,
    message: String,
    skip: usize,
    times: usize,
}

impl Fault {
    /// The next call of `action` is answered with this error; `*` stands for every action.
    pub fn new(action: &str, status: u16, code: &str, message: &str) -> Fault {
        Fault {
            action: action.to_owned(),
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            skip: 0,
            times: 1,
        }
    }

    /// What AWS answers when its token bucket is empty.
    pub fn throttling(action: &str) -> Fault {
        Fault::new(action, 400, "Throttling", "Rate exceeded")
    }

    /// What AWS answers without the IAM permission for `action`.
    pub fn access_denied(action: &str) -> Fault {
        let message = format!(
            "User: arn:aws:iam::123456789012:user/test is not authorized to perform: \
             {action} because no identity-based policy allows the {action} action"
        );
        Fault::new(action, 403, "AccessDenied", &message).always()
    }

    /// From the n-th call of the action (1-based, counted from when the fault is ordered) instead of the next.
    pub fn nth(mut self, n: usize) -> Fault {
        assert!(n > 0, "calls are counted from 1");
        self.skip = n - 1;
        self
    }

    /// For that many calls in a row instead of one.
    pub fn times(mut self, times: usize) -> Fault {
        self.times = times;
        self
    }

    /// For every call from there on.
    pub fn always(self) -> Fault {
        self.times(usize::MAX)
    }
}

/// The ordered faults, each with its count of what is still to come.
#[derive(Debug, Default)]
pub struct Faults {
    armed: Vec<Fault>,
}

impl Faults {
    /// Adds one behind the others.
    pub fn order(&mut self, fault: Fault) {
        self.armed.push(fault);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.armed.clear();
    }

    /// The error for this call of `service`'s `action`, if one was ordered; counts the call for every fault.
    pub fn take(&mut self, service: &str, action: &str) -> Option<Reply> {
        let mut answer = None;
        for fault in &mut self.armed {
            let concerned = fault.action == "*" || fault.action == action;
            if !concerned {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
            } else if answer.is_none() && fault.times > 0 {
                fault.times = fault.times.saturating_sub(usize::from(fault.times != usize::MAX));
                answer = Some(error(service, fault.status, &fault.code, &fault.message));
            }
        }
        answer
    }
}

/// An error in the XML form of `service`.
pub fn error(service: &str, status: u16, code: &str, message: &str) -> Reply {
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let said = leaf("Code", code) + &leaf("Message", message);
    let id = "00000000-0000-0000-0000-000000000000";
    let document = if service == "ec2" {
        let errors = node("Errors", &node("Error", &said));
        node("Response", &(errors + &leaf("RequestID", id)))
    } else {
        let error = node("Error", &(leaf("Type", kind) + &said));
        node("ErrorResponse", &(error + &leaf("RequestId", id)))
    };
    Reply::xml(status, &document)
}
