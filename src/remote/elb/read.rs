//! Calls that only look.

use aws_sdk_elasticloadbalancingv2::operation::describe_load_balancers::builders::DescribeLoadBalancersFluentBuilder;
use aws_sdk_elasticloadbalancingv2::operation::describe_target_groups::builders::DescribeTargetGroupsFluentBuilder;
use aws_sdk_elasticloadbalancingv2::types as sdk;
use std::collections::BTreeMap;

use super::write::description;
use super::{Attributes, Elb, Listener, LoadBalancer, Tags, Target, TargetGroup, TargetHealth, action};
use crate::remote::aws_error::AwsError;

/// The most ARNs that one DescribeTags takes (API reference of DescribeTags).
const TAGS_BATCH: usize = 20;

impl Elb {
    /// The load balancer with this ARN; `None` if there is none.
    ///
    /// # Errors
    /// Anything but "not found".
    pub async fn load_balancer(&self, arn: &str) -> Result<Option<LoadBalancer>, AwsError> {
        first(self.load_balancers(self.client.describe_load_balancers().load_balancer_arns(arn)).await)
    }

    /// The network load balancer with this name; `None` if there is none. Other types may share the name and don't count.
    ///
    /// # Errors
    /// Anything but "not found".
    pub async fn load_balancer_named(&self, name: &str) -> Result<Option<LoadBalancer>, AwsError> {
        Ok(self.load_balancers_named(name).await?.into_iter().find(|balancer| balancer.kind == "network"))
    }

    /// The load balancers of all types with this name.
    ///
    /// # Errors
    /// Anything but "not found".
    pub async fn load_balancers_named(&self, name: &str) -> Result<Vec<LoadBalancer>, AwsError> {
        match self.load_balancers(self.client.describe_load_balancers().names(name)).await {
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            other => other,
        }
    }

    async fn load_balancers(&self, request: DescribeLoadBalancersFluentBuilder) -> Result<Vec<LoadBalancer>, AwsError> {
        let answer =
            request.send().await.map_err(|error| AwsError::from_sdk(&action("DescribeLoadBalancers"), error))?;
        Ok(answer.load_balancers.unwrap_or_default().into_iter().map(LoadBalancer::from).collect())
    }

