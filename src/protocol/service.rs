//! The gRPC service: each RPC is decode, one call of the engine, encode.
//!
//! Whatever happens, the answer of a unary RPC is an OK one: a request that is not understood, a panic and an RPC that we don't offer are
//! diagnostics. A list has them in its last event. Other streams have no place for them and answer "unimplemented" (the default of the
//! generated trait).

use std::sync::Arc;

use futures_util::StreamExt;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, async_trait};

use super::error_response::{ErrorResponse, not_offered};
use super::limits::MESSAGE_LIMIT;
use super::pb::tfplugin6 as pb;
use super::pb::tfplugin6::provider_server::{Provider, ProviderServer};
use super::{decode, encode, identity, list, metadata};
use crate::framework::engine::{Engine, PREFLIGHT_LIMIT};

/// The service over `engine`, ready to be routed. Must be served on a tokio runtime: every RPC becomes a task.
pub fn service(engine: Arc<Engine>) -> ProviderServer<Service> {
    ProviderServer::new(Service { engine })
        .max_decoding_message_size(MESSAGE_LIMIT)
        .max_encoding_message_size(MESSAGE_LIMIT)
}

/// tfplugin6 over an engine; made by [`service`].
#[derive(Clone)]
pub struct Service {
    pub(super) engine: Arc<Engine>,
}

pub(super) type Answer<A> = Result<Response<A>, Status>;

fn no_subject<Q>(_request: &Q) -> &str {
    ""
}

#[async_trait]
impl Provider for Service {
    // --- What there is. None of it needs a configuration, or each other.

    async fn get_metadata(&self, request: Request<pb::get_metadata::Request>) -> Answer<pb::get_metadata::Response> {
        self.answer("GetMetadata", request, no_subject, |engine, _| async move { Ok(metadata::metadata(&engine)) })
            .await
    }

    async fn get_provider_schema(
        &self,
        request: Request<pb::get_provider_schema::Request>,
    ) -> Answer<pb::get_provider_schema::Response> {
        let work = |engine: Arc<Engine>, _| async move { Ok(metadata::provider_schema(&engine)) };
        self.answer("GetProviderSchema", request, no_subject, work).await
    }

    async fn get_resource_identity_schemas(
        &self,
        request: Request<pb::get_resource_identity_schemas::Request>,
    ) -> Answer<pb::get_resource_identity_schemas::Response> {
        let work = |engine: Arc<Engine>, _| async move { Ok(identity::schemas(&engine)) };
        self.answer("GetResourceIdentitySchemas", request, no_subject, work).await
    }

    async fn get_functions(&self, request: Request<pb::get_functions::Request>) -> Answer<pb::get_functions::Response> {
        self.answer("GetFunctions", request, no_subject, |engine, _| async move {
            Ok(pb::get_functions::Response { functions: metadata::functions(&engine), diagnostics: Vec::new() })
        })
        .await
    }

    // --- The provider block.

    async fn validate_provider_config(
        &self,
        request: Request<pb::validate_provider_config::Request>,
    ) -> Answer<pb::validate_provider_config::Response> {
        self.answer("ValidateProviderConfig", request, no_subject, |engine, request| async move {
            let pb::validate_provider_config::Request { config } = request;
            let config = decode::provider_config(config, &engine)?;
            Ok(ErrorResponse::error_response(engine.validate_provider(config)))
        })
        .await
    }

    async fn configure_provider(
        &self,
        request: Request<pb::configure_provider::Request>,
    ) -> Answer<pb::configure_provider::Response> {
        self.answer("ConfigureProvider", request, no_subject, |engine, request| async move {
            // OpenTofu doesn't send its own version: nothing may depend on it.
            let pb::configure_provider::Request { terraform_version: _, config, client_capabilities: _ } = request;
            let config = decode::provider_config(config, &engine)?;
            Ok(ErrorResponse::error_response(engine.configure(config).await))
        })
        .await
    }

    async fn stop_provider(&self, request: Request<pb::stop_provider::Request>) -> Answer<pb::stop_provider::Response> {
        self.answer("StopProvider", request, no_subject, |engine, _| async move {
            engine.stop();
            Ok(pb::stop_provider::Response::default())
        })
        .await
    }

    // --- Managed resources.

    async fn validate_resource_config(
        &self,
        request: Request<pb::validate_resource_config::Request>,
    ) -> Answer<pb::validate_resource_config::Response> {
        let work = |engine: Arc<Engine>, request| async move {
            let asked = decode::validate_resource(request, &engine)?;
            Ok(ErrorResponse::error_response(engine.validate_resource(&asked.name, asked.request)))
        };
        self.answer("ValidateResourceConfig", request, |it| &it.type_name, work).await
    }

