//! Pipelines: stages in order, with the declarations of each run merged. Each pipeline is evaluated once for all
//! environments that its overrides do not distinguish.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

use super::hostclass::Parts;
use super::{Pipeline, Run, Scaling, Sizes, Spot, Stage, Step};
use crate::block::{Block, Inner};
use crate::evaluate::Evaluator;
use crate::library::fields::{RunFields, ScalingFields, SpotFields, StepFields};
use crate::library::kinds;
use crate::model::Provenance;
use crate::model::provenance::SharedParts;
use crate::names::{Names, name_span};

/// The pipelines of a project whose inheritance is whole.
#[derive(Default)]
pub(in crate::model) struct Pipelines<'a>(Vec<Declared<'a>>);

struct Declared<'a> {
    name: &'a str,
    block: Block<'a>,
    /// The environments and envtypes that its overrides name.
    contexts: BTreeSet<&'a str>,
    /// The results so far. The key is the part of the contexts that an environment is or descends from.
    known: Vec<(Vec<&'a str>, Evaluated)>,
    /// Whether some result depends on the environment in other ways.
    varies: bool,
}

#[derive(Clone)]
struct Evaluated {
    pipeline: Arc<Pipeline>,
    parts: Arc<SharedParts>,
}

impl<'a> Pipelines<'a> {
    pub(in crate::model) fn of(names: &Names<'a>) -> Self {
        Self(names.of_kind(kinds::PIPELINE).filter_map(|name| Declared::of(names, name)).collect())
    }

    /// One of them alone.
    pub(in crate::model) fn of_one(names: &Names<'a>, name: &'a str) -> Self {
        Self(Declared::of(names, name).into_iter().collect())
    }

    /// Whether a pipeline was evaluated whose fields depend on the environment.
    pub(in crate::model) fn vary(&self) -> bool {
        self.0.iter().any(|declared| declared.varies)
    }

    /// The environments and envtypes that overrides name, each once or several times.
    pub(in crate::model) fn every_context(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().flat_map(|declared| declared.contexts.iter().copied())
    }

    /// A run of `hostclass` in which nothing is declared, at `site`.
    pub(in crate::model) fn run_of_nobody(hostclass: &str, site: Span, evaluator: &Evaluator<'_, '_>) -> Run {
        let drawn = DrawnRun { hostclass, span: site, block: Block::default(), strength: (0, 0) };
        drawn.read(evaluator, &mut Parts::new(), &mut Vec::new())
    }

    /// The pipeline `name` as an environment has it; where its fields were set goes to `provenance`.
    pub(in crate::model) fn find(
        &mut self,
        name: &str,
        evaluator: &Evaluator<'a, '_>,
        provenance: &mut Provenance,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Arc<Pipeline>> {
        let declared = self.0.iter_mut().find(|declared| declared.name == name)?;
        let evaluated = declared.evaluated(evaluator, diagnostics);
        provenance.add_pipeline(evaluated.parts);
        Some(evaluated.pipeline)
    }
}

impl<'a> Declared<'a> {
    fn of(names: &Names<'a>, name: &'a str) -> Option<Self> {
        let block = Block::of_chain(&names.whole_chain(names.get(kinds::PIPELINE, name)?)?);
        let contexts = block.contexts();
        Some(Self { name, block, contexts, known: Vec::new(), varies: false })
    }

