//! Operations and excepted flights: versions, consents, dissents, and how they are judged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_agreement::{Judgement, Verdict};
use detente_records::act::Act;
use detente_records::act::operation::ProcessClass;
use detente_records::workflow::{Cause as Follows, ClockRule, Guard, GuardAnswer};
use detente_records::{
    Activity, ArticleId, HolderId, LocalText, OfficeName, Operation, ParticipantId, RecordId,
};
use detente_spacetime::{Instant, Span};

use super::Picture;
use super::air::{Answer, Met};
use super::course::{Parties, Pending};
use super::matter::Matter;
use super::outcome::{Cause, Change, Refusal};
use super::said::{Author, Said};
use crate::judge::ends;

/// A year, microseconds: longer before a flight than any article asks for notice.
const LONG_BEFORE_US: i64 = 365 * 86_400_000_000;

/// An operation as it stands.
#[derive(Clone, Debug)]
pub struct OperationFile {
    /// Its course, and everything said about it.
    pub matter: Matter,
    /// What it declares, in its current version.
    pub declared: Arc<Operation>,
    /// The number of that version, from 1.
    pub version: u32,
    /// Who proposed that version, and when; the instant is its notice.
    pub proposed_by: Author,
    /// When it was proposed.
    pub proposed_at: Instant,
    /// When the proposal is no longer open; silence until then is not consent.
    pub expires: Option<Instant>,
    /// How it was planned.
    pub process_class: ProcessClass,
    /// The purpose and the article under which a bound party's flight is excepted.
    pub exception: Option<(Activity, ArticleId)>,
    /// The participant that answers for it: the party itself, or its guarantor.
    pub answerable: Option<ParticipantId>,
    /// Consents to this version, given in view of everything it meets.
    pub consents: BTreeMap<ParticipantId, Author>,
    /// Conditions put by participants and not yet accepted.
    pub conditions: BTreeMap<ParticipantId, (Author, Vec<LocalText>)>,
    /// Dissents, and who has seen each.
    pub dissents: BTreeMap<RecordId, Dissent>,
    /// How it was judged last.
    pub judged: Judged,
    /// Its place in the order of proposals: who comes later yields.
    pub(super) turn: u64,
}

/// An office's disagreement with the assessment behind an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Dissent {
    /// Who disagrees.
    pub office: OfficeName,
    /// With what, and why.
    pub text: LocalText,
    /// Who has seen it.
    pub seen_by: BTreeSet<Author>,
}

/// How an operation was judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The answer.
    pub judgement: Arc<Judgement>,
    /// Everything it meets.
    pub met: BTreeSet<Met>,
    /// As of when.
    pub at: Instant,
}

impl Judged {
    pub(super) fn new(answer: Answer, at: Instant) -> Self {
        Self {
            judgement: Arc::new(answer.judgement),
            met: answer.met,
            at,
        }
    }

    /// Not judged: nothing is known to stand in the way, and nothing to permit it.
    fn nothing(at: Instant) -> Self {
        Self {
            judgement: Arc::new(Judgement {
                verdict: Verdict::Prohibited,
                consent_required: BTreeSet::new(),
                permitted_by: Vec::new(),
                findings: Vec::new(),
            }),
            met: BTreeSet::new(),
            at,
        }
    }

    /// Whether `later` holds the operation back more than this, or meets what this did not.
    pub(super) fn is_overtaken_by(&self, later: &Self) -> bool {
        later.judgement.verdict > self.judgement.verdict || !later.met.is_subset(&self.met)
    }
}

impl OperationFile {
    /// Who has consented.
    pub fn consenting(&self) -> BTreeSet<ParticipantId> {
        self.consents.keys().cloned().collect()
    }

    /// Other participants than the one that answers for it who have stopped it: only their word undoes it.
    pub(super) fn stopped_by(&self) -> BTreeSet<ParticipantId> {
        let lines = self.matter.lines.iter();
        let stops = lines.filter(|line| matches!(&*line.act, Act::OperationStopped(_)));
        let by = stops.filter_map(|line| ParticipantId::parse(line.author.holder.as_str()).ok());
        by.filter(|who| Some(who) != self.answerable.as_ref())
            .collect()
    }

    /// Whether nothing stands in its way as last judged: no prohibition, and no consent missing.
    pub fn is_cleared(&self) -> bool {
        self.judged.judgement.verdict == Verdict::Clear
    }

