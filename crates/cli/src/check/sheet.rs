//! The map of a check: which operations are drawn, and everything around them.

use std::path::{Path, PathBuf};

use detente_agreement::{Effect, Verdict};
use detente_records::{AreaKind, AreaRecordKind, LocalText};
use detente_spacetime::Volume4D;

use super::Counts;
use super::input::Input;
use super::judging::Judged;
use super::report::{Report, ReportedFinding, spoken};
use crate::coordinates::{moment, window};
use crate::failure::Failure;
use crate::file;
use crate::map::{
    AreaShape, AreaStyle, ConflictShape, FindingRow, MovementShape, OperationShape, ProtectedShape,
    Scene, VerdictStyle, page, svg,
};
use crate::shape::patch;

/// The most operations drawn, the worst first: more would be a carpet.
const OPERATIONS_DRAWN_MAX: usize = 200;
/// The most findings in the table of a page.
const ROWS_MAX: usize = 2_000;

/// Collects what will be drawn.
#[derive(Debug)]
pub(super) struct Sheet {
    path: PathBuf,
    kept: Vec<Judged>,
}

/// Checks that the ending says what to draw.
pub(crate) fn parse_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if is_page(&path) || has_ending(&path, "svg") {
        Ok(path)
    } else {
        Err("the file must end in .svg or .html".to_owned())
    }
}

fn is_page(path: &Path) -> bool {
    has_ending(path, "html") || has_ending(path, "htm")
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

impl Sheet {
    /// An empty sheet for this file.
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            kept: Vec::new(),
        }
    }

    /// Keeps an operation if it is among the worst so far.
    pub(super) fn keep(&mut self, judged: Judged) {
        self.kept.push(judged);
        if self.kept.len() >= 2 * OPERATIONS_DRAWN_MAX {
            self.settle();
        }
    }

    /// Keeps the worst, in the order of the file among equals.
    fn settle(&mut self) {
        self.kept
            .sort_by_key(|judged| (std::cmp::Reverse(judged.report.verdict), judged.place));
        self.kept.truncate(OPERATIONS_DRAWN_MAX);
    }

    /// Draws and writes the file.
    pub(super) fn write(mut self, input: &Input, counts: &Counts) -> Result<(), Failure> {
        self.settle();
        let scene = self.scene(input, counts);
        let drawn = if is_page(&self.path) {
            page(&scene)
        } else {
            svg(&scene)
        };
        file::write(&self.path, drawn.as_bytes())
    }

    fn scene(&self, input: &Input, counts: &Counts) -> Scene {
        let reports = || self.kept.iter().map(|judged| &judged.report);
        Scene {
            title: spoken(&input.dossier.agreement.title),
            subtitle: counts.words(),
            areas: areas(input),
            protected: protected(input),
            movements: movements(input),
            operations: self
                .kept
                .iter()
                .map(|judged| operation(input, judged))
                .collect(),
            conflicts: reports().flat_map(conflicts).collect(),
            operations_left_out: input.judged.saturating_sub(self.kept.len()),
            findings: reports()
                .flat_map(|report| report.findings.iter().map(|found| row(report, found)))
                .take(ROWS_MAX)
                .collect(),
            ..Scene::default()
        }
    }
}

fn areas(input: &Input) -> Vec<AreaShape> {
    let areas = input.things.areas().map(|area| {
        let style = area_style(area.kind, area.area_kind);
        let name = named(area.name.as_ref(), area.id.as_str());
        AreaShape {
            note: format!(
                "{name} ({})\n{}\n{}",
                area.id,
                style.words(),
                extent(&area.volume)
            ),
            name,
            style,
            patch: patch(&area.volume.footprint.outline()),
        }
    });
    areas.collect()
}

