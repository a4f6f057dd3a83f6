//! The agreement's life in words.

use std::collections::BTreeMap;

use detente_node::life::wire::{AgreementLife, ConcernView, PreconditionView, TextView};

use crate::printable::printable;

/// Characters of a text shown in a line.
const LINE_MAX: usize = 72;

/// Tells everything.
pub(super) fn told(life: &AgreementLife) -> String {
    let mut page = format!(
        "{}: {} at {}\n",
        life.agreement.as_deref().unwrap_or("no agreement binds"),
        life.status.as_deref().unwrap_or("not in force"),
        life.at
    );
    for text in &life.texts {
        page.push_str(&told_text(text));
    }
    page.push_str(&told_concerns(&life.concerns));
    section(
        &mut page,
        "meetings",
        life.meetings.iter().map(|meeting| {
            let at = meeting.at.as_deref().unwrap_or("–");
            format!(
                "{} {} at {at}: {} on the agenda, {} came, {} decisions",
                meeting.id,
                meeting.state,
                meeting.agenda.len(),
                meeting.attendance.len(),
                meeting.decisions.len()
            )
        }),
    );
    section(
        &mut page,
        "readings",
        life.readings.iter().map(|reading| {
            let dispute = match reading.disputed {
                true => "in dispute: the stricter reading counts",
                false => "not in dispute",
            };
            format!(
                "{}: {} readings, {dispute}",
                reading.article,
                reading.readings.len()
            )
        }),
    );
    section(
        &mut page,
        "accessions",
        life.accessions.iter().map(|accession| {
            let late = if accession.late {
                ", after the deadline"
            } else {
                ""
            };
            format!(
                "{} {} through {}{late}",
                accession.group, accession.status, accession.channel
            )
        }),
    );
    section(
        &mut page,
        "timeline",
        life.timeline.iter().map(|milestone| {
            let at = milestone.at.as_deref().unwrap_or("Day D is not set");
            let relative = milestone.relative.as_deref().unwrap_or("");
            format!(
                "{at:<20} {relative:<8} {} of {}: {}",
                milestone.kind, milestone.of, milestone.status
            )
        }),
    );
    section(
        &mut page,
        "suspensions",
        life.suspensions.iter().map(|suspension| {
            let what = suspension.what.as_deref().unwrap_or("");
            format!(
                "{} by {}: {} {what} {} from {}",
                suspension.id,
                suspension.holder,
                suspension.scope,
                suspension.state,
                suspension.effect
            )
        }),
    );
    section(
        &mut page,
        "withdrawals",
        life.withdrawals.iter().map(|withdrawal| {
            let wind_down = match withdrawal.wind_down.is_empty() {
                true => "nothing to wind down".to_owned(),
                false => format!("to wind down: {}", withdrawal.wind_down.join(" ")),
            };
            format!(
                "{} {} from {}; {wind_down}",
                withdrawal.holder, withdrawal.state, withdrawal.effect
            )
        }),
    );
    section(
        &mut page,
        "channels (declared | observed)",
        life.channels.iter().map(|channel| {
            let mut declared: Vec<String> = channel
                .declared
                .iter()
                .map(|(holder, declared)| format!("{holder} {}", declared.state))
                .collect();
            let suspended = channel.suspended_by.iter();
            declared
                .extend(suspended.map(|(holder, state)| format!("{holder} suspension {state}")));
            format!(
                "{}: {} | {} calls since, {} answered: {}",
                channel.name,
                if declared.is_empty() {
                    "nothing".to_owned()
                } else {
                    declared.join(", ")
                },
                channel.calls,
                channel.answered,
                channel.comparison
            )
        }),
    );
    section(
        &mut page,
        "on watch",
        life.watches.iter().flat_map(|line| {
            let kept = line.watches.iter().filter(|(_, watch)| !watch.is_over);
            let kept = kept.map(|(holder, watch)| {
                let person = watch.person.as_ref().map(|who| format!(", {who}"));
                let alternate = watch.alternate.as_ref();
                let alternate = alternate.map(|who| format!("; otherwise {who}"));
                format!(
                    "{}: {holder} {}{} until {}{}",
                    line.line,
                    watch.office,
                    person.unwrap_or_default(),
                    watch.until,
                    alternate.unwrap_or_default()
                )
            });
            let nobody = line.unwatched.iter().map(|holder| {
                let last = line.watches.get(holder).map(|watch| &watch.until);
                let last = last.map(|until| format!(" since {until}"));
                format!(
                    "{}: nobody of {holder}{}",
                    line.line,
                    last.unwrap_or_default()
                )
            });
            kept.chain(nobody).collect::<Vec<_>>()
        }),
    );
    section(
        &mut page,
        "publication",
        life.publication.iter().map(|publication| {
            let stated: Vec<String> = publication
                .stated
                .iter()
                .map(|(holder, stated)| {
                    let by = stated.by.as_ref().map(|by| format!(" (by {by})"));
                    format!("{holder} {}{}", stated.publicity, by.unwrap_or_default())
                })
                .collect();
            let part = publication.part.as_deref().unwrap_or("as a whole");
            format!(
                "{} {part}: {} ({})",
                publication.document,
                publication.publicity,
                stated.join(", ")
            )
        }),
    );
    let floor = &life.safety_floor;
    page.push_str(&format!(
        "\nsafety floor, whatever is suspended or left\n  {} protected objects, {} movements, {} ledgers\n",
        floor.protected_objects, floor.movements, floor.ledgers
    ));
    page
}