    /// Whether its volumes may still be flown, or are.
    pub fn is_in_the_air(&self) -> bool {
        !matches!(
            self.matter.course.state,
            "draft" | "ended" | "close_out_overdue" | "closed_out"
        ) && !self.matter.course.is_over()
    }
}

impl Picture {
    pub(super) fn fold_operation(&mut self, said: &Said<'_>) -> Result<Vec<Change>, Refusal> {
        let id = said.act.subject().clone();
        let before = self.operations.get(&id).cloned();
        let mut next = self.operation_after(before.as_deref(), said)?;
        let guard = |guard: Guard| self.operation_guard(guard, before.as_deref(), &next, said);
        let course = before.as_ref().map(|file| &file.matter.course);
        let moved = self.step(said, course, &next.parties(), &guard)?;
        let change = Change::of(said, course, &moved);
        next.matter.go_on(moved, said);
        self.keep_operation(id, Arc::new(next));
        Ok(vec![change])
    }

    /// The operation as it would be after the act: its facts noted, and judged in view of them.
    fn operation_after(
        &self,
        before: Option<&OperationFile>,
        said: &Said<'_>,
    ) -> Result<OperationFile, Refusal> {
        let mut next = match (before, said.act) {
            (Some(file), Act::OperationRevised(act)) => OperationFile {
                version: act.version,
                expires: Some(act.expires),
                process_class: act.process_class,
                // A dissent is with the assessment, which a new version does not answer.
                dissents: file.dissents.clone(),
                ..self.opened(file.matter.clone(), act.features.record(), said)
            },
            (Some(file), _) => file.clone(),
            (None, Act::OperationProposed(act)) => OperationFile {
                version: act.version,
                expires: Some(act.expires),
                process_class: act.process_class,
                ..self.opened(Matter::begin(said)?, act.features.record(), said)
            },
            (None, Act::FlightNoticed(act)) => OperationFile {
                exception: Some((act.exception, act.article.clone())),
                ..self.opened(Matter::begin(said)?, act.features.record(), said)
            },
            (None, _) => return Err(Refusal::unknown("operation")),
        };
        next.note(said);
        let Some(answer) = self.judge_file(&next) else {
            let says = "no text of the agreement binds yet";
            return Err(Refusal::by("no_agreement", says));
        };
        next.judged = Judged::new(answer, said.at);
        Ok(next)
    }

    fn opened(&self, matter: Matter, declared: &Operation, said: &Said<'_>) -> OperationFile {
        let answerable =
            |agreement: &detente_records::Agreement| agreement.answerable(&declared.party).cloned();
        OperationFile {
            matter,
            declared: Arc::new(declared.clone()),
            version: 1,
            proposed_by: said.author.clone(),
            proposed_at: said.at,
            expires: None,
            process_class: ProcessClass::Deliberate,
            exception: None,
            answerable: self.agreement().and_then(answerable),
            consents: BTreeMap::new(),
            conditions: BTreeMap::new(),
            dissents: BTreeMap::new(),
            judged: Judged::nothing(said.at),
            turn: self.applied,
        }
    }

    /// Keeps an operation: in the air and live while it may still be flown, with its clocks.
    pub(super) fn keep_operation(&mut self, id: RecordId, file: Arc<OperationFile>) {
        let in_the_air = file.is_in_the_air();
        let known = self.operations.get(&id);
        let same = known.is_some_and(|known| {
            known.is_in_the_air() == in_the_air && Arc::ptr_eq(&known.declared, &file.declared)
        });
        if !same {
            let air = Arc::make_mut(&mut self.air);
            if in_the_air {
                air.put_operation((*file.declared).clone(), file.turn);
                self.live.insert(id.clone(), ());
            } else {
                air.take_operation(&file.declared.id);
                self.live.remove(&id);
            }
        }
        let pending = self.operation_pending(&file);
        self.set_due(file.matter.course.machine.name, &id, None, pending);
        self.operations.insert(id, file);
    }

    fn operation_pending(&self, file: &OperationFile) -> Option<Pending> {
        let until = |rule: &ClockRule| match rule.name {
            "proposal_open" | "conditions_open" | "objection_open" => file.expires,
            _ => ends(&file.declared),
        };
        let course = &file.matter.course;
        course.pending(self.parameters(), &file.parties(), None, &until, &[])
    }

