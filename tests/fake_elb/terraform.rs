//! What Terraform does with a provider: refresh, plan, apply, destroy, and what it keeps in between.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use talosendpoint::framework::diagnostic::{Diagnostics, Severity};
use talosendpoint::framework::engine::{
    ApplyRequest, Engine, PREFLIGHT_LIMIT, PlanRequest, PlanResponse, StateResponse,
};
use talosendpoint::framework::private::Private;
use talosendpoint::framework::value::Value;
use talosendpoint::provider::TalosEndpoint;

use lab::call::Call;
use lab::proxy::Proxy;

use crate::child::SECRET;

/// The resource type.
pub const NLB: &str = "talosendpoint_nlb";

/// A configuration directory with one resource.
pub struct Terraform {
    pub engine: Arc<Engine>,
    /// The stored object; null where there is none.
    pub state: Value,
    pub private: Private,
    /// A create failed: the next apply destroys first.
    pub tainted: bool,
    url: Mutex<String>,
    /// Something was planned since the provider was configured: the next plan is of another walk.
    planned: AtomicBool,
}

impl Terraform {
    /// A new directory, with a provider that talks to `url`.
    pub async fn at(url: &str) -> Terraform {
        let engine = Arc::new(Engine::new(Arc::new(TalosEndpoint::default())));
        let directory = Terraform::with(engine, url);
        directory.configure(url).await;
        directory
    }

    /// Another resource of the same directory.
    pub fn beside(&self) -> Terraform {
        Terraform::with(Arc::clone(&self.engine), &self.url())
    }

    fn with(engine: Arc<Engine>, url: &str) -> Terraform {
        let url = Mutex::new(url.to_owned());
        Terraform { engine, state: Value::Null, private: Private::new(), tainted: false, url, planned: false.into() }
    }

    fn url(&self) -> String {
        self.url.lock().unwrap().clone()
    }

    /// A new process of the provider: a stop signal is forgotten, and another URL may be used.
    pub async fn configure(&self, url: &str) {
        self.configure_with(url, []).await;
    }

    /// The same, with further arguments in `aws` of the provider block.
    pub async fn configure_with<const N: usize>(&self, url: &str, arguments: [(&str, Value); N]) {
        let schema = self.engine.provider_schema();
        let own =
            [("region", "us-east-1"), ("access_key", "AKIDSCENARIO"), ("secret_key", SECRET), ("endpoint_url", url)];
        let given = own.into_iter().map(|(name, value)| (name, Value::from(value))).chain(arguments);
        let aws = schema.attribute("aws").unwrap().value_type().object_of(given);
        let config = schema.object_type().object_of([("aws", Value::Object(aws))]);
        let diagnostics = self.engine.configure(Value::Object(config)).await;
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        url.clone_into(&mut self.url.lock().unwrap());
        self.planned.store(false, Ordering::Relaxed);
    }

    /// Terraform configures a provider anew for each walk.
    async fn next_walk(&self) {
        if self.planned.swap(true, Ordering::Relaxed) {
            self.configure(&self.url()).await;
            self.planned.store(true, Ordering::Relaxed);
        }
    }

    /// Another process applies `config` at `url` and is ended as by kill -9 while the answer to its n-th call that changes something is
    /// under way; nothing of it gets into the state. That call, or what was said where there was none; and the process that comes next.
    pub async fn killed_after(mut self, n: usize, url: &str, config: &Value) -> (Result<Call, Diagnostics>, Terraform) {
        let proxy = Proxy::start(url);
        self.configure(&proxy.url()).await;
        let (state, private) = (self.state.clone(), self.private.clone());
        proxy.stall_after(n);
        let waiting = tokio::task::spawn_blocking(move || {
            let stalled = proxy.wait_stalled(Duration::from_secs(60));
            (proxy, stalled)
        });
        let (ended, _proxy) = {
            let apply = self.apply(config);
            tokio::pin!(apply);
            tokio::select! {
                told = &mut apply => (Err(told), None),
                waited = waiting => {
                    let (proxy, stalled) = waited.unwrap();
                    (Ok(stalled.expect("neither an end nor such a call")), Some(proxy))
                }
            }
        };
        let mut next = Terraform::at(url).await;
        (next.state, next.private) = (state, private);
        (ended, next)
    }

