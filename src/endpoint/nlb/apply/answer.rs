//! What an apply reports to Terraform: after each step what exists by then, and in the end the planned object.

use std::collections::BTreeMap;

use super::context::Context;
use super::session::Report;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::marker::nonce;
use crate::endpoint::nlb::model::memory::Memory;
use crate::endpoint::nlb::model::settings::SETTINGS;
use crate::endpoint::nlb::plan::import::marks;
use crate::endpoint::nlb::plan::outputs::{Outside, outputs, tags_of};
use crate::endpoint::nlb::plan::unfinished;
use crate::endpoint::nlb::read::refresh::{Mixed, refresh};
use crate::framework::private::Private;
use crate::framework::reader::Maybe;
use crate::framework::value::Object;

/// The answer of one create or update.
pub struct Answer<'a> {
    /// What was asked for.
    pub context: &'a Context<'a>,
    /// What is remembered from before.
    pub memory: &'a Memory,
}

impl Answer<'_> {
    /// Reports what exists after each step. Until the end the inputs are those before: what was not done yet must stay a difference.
    pub fn reports(&self) -> Report<'_> {
        Box::new(move |inventory: &Inventory| self.report(inventory))
    }

    /// Reports what exists while not everything is done.
    pub fn report(&self, inventory: &Inventory) {
        let prior = self.context.request.prior.as_ref();
        if inventory.is_empty() && prior.is_none() {
            return self.context.progress.gone();
        }
        let base = unfinished::inputs(prior, &self.context.request.planned, inventory);
        self.context.progress.report(self.object(&base, inventory), self.stored(&self.unfinished(inventory)));
    }

    /// Reports what a change that failed has left: `known` is what it knows of, `found` how AWS has it.
    pub fn report_failed_update(&self, prior: &Object, known: &Inventory, found: &Inventory) {
        let base = unfinished::inputs(Some(prior), &self.context.request.planned, found);
        let object = refresh(&base, found, self.context.elb.region(), Mixed::Stored, SETTINGS);
        self.context.progress.report(object, self.stored(&self.unfinished(known)));
    }

    /// Reports that everything is as planned.
    pub fn succeed(&self, inventory: &Inventory) {
        let object = self.object(&self.context.request.planned, inventory);
        let mut memory = self.remembered(inventory);
        memory.failed = None;
        let tagged = inventory.handover.as_deref().and_then(nonce) == Some(self.context.marker.nonce());
        if tagged || !self.context.marker.marked().is_empty() {
            memory.markers.push(self.context.marker.nonce().to_owned());
        }
        // The tag stays, as the markers do: the next read knows this run by its nonce.
        memory.handover = memory.handover.filter(|value| nonce(value) != Some(self.context.marker.nonce()));
        marks::forget_resolved(&self.context.request.config, &mut memory);
        self.context.progress.report(object, self.stored(&memory));
    }

    fn object(&self, base: &Object, inventory: &Inventory) -> Object {
        let mut object = base.clone();
        let outside = Outside {
            inventory,
            prior: self.context.request.prior.as_ref(),
            region: Maybe::Known(self.context.elb.region().to_owned()),
            group_names: BTreeMap::new(),
            tags_all: tags_of(base),
        };
        outputs(&self.context.request.config, &mut object, &outside);
        object
    }

    fn stored(&self, memory: &Memory) -> Private {
        let mut private = self.context.request.private.clone();
        memory.write(&mut private);
        private
    }

    /// What to remember while not everything is done. The next read takes the marker of an update off: a provider can't know when its
    /// answer is stored, so nothing else does. The marker of a create that failed must stay, whatever else the run has tagged; an update
    /// that was to complete it has put its own in that one's place.
    fn unfinished(&self, inventory: &Inventory) -> Memory {
        let mut memory = self.remembered(inventory);
        let nonce = self.context.marker.nonce().to_owned();
        match (&self.context.request.prior, &memory.failed) {
            (Some(_), None) => memory.markers.push(nonce),
            _ => memory.failed = Some(nonce),
        }
        memory
    }

    fn remembered(&self, inventory: &Inventory) -> Memory {
        let mut memory = self.memory.clone();
        inventory.remember(&mut memory);
        memory.misrouted.clear();
        memory.mixed_settings = false;
        memory
    }
}
