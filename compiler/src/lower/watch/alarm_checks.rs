//! Checks of alarms against their targets.

use super::measure::{self, Measured};
use crate::errors;
use crate::library;
use crate::lower::Lowering;
use crate::model::{Alarm, Environment, Metric};
use crate::value::Watched;

/// Shortest period of AWS's own metrics in seconds.
const MINUTE: u32 = 60;
/// Longest description in characters. AWS accepts 1,024 (Amazon CloudWatch API reference, `PutMetricAlarm`); the rest is
/// for the mark of ownership.
const LONGEST_DESCRIPTION: usize = 500;

impl Lowering<'_> {
    pub(super) fn check_alarm(&mut self, env: &Environment, alarm: &Alarm) {
        if let Some(description) = &alarm.description
            && let length = description.value.chars().count()
            && length > LONGEST_DESCRIPTION
        {
            let found = errors::description_too_long(description.span(), length, LONGEST_DESCRIPTION);
            self.diagnostics.push(found);
        }
        let Metric::Plain { namespace, .. } = &alarm.metric else {
            for one in &alarm.on.value {
                if let Watched::Named(name) | Watched::Store(_, name) = &one.value {
                    self.diagnostics.push(errors::log_of_no_hostclass(one.span, name));
                }
            }
            return;
        };
        let period = alarm.when.value.period;
        if namespace.value.starts_with("AWS/") && period < MINUTE {
            let span = alarm.when.place(alarm.span);
            self.diagnostics.push(errors::period_of_aws(span, period, &namespace.value));
        }
        if alarm.is_of_environment() {
            let said = alarm.on.span();
            if let (false, Some(dimensions)) = (library::is_schema(said.file), &alarm.dimensions) {
                self.diagnostics.push(errors::target_and_dimensions(said, dimensions.place(alarm.span)));
            }
            return;
        }
        let measured = Measured::of(&namespace.value);
        for one in &alarm.on.value {
            match &one.value {
                Watched::Hostclass(host) if let Some(kind) = measured.store() => {
                    let measured = (kind, measured.shown());
                    let found = errors::alarm_of_hostclass(one.span, host, &namespace.value, measured);
                    self.diagnostics.push(found);
                }
                Watched::Store(kind, name) if measured.store() != Some(*kind) => {
                    let found =
                        errors::alarm_of_store(one.span, (kind, name), &namespace.value, measured.shown());
                    self.diagnostics.push(found);
                }
                Watched::Store(kind, name) => self.store(one.span, kind, name),
                Watched::Named(name) if !measured.is_named() => {
                    let found = errors::alarm_of_name(one.span, name, &namespace.value, measured.shown());
                    self.diagnostics.push(found);
                }
                Watched::Hostclass(name) => self.balancer(env, alarm, name, one.span, measured),
                Watched::All | Watched::Named(_) => {}
            }
        }
        self.port(env, alarm, measured);
    }

    /// Checks that some environment has what an alarm watches.
    fn store(&mut self, span: asiaq_lang::Span, kind: &'static str, name: &str) {
        // One that is broken is declared, and has been reported. A draft has only what one environment would have.
        let is_declared = |env: &Environment| env.provenance.has(&format!("{kind}.{name}"));
        if self.model.is_draft || self.model.environments.iter().any(is_declared) {
            return;
        }
        let everywhere = self.model.environments.iter().flat_map(Environment::metered);
        let known = everywhere.filter(|known| known.kind == kind);
        let known: Vec<&str> = known.map(|known| known.name).collect();
        self.diagnostics.push(errors::unknown_reference(span, kind, name, &known));
    }

    /// Checks that a named hostclass has the measured load balancer.
    fn balancer(
        &mut self,
        env: &Environment,
        alarm: &Alarm,
        name: &str,
        span: asiaq_lang::Span,
        measured: Measured,
    ) {
        if let Some(host) = env.host(name)
            && env.runs(name)
            && !measured.is_of(host)
            && alarm.enabled.value
        {
            self.diagnostics.push(errors::alarm_without_balancer(span, name, measured.shown(), &env.name));
        }
    }

    /// Checks that the port of an alarm belongs to a target group of each targeted load balancer.
    fn port(&mut self, env: &Environment, alarm: &Alarm, measured: Measured) {
        let Some(port) = &alarm.port else { return };
        let is_newer = matches!(
            measured,
            Measured::Balancer(crate::model::Family::Application | crate::model::Family::Network)
        );
        if !is_newer {
            self.diagnostics.push(errors::port_of_no_target_group(port.place(alarm.span), measured.shown()));
            return;
        }
        for target in super::targets(env, &alarm.on.value, &|host| measured.is_of(host)) {
            let super::Target::Hostclass(name) = target else { continue };
            let Some(host) = env.host(name) else { continue };
            let Some(balancer) = measured.balancer(host) else { continue };
            let is_named = alarm.on.value.iter().any(|one| one.value != Watched::All);
            if is_named && measure::target_group(alarm, balancer).is_none() {
                let ports: Vec<u16> = balancer.backs().into_iter().map(|back| back.port).collect();
                let found = errors::port_without_target_group(port.span(), port.value, name, &ports);
                self.diagnostics.push(found);
            }
        }
    }
}
