//! A valid body for every kind of act, at an instant and in view of a picture.

use detente_node::picture::Picture;
use detente_records::act::{Act, Kind};
use detente_spacetime::{Instant, Span};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::shapes::{area, building, convoy, volume_in};
use crate::world::{id, marking, sealed};

pub(crate) const TEXT_SHA256: &str =
    "0707070707070707070707070707070707070707070707070707070707070707";
const PLACE: (f64, f64) = (36.6, 35.9);

fn after(now: Instant, minutes: i64) -> Instant {
    now.plus(Span::from_micros(minutes * 60_000_000)).unwrap()
}

/// The last version of a subject and, one time in eight, another number.
fn version(picture: &Picture, subject: &str, chance: &mut Chance) -> u32 {
    let subject = id(subject);
    let known = picture
        .operation(&subject)
        .map(|file| file.version)
        .or_else(|| picture.protected_object(&subject).map(|file| file.version))
        .or_else(|| picture.movement(&subject).map(|file| file.version))
        .unwrap_or(1);
    known + u32::from(chance.one_in(8))
}

fn windowed(mut feature: Value, now: Instant, from: i64, until: Option<i64>) -> Value {
    let end = until.map_or("UFN".to_owned(), |until| after(now, until).to_string());
    feature["properties"]["start"] = json!(after(now, from).to_string());
    feature["properties"]["end"] = json!(end);
    let window = (
        feature["properties"]["start"].clone(),
        feature["properties"]["end"].clone(),
    );
    let legs = feature["properties"]["legs"].as_array_mut();
    for leg in legs.into_iter().flatten() {
        leg["start"] = window.0.clone();
        leg["end"] = window.1.clone();
    }
    feature
}

fn place(chance: &mut Chance) -> (f64, f64) {
    match chance.below(4) {
        0 | 1 => PLACE,
        2 => (PLACE.0 + 0.012, PLACE.1),
        _ => (PLACE.0 + 2.0 + chance.below(50) as f64 * 0.1, PLACE.1),
    }
}

fn operation(subject: &str, now: Instant, version: u32, chance: &mut Chance) -> Value {
    let (party, force) = *chance.one_of(&[("US", "us-air"), ("RU", "ru-air"), ("SY", "sy-air")]);
    let activity = *chance.one_of(&["strike", "transit", "medevac"]);
    let from = *chance.one_of(&[-5, 5, 30]);
    let expires = *chance.one_of(&[20, 60]);
    let window = (
        after(now, from).to_string(),
        after(now, from + 120).to_string(),
    );
    let volume = volume_in(subject, (party, force), activity, place(chance), &window);
    json!({
        "features": [volume], "version": version,
        "expires": after(now, expires).to_string(), "process_class": "deliberate",
    })
}

fn zone(subject: &str, now: Instant, chance: &mut Chance) -> Value {
    let kind = match chance.below(8) {
        0 => "prohibited_area",
        1..4 => "restricted_operations_zone",
        _ => "designated_area",
    };
    let until = *chance.one_of(&[None, Some(200), Some(200), Some(200)]);
    windowed(area(subject, kind, place(chance)), now, -10, until)
}

fn blob() -> Value {
    json!({"sha256": TEXT_SHA256, "bytes": 10, "media_type": "application/octet-stream"})
}

fn account() -> Value {
    json!({
        "source": "A neighbour", "text": "Two loud bangs.", "language": "en",
        "place": {"name": "The square", "precision": "settlement"}, "time_precision": "hour",
    })
}

/// What a private check is held under.
fn terms(picture: &Picture) -> Value {
    let terms = picture.private_check_terms().map(|(terms, _)| terms);
    terms.map_or(Value::Null, |terms| {
        json!({
            "agreement": terms.agreement.to_string(), "separation_m": terms.separation_m,
            "vertical_m": terms.vertical_m, "time_s": terms.time_s,
            "cells_max": terms.cells_max, "finest": terms.finest,
        })
    })
}

/// One side of a private check, and the number of the next message to it.
fn side(picture: &Picture, subject: &str, chance: &mut Chance) -> (&'static str, usize) {
    let id = id(subject);
    let Some(file) = picture.private_check(&id) else {
        return ("RU", 1);
    };
    let (initiator, responder) = file.messages();
    let (to, number) = match chance.one_in(2) {
        true => (Some(file.initiator()), responder + 1),
        false => (file.responder(), initiator + 1),
    };
    let names = ["RU", "US", "FR"];
    let name = names
        .into_iter()
        .find(|name| to.is_some_and(|to| to.as_str() == *name));
    (name.unwrap_or("RU"), number)
}

fn position(chance: &mut Chance) -> Value {
    match chance.one_in(3) {
        true => Value::Null,
        false => {
            json!({"latitude_deg": 35.5, "longitude_deg": 40.0 + f64::from(chance.below(2) as u32) * 0.1})
        }
    }
}

