//! The resource: hands each operation of Terraform to the part that knows it.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;

use super::apply::remove::{destroy, interrupted};
use super::apply::run::{Done, Run};
use super::apply::warnings;
use super::apply::{advice, failure};
use super::model::owner::Owner;
use super::model::schema::SCHEMA;
use super::model::schema::names::DEPLOYED;
use super::model::spec::Spec;
use super::plan::standing::{changed_since, standing};
use super::plan::{defaults, outputs, rules};
use super::read::clients::settings;
use super::read::login;
use super::read::refresh::{entry, refresh};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::enumeration::listed;
use crate::endpoint::haproxy_deployment::read::shell::ShellError;
use crate::endpoint::nonce;
use crate::endpoint::ssh_access::{Access, SshAccess};
use crate::endpoint::timeouts::{self, Operation};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::private::Private;
use crate::framework::progress::Progress;
use crate::framework::resource::{ApplyRequest, DeleteRequest, Plan, Preflight, ReadRequest, ReadResponse, Resource};
use crate::framework::schema::Schema;
use crate::framework::value::{Object, Value};

/// The private entry with the hosts that the last read couldn't ask.
const UNREACHED: &str = "unreached";

/// The private entry with the random id of the deployment.
const ID: &str = "id";

/// `talosendpoint_haproxy_deployment`.
#[derive(Debug)]
pub struct HaproxyDeployment {
    access: Arc<SshAccess>,
}

impl HaproxyDeployment {
    /// The resource, with the access that the provider configures.
    pub fn new(access: Arc<SshAccess>) -> HaproxyDeployment {
        HaproxyDeployment { access }
    }
}

#[async_trait]
impl Resource for HaproxyDeployment {
    fn name(&self) -> &'static str {
        "talosendpoint_haproxy_deployment"
    }

    fn schema(&self) -> &Schema {
        &SCHEMA
    }

    fn validate(&self, config: &Object, _planned: &Object, diagnostics: &mut Diagnostics) {
        rules::rules(config, diagnostics);
    }

    fn defaults(&self, config: &Object, planned: &mut Object) {
        defaults::defaults(config, planned);
    }

    fn plan(&self, plan: &mut Plan<'_>) {
        outputs::outputs(plan.planned, plan.prior, &unreached(plan.private));
        let no_files = plan.prior.map(outputs::no_files).unwrap_or_default();
        if !no_files.is_empty() {
            plan.diagnostics.push(Diagnostic::warning(
                Path::of(DEPLOYED),
                "File of somebody else",
                format!(
                    "At these paths is a link or a folder, which the apply will refuse to replace: put a plain file in \
                     its place first.\n\n{}",
                    no_files.join("\n")
                ),
            ));
        }
    }

    async fn preflight(&self, preflight: Preflight<'_>) {
        let Access::Ready(settings) = self.access.get() else { return };
        let spec = preflight.planned.or(preflight.prior).and_then(Spec::read);
        let hosts = spec.map(|spec| spec.hosts).unwrap_or_default();
        for fault in login::faults(&settings, &hosts) {
            preflight.diagnostics.push(fault.at_plan());
        }
    }

    async fn create(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        self.deploy(request, Operation::Create, progress).await
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        let ReadRequest { state, mut private, stop } = request;
        let kept = |state, private, diagnostics| ReadResponse { state: Some(state), private, diagnostics };
        let Some(spec) = Spec::read(&state) else { return kept(state, private, not_known()) };
        let settings = match settings(&self.access) {
            Ok(settings) => settings,
            Err(problem) if matches!(self.access.get(), Access::NotYetKnown) => {
                return kept(state, private, not_refreshed(&problem.detail).into());
            }
            Err(problem) => return kept(state, private, problem.into()),
        };
        let faults = login::faults(&settings, &spec.hosts);
        if !faults.is_empty() {
            // No host is reached before that is mended.
            private.set(UNREACHED, spec.hosts.keys().map(String::as_str).collect::<Vec<&str>>().into());
            let reasons: Vec<String> = faults.iter().map(|fault| fault.explain().1).collect();
            return kept(state, private, not_refreshed(&reasons.join("\n\n")).into());
        }
        let owner = owner(&private, &spec, Some(&spec));
        let Ok(refreshed) = Deadline::of_read(stop).hold(refresh(&settings, &spec, &owner, &state)).await else {
            return kept(state, private, not_refreshed("It was interrupted.").into());
        };
        let hosts: Vec<Json> = refreshed.unreached.keys().map(|host| host.as_str().into()).collect();
        if hosts.is_empty() {
            private.remove(UNREACHED);
        } else {
            private.set(UNREACHED, Json::Array(hosts));
        }
        let reasons = login::each_once(refreshed.unreached.into_iter().map(|(host, error)| (host, reason(error))));
        let mut diagnostics = Diagnostics::new();
        if !reasons.is_empty() {
            diagnostics.push(not_refreshed(&reasons.join("\n\n")));
        }
        if !refreshed.lost.is_empty() {
            diagnostics.push(warnings::lost(&refreshed.lost, &spec.name));
        }
        kept(refreshed.state, private, diagnostics)
    }

    async fn update(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        self.deploy(request, Operation::Update, progress).await
    }

    async fn delete(&self, request: DeleteRequest, progress: &Progress) -> Diagnostics {
        let Some(spec) = Spec::read(&request.prior) else { return not_known() };
        let settings = match settings(&self.access) {
            Ok(settings) => settings,
            Err(problem) => return problem.into(),
        };
        let deadline = Deadline::new(timeouts::limit(&request.prior, Operation::Delete), request.stop.clone());
        let owner = owner(&request.private, &spec, Some(&spec));
        let diagnostics = destroy(&settings, &spec, &owner, &deadline).await;
        if !diagnostics.has_error() {
            progress.gone();
        }
        diagnostics
    }
}