    fn evaluated(&mut self, evaluator: &Evaluator<'a, '_>, diagnostics: &mut Vec<Diagnostic>) -> Evaluated {
        let lineage = evaluator.lineage.iter().copied();
        let told_apart: Vec<&str> = lineage.filter(|name| self.contexts.contains(name)).collect();
        if let Some((_, found)) = self.known.iter().find(|(known, _)| *known == told_apart) {
            return found.clone();
        }
        let mut parts = Parts::new();
        let stages = stages(&self.block, &evaluator.lineage);
        let stage = |drawn: Drawn<'a>| Stage {
            span: drawn.span,
            runs: drawn.runs.iter().map(|run| run.read(evaluator, &mut parts, diagnostics)).collect(),
        };
        let stages = stages.into_iter().map(stage).collect();
        let pipeline = Arc::new(Pipeline::new(self.name.to_owned(), stages));
        let varies = parts.iter().any(|(_, fields)| fields.varies());
        let parts = parts.into_iter().map(|(path, fields)| (path.into(), fields)).collect();
        let found = Evaluated { pipeline, parts: Arc::new(parts) };
        if varies {
            self.varies = true;
        } else {
            self.known.push((told_apart, found.clone()));
        }
        found
    }
}

/// A stage as it is declared.
struct Drawn<'a> {
    name: Option<&'a str>,
    span: Span,
    runs: Vec<DrawnRun<'a>>,
}

/// A run as it is declared, in one place or several.
struct DrawnRun<'a> {
    hostclass: &'a str,
    span: Span,
    block: Block<'a>,
    /// The strength of the strongest declaration so far.
    strength: (usize, usize),
}

/// The stages of a pipeline that have runs in an environment of this `lineage`, in order. A run that is declared
/// again stays in its first stage; the later declaration overrides the earlier one.
fn stages<'a>(pipeline: &Block<'a>, lineage: &[&str]) -> Vec<Drawn<'a>> {
    let mut stages: Vec<Drawn<'a>> = Vec::new();
    let mut places = Places::new();
    for found in pipeline.inner(lineage).filter(|found| found.decl.kind.text == kinds::STAGE) {
        let name = found.decl.name.as_ref().map(|name| name.text.as_str());
        let known = stages.iter().position(|stage| name.is_some() && stage.name == name);
        let at = known.unwrap_or(stages.len());
        if known.is_none() {
            stages.push(Drawn { name, span: name_span(found.decl), runs: Vec::new() });
        }
        if found.decl.replace.is_some()
            && let Some(stage) = stages.get_mut(at)
        {
            for run in stage.runs.drain(..) {
                places.remove(run.hostclass);
            }
        }
        for run in found.block().inner(lineage).filter(|run| run.decl.kind.text == kinds::RUN) {
            take(&mut stages, &mut places, at, &run, lineage);
        }
    }
    stages.retain(|stage| !stage.runs.is_empty());
    stages
}

/// The declarations of the run of `hostclass` in a pipeline, for an environment of this `lineage`.
pub(crate) fn run_block<'a>(pipeline: &Block<'a>, hostclass: &str, lineage: &[&str]) -> Option<Block<'a>> {
    let runs = stages(pipeline, lineage).into_iter().flat_map(|stage| stage.runs);
    runs.into_iter().find(|run| run.hostclass == hostclass).map(|run| run.block)
}

/// The stage of each hostclass, and the place of its run in it.
type Places<'a> = BTreeMap<&'a str, (usize, usize)>;

/// Merges `run` into the run of its hostclass, or adds it to stage `at` if the hostclass has none yet.
fn take<'a>(stages: &mut [Drawn<'a>], places: &mut Places<'a>, at: usize, run: &Inner<'a>, lineage: &[&str]) {
    let Some(name) = &run.decl.name else { return };
    let strength = run.strength(lineage);
    let known = places.get(name.text.as_str()).copied();
    if let Some(known) = known.and_then(|(stage, run)| stages.get_mut(stage)?.runs.get_mut(run)) {
        // Two that are equally specific have been reported; the first counts.
        if known.strength != strength {
            known.span = name.span;
            known.strength = strength;
            known.block.take(run);
        }
        return;
    }
    if let Some(stage) = stages.get_mut(at) {
        places.insert(&name.text, (at, stage.runs.len()));
        stage.runs.push(DrawnRun { hostclass: &name.text, span: name.span, block: run.block(), strength });
    }
}