    /// Moves an operation whose time has come.
    pub(super) fn run_out_operation(&mut self, id: &RecordId) -> Vec<Change> {
        let Some(before) = self.operations.get(id).cloned() else {
            return Vec::new();
        };
        let Some(pending) = self.operation_pending(&before) else {
            return Vec::new();
        };
        let mut next = (*before).clone();
        next.matter.course = before.matter.course.moved(pending.to, pending.at);
        let cause = Cause::Time(pending.name);
        let from = Some(&before.matter.course);
        let change = Change::by(id, from, &next.matter.course, pending.at, cause);
        self.keep_operation(id.clone(), Arc::new(next));
        vec![change]
    }

    fn operation_guard(
        &self,
        guard: Guard,
        before: Option<&OperationFile>,
        next: &OperationFile,
        said: &Said<'_>,
    ) -> GuardAnswer {
        let version = before.map_or(0, |file| file.version);
        let judgement = &next.judged.judgement;
        let reasons = |fails: bool| match fails {
            false => GuardAnswer::Holds,
            true => GuardAnswer::Fails {
                because: judgement
                    .findings
                    .iter()
                    .map(|finding| finding.message.clone())
                    .collect(),
            },
        };
        match guard {
            Guard::FirstVersion => GuardAnswer::of(next.version == 1),
            Guard::NextVersion => GuardAnswer::of(next.version == version.saturating_add(1)),
            Guard::CurrentVersion => GuardAnswer::of(version_named(said.act) == Some(version)),
            Guard::Aware => fails_for(self.unseen(next, said)),
            Guard::Consentable => reasons(judgement.verdict == Verdict::Prohibited),
            Guard::Clear | Guard::OthersConsented => reasons(judgement.verdict != Verdict::Clear),
            Guard::OtherPerson => GuardAnswer::of(!said.is_by(&next.proposed_by)),
            Guard::WindowOpen => {
                let mut volumes = next.declared.volumes.iter();
                GuardAnswer::of(volumes.any(|volume| volume.window.contains(said.at)))
            }
            Guard::NoticesLoaded => fails_for(self.not_disseminated(next, &said.author.holder)),
            Guard::DissentsSeen => fails_for(next.unseen_dissents(&said.author.holder)),
            Guard::NewDissent => GuardAnswer::of(match said.act {
                Act::DissentNoted(act) => {
                    before.is_some_and(|file| !file.dissents.contains_key(&act.dissent))
                }
                _ => false,
            }),
            Guard::KnownDissent => GuardAnswer::of(match said.act {
                Act::DissentSeen(act) => next.dissents.contains_key(&act.dissent),
                _ => false,
            }),
            Guard::NoticeAhead => GuardAnswer::of(self.is_noticed_ahead(next)),
            Guard::NoticeLate => GuardAnswer::of(self.is_noticed_late(next)),
            _ => GuardAnswer::of(false),
        }
    }

    /// What the operation meets in a version its author had not seen, in words.
    fn unseen(&self, file: &OperationFile, said: &Said<'_>) -> Vec<String> {
        let unseen = self
            .air
            .unseen(&file.judged.met, said.awareness, said.origin);
        let words = |met: Met| format!("{} {}", met.kind.replace('_', " "), met.id);
        unseen.into_iter().map(words).collect()
    }

    /// Protected objects near the operation whose notice was released to a participant and has not reached those who execute.
    fn not_disseminated(&self, file: &OperationFile, holder: &HolderId) -> Vec<String> {
        let behind = self.objects.iter().filter(|(_, object)| {
            let delivery = object.deliveries.get(holder);
            delivery.is_some_and(|delivery| delivery.course.state != "disseminated")
                && !object.matter.course.is_over()
                && super::recheck::is_near(file, &object.current.volume.footprint)
        });
        behind
            .map(|(id, _)| format!("protected object {id}"))
            .collect()
    }

    /// Whether a flight's notice came later than the agreement asks, or than articles let it through for: announced long
    /// before, nothing would prohibit it.
    fn is_noticed_late(&self, file: &OperationFile) -> bool {
        let prohibited = |verdict| verdict == Verdict::Prohibited;
        if !self.is_noticed_ahead(file) {
            return true;
        }
        let early = file
            .declared
            .start()
            .plus(Span::from_micros(-LONG_BEFORE_US));
        let early = early.map(|proposed_at| OperationFile {
            proposed_at,
            ..file.clone()
        });
        let told_early = early.and_then(|early| self.judge_file(&early));
        prohibited(file.judged.judgement.verdict)
            && told_early.is_some_and(|answer| !prohibited(answer.judgement.verdict))
    }

