//! Calls that change something. Each may be made twice.

use std::error::Error;

use aws_sdk_elasticloadbalancingv2::Config;
use aws_sdk_elasticloadbalancingv2::config::retry::RetryConfig;
use aws_sdk_elasticloadbalancingv2::types as sdk;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::action::action;
use super::client::Elb;
use super::request::{description, forward, mappings, matcher, number, some, tag_list};
use super::types::{
    Attributes, HealthCheck, IPV6, Listener, LoadBalancer, NewLoadBalancer, NewTargetGroup, SubnetMapping, Tags,
    Target, TargetGroup, Zone,
};
use crate::remote::aws_error::{AwsError, Cause};

impl Elb {
    /// Makes a network load balancer. AWS answers an existing one where the name and all settings are the same.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn create_load_balancer(&self, desired: &NewLoadBalancer) -> Result<LoadBalancer, AwsError> {
        let scheme = if desired.internal {
            sdk::LoadBalancerSchemeEnum::Internal
        } else {
            sdk::LoadBalancerSchemeEnum::InternetFacing
        };
        let request = self
            .client
            .create_load_balancer()
            .name(&desired.name)
            .r#type(sdk::LoadBalancerTypeEnum::Network)
            .scheme(scheme)
            .ip_address_type(desired.ip_address_type.as_str().into())
            .set_subnet_mappings(Some(mappings(&desired.subnets)))
            .set_security_groups(some(desired.security_groups.clone()))
            .set_tags(tag_list(&desired.tags));
        let answer = request.send().await.map_err(|error| AwsError::from_sdk(&action("CreateLoadBalancer"), error))?;
        only(answer.load_balancers, "CreateLoadBalancer").map(LoadBalancer::from)
    }

    /// Removes a load balancer and its listeners. One that is gone already is success.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn delete_load_balancer(&self, arn: &str) -> Result<(), AwsError> {
        gone(self.client.delete_load_balancer().load_balancer_arn(arn).send().await.map(drop), "DeleteLoadBalancer")
    }

    /// Sets attributes of a load balancer; others stay.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn modify_load_balancer_attributes(&self, arn: &str, attributes: &Attributes) -> Result<(), AwsError> {
        let list = attributes
            .iter()
            .map(|(key, value)| sdk::LoadBalancerAttribute::builder().key(key).value(value).build())
            .collect();
        let request = self.client.modify_load_balancer_attributes().load_balancer_arn(arn).set_attributes(Some(list));
        done(request.send().await.map(drop), "ModifyLoadBalancerAttributes")
    }

    /// Replaces the whole list of subnets, and answers what it is then.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn set_subnets(&self, arn: &str, subnets: &[SubnetMapping]) -> Result<Vec<Zone>, AwsError> {
        let request = self.client.set_subnets().load_balancer_arn(arn).set_subnet_mappings(Some(mappings(subnets)));
        let answer = request.send().await.map_err(|error| AwsError::from_sdk(&action("SetSubnets"), error))?;
        Ok(answer.availability_zones.unwrap_or_default().into_iter().map(Zone::from).collect())
    }

    /// Replaces the security groups. The PrivateLink setting goes with the same call.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn set_security_groups(
        &self,
        arn: &str,
        groups: &[String],
        private_link_rules: Option<&str>,
    ) -> Result<(), AwsError> {
        let request = self
            .client
            .set_security_groups()
            .load_balancer_arn(arn)
            .set_security_groups(Some(groups.to_vec()))
            .set_enforce_security_group_inbound_rules_on_private_link_traffic(private_link_rules.map(Into::into));
        done(request.send().await.map(drop), "SetSecurityGroups")
    }

    /// Changes the kind of addresses: `ipv4` or `dualstack`.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn set_ip_address_type(&self, arn: &str, kind: &str) -> Result<(), AwsError> {
        let request = self.client.set_ip_address_type().load_balancer_arn(arn).ip_address_type(kind.into());
        done(request.send().await.map(drop), "SetIpAddressType")
    }

    /// Makes a TCP target group.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn create_target_group(&self, desired: &NewTargetGroup) -> Result<TargetGroup, AwsError> {
        let check = &desired.health_check;
        let request = self
            .client
            .create_target_group()
            .name(&desired.name)
            .protocol(sdk::ProtocolEnum::Tcp)
            .port(number(desired.port))
            .vpc_id(&desired.vpc_id)
            .target_type(desired.target_type.as_str().into())
            .set_ip_address_type((desired.ip_address_type == IPV6).then_some(sdk::TargetGroupIpAddressTypeEnum::Ipv6))
            .health_check_enabled(true)
            .health_check_protocol(check.protocol.as_str().into())
            .health_check_port(&check.port)
            .health_check_interval_seconds(number(check.interval))
            .health_check_timeout_seconds(number(check.timeout))
            .healthy_threshold_count(number(check.healthy_threshold))
            .unhealthy_threshold_count(number(check.unhealthy_threshold))
            .set_health_check_path(check.path.clone())
            .set_matcher(matcher(check))
            .set_tags(tag_list(&desired.tags));
        let answer = request.send().await.map_err(|error| AwsError::from_sdk(&action("CreateTargetGroup"), error))?;
        only(answer.target_groups, "CreateTargetGroup").map(TargetGroup::from)
    }

    /// Removes a target group. One that is gone already is success.
    ///
    /// # Errors
    /// What AWS answers; `ResourceInUse` while a listener forwards to it.
    pub async fn delete_target_group(&self, arn: &str) -> Result<(), AwsError> {
        gone(self.client.delete_target_group().target_group_arn(arn).send().await.map(drop), "DeleteTargetGroup")
    }

    /// Changes the health check of a target group.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn modify_health_check(&self, arn: &str, check: &HealthCheck) -> Result<(), AwsError> {
        let request = self
            .client
            .modify_target_group()
            .target_group_arn(arn)
            .health_check_protocol(check.protocol.as_str().into())
            .health_check_port(&check.port)
            .health_check_interval_seconds(number(check.interval))
            .health_check_timeout_seconds(number(check.timeout))
            .healthy_threshold_count(number(check.healthy_threshold))
            .unhealthy_threshold_count(number(check.unhealthy_threshold))
            .set_health_check_path(check.path.clone())
            .set_matcher(matcher(check));
        done(request.send().await.map(drop), "ModifyTargetGroup")
    }

    /// Sets attributes of a target group; others stay.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn modify_target_group_attributes(&self, arn: &str, attributes: &Attributes) -> Result<(), AwsError> {
        let list = attributes
            .iter()
            .map(|(key, value)| sdk::TargetGroupAttribute::builder().key(key).value(value).build())
            .collect();
        let request = self.client.modify_target_group_attributes().target_group_arn(arn).set_attributes(Some(list));
        done(request.send().await.map(drop), "ModifyTargetGroupAttributes")
    }

    /// Makes a TCP listener that forwards to a group. AWS answers an existing one where port and settings are the same.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn create_listener(
        &self,
        load_balancer_arn: &str,
        port: i64,
        target_group_arn: &str,
        tags: &Tags,
    ) -> Result<Listener, AwsError> {
        let request = self
            .client
            .create_listener()
            .load_balancer_arn(load_balancer_arn)
            .protocol(sdk::ProtocolEnum::Tcp)
            .port(number(port))
            .default_actions(forward(target_group_arn))
            .set_tags(tag_list(tags));
        let answer = request.send().await.map_err(|error| AwsError::from_sdk(&action("CreateListener"), error))?;
        only(answer.listeners, "CreateListener").map(Listener::from)
    }

    /// Changes port and group of a listener in one step.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn modify_listener(&self, arn: &str, port: i64, target_group_arn: &str) -> Result<(), AwsError> {
        let request = self
            .client
            .modify_listener()
            .listener_arn(arn)
            .protocol(sdk::ProtocolEnum::Tcp)
            .port(number(port))
            .default_actions(forward(target_group_arn));
        done(request.send().await.map(drop), "ModifyListener")
    }

    /// Sets attributes of a listener; others stay.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn modify_listener_attributes(&self, arn: &str, attributes: &Attributes) -> Result<(), AwsError> {
        let list = attributes
            .iter()
            .map(|(key, value)| sdk::ListenerAttribute::builder().key(key).value(value).build())
            .collect();
        let request = self.client.modify_listener_attributes().listener_arn(arn).set_attributes(Some(list));
        done(request.send().await.map(drop), "ModifyListenerAttributes")
    }

    /// Removes a listener. One that is gone already is success.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn delete_listener(&self, arn: &str) -> Result<(), AwsError> {
        gone(self.client.delete_listener().listener_arn(arn).send().await.map(drop), "DeleteListener")
    }

    /// Sets tags on several things at once; other tags stay.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn add_tags(&self, arns: &[String], tags: &Tags) -> Result<(), AwsError> {
        let request = self.client.add_tags().set_resource_arns(Some(arns.to_vec())).set_tags(tag_list(tags));
        done(request.send().await.map(drop), "AddTags")
    }

    /// The same in one attempt, for tags that are set again and again.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn add_tags_once(&self, arns: &[String], tags: &Tags) -> Result<(), AwsError> {
        let request = self.client.add_tags().set_resource_arns(Some(arns.to_vec())).set_tags(tag_list(tags));
        let once = Config::builder().retry_config(RetryConfig::disabled());
        done(request.customize().config_override(once).send().await.map(drop), "AddTags")
    }

    /// Removes tags from several things at once.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn remove_tags(&self, arns: &[String], keys: &[String]) -> Result<(), AwsError> {
        let request =
            self.client.remove_tags().set_resource_arns(Some(arns.to_vec())).set_tag_keys(Some(keys.to_vec()));
        done(request.send().await.map(drop), "RemoveTags")
    }

    /// Registers targets in a group. Those that are there already stay.
    ///
    /// # Errors
    /// What AWS answers; `InvalidTarget` while an instance isn't running yet.
    pub async fn register_targets(&self, target_group_arn: &str, targets: &[Target]) -> Result<(), AwsError> {
        let request = self
            .client
            .register_targets()
            .target_group_arn(target_group_arn)
            .set_targets(Some(targets.iter().map(description).collect()));
        done(request.send().await.map(drop), "RegisterTargets")
    }

    /// Takes targets out of a group: new connections stop, old ones may drain. Those that aren't there are success.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn deregister_targets(&self, target_group_arn: &str, targets: &[Target]) -> Result<(), AwsError> {
        let request = self
            .client
            .deregister_targets()
            .target_group_arn(target_group_arn)
            .set_targets(Some(targets.iter().map(description).collect()));
        gone(request.send().await.map(drop), "DeregisterTargets")
    }
}

fn done<E>(answer: Result<(), SdkError<E, HttpResponse>>, operation: &str) -> Result<(), AwsError>
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    answer.map_err(|error| AwsError::from_sdk(&action(operation), error))
}

/// As [`done`], but what is gone already counts as removed.
fn gone<E>(answer: Result<(), SdkError<E, HttpResponse>>, operation: &str) -> Result<(), AwsError>
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match done(answer, operation) {
        Err(error) if error.is_not_found() => Ok(()),
        other => other,
    }
}

fn only<T>(found: Option<Vec<T>>, operation: &str) -> Result<T, AwsError> {
    let first = found.unwrap_or_default().into_iter().next();
    first.ok_or_else(|| {
        AwsError::new(action(operation), Cause::BrokenAnswer("the answer names nothing that was made".to_owned()))
    })
}
