//! A daily report in words.

use detente_node::outcomes::wire::{DailyReport, OutcomesView};

use crate::printable::printable;

/// Entries named beside a figure; `--json` names all.
const RECORDS_SHOWN: usize = 3;

/// Tells the day and its week.
pub(super) fn told(report: &DailyReport) -> String {
    let closed = match report.is_closed {
        true => "closed",
        false => "not closed yet: its figures may still grow",
    };
    let mut page = format!(
        "{} for {}, cut-off {} UTC{}, {closed}\n",
        printable(report.agreement.as_deref().unwrap_or("no agreement")),
        report.date,
        report.cut_off.time,
        report.cut_off.utc_offset
    );
    page.push_str("\nthe day, beside the day before\n");
    page.push_str(&told_outcomes(&report.day));
    page.push_str("\nthe week, beside the week before\n");
    page.push_str(&told_outcomes(&report.week));
    page.push_str("\nquiet hours, day by day\n");
    for day in &report.days {
        page.push_str(&format!(
            "  until {}  {:>2} of {}\n",
            day.period.until,
            day.quiet_h,
            of_hours(day.passed_h, 24)
        ));
    }
    page
}

/// Says of how many hours some are: of a period that is not over, of those that have passed.
fn of_hours(passed: Option<u64>, all: u64) -> String {
    match passed {
        Some(passed) => format!("{passed} passed, of {all}"),
        None => all.to_string(),
    }
}

fn told_outcomes(outcomes: &OutcomesView) -> String {
    let mut page = format!("  {} to {}\n", outcomes.period.from, outcomes.period.until);
    for quiet in &outcomes.quiet {
        let account = quiet.holder.as_deref().unwrap_or("by anybody's account");
        page.push_str(&format!(
            "  quiet       {:>3} of {} h (before: {}), {} h on end  {}\n",
            quiet.quiet_h,
            of_hours(quiet.passed_h, quiet.period_h),
            quiet.previous_quiet_h,
            quiet.consecutive_h,
            printable(account)
        ));
    }
    for count in &outcomes.counts {
        let mut whose = count.holder.clone();
        for (word, value) in [(" of ", &count.party), (" in ", &count.area)] {
            if let Some(value) = value {
                whose.push_str(word);
                whose.push_str(value);
            }
        }
        let records: Vec<String> = count
            .records
            .iter()
            .take(RECORDS_SHOWN)
            .map(|record| format!("{}#{}", record.origin, record.index))
            .collect();
        let more = match count.records.len() > RECORDS_SHOWN {
            true => " …",
            false => "",
        };
        page.push_str(&format!(
            "  {:<24} {:>3} (before: {})  {}  {}{more}\n",
            count.measure,
            count.count,
            count.previous,
            printable(&whose),
            printable(&records.join(" "))
        ));
    }
    for divergence in &outcomes.divergent {
        let counts: Vec<String> = divergence
            .counts
            .iter()
            .map(|(holder, count)| format!("{holder} counts {count}"))
            .collect();
        let of = divergence
            .party
            .as_deref()
            .unwrap_or("a party nobody named");
        let area = divergence.area.as_deref().unwrap_or("no stated area");
        page.push_str(&format!(
            "  counted differently: violations of {} in {}: {}\n",
            printable(of),
            printable(area),
            printable(&counts.join(", "))
        ));
    }
    for event in &outcomes.harm {
        let title = event
            .title
            .as_ref()
            .map_or("", |title| title.in_language("en"));
        page.push_str(&format!(
            "  harm alleged: {} {}\n",
            printable(&event.subject),
            printable(title)
        ));
        for account in &event.accounts {
            let figures = [("killed", account.killed), ("injured", account.injured)];
            let figures: Vec<String> = figures
                .into_iter()
                .filter_map(|(name, estimate)| {
                    let estimate = estimate?;
                    let part = |figure: Option<u32>| {
                        figure.map_or_else(|| "?".to_owned(), |figure| figure.to_string())
                    };
                    let (low, best, high) =
                        (estimate.low, part(estimate.best), part(estimate.high));
                    Some(format!("{name} {low}/{best}/{high}"))
                })
                .collect();
            page.push_str(&format!(
                "    {}: {} (low/best/high)  {}#{}\n",
                printable(account.source.as_deref().unwrap_or(&account.holder)),
                if figures.is_empty() {
                    "no figures".to_owned()
                } else {
                    figures.join(", ")
                },
                printable(&account.record.origin),
                account.record.index
            ));
        }
    }
    for access in &outcomes.access {
        page.push_str(&format!(
            "  access denied to {} by {} from {}  {}#{}\n",
            printable(&access.kept_out),
            printable(access.by.as_deref().unwrap_or("nobody named")),
            access.from,
            printable(&access.record.origin),
            access.record.index
        ));
    }
    page
}