    /// Whether a flight was noticed before it begins, and as long ahead as the agreement asks.
    fn is_noticed_ahead(&self, file: &OperationFile) -> bool {
        let starts = file.declared.start();
        let required = self
            .agreement()
            .and_then(|agreement| agreement.parameters.lead_times.get(&file.declared.activity));
        let latest = required.map_or(Some(file.proposed_at), |lead| file.proposed_at.plus(*lead));
        starts > file.proposed_at && latest.is_some_and(|latest| latest <= starts)
    }
}

impl OperationFile {
    /// Who is who: the participant that answers for the party proposes; a bound party has a guarantor besides.
    fn parties(&self) -> Parties {
        let answerable = self.answerable.as_ref().map(HolderId::from);
        let bound = self
            .answerable
            .as_ref()
            .is_some_and(|answerable| *answerable != self.declared.party);
        Parties {
            proposer: answerable.clone(),
            guarantor: answerable.filter(|_| bound),
            ..Parties::of(&self.matter)
        }
    }

    /// Dissents that nobody of a holder has seen.
    fn unseen_dissents(&self, holder: &HolderId) -> Vec<String> {
        let unseen = self.dissents.iter().filter(|(_, dissent)| {
            let mut seen_by = dissent.seen_by.iter();
            !seen_by.any(|author| author.holder == *holder)
        });
        unseen
            .map(|(id, dissent)| format!("dissent {id} of {}", dissent.office))
            .collect()
    }

    /// Suspends the operation until it is consented to anew, where its workflow says so.
    pub(super) fn suspend(&mut self, id: &RecordId, at: Instant) -> Option<Change> {
        let before = self.matter.course;
        let moved = before.follow(Follows::RestraintChanged, at)?;
        self.matter.course = moved;
        let cause = Cause::Follows(Follows::RestraintChanged.wire_name());
        Some(Change::by(id, Some(&before), &moved, at, cause))
    }
}

fn fails_for(because: Vec<String>) -> GuardAnswer {
    match because.is_empty() {
        true => GuardAnswer::Holds,
        false => GuardAnswer::Fails { because },
    }
}

fn version_named(act: &Act) -> Option<u32> {
    match act {
        Act::OperationConsented(act) => Some(act.version),
        Act::OperationConsentedWithConditions(act) => Some(act.version),
        Act::OperationConditionsAccepted(act) => Some(act.version),
        Act::OperationObjected(act) => Some(act.version),
        Act::OperationActivated(act) => Some(act.version),
        _ => None,
    }
}

impl OperationFile {
    /// Notes the facts an act adds.
    fn note(&mut self, said: &Said<'_>) {
        let holder = &said.author.holder;
        let participant = ParticipantId::parse(holder.as_str()).ok();
        match said.act {
            Act::OperationConsented(_) => {
                if let Some(participant) = participant {
                    self.conditions.remove(&participant);
                    self.consents.insert(participant, said.author.clone());
                }
            }
            Act::OperationConsentedWithConditions(act) => {
                if let Some(participant) = participant {
                    self.consents.remove(&participant);
                    let conditions = act.conditions.as_slice().to_vec();
                    self.conditions
                        .insert(participant, (said.author.clone(), conditions));
                }
            }
            Act::OperationConditionsAccepted(_) => {
                let met = std::mem::take(&mut self.conditions);
                self.consents
                    .extend(met.into_iter().map(|(who, (author, _))| (who, author)));
            }
            Act::OperationObjected(_) => {
                if let Some(participant) = participant {
                    self.consents.remove(&participant);
                    self.conditions.remove(&participant);
                }
            }
            Act::DissentNoted(act) => {
                let dissent = Dissent {
                    office: act.office.clone(),
                    text: act.text.clone(),
                    seen_by: BTreeSet::new(),
                };
                self.dissents.entry(act.dissent.clone()).or_insert(dissent);
            }
            Act::DissentSeen(act) => {
                if let Some(dissent) = self.dissents.get_mut(&act.dissent) {
                    dissent.seen_by.insert(said.author.clone());
                }
            }
            _ => {}
        }
    }
}