    /// `terraform refresh`
    pub async fn refresh(&mut self) -> Diagnostics {
        let read = self.engine.read(NLB, self.state.clone(), self.private.clone()).await;
        checked(&read.diagnostics);
        if !read.diagnostics.has_error() {
            self.state = read.state;
            self.private = stored(&read.private);
            self.tainted &= !self.state.is_null();
        }
        read.diagnostics
    }

    /// `terraform import`, which reads what it has found.
    pub async fn import(&mut self, id: &str) -> Diagnostics {
        let mut found = self.engine.import(NLB, id.to_owned()).await;
        checked(&found.diagnostics);
        assert_eq!(found.state.is_null(), found.diagnostics.has_error());
        if !found.state.is_null() {
            self.state = found.state.clone();
            self.private = stored(&found.private);
            found.diagnostics.append(self.refresh().await);
            assert_eq!(self.state, found.state, "a read right after the import finds something else");
        }
        found.diagnostics
    }

    /// The plan of an apply, in a walk of its own.
    pub async fn plan(&self, config: &Value) -> PlanResponse {
        self.next_walk().await;
        self.plan_in_this_walk(config).await
    }

    /// The same, beside other resources.
    pub async fn plan_in_this_walk(&self, config: &Value) -> PlanResponse {
        let validated = self.engine.validate_resource(NLB, config.clone());
        assert!(!validated.has_error(), "{validated:?}");
        let request = PlanRequest {
            config: config.clone(),
            prior: if self.tainted { Value::Null } else { self.state.clone() },
            proposed: config.clone(),
            private: self.private.clone(),
        };
        let plan = self.engine.plan(NLB, request, tokio::time::sleep(PREFLIGHT_LIMIT)).await;
        checked(&plan.diagnostics);
        plan
    }

    /// `terraform apply -refresh=false` that must work.
    pub async fn apply_without_refresh(&mut self, config: &Value) {
        let plan = self.plan(config).await;
        let request = ApplyRequest {
            config: config.clone(),
            prior: self.state.clone(),
            planned: plan.planned,
            private: stored(&plan.private),
        };
        let answer = self.engine.apply(NLB, request).await;
        assert!(!answer.diagnostics.has_error(), "{}", text(&answer.diagnostics));
        self.keep(answer).await;
    }

    /// `terraform apply`: the errors of the first phase that has any, and the warnings until then.
    pub async fn apply(&mut self, config: &Value) -> Diagnostics {
        self.next_walk().await;
        let mut told = self.refresh().await;
        if told.has_error() {
            return told;
        }
        let plan = self.plan_in_this_walk(config).await;
        told.append(plan.diagnostics.clone());
        if told.has_error() || (!self.tainted && plan.planned == self.state) {
            return told;
        }
        assert!(plan.replace.is_empty(), "replacements are not what these scenarios are about");
        if self.tainted {
            told.append(self.delete().await);
            if told.has_error() {
                return told;
            }
        }
        let create = self.state.is_null();
        let request = ApplyRequest {
            config: config.clone(),
            prior: self.state.clone(),
            planned: plan.planned,
            private: stored(&plan.private),
        };
        let answer = self.engine.apply(NLB, request).await;
        let failed = answer.diagnostics.has_error();
        told.append(answer.diagnostics.clone());
        self.keep(answer).await;
        self.tainted = failed && create && !self.state.is_null();
        told
    }

    /// The apply of a create, planned in this walk.
    pub async fn create_in_this_walk(&mut self, config: &Value) -> Diagnostics {
        let plan = self.plan_in_this_walk(config).await;
        let request = ApplyRequest {
            config: config.clone(),
            prior: Value::Null,
            planned: plan.planned,
            private: stored(&plan.private),
        };
        let answer = self.engine.apply(NLB, request).await;
        let told = answer.diagnostics.clone();
        self.keep(answer).await;
        told
    }

    /// `terraform apply` that must work and leave nothing to do.
    #[track_caller]
    pub fn apply_well(&mut self, config: &Value) -> impl Future<Output = ()> {
        let from = std::panic::Location::caller();
        async move {
            let told = self.apply(config).await;
            assert!(!told.has_error(), "{from}: {}", text(&told));
            self.assert_unchanged(config).await;
        }
    }