/// A valid body for an act of this kind about this subject.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of act")]
pub(crate) fn body(
    kind: Kind,
    subject: &str,
    now: Instant,
    picture: &Picture,
    chance: &mut Chance,
) -> Value {
    let current = version(picture, subject, chance);
    let soon = |chance: &mut Chance| after(now, *chance.one_of(&[-60, 0, 1, 30, 90])).to_string();
    let recipients = || json!(["US", "RU"]);
    match kind {
        Kind::AgreementTabled => json!({
            "dossier": blob(), "translations": [{"language": "en", "equivalence": "original"}],
        }),
        Kind::AgreementInitialled | Kind::AgreementAdopted => json!({"sha256": TEXT_SHA256}),
        Kind::DayDSet => {
            // Noon of a day to come, so that participants can name the same.
            let day = 86_400_000_000;
            let at = Instant::from_micros((now.micros() / day + 2) * day).unwrap();
            json!({"at": at.to_string()})
        }
        Kind::PreconditionReported => {
            json!({"precondition": "quiet", "holds": !chance.one_in(6), "evidence": []})
        }
        Kind::RenewalAgreed => json!({"until": soon(chance)}),
        Kind::MeetingCalled => json!({"at": soon(chance), "agenda": ["Concerns"]}),
        Kind::MeetingHeld => json!({
            "at": soon(chance), "attendance": [{"holder": "US", "office": "Legal"}],
            "agenda": [], "decisions": [],
        }),
        Kind::InterpretationRecorded => {
            json!({"reading": *chance.one_of(&["By day.", "By night."])})
        }
        Kind::InterpretationSettled => json!({"reading": "By day."}),
        Kind::PublicationStated => json!({"publicity": "secret"}),
        Kind::AccessionRecorded => {
            json!({"group": "bound", "channel": "RU", "status": "accepted"})
        }
        Kind::ConcernRaised => json!({
            "title": "Prisoners", "office": "Legal", "text": "Nothing is said of them.",
            "severity": *chance.one_of(&["blocking", "non_blocking"]), "articles": [],
        }),
        Kind::ConcernAssigned => json!({"office": "Legal"}),
        Kind::ConcernMaintained
        | Kind::ResponseRecorded
        | Kind::ViolationReopened
        | Kind::WithdrawalNotConfirmable
        | Kind::ReportRecalled => match kind {
            Kind::ResponseRecorded => json!({"text": "Nothing."}),
            _ => json!({"reason": "So."}),
        },
        Kind::OverrideNamed => json!({"name": "J. Doe", "reason": "Time presses."}),
        Kind::AreaEstablished | Kind::PauseDeclared => {
            let mut body = json!({"feature": zone(subject, now, chance)});
            if kind == Kind::PauseDeclared {
                body["purpose"] = json!("Aid");
            }
            body
        }
        Kind::AreaChanged => {
            let version = picture.area(&id(subject)).map_or(1, |file| file.version) + 1;
            let written = picture
                .area(&id(subject))
                .and_then(|file| file.written.clone());
            let feature = match written.filter(|_| chance.one_in(2)) {
                Some(written) => (*written).clone(),
                None => zone(subject, now, chance),
            };
            json!({"feature": feature, "version": version})
        }
        Kind::AreaCancelled => json!({"reason": "No longer needed."}),
        Kind::AreaChangeAgreed => {
            let file = picture.area(&id(subject));
            let asked = file.and_then(|file| match &file.pending {
                Some(pending) => pending.version,
                None => Some(file.version),
            });
            match asked {
                Some(version) => json!({"version": version}),
                None => json!({}),
            }
        }
        Kind::OperationProposed => operation(subject, now, 1, chance),
        Kind::OperationRevised => operation(subject, now, current + 1, chance),
        Kind::OperationConsented
        | Kind::OperationConditionsAccepted
        | Kind::OperationActivated
        | Kind::ObjectReceived
        | Kind::ObjectReviewed
        | Kind::MovementAcknowledged => json!({"version": current}),
        Kind::OperationConsentedWithConditions => {
            json!({"version": current, "conditions": ["By day."]})
        }
        Kind::OperationObjected | Kind::ObjectReturned | Kind::ObjectRejected => {
            json!({"version": current, "reason": "So."})
        }
        Kind::DissentNoted => json!({"dissent": "d1", "office": "Analysts", "text": "No."}),
        Kind::DissentSeen => json!({"dissent": "d1"}),
        Kind::NonconformanceObserved | Kind::ContingencyDeclared | Kind::ActionConfirmed => {
            json!({"text": "So it was."})
        }
        Kind::OperationEnded
        | Kind::MovementDeparted
        | Kind::MovementArrived
        | Kind::ResumptionProposed => json!({"at": soon(chance)}),
        Kind::ResumptionAgreed => {
            let matter = picture.matter("suspension", &id(subject));
            let mut lines = matter
                .into_iter()
                .flat_map(|matter| matter.lines.iter().rev());
            let proposed = lines.find_map(|line| match &*line.act {
                Act::ResumptionProposed(act) => Some(act.at.to_string()),
                _ => None,
            });
            json!({"at": proposed.unwrap_or_else(|| now.to_string())})
        }
        Kind::OperationClosedOut => json!({
            "actual_start": soon(chance), "actual_end": soon(chance), "deviations": [], "harm": [],
        }),
        Kind::CloseoutAnswered => json!({"agrees": true, "text": "So it was."}),
        Kind::ObjectSubmitted | Kind::ObjectAmended => {
            let feature = windowed(building(subject, place(chance)), now, -1000, None);
            let mut body = json!({"feature": feature, "measured_how": "survey"});
            if kind == Kind::ObjectAmended {
                body["version"] = json!(current + 1);
                body["reason"] = json!("Measured anew.");
            } else {
                body["consent"] = json!({"given_by": "Directorate", "at": "2016-09-01T00:00:00Z"});
                body["photo_hashes"] = json!([]);
                if chance.one_in(2) {
                    let end = after(now, *chance.one_of(&[30, 100, 200]));
                    body["explicit_end"] = json!(end.to_string());
                }
                if chance.one_in(2) {
                    body["review_by"] = json!(after(now, 25).to_string());
                }
            }
            body
        }
        Kind::ObjectValidated => json!({"version": current, "checks": ["datum"]}),
        Kind::ObjectReleased => json!({
            "version": current, "recipients": recipients(), "precision": "exact",
        }),
        Kind::ObjectLoaded => json!({"version": current, "systems": []}),
        Kind::ObjectDisseminated => json!({"version": current, "units": ["Crews"]}),
        Kind::ObjectContested => json!({"claim": "There is none.", "evidence": []}),
        Kind::ContestAnswered | Kind::InformationGiven | Kind::WithdrawalConfirmed => {
            json!({"text": "There is.", "evidence": []})
        }
        Kind::ObjectRevoked => json!({
            "at": soon(chance), "grace_ends": after(now, 100).to_string(), "reason": "Moved out.",
        }),
        Kind::MovementNotified | Kind::MovementChanged => {
            let mut body = convoy(subject, place(chance));
            body["feature"] = windowed(
                body["feature"].clone(),
                now,
                -10,
                Some(*chance.one_of(&[30, 100])),
            );
            if kind == Kind::MovementChanged {
                body["version"] = json!(current + 1);
                body.as_object_mut().unwrap().remove("lead_time_class");
            }
            body
        }
        Kind::MovementLegReached => {
            let leg = picture
                .movement(&id(subject))
                .and_then(|file| file.leg)
                .unwrap_or(0);
            json!({"leg": leg + 1, "at": soon(chance)})
        }
        Kind::MovementAborted => json!({"at": soon(chance), "reason": "Shelling."}),
        Kind::FlightNoticed => {
            let body = operation(subject, now, 1, chance);
            let activity = body["features"][0]["properties"]["activity"].clone();
            json!({"features": body["features"], "exception": activity, "article": "1"})
        }
        Kind::ReportReleased => {
            let names = *chance.one_of(&[["RU"].as_slice(), &["UN"], &["US"], &["RU", "UN"]]);
            let mut body = json!({
                "recipients": names, "marking": marking(&["US", "RU", "UN"], chance.one_in(2)),
                "sealed": sealed(names), "derived_from": [],
            });
            if chance.one_in(3) {
                body["marking"]["expires"] = json!(after(now, 80).to_string());
            }
            body
        }
        Kind::ReportGraded => json!({"grade": {"reliability": "B", "credibility": "2"}}),
        Kind::OnwardRequested => {
            json!({"recipients": [*chance.one_of(&["UN", "OSCE"])], "reason": "They ask."})
        }
        Kind::OnwardDecided => {
            let requester = *chance.one_of(&["US", "RU"]);
            json!({"requester": requester, "granted": chance.one_in(2)})
        }
        Kind::ReportCorrected => {
            let names = *chance.one_of(&[["RU"].as_slice(), &["UN"], &["US"], &["RU", "UN"]]);
            json!({"sealed": sealed(names), "reason": "A slip."})
        }
        Kind::PrivateCheckProposed => {
            let names = *chance.one_of(&["RU", "US", "FR"]);
            json!({
                "with": names, "terms": terms(picture), "sealed": sealed(&[names])[0],
                "expires": after(now, *chance.one_of(&[-1, 60, 180, 240])).to_string(),
            })
        }
        Kind::PrivateCheckAnswered => {
            json!({"sealed": sealed(&[side(picture, subject, chance).0])[0]})
        }
        Kind::PrivateCheckMessage => {
            let (to, number) = side(picture, subject, chance);
            json!({"number": number, "sealed": sealed(&[to])[0]})
        }
        Kind::PrivateCheckConcluded => json!({"found": *chance.one_of(&["apart", "close"])}),
        Kind::PrivateCheckRefused | Kind::PrivateCheckBrokenOff => json!({"reason": "Not now."}),
        Kind::ReportForwarded => {
            let names = *chance.one_of(&[["UN"], ["OSCE"], ["RU"]]);
            json!({"recipients": names, "sealed": sealed(&names)})
        }
        Kind::ReportLinked => {
            json!({"with": "i1", "bearing": *chance.one_of(&["corroborates", "contradicts"])})
        }
        Kind::IncidentReported => json!({"title": "Bangs", "account": account()}),
        Kind::IncidentSourceAdded => json!({"account": account()}),
        Kind::ViolationReported => json!({
            "title": "A strike", "articles": ["1"], "possible": true, "text": "They flew.", "evidence": [],
        }),
        Kind::ViolationTriaged => json!({"articles": ["1"], "party_class": "unknown"}),
        Kind::ViolationNotified => json!({"recipients": ["RU"]}),
        Kind::InformationRequested => json!({"from": "RU", "question": "Who flew?"}),
        Kind::InquiryOpened => json!({"terms": "Who flew.", "conducted_by": ["Board"]}),
        Kind::ViolationAssessed => {
            json!({"nature": "A strike", "extent": "Small", "threat": "None"})
        }
        Kind::FindingStated => {
            let statement = *chance.one_of(&["confirm", "deny", "cannot_confirm", "no_access"]);
            json!({"statement": statement, "text": "So."})
        }
        Kind::AccessRestricted => json!({
            "kept_out": "Monitors", "place": {"precision": "unknown"}, "from": soon(chance),
        }),
        Kind::WithdrawalClaimed => json!({
            "party": "RU", "class": "Tanks", "line": "zone", "distance_m": 1000, "at": soon(chance),
        }),
        Kind::SuspensionNotified => {
            let scope = [
                json!("all"),
                json!({"article": "1"}),
                json!({"area": "zone-0"}),
                json!({"channel": "line"}),
            ];
            json!({"scope": chance.one_of(&scope).clone(), "at": soon(chance), "reason": "So."})
        }
        Kind::WithdrawalNotified => {
            // Mostly so late that the walk goes on under an agreement that everybody is still in.
            let minutes = *chance.one_of(&[60, 60 * 24 * 365, 60 * 24 * 365, 60 * 24 * 365]);
            json!({"at": after(now, minutes).to_string(), "reason": "So."})
        }
        Kind::CallRung => json!({"line": "line", "to": "RU"}),
        Kind::CallMessage => json!({"text": "Say again."}),
        Kind::CallAnswered => json!({"office": "Night watch"}),
        Kind::PriorityDeclared => json!({"priority": "stop"}),
        Kind::ContentTaken => json!({"text": "Stop.", "position": position(chance)}),
        Kind::ReadBack => {
            let matter = picture.matter("call", &id(subject));
            let mut lines = matter
                .into_iter()
                .flat_map(|matter| matter.lines.iter().rev());
            let given = lines.find_map(|line| match &*line.act {
                Act::ContentTaken(act) => Some(act.position.as_ref()),
                _ => None,
            });
            // Mostly what was taken down.
            let position = match given.filter(|_| !chance.one_in(3)) {
                Some(Some(given)) => json!({
                    "latitude_deg": given.position().latitude_deg(), "longitude_deg": given.position().longitude_deg(),
                }),
                Some(None) => Value::Null,
                None => position(chance),
            };
            json!({"text": "Stop.", "position": position})
        }
        Kind::ReadBackRefused => json!({"reason": "Wrong place."}),
        Kind::PassedOn | Kind::CallEscalated => json!({"to": "Air operations"}),
        Kind::LineStateDeclared => json!({"state": "open"}),
        Kind::WatchTaken => json!({"office": "Night watch", "until": soon(chance)}),
        Kind::ObservationRecorded => json!({
            "at": soon(chance), "time_precision": "minute", "means": "spotter", "source": "Spotter 3",
            "text": "Two jets.", "evidence": [],
        }),
        Kind::AlertRaised => json!({"text": "Two jets.", "articles": []}),
        Kind::ConcernAnswered => json!({"text": "See article 9."}),
        Kind::AttemptRefused => json!({"attempted": "operation_proposed", "reasons": ["So."]}),
        Kind::ForkPublished => json!({"origin": "ru.example/plan", "proof": blob()}),
        // The others say nothing beyond themselves, or only optional words.
        _ => json!({}),
    }
}