fn section(page: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    page.push_str(&format!("\n{title}\n"));
    for line in lines {
        page.push_str(&format!("  {}\n", printable(line.trim_end())));
    }
}

fn told_text(text: &TextView) -> String {
    let binds = if text.binds { ", which binds" } else { "" };
    let mut page = format!(
        "\ntext {}{binds}: {} since {}\n  sha256      {}\n",
        printable(&text.id),
        text.state,
        text.since,
        text.sha256
    );
    let languages: Vec<String> = text
        .languages
        .iter()
        .map(|(language, equivalence)| format!("{language} {equivalence}"))
        .collect();
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            page.push_str(&format!("  {name:<11} {}\n", printable(&value)));
        }
    };
    line("languages", languages.join(", "));
    for signature in &text.signatures {
        let act = signature.act.trim_start_matches("agreement_");
        let record = &signature.record;
        line(
            act,
            format!(
                "{} at {} (entry {} of {})",
                signature.holder, signature.at, record.index, record.origin
            ),
        );
    }
    if text.state != "in_force" {
        line("not initialled", text.not_initialled.join(" "));
        line("not adopted", text.not_adopted.join(" "));
        line("blocked by", text.blocked_by.join("; "));
    }
    let named: Vec<String> = text
        .day_d_named
        .iter()
        .map(|(holder, at)| format!("{holder} names {at}"))
        .collect();
    line(
        "Day D",
        text.day_d.clone().unwrap_or_else(|| named.join(", ")),
    );
    line("ends", text.ends.clone().unwrap_or_default());
    line("held back", text.held_back.join(" "));
    if !text.preconditions.is_empty() {
        page.push_str("  preconditions, all of which have to hold\n");
    }
    for precondition in &text.preconditions {
        page.push_str(&told_precondition(precondition));
    }
    page
}

fn told_precondition(precondition: &PreconditionView) -> String {
    let mut page = format!(
        "    {:<13} {}: {}\n",
        precondition.holding,
        printable(&precondition.id),
        printable(precondition.text.in_language("en"))
    );
    let mut more = Vec::new();
    if !precondition.opens.is_empty() {
        more.push(format!("opens {}", precondition.opens.join(" ")));
    }
    if let Some(quiet) = &precondition.quiet {
        let accounts: Vec<String> = quiet
            .by_account_h
            .iter()
            .map(|(holder, hours)| format!("{holder} {hours} h"))
            .collect();
        more.push(format!(
            "quiet {} of {} h (by own account: {})",
            quiet.counted_h,
            quiet.needed_h,
            accounts.join(", ")
        ));
    }
    for (name, at) in [
        ("not before", &precondition.earliest),
        ("due", &precondition.due),
    ] {
        if let Some(at) = at {
            more.push(format!("{name} {at}"));
        }
    }
    for (holder, report) in &precondition.reports {
        let holds = if report.holds {
            "holds"
        } else {
            "does not hold"
        };
        more.push(format!(
            "{holder}: {holds}, {} items of evidence (entry {} of {})",
            report.evidence.len(),
            report.record.index,
            report.record.origin
        ));
    }
    if !precondition.lacking.is_empty() {
        more.push(format!(
            "not reported by {}",
            precondition.lacking.join(" ")
        ));
    }
    for line in more {
        page.push_str(&format!("      {}\n", printable(&line)));
    }
    page
}

fn told_concerns(offices: &BTreeMap<String, Vec<ConcernView>>) -> String {
    let mut page = String::new();
    section(
        &mut page,
        "concerns by office",
        offices.iter().flat_map(|(office, concerns)| {
            let lines = concerns.iter().map(|concern| {
                let title: String = concern
                    .title
                    .in_language("en")
                    .chars()
                    .take(LINE_MAX)
                    .collect();
                format!(
                    "  {:<11} {} ({}): {title}",
                    concern.state, concern.id, concern.severity
                )
            });
            std::iter::once(office.clone()).chain(lines)
        }),
    );
    page
}
