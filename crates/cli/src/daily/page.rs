//! A daily report as a page: three languages, no script, nothing loaded from anywhere.

use detente_node::outcomes::wire::{DailyReport, OutcomesView};

use super::chart::{Bar, bars, escape};
use crate::tongues::{self, TONGUES, Tongue};

/// Writes the page.
pub(super) fn page(report: &DailyReport) -> String {
    let agreement = report.agreement.as_deref().unwrap_or("–");
    let title = format!("{agreement} · {}", report.date);
    let sections: String = TONGUES
        .iter()
        .map(|tongue| section(report, tongue))
        .collect();
    tongues::document(&title, &sections)
}

/// Draws the quiet hours of the week's days, beside those of the day before each.
pub(super) fn quiet_chart(report: &DailyReport, language: &str) -> String {
    let mut before = None;
    let shown: Vec<Bar> = report
        .days
        .iter()
        .map(|day| {
            let label = day.period.until.get(..10).unwrap_or(&day.period.until);
            let bar = Bar {
                label: label.to_owned(),
                value: day.quiet_h,
                before,
            };
            before = Some(day.quiet_h);
            bar
        })
        .collect();
    bars(tongues::word("quiet_by_day", language), &shown, 24)
}

fn section(report: &DailyReport, tongue: &Tongue) -> String {
    let word = |key: &str| escape(tongues::word(key, tongue.tag));
    let closed = match report.is_closed {
        true => word("closed"),
        false => word("not_closed"),
    };
    format!(
        "{}<h2>{}: {}</h2>\n<p>{} {} (UTC{}). {closed}</p>\n<h3>{}</h3>\n{}<h3>{}</h3>\n{}<h3>{}</h3>\n{}</section>\n",
        tongues::open(tongue),
        word("daily_report"),
        escape(&report.date),
        word("cut_off"),
        escape(&report.cut_off.time),
        escape(&report.cut_off.utc_offset),
        word("the_day"),
        outcomes(&report.day, tongue),
        word("the_week"),
        outcomes(&report.week, tongue),
        word("quiet_by_day"),
        quiet_chart(report, tongue.tag),
    )
}

/// Writes outcome measures as tables; each figure names its entries.
pub(crate) fn outcomes(outcomes: &OutcomesView, tongue: &Tongue) -> String {
    let word = |key: &str| escape(tongues::word(key, tongue.tag));
    let mut page = format!(
        "<p>{} – {}</p>\n",
        escape(&outcomes.period.from),
        escape(&outcomes.period.until)
    );
    page.push_str(&quiet(outcomes, tongue));
    page.push_str(&counts(outcomes, tongue));
    if !outcomes.divergent.is_empty() {
        page.push_str(&format!("<h4>{}</h4>\n<ul>\n", word("divergent")));
        for divergence in &outcomes.divergent {
            let counts: Vec<String> = divergence
                .counts
                .iter()
                .map(|(holder, count)| format!("{}: {count}", escape(holder)))
                .collect();
            page.push_str(&format!(
                "<li>{} / {}: {}</li>\n",
                escape(divergence.party.as_deref().unwrap_or("–")),
                escape(divergence.area.as_deref().unwrap_or("–")),
                counts.join(", ")
            ));
        }
        page.push_str("</ul>\n");
    }
    if !outcomes.harm.is_empty() {
        page.push_str(&harm(outcomes, tongue));
    }
    if !outcomes.access.is_empty() {
        page.push_str(&format!("<h4>{}</h4>\n<ul>\n", word("access")));
        for access in &outcomes.access {
            page.push_str(&format!(
                "<li>{} · {} · {} · <code>{}#{}</code></li>\n",
                escape(&access.from),
                escape(&access.kept_out),
                escape(access.by.as_deref().unwrap_or("–")),
                escape(&access.record.origin),
                access.record.index
            ));
        }
        page.push_str("</ul>\n");
    }
    page
}

fn quiet(outcomes: &OutcomesView, tongue: &Tongue) -> String {
    let word = |key: &str| escape(tongues::word(key, tongue.tag));
    let shown: Vec<Bar> = outcomes
        .quiet
        .iter()
        .map(|quiet| Bar {
            label: match &quiet.holder {
                Some(holder) => holder.clone(),
                None => tongues::word("anybody", tongue.tag).to_owned(),
            },
            value: quiet.quiet_h,
            before: Some(quiet.previous_quiet_h),
        })
        .collect();
    let most = outcomes.quiet.first().map_or(0, |quiet| quiet.period_h);
    format!(
        "<h4>{}</h4>\n<p>{}</p>\n{}",
        word("quiet"),
        word("quiet_says"),
        bars(tongues::word("quiet", tongue.tag), &shown, most)
    )
}

fn counts(outcomes: &OutcomesView, tongue: &Tongue) -> String {
    let word = |key: &str| escape(tongues::word(key, tongue.tag));
    let mut page = format!(
        "<table><caption>{}</caption>\n<thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th>\
         <th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
        word("figures"),
        word("measure"),
        word("whose"),
        word("count"),
        word("before"),
        word("records"),
    );
    for count in &outcomes.counts {
        let mut whose = count.holder.clone();
        for part in [&count.party, &count.area].into_iter().flatten() {
            whose.push_str(" / ");
            whose.push_str(part);
        }
        let records: Vec<String> = count
            .records
            .iter()
            .map(|record| format!("{}#{}", record.origin, record.index))
            .collect();
        page.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td></tr>\n",
            word(&count.measure),
            escape(&whose),
            count.count,
            count.previous,
            escape(&records.join(" "))
        ));
    }
    page.push_str("</tbody></table>\n");
    page
}

fn harm(outcomes: &OutcomesView, tongue: &Tongue) -> String {
    let word = |key: &str| escape(tongues::word(key, tongue.tag));
    let mut page = format!("<h4>{}</h4>\n<p>{}</p>\n", word("harm"), word("harm_says"));
    for event in &outcomes.harm {
        let title = event
            .title
            .as_ref()
            .map_or("", |title| title.in_language(tongue.tag));
        page.push_str(&format!(
            "<table><caption dir=\"auto\">{} {}</caption>\n<thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th>\
             <th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
            escape(&event.subject),
            escape(title),
            word("source"),
            word("killed"),
            word("injured"),
            word("records"),
        ));
        for account in &event.accounts {
            let figures = |estimate: Option<detente_node::outcomes::wire::EstimateView>| {
                estimate.map_or_else(
                    || "–".to_owned(),
                    |estimate| {
                        let part = |figure: Option<u32>| {
                            figure.map_or_else(|| "?".to_owned(), |figure| figure.to_string())
                        };
                        format!(
                            "{} / {} / {}",
                            estimate.low,
                            part(estimate.best),
                            part(estimate.high)
                        )
                    },
                )
            };
            page.push_str(&format!(
                "<tr><th scope=\"row\" dir=\"auto\">{}</th><td>{}</td><td>{}</td><td><code>{}#{}</code></td></tr>\n",
                escape(account.source.as_deref().unwrap_or(&account.holder)),
                figures(account.killed),
                figures(account.injured),
                escape(&account.record.origin),
                account.record.index
            ));
        }
        page.push_str("</tbody></table>\n");
    }
    page
}