impl HaproxyDeployment {
    async fn deploy(&self, request: ApplyRequest, operation: Operation, progress: &Progress) -> Diagnostics {
        let Some(spec) = Spec::read(&request.planned) else { return not_known() };
        let settings = match settings(&self.access) {
            Ok(settings) => settings,
            Err(problem) => return problem.into(),
        };
        let prior = request.prior.as_ref().and_then(Spec::read);
        let skippable = open_hosts(&request.planned);
        let deadline = Deadline::new(timeouts::limit(&request.planned, operation), request.stop.clone());
        let is_create = request.prior.is_none();
        let owner = owner(&request.private, &spec, prior.as_ref());
        let id = owner.id.clone().unwrap_or_else(nonce::random);
        let run = Run {
            settings: &settings,
            spec: &spec,
            owner: &owner,
            id: &id,
            prior: prior.as_ref(),
            skippable: &skippable,
            deadline: &deadline,
        };
        let done = run.run().await;
        let failed = !done.failures.is_empty() || done.interrupted.is_some();
        let left = standing(&spec, request.prior.as_ref(), &owner, &done.inventories);
        let mut private = Private::new();
        private.set(ID, id.as_str().into());
        match (failed, &request.prior, &prior) {
            (false, ..) => {
                let state = completed(request.planned, request.prior.as_ref(), &done);
                progress.report(state, private);
            }
            // What was wanted before stays wanted, and what is there is there: the next plan shows what is still to be done.
            (true, Some(object), Some(spec)) => progress.report(as_found(object, spec, &owner, &done), private),
            // A create that failed has no state: Terraform would destroy what the next create goes on with.
            (true, ..) => {}
        }
        let overwritten = request.prior.as_ref().filter(|_| !failed);
        let overwritten =
            overwritten.map(|prior| changed_since(&spec, prior, &owner, &done.inventories)).unwrap_or_default();
        let replaced = overwritten.iter().map(|(host, files)| warnings::replaced(host, files)).collect();
        let mut diagnostics = told(done);
        warnings::merged(replaced).into_iter().for_each(|warning| diagnostics.push(warning));
        if let Some(left) = left.filter(|_| failed) {
            diagnostics.push(if is_create { warnings::not_in_state(&left) } else { warnings::not_complete(&left) });
        }
        diagnostics
    }
}

/// The hosts whose entry a plan has left open.
fn open_hosts(planned: &Object) -> BTreeSet<String> {
    let entries = planned.get(DEPLOYED).and_then(Value::entries);
    entries.into_iter().flatten().filter(|(_, entry)| entry.is_unknown()).map(|(name, _)| name.clone()).collect()
}