    async fn generate_resource_config(
        &self,
        request: Request<pb::generate_resource_config::Request>,
    ) -> Answer<pb::generate_resource_config::Response> {
        let work = |engine: Arc<Engine>, request| async move {
            let asked = decode::generate(request, &engine)?;
            // What no configuration leads to as a whole is written out as far as it goes.
            let concise = engine.generate_concise(&asked.name, asked.request.clone());
            let config = concise.or_else(|_| engine.generate(&asked.name, asked.request))?;
            let config = Some(encode::value(&config, &asked.ty)?);
            Ok(pb::generate_resource_config::Response { config, diagnostics: Vec::new() })
        };
        self.answer("GenerateResourceConfig", request, |it| &it.type_name, work).await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<pb::upgrade_resource_state::Request>,
    ) -> Answer<pb::upgrade_resource_state::Response> {
        let work = |engine: Arc<Engine>, request| async move {
            let asked = decode::upgrade(request, &engine)?;
            let (version, stored) = asked.request;
            encode::upgrade(engine.upgrade(&asked.name, version, stored), &asked.ty)
        };
        self.answer("UpgradeResourceState", request, |it| &it.type_name, work).await
    }

    async fn read_resource(&self, request: Request<pb::read_resource::Request>) -> Answer<pb::read_resource::Response> {
        use pb::read_resource::Response;
        let sent = request.get_ref();
        // Leaving one out would erase it.
        let (new_state, private) = (sent.current_state.clone(), sent.private.clone());
        let new_identity = sent.current_identity.clone();
        let on_error = |reasons| Response { new_state, private, new_identity, ..Response::error_response(reasons) };
        let work = |engine: Arc<Engine>, request| async move {
            let asked = decode::read(request, &engine)?;
            let (current, private) = asked.request;
            let answer = engine.read(&asked.name, current, private).await;
            let identity = identity::of_object(&asked.name, &answer.state, &asked.ty, &engine)?;
            encode::read(answer, &asked.ty, identity)
        };
        self.answer_or("ReadResource", request, |it| &it.type_name, work, on_error).await
    }

    async fn plan_resource_change(
        &self,
        request: Request<pb::plan_resource_change::Request>,
    ) -> Answer<pb::plan_resource_change::Response> {
        let work = |engine: Arc<Engine>, request| async move {
            let asked = decode::plan(request, &engine)?;
            let time_up = tokio::time::sleep(PREFLIGHT_LIMIT);
            let answer = engine.plan(&asked.name, asked.request, time_up).await;
            let identity = identity::of_object(&asked.name, &answer.planned, &asked.ty, &engine)?;
            encode::plan(answer, &asked.ty, identity)
        };
        self.answer("PlanResourceChange", request, |it| &it.type_name, work).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<pb::apply_resource_change::Request>,
    ) -> Answer<pb::apply_resource_change::Response> {
        use pb::apply_resource_change::Response;
        let sent = request.get_ref();
        let (new_state, private) = (sent.prior_state.clone(), sent.planned_private.clone());
        let new_identity = sent.planned_identity.clone();
        // A panic inside the resource is the engine's to catch, which knows how far it came; what arrives here has changed nothing.
        let on_error = |reasons| Response { new_state, private, new_identity, ..Response::error_response(reasons) };
        let work = |engine: Arc<Engine>, request| async move {
            let asked = decode::apply(request, &engine)?;
            let answer = engine.apply(&asked.name, asked.request).await;
            let identity = identity::of_object(&asked.name, &answer.state, &asked.ty, &engine)?;
            encode::apply(answer, &asked.ty, identity)
        };
        self.answer_or("ApplyResourceChange", request, |it| &it.type_name, work, on_error).await
    }

    async fn import_resource_state(
        &self,
        request: Request<pb::import_resource_state::Request>,
    ) -> Answer<pb::import_resource_state::Response> {
        let work = |engine: Arc<Engine>, request| async move {
            let asked = identity::import(request, &engine)?;
            let found = engine.import(&asked.name, asked.request).await;
            let identity = identity::of_object(&asked.name, &found.state, &asked.ty, &engine)?;
            encode::import(&asked.name, found, &asked.ty, identity)
        };
        self.answer("ImportResourceState", request, |it| &it.type_name, work).await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<pb::upgrade_resource_identity::Request>,
    ) -> Answer<pb::upgrade_resource_identity::Response> {
        let work = |engine: Arc<Engine>, request| async move { identity::upgrade(request, &engine) };
        self.answer("UpgradeResourceIdentity", request, |it| &it.type_name, work).await
    }

    async fn move_resource_state(
        &self,
        request: Request<pb::move_resource_state::Request>,
    ) -> Answer<pb::move_resource_state::Response> {
        let work = |engine: Arc<Engine>, request| async move {
            let decode::Moved { stored: asked, private } = decode::moved(request, &engine)?;
            let (version, stored) = asked.request;
            let answer = engine.upgrade(&asked.name, version, stored);
            let identity = identity::of_object(&asked.name, &answer.state, &asked.ty, &engine)?;
            encode::moved(answer, private, &asked.ty, identity)
        };
        self.answer("MoveResourceState", request, |it| &it.target_type_name, work).await
    }

    // --- Data sources, lists and functions.

