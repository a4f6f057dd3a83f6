//! The sheet set into a page, with its findings in a table: no script, no network.

use std::fmt::Write as _;

use super::scene::Scene;
use super::sheet;
use super::text::escaped;

const CSS: &str = "body{margin:0 auto;max-width:1280px;padding:8px 16px 32px;font:15px/1.45 'Noto Sans','Segoe UI',Arial,sans-serif;color:#1d2328;background:#fff}\
svg{display:block;width:100%;height:auto}h2{font-size:18px;margin:20px 0 8px}\
table{border-collapse:collapse;width:100%}th,td{text-align:start;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid #d9dee2}\
th{font-size:13px;color:#4a545c;position:sticky;top:0;background:#fff}td.verdict{font-weight:600;white-space:nowrap}td bdi,td{overflow-wrap:anywhere}\
@media print{th{position:static}}";

/// Returns a page that shows the scene and lists its findings.
///
/// The content policy in its head lets it load nothing and run nothing.
pub(crate) fn page(scene: &Scene) -> String {
    let title = escaped(&scene.title);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{title}</title><style>{CSS}</style></head><body>\n{}\n<h2>Findings</h2>\n",
        sheet::svg(scene)
    );
    if scene.findings.is_empty() {
        page.push_str("<p>None.</p>\n");
    } else {
        page.push_str("<table><thead><tr><th>Operation</th><th>Verdict</th><th>Finding</th><th>Articles</th><th>What it says</th></tr></thead><tbody>\n");
        for row in &scene.findings {
            let _ = writeln!(
                page,
                "<tr><td><bdi>{}</bdi></td><td class=\"verdict\" style=\"color:{}\">{}</td><td>{}</td><td>{}</td><td><bdi>{}</bdi></td></tr>",
                escaped(&row.operation),
                row.verdict.color(),
                row.verdict.words(),
                escaped(&row.finding),
                escaped(&row.articles),
                escaped(&row.message)
            );
        }
        page.push_str("</tbody></table>\n");
    }
    page.push_str("</body></html>\n");
    page
}