/// The planned object as it was made: what a host has that was left open.
fn completed(mut planned: Object, prior: Option<&Object>, done: &Done) -> Object {
    let spec = Spec::read(&planned);
    if let Some(spec) = spec
        && let Some(Value::Map(mut deployed)) = planned.remove(DEPLOYED)
    {
        for (name, value) in deployed.iter_mut().filter(|(_, value)| value.is_unknown()) {
            *value = if done.missing.contains(name) {
                outputs::stored(prior, name).cloned().unwrap_or(Value::Null)
            } else {
                spec.hosts
                    .get(name)
                    .map_or(Value::Null, |host| outputs::wanted(&super::model::desired::Desired::of(&spec, host)))
            };
        }
        planned.insert(DEPLOYED.to_owned(), Value::Map(deployed));
    }
    planned
}

/// A stored object with what its hosts have now.
fn as_found(object: &Object, spec: &Spec, owner: &Owner, done: &Done) -> Object {
    let mut object = object.clone();
    if let Some(Value::Map(deployed)) = object.get_mut(DEPLOYED) {
        for (name, inventory) in done.inventories.iter().filter(|(name, _)| spec.hosts.contains_key(*name)) {
            deployed.insert(name.clone(), entry(spec, name, owner, inventory));
        }
    }
    object
}

fn told(done: Done) -> Diagnostics {
    let mut diagnostics = advice::diagnostics(done.failures);
    if let Some((why, doing)) = done.interrupted {
        diagnostics.push(interrupted(why, &doing, done.has_begun));
    }
    warnings::merged(done.warnings).into_iter().for_each(|warning| diagnostics.push(warning));
    if !done.missing.is_empty() {
        diagnostics.push(Diagnostic::warning(
            Path::root(),
            "Host left as it is",
            format!(
                "{} couldn't be reached, and keeps what it has. Apply again once it is back.",
                listed(&done.missing)
            ),
        ));
    }
    diagnostics
}

/// The hosts that the last read couldn't ask.
fn unreached(private: &Private) -> Vec<String> {
    let hosts = private.get(UNREACHED).and_then(Json::as_array);
    hosts.into_iter().flatten().filter_map(|host| host.as_str().map(str::to_owned)).collect()
}

/// By what the hosts' records of a deployment are known. What a create makes is a new one, though a replacement's plan hands it the id of the
/// one that it takes the place of.
fn owner(private: &Private, spec: &Spec, prior: Option<&Spec>) -> Owner {
    let id = private.get(ID).and_then(Json::as_str).map(str::to_owned);
    Owner::new(id.filter(|_| prior.is_some()), [Some(spec), prior].into_iter().flatten().map(|spec| &spec.name))
}

/// Why a host couldn't be asked, and what to do.
fn reason(error: ShellError) -> String {
    advice::explain(&failure::Cause::Shell(error)).1
}

fn not_refreshed(why: &str) -> Diagnostic {
    Diagnostic::warning(Path::root(), "State not refreshed", format!("The stored state is kept as it is. {why}"))
}

fn not_known() -> Diagnostics {
    Diagnostic::bug("Values are not known", "Something in the planned or stored deployment is unknown at apply.").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::haproxy_deployment::sample::spec;

    #[test]
    fn an_update_has_the_id_of_the_state_and_a_create_none() {
        let (mut renamed, mut private) = (spec(), Private::new());
        renamed.name = "prod".into();
        let names = |owner: &Owner| owner.names.iter().cloned().collect::<Vec<String>>();
        let older = owner(&private, &renamed, Some(&spec()));
        assert_eq!((older.id.as_deref(), names(&older)), (None, vec!["192.0.2.30".into(), "prod".into()]));
        private.set(ID, "0123456789abcdef".into());
        let known = owner(&private, &renamed, Some(&spec()));
        assert_eq!((known.id.as_deref(), names(&known).len()), (Some("0123456789abcdef"), 2));
        let replacement = owner(&private, &renamed, None);
        assert_eq!((replacement.id, replacement.names), (None, ["prod".to_owned()].into()));
    }
}