impl DrawnRun<'_> {
    fn read(
        &self,
        evaluator: &Evaluator<'_, '_>,
        parts: &mut Parts,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Run {
        let span = self.span;
        let fields = Arc::new(evaluator.fields(kinds::RUN, &self.block, span, diagnostics));
        let path = format!("{}.run", self.hostclass);
        parts.push((path.clone(), Arc::clone(&fields)));
        let spot = self.spot(&path, evaluator, parts, diagnostics);
        let scaling = self.block.nested(kinds::SCALING).into_iter();
        let scaling = scaling.filter_map(|name| self.scaling(name, &path, evaluator, parts, diagnostics));
        let of = RunFields::of(&fields, span);
        let sizes = [RunFields::MIN, RunFields::DESIRED, RunFields::MAX];
        Run {
            hostclass: self.hostclass.to_owned(),
            span,
            sizes: Sizes {
                min: of.min,
                desired: of.desired,
                max: of.max,
                is_broken: sizes.iter().any(|size| fields.is_broken(size)),
            },
            instance_type: of.r#type,
            types: of.types,
            extra_space: of.extra_space,
            extra_disk: of.extra_disk,
            iops: of.iops,
            smoke_test: of.smoke_test,
            ami: of.ami,
            termination_policies: of.termination_policies,
            chaos: of.chaos,
            health: of.health,
            grace: of.grace,
            deployable: of.deployable,
            strategy: of.strategy,
            integration_test: of.integration_test,
            spot,
            scaling: scaling.collect(),
        }
    }

    fn spot(
        &self,
        path: &str,
        evaluator: &Evaluator<'_, '_>,
        parts: &mut Parts,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Spot> {
        let lineage = evaluator.lineage.as_slice();
        let block = self.block.child(kinds::SPOT, None, lineage)?;
        let declared = self.block.child_decls(kinds::SPOT, None, lineage);
        let span = declared.last().map_or(self.span, |decl| name_span(decl));
        let fields = Arc::new(evaluator.fields(kinds::SPOT, &block, span, diagnostics));
        parts.push((format!("{path}.spot"), Arc::clone(&fields)));
        let SpotFields { reserve } = SpotFields::of(&fields, span);
        Some(Spot { span, reserve })
    }

    fn scaling(
        &self,
        name: &str,
        path: &str,
        evaluator: &Evaluator<'_, '_>,
        parts: &mut Parts,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Scaling> {
        let lineage = evaluator.lineage.as_slice();
        let block = self.block.child(kinds::SCALING, Some(name), lineage)?;
        let declared = self.block.child_decls(kinds::SCALING, Some(name), lineage);
        let span = declared.last().map_or(self.span, |decl| name_span(decl));
        let fields = Arc::new(evaluator.fields(kinds::SCALING, &block, span, diagnostics));
        parts.push((format!("{path}.scaling.{name}"), Arc::clone(&fields)));
        // Steps are not merged: only those of the strongest declaration are used.
        let steps = block.inner(lineage).filter(|inner| inner.decl.kind.text == kinds::STEP);
        let steps: Vec<Inner<'_>> = steps.collect();
        let last = steps.iter().map(|step| step.strength(lineage)).max();
        let steps = steps.iter().filter(|step| Some(step.strength(lineage)) == last);
        let steps = steps.map(|step| Step::of(step, evaluator, diagnostics)).collect();
        let ScalingFields { track, target, add, remove, at_least, cooldown, warmup } =
            ScalingFields::of(&fields, span);
        let name = name.to_owned();
        Some(Scaling { name, span, track, target, add, remove, at_least, cooldown, warmup, steps })
    }
}

impl Step {
    fn of(declared: &Inner<'_>, evaluator: &Evaluator<'_, '_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let span = name_span(declared.decl);
        let fields = evaluator.fields(kinds::STEP, &declared.block(), span, diagnostics);
        let StepFields { from, to, add, remove } = StepFields::of(&fields, span);
        Self { span, from, to, add, remove }
    }
}