    /// Refreshes and plans: nothing to do, and nothing new in what is stored.
    pub async fn assert_unchanged(&mut self, config: &Value) {
        let before = self.state.clone();
        self.next_walk().await;
        let told = self.refresh().await;
        assert!(told.is_empty(), "{}", text(&told));
        let drift = differences(&before, &self.state);
        assert!(drift.is_empty(), "a refresh finds differences right after the apply: {drift:#?}");
        let plan = self.plan_in_this_walk(config).await;
        let planned = differences(&before, &plan.planned);
        assert!(planned.is_empty(), "the second plan is not empty: {planned:#?}");
        assert!(!plan.diagnostics.has_error(), "{}", text(&plan.diagnostics));
    }

    /// `terraform destroy`
    pub async fn destroy(&mut self) -> Diagnostics {
        self.next_walk().await;
        let mut told = self.refresh().await;
        if told.has_error() || self.state.is_null() {
            return told;
        }
        told.append(self.plan_destroy_in_this_walk().await);
        if !told.has_error() {
            told.append(self.delete().await);
        }
        told
    }

    /// The plan of a destroy, in a walk of its own.
    pub async fn plan_destroy(&self) -> Diagnostics {
        self.next_walk().await;
        self.plan_destroy_in_this_walk().await
    }

    /// The same, beside other resources.
    pub async fn plan_destroy_in_this_walk(&self) -> Diagnostics {
        let request = PlanRequest {
            config: Value::Null,
            prior: self.state.clone(),
            proposed: Value::Null,
            private: self.private.clone(),
        };
        self.engine.plan(NLB, request, tokio::time::sleep(PREFLIGHT_LIMIT)).await.diagnostics
    }

    /// The apply of a destroy, whatever its plan would say.
    pub async fn delete(&mut self) -> Diagnostics {
        let request = ApplyRequest {
            config: Value::Null,
            prior: self.state.clone(),
            planned: Value::Null,
            private: self.private.clone(),
        };
        let answer = self.engine.apply(NLB, request).await;
        let told = answer.diagnostics.clone();
        self.keep(answer).await;
        self.tainted &= !self.state.is_null();
        told
    }

    async fn keep(&mut self, answer: StateResponse) {
        checked(&answer.diagnostics);
        assert!(answer.state.is_wholly_known());
        self.state = answer.state;
        self.private = stored(&answer.private);
    }

    /// A text attribute of the stored object.
    #[track_caller]
    pub fn text(&self, name: &str) -> &str {
        let value = self.state.attribute(name);
        value.and_then(Value::as_str).unwrap_or_else(|| panic!("{name} is {value:?}"))
    }

    /// Every ARN in the stored object, sorted.
    pub fn arns(&self) -> Vec<String> {
        let Value::Object(state) = &self.state else { return Vec::new() };
        let mut arns = talosendpoint::endpoint::nlb::model::inventory::Inventory::from_state(state).arns();
        arns.sort();
        arns
    }
}

/// Private entries as they come back from the state file.
fn stored(private: &Private) -> Private {
    Private::from_bytes(&private.to_bytes()).unwrap()
}

/// Nothing that any answer says may be a credential or the provider's own fault.
fn checked(diagnostics: &Diagnostics) {
    let text = text(diagnostics);
    assert!(!text.contains(SECRET), "{text}");
    assert!(!text.contains("bug in the provider"), "{text}");
}

/// The attributes that differ, with both values.
fn differences(before: &Value, after: &Value) -> Vec<(String, Value, Value)> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else { panic!("{before:?} {after:?}") };
    let changed = before.iter().filter(|(name, value)| after.get(*name) != Some(value));
    changed.map(|(name, value)| (name.clone(), value.clone(), after[name].clone())).collect()
}

/// All diagnostics, one paragraph each.
pub fn text(diagnostics: &Diagnostics) -> String {
    let lines = diagnostics.iter().map(|said| {
        let severity = if said.severity == Severity::Error { "error" } else { "warning" };
        format!("{severity} at {:?}: {}: {}\n", said.path.to_string(), said.title, said.detail)
    });
    lines.collect()
}

/// The titles of the errors.
pub fn errors(diagnostics: &Diagnostics) -> Vec<&str> {
    let errors = diagnostics.iter().filter(|said| said.severity == Severity::Error);
    errors.map(|said| said.title.as_str()).collect()
}