    async fn validate_data_resource_config(
        &self,
        request: Request<pb::validate_data_resource_config::Request>,
    ) -> Answer<pb::validate_data_resource_config::Response> {
        let work = |engine: Arc<Engine>, request| async move {
            let asked = decode::validate_data_source(request, &engine)?;
            Ok(ErrorResponse::error_response(engine.validate_data_source(&asked.name, asked.request)))
        };
        self.answer("ValidateDataResourceConfig", request, |it| &it.type_name, work).await
    }

    async fn read_data_source(
        &self,
        request: Request<pb::read_data_source::Request>,
    ) -> Answer<pb::read_data_source::Response> {
        let work = |engine: Arc<Engine>, request| async move {
            let asked = decode::read_data_source(request, &engine)?;
            encode::data(engine.read_data_source(&asked.name, asked.request).await, &asked.ty)
        };
        self.answer("ReadDataSource", request, |it| &it.type_name, work).await
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<pb::validate_list_resource_config::Request>,
    ) -> Answer<pb::validate_list_resource_config::Response> {
        let work = |engine: Arc<Engine>, request| async move {
            let asked = decode::validate_list_resource(request, &engine)?;
            Ok(ErrorResponse::error_response(engine.validate_list_resource(&asked.name, asked.request)))
        };
        self.answer("ValidateListResourceConfig", request, |it| &it.type_name, work).await
    }

    async fn list_resource(
        &self,
        request: Request<pb::list_resource::Request>,
    ) -> Answer<BoxStream<pb::list_resource::Event>> {
        Ok(Response::new(Box::pin(list::events(request.into_inner(), &self.engine).map(Ok))))
    }

    async fn call_function(&self, request: Request<pb::call_function::Request>) -> Answer<pb::call_function::Response> {
        use pb::call_function::Response;
        self.answer(
            "CallFunction",
            request,
            |it| &it.name,
            |engine, request| async move {
                let called = decode::call_function(request, &engine)
                    .and_then(|asked| Ok((engine.call_function(&asked.name, asked.request)?, asked.ty)));
                Ok(match called {
                    Ok((result, ty)) => Response { result: Some(encode::value(&result, &ty)?), error: None },
                    Err(error) => Response { result: None, error: Some(encode::function_error(error)) },
                })
            },
        )
        .await
    }

    // --- What we don't offer. Terraform has no reason to ask; whoever does gets an answer with a reason.

    async fn validate_ephemeral_resource_config(
        &self,
        _: Request<pb::validate_ephemeral_resource_config::Request>,
    ) -> Answer<pb::validate_ephemeral_resource_config::Response> {
        Ok(Response::new(not_offered(EPHEMERAL)))
    }

    async fn open_ephemeral_resource(
        &self,
        _: Request<pb::open_ephemeral_resource::Request>,
    ) -> Answer<pb::open_ephemeral_resource::Response> {
        Ok(Response::new(not_offered(EPHEMERAL)))
    }

    async fn renew_ephemeral_resource(
        &self,
        _: Request<pb::renew_ephemeral_resource::Request>,
    ) -> Answer<pb::renew_ephemeral_resource::Response> {
        Ok(Response::new(not_offered(EPHEMERAL)))
    }

    async fn close_ephemeral_resource(
        &self,
        _: Request<pb::close_ephemeral_resource::Request>,
    ) -> Answer<pb::close_ephemeral_resource::Response> {
        Ok(Response::new(not_offered(EPHEMERAL)))
    }

    async fn validate_action_config(
        &self,
        _: Request<pb::validate_action_config::Request>,
    ) -> Answer<pb::validate_action_config::Response> {
        Ok(Response::new(not_offered("actions")))
    }

    async fn plan_action(&self, _: Request<pb::plan_action::Request>) -> Answer<pb::plan_action::Response> {
        Ok(Response::new(not_offered("actions")))
    }

    async fn validate_state_store_config(
        &self,
        _: Request<pb::validate_state_store_config::Request>,
    ) -> Answer<pb::validate_state_store_config::Response> {
        Ok(Response::new(not_offered(STATE_STORES)))
    }

    async fn configure_state_store(
        &self,
        _: Request<pb::configure_state_store::Request>,
    ) -> Answer<pb::configure_state_store::Response> {
        Ok(Response::new(not_offered(STATE_STORES)))
    }

    async fn lock_state(&self, _: Request<pb::lock_state::Request>) -> Answer<pb::lock_state::Response> {
        Ok(Response::new(not_offered(STATE_STORES)))
    }

    async fn unlock_state(&self, _: Request<pb::unlock_state::Request>) -> Answer<pb::unlock_state::Response> {
        Ok(Response::new(not_offered(STATE_STORES)))
    }

    async fn get_states(&self, _: Request<pb::get_states::Request>) -> Answer<pb::get_states::Response> {
        Ok(Response::new(not_offered(STATE_STORES)))
    }

    async fn delete_state(&self, _: Request<pb::delete_state::Request>) -> Answer<pb::delete_state::Response> {
        Ok(Response::new(not_offered(STATE_STORES)))
    }
}

const EPHEMERAL: &str = "ephemeral resources";
const STATE_STORES: &str = "state stores";