pub(crate) fn area_style(kind: AreaRecordKind, area_kind: Option<AreaKind>) -> AreaStyle {
    match (kind, area_kind) {
        (AreaRecordKind::DesignatedArea, Some(AreaKind::Concentrated)) => AreaStyle::Concentrated,
        (AreaRecordKind::DesignatedArea, Some(AreaKind::Significant)) => AreaStyle::Significant,
        (AreaRecordKind::DesignatedArea, Some(AreaKind::Possible)) => AreaStyle::Possible,
        (AreaRecordKind::DesignatedArea, None) => AreaStyle::Designated,
        (AreaRecordKind::ProhibitedArea, _) => AreaStyle::ProhibitedArea,
        (AreaRecordKind::RestrictedOperationsZone, _) => AreaStyle::RestrictedOperationsZone,
        (AreaRecordKind::NoFireArea, _) => AreaStyle::NoFireArea,
        (AreaRecordKind::Corridor, _) => AreaStyle::Corridor,
        (AreaRecordKind::DemilitarisedZone, _) => AreaStyle::DemilitarisedZone,
    }
}

fn protected(input: &Input) -> Vec<ProtectedShape> {
    let objects = input.things.protected().map(|(object, keep_out)| {
        let name = named(object.name.as_ref(), object.id.as_str());
        ProtectedShape {
            note: format!(
                "{name} ({})\n{}, {:.0} m kept out around it",
                object.id,
                object.category,
                keep_out.distance_m()
            ),
            name,
            patch: patch(&object.volume.footprint.outline()),
            keep_out: patch(&keep_out.footprint.outline()),
        }
    });
    objects.collect()
}

fn movements(input: &Input) -> Vec<MovementShape> {
    let movements = input.things.movements().map(|movement| {
        let name = named(movement.name.as_ref(), movement.id.as_str());
        MovementShape {
            note: format!(
                "{name} ({})\n{}\n{}",
                movement.id,
                movement.organisation,
                extent(&movement.volume)
            ),
            name,
            patch: patch(&movement.volume.footprint.outline()),
        }
    });
    movements.collect()
}

fn operation(input: &Input, judged: &Judged) -> OperationShape {
    let report = &judged.report;
    let volumes = input
        .things
        .operation(judged.place)
        .map_or(&[][..], |operation| operation.volumes.as_slice());
    let mut note = format!("{}: {}", report.operation, report.verdict);
    for line in report
        .name
        .iter()
        .chain(report.findings.iter().map(|finding| &finding.message))
    {
        note.push('\n');
        note.push_str(line);
    }
    OperationShape {
        name: report.operation.clone(),
        verdict: verdict_style(report.verdict),
        patches: volumes
            .iter()
            .map(|volume| patch(&volume.footprint.outline()))
            .collect(),
        summary: format!(
            "{}, {}, {}",
            report.party,
            report.activity.replace('_', " "),
            moment(report.starts)
        ),
        note,
    }
}

fn conflicts(report: &Report) -> Vec<ConflictShape> {
    let held_back = report
        .findings
        .iter()
        .filter(|finding| finding.effect != Effect::Warn);
    let met = held_back.filter_map(|finding| Some((finding, finding.overlap.as_ref()?)));
    let shapes = met.flat_map(|(finding, overlap)| {
        overlap.outlines.iter().map(|outline| ConflictShape {
            patch: patch(outline),
            note: format!("{}\n{}", report.operation, finding.message),
        })
    });
    shapes.collect()
}

fn row(report: &Report, finding: &ReportedFinding) -> FindingRow {
    FindingRow {
        operation: report.operation.clone(),
        verdict: verdict_style(report.verdict),
        finding: match &finding.with {
            Some(with) => format!("{} {with}", finding.kind.replace('_', " ")),
            None => finding.kind.replace('_', " "),
        },
        articles: finding.articles.join(", "),
        message: finding.message.clone(),
    }
}

fn verdict_style(verdict: Verdict) -> VerdictStyle {
    match verdict {
        Verdict::Prohibited => VerdictStyle::Prohibited,
        Verdict::ConsentRequired => VerdictStyle::ConsentRequired,
        Verdict::Clear => VerdictStyle::Clear,
    }
}

fn named(name: Option<&LocalText>, id: &str) -> String {
    name.map_or_else(|| id.to_owned(), spoken)
}

/// Heights as written, and when.
fn extent(volume: &Volume4D) -> String {
    format!("{}, {}", volume.altitude, window(&volume.window))
}
