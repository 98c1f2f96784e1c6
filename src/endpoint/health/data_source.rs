//! The data source: hands each operation of Terraform to the part that knows it.

use std::sync::Arc;

use async_trait::async_trait;

use super::model::schema::names::{TARGET_GROUP_ARNS, TIMEOUT};
use super::model::schema::{LONGEST, SCHEMA};
use super::plan::outputs::outputs;
use super::read::current::current;
use crate::endpoint::aws_access::AwsAccess;
use crate::endpoint::duration;
use crate::endpoint::readiness::rules::something_to_probe;
use crate::endpoint::readiness::spec::Endpoint;
use crate::framework::data_source::DataSource;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;
use crate::framework::schema::Schema;
use crate::framework::stop::Stop;
use crate::framework::value::Object;

/// `talosendpoint_health`.
#[derive(Debug)]
pub struct Health {
    access: Arc<AwsAccess>,
}

impl Health {
    /// The data source, with the access that the provider configures.
    pub fn new(access: Arc<AwsAccess>) -> Health {
        Health { access }
    }
}

#[async_trait]
impl DataSource for Health {
    fn name(&self) -> &'static str {
        "talosendpoint_health"
    }

    fn schema(&self) -> &Schema {
        &SCHEMA
    }

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        something_to_probe(config, diagnostics);
    }

    async fn read(&self, config: Object, stop: Stop) -> (Option<Object>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        // What was unknown when the configuration was validated is known now.
        something_to_probe(&config, &mut diagnostics);
        let Some(endpoint) = Endpoint::read(&config).filter(|_| !diagnostics.has_error()) else {
            return (None, diagnostics);
        };
        let limit = Reader::new(&config).text(TIMEOUT).present().and_then(duration::parse).unwrap_or(LONGEST);
        let (survey, problems) = tokio::select! {
            biased;
            () = stop.stopped() => return (None, interrupted().into()),
            found = current(&self.access, &endpoint, limit) => found,
        };
        for problem in problems {
            let (path, detail) = (Path::of(TARGET_GROUP_ARNS), format!("{}. {}", problem.title, problem.detail));
            diagnostics.push(Diagnostic::warning(path, "Target health not read", detail));
        }
        (Some(outputs(&config, &survey, endpoint.target_groups.len())), diagnostics)
    }
}

fn interrupted() -> Diagnostic {
    Diagnostic::failed("Interrupted", "Interrupted on your request while the endpoint was probed.")
}
