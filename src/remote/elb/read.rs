//! Calls that only read.

use std::collections::BTreeMap;

use super::action::action;
use super::client::Elb;
use super::reads::{describe_target_groups, target_health};
use super::types::{Attributes, Listener, LoadBalancer, Tags, Target, TargetGroup, TargetHealth};
use crate::remote::aws_error::AwsError;

impl Elb {
    /// The load balancer with this ARN; `None` if there is none.
    ///
    /// # Errors
    /// Anything but "not found".
    pub async fn load_balancer(&self, arn: &str) -> Result<Option<LoadBalancer>, AwsError> {
        first(self.reads.load_balancers.ask(vec![arn.to_owned()]).await.map(values))
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
        let answer = self.client.describe_load_balancers().names(name).send().await;
        match answer.map_err(|error| AwsError::from_sdk(&action("DescribeLoadBalancers"), error)) {
            Ok(answer) => Ok(answer.load_balancers.unwrap_or_default().into_iter().map(LoadBalancer::from).collect()),
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// One page of the load balancers of the account in this region, of all types, and where the next one begins. Without a `marker` it is
    /// the first page.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn load_balancers_page(
        &self,
        marker: Option<String>,
    ) -> Result<(Vec<LoadBalancer>, Option<String>), AwsError> {
        let answer = self.client.describe_load_balancers().set_marker(marker).send().await;
        let answer = answer.map_err(|error| AwsError::from_sdk(&action("DescribeLoadBalancers"), error))?;
        let balancers = answer.load_balancers.unwrap_or_default().into_iter().map(LoadBalancer::from).collect();
        Ok((balancers, answer.next_marker.filter(|marker| !marker.is_empty())))
    }

    /// The target groups with these ARNs, in any order. One that is missing makes the whole call fail with TargetGroupNotFound.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn target_groups(&self, arns: &[String]) -> Result<Vec<TargetGroup>, AwsError> {
        self.reads.target_groups.ask(arns.to_vec()).await.map(values)
    }

    /// The target group with this ARN; `None` if there is none.
    ///
    /// # Errors
    /// Anything but "not found".
    pub async fn target_group(&self, arn: &str) -> Result<Option<TargetGroup>, AwsError> {
        first(self.target_groups(&[arn.to_owned()]).await)
    }

    /// The target group with this name; `None` if there is none.
    ///
    /// # Errors
    /// Anything but "not found".
    pub async fn target_group_named(&self, name: &str) -> Result<Option<TargetGroup>, AwsError> {
        first(describe_target_groups(self.client.describe_target_groups().names(name)).await)
    }

    /// The target groups that listeners of this load balancer lead to. Empty where there are none, and where it is gone.
    ///
    /// # Errors
    /// Anything but "not found".
    pub async fn target_groups_behind(&self, load_balancer_arn: &str) -> Result<Vec<TargetGroup>, AwsError> {
        let request = self.client.describe_target_groups().load_balancer_arn(load_balancer_arn);
        match describe_target_groups(request).await {
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            other => other,
        }
    }

    /// Every target group of the account in this region.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn all_target_groups(&self) -> Result<Vec<TargetGroup>, AwsError> {
        describe_target_groups(self.client.describe_target_groups()).await
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

    /// The listeners with these ARNs, in any order. One that is missing makes the whole call fail with ListenerNotFound.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn listeners_of(&self, arns: &[String]) -> Result<Vec<Listener>, AwsError> {
        self.reads.listeners.ask(arns.to_vec()).await.map(values)
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
        if arns.is_empty() {
            return Ok(BTreeMap::new());
        }
        self.reads.tags.ask(arns.to_vec()).await
    }

    /// Every target of a group and its health.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn target_health(&self, target_group_arn: &str) -> Result<Vec<TargetHealth>, AwsError> {
        let answer = self.client.describe_target_health().target_group_arn(target_group_arn).send().await;
        let answer = answer.map_err(|error| AwsError::from_sdk(&action("DescribeTargetHealth"), error))?;
        Ok(answer.target_health_descriptions.unwrap_or_default().into_iter().filter_map(target_health).collect())
    }

    /// The health of one registration; without a port it is the one on the group's own port. AWS answers `None`, or `unused` with the
    /// reason `Target.NotRegistered`, where there is none.
    ///
    /// # Errors
    /// What AWS answers, InvalidTarget included.
    pub async fn health_of(&self, target_group_arn: &str, target: &Target) -> Result<Option<TargetHealth>, AwsError> {
        let registration = (target_group_arn.to_owned(), target.clone());
        let mut found = self.reads.health.ask(vec![registration.clone()]).await?;
        Ok(found.remove(&registration))
    }
}

fn values<K, V>(found: BTreeMap<K, V>) -> Vec<V> {
    found.into_values().collect()
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