    /// The target groups with these ARNs, in any order. One that is missing makes the whole call fail with TargetGroupNotFound.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn target_groups(&self, arns: &[String]) -> Result<Vec<TargetGroup>, AwsError> {
        let request = self.client.describe_target_groups().set_target_group_arns(Some(arns.to_vec()));
        self.describe_target_groups(request).await
    }

    /// The target group with this ARN; `None` if there is none.
    ///
    /// # Errors
    /// Anything but "not found".
    pub async fn target_group(&self, arn: &str) -> Result<Option<TargetGroup>, AwsError> {
        first(self.describe_target_groups(self.client.describe_target_groups().target_group_arns(arn)).await)
    }

    /// The target group with this name; `None` if there is none.
    ///
    /// # Errors
    /// Anything but "not found".
    pub async fn target_group_named(&self, name: &str) -> Result<Option<TargetGroup>, AwsError> {
        first(self.describe_target_groups(self.client.describe_target_groups().names(name)).await)
    }

    /// Every target group of the account in this region.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn all_target_groups(&self) -> Result<Vec<TargetGroup>, AwsError> {
        self.describe_target_groups(self.client.describe_target_groups()).await
    }

    async fn describe_target_groups(
        &self,
        request: DescribeTargetGroupsFluentBuilder,
    ) -> Result<Vec<TargetGroup>, AwsError> {
        let mut found = Vec::new();
        let mut marker = None;
        loop {
            let page = request.clone().set_marker(marker).send().await;
            let page = page.map_err(|error| AwsError::from_sdk(&action("DescribeTargetGroups"), error))?;
            found.extend(page.target_groups.unwrap_or_default().into_iter().map(TargetGroup::from));
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }

    /// Every listener of a load balancer, those that others made included.
    ///
    /// # Errors
    /// What AWS answers, LoadBalancerNotFound included.
    pub async fn listeners(&self, load_balancer_arn: &str) -> Result<Vec<Listener>, AwsError> {
        let mut found = Vec::new();
        let mut marker = None;
        loop {
            let answer = self
                .client
                .describe_listeners()
                .load_balancer_arn(load_balancer_arn)
                .set_marker(marker)
                .send()
                .await
                .map_err(|error| AwsError::from_sdk(&action("DescribeListeners"), error))?;
            found.extend(answer.listeners.unwrap_or_default().into_iter().map(Listener::from));
            marker = answer.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(found);
            }
        }
    }

    /// The attributes of a load balancer.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn load_balancer_attributes(&self, arn: &str) -> Result<Attributes, AwsError> {
        let answer = self.client.describe_load_balancer_attributes().load_balancer_arn(arn).send().await;
        let answer = answer.map_err(|error| AwsError::from_sdk(&action("DescribeLoadBalancerAttributes"), error))?;
        let pairs = answer.attributes.unwrap_or_default().into_iter().map(|pair| (pair.key, pair.value));
        Ok(known(pairs))
    }

    /// The attributes of a target group.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn target_group_attributes(&self, arn: &str) -> Result<Attributes, AwsError> {
        let answer = self.client.describe_target_group_attributes().target_group_arn(arn).send().await;
        let answer = answer.map_err(|error| AwsError::from_sdk(&action("DescribeTargetGroupAttributes"), error))?;
        let pairs = answer.attributes.unwrap_or_default().into_iter().map(|pair| (pair.key, pair.value));
        Ok(known(pairs))
    }

    /// The attributes of a listener.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn listener_attributes(&self, arn: &str) -> Result<Attributes, AwsError> {
        let answer = self.client.describe_listener_attributes().listener_arn(arn).send().await;
        let answer = answer.map_err(|error| AwsError::from_sdk(&action("DescribeListenerAttributes"), error))?;
        let pairs = answer.attributes.unwrap_or_default().into_iter().map(|pair| (pair.key, pair.value));
        Ok(known(pairs))
    }

    /// The tags of these load balancers, target groups and listeners, by ARN.
    ///
    /// # Errors
    /// What AWS answers; one missing thing fails the whole.
    pub async fn tags(&self, arns: &[String]) -> Result<BTreeMap<String, Tags>, AwsError> {
        let mut found = BTreeMap::new();
        for batch in arns.chunks(TAGS_BATCH) {
            let answer = self.client.describe_tags().set_resource_arns(Some(batch.to_vec())).send().await;
            let answer = answer.map_err(|error| AwsError::from_sdk(&action("DescribeTags"), error))?;
            for described in answer.tag_descriptions.unwrap_or_default() {
                let tags = described.tags.unwrap_or_default().into_iter();
                let tags = tags.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect();
                found.insert(described.resource_arn.unwrap_or_default(), tags);
            }
        }
        Ok(found)
    }

    /// Every target of a group and how it fares.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn target_health(&self, target_group_arn: &str) -> Result<Vec<TargetHealth>, AwsError> {
        let answer = self.client.describe_target_health().target_group_arn(target_group_arn).send().await;
        let answer = answer.map_err(|error| AwsError::from_sdk(&action("DescribeTargetHealth"), error))?;
        Ok(answer.target_health_descriptions.unwrap_or_default().into_iter().filter_map(health).collect())
    }

    /// How one registration fares; without a port it is the one on the group's own port. AWS answers `None`, or `unused` with the
    /// reason `Target.NotRegistered`, where there is none.
    ///
    /// # Errors
    /// What AWS answers, InvalidTarget included.
    pub async fn health_of(&self, target_group_arn: &str, target: &Target) -> Result<Option<TargetHealth>, AwsError> {
        let request = self.client.describe_target_health().target_group_arn(target_group_arn);
        let answer = request.targets(description(target)).send().await;
        let answer = answer.map_err(|error| AwsError::from_sdk(&action("DescribeTargetHealth"), error))?;
        let mut found = answer.target_health_descriptions.unwrap_or_default().into_iter().filter_map(health);
        Ok(found.find(|health| {
            health.target.id == target.id && (target.port.is_none() || health.target.port == target.port)
        }))
    }
}

fn health(described: sdk::TargetHealthDescription) -> Option<TargetHealth> {
    let target = described.target?;
    let health = described.target_health?;
    Some(TargetHealth {
        target: Target {
            id: target.id.unwrap_or_default(),
            port: target.port.map(i64::from),
            availability_zone: target.availability_zone,
        },
        state: health.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        reason: health.reason.map(|reason| reason.as_str().to_owned()),
    })
}

fn known(pairs: impl Iterator<Item = (Option<String>, Option<String>)>) -> Attributes {
    pairs.filter_map(|(key, value)| Some((key?, value.unwrap_or_default()))).collect()
}

fn first<T>(found: Result<Vec<T>, AwsError>) -> Result<Option<T>, AwsError> {
    match found {
        Ok(mut found) if !found.is_empty() => Ok(Some(found.remove(0))),
        Ok(_) => Ok(None),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
