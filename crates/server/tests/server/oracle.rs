//! Hidden and absent: the same bytes, the same headers, on every route that takes an id.

use detente_server::answer::Answer;
use detente_server::api::openapi_document;
use serde_json::{Value, json};

use crate::matters::{ABSENT, HIDDEN, Matters};

/// Everything of an answer that could tell, with the id that was asked for left out.
fn shown(answer: &Answer, id: &str) -> (u16, Vec<String>, String) {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != "date")
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    let body = String::from_utf8_lossy(&answer.body).replace(id, "ID");
    (answer.status.as_u16(), headers, body)
}

/// What a path shows of a report, where it can name one.
fn naming_a_report(path: &str) -> Option<Vec<String>> {
    let paths = match path {
        "/api/v1/reports/{id}" => vec!["/api/v1/reports/{}"],
        "/api/v1/history/{subject}" => vec!["/api/v1/history/{}", "/api/v1/history/{}?limit=1"],
        "/api/v1/matters/{workflow}/{id}" => vec![
            "/api/v1/matters/report/{}",
            "/api/v1/matters/receipt/{}",
            "/api/v1/matters/onward_release/{}",
        ],
        "/api/v1/report-drafts/{id}" => vec!["/api/v1/report-drafts/{}"],
        verb if verb.starts_with("/api/v1/reports/{id}/")
            || verb.starts_with("/api/v1/report-drafts/{id}/") =>
        {
            return Some(vec![verb.replace("{id}", "{}")]);
        }
        "/api/v1/private-checks/{id}" => vec![
            "/api/v1/private-checks/{}",
            "/api/v1/private-checks/{}/record",
            "/api/v1/private-checks/{}/disclosure",
        ],
        check if check.starts_with("/api/v1/private-checks/{id}/") => {
            return Some(vec![check.replace("{id}", "{}")]);
        }
        "/api/v1/operations/{id}" => vec!["/api/v1/operations/{}"],
        "/api/v1/areas/{id}" => vec!["/api/v1/areas/{}"],
        "/api/v1/protected-objects/{id}" => vec![
            "/api/v1/protected-objects/{}",
            "/api/v1/protected-objects/{}/exact-place",
        ],
        "/api/v1/protected-objects/{id}/exact-place" => {
            return Some(vec!["/api/v1/protected-objects/{}/exact-place".to_owned()]);
        }
        "/api/v1/movements/{id}" => vec!["/api/v1/movements/{}"],
        _ => return None,
    };
    Some(paths.into_iter().map(str::to_owned).collect())
}

/// Why nothing is hidden behind a path: whoever passes its gate may see all of it.
const NOTHING_HIDDEN: [(&str, &str); 10] = [
    (
        "/api/v1/awareness/{origin}/{index}",
        "how much was seen, not what",
    ),
    ("/witness/{hash}/checkpoint", "only what is public is shown"),
    ("/api/v1/agreement/files/{name}", "the dossier is common"),
    ("/api/v1/matters/{workflow}", "workflows are no secret"),
    (
        "/api/v1/records/{origin}/{index}",
        "examiners read the whole record",
    ),
    (
        "/api/v1/records/{origin}/{index}/proof",
        "examiners read the whole record",
    ),
    (
        "/api/v1/records/{origin}/{index}/knowledge",
        "examiners read the whole record",
    ),
    (
        "/api/v1/ledgers/{origin}/checkpoint",
        "examiners read the whole record",
    ),
    (
        "/api/v1/ledgers/{origin}/tile/{path}",
        "examiners read the whole record",
    ),
    (
        "/api/v1/users/{name}",
        "those who keep the house see everybody",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn hidden_and_absent_cannot_be_told_apart() {
    let matters = Matters::open().await;
    let us = matters.us();
    assert_eq!(
        matters
            .un()
            .read(&format!("/api/v1/reports/{HIDDEN}"))
            .await["opened_by"],
        "RU"
    );
    let document = openapi_document();
    let mut compared = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        if !path.contains('{') || NOTHING_HIDDEN.iter().any(|(known, _)| known == path) {
            continue;
        }
        // Tokens and content are looked at below.
        let elsewhere = [
            "/api/v1/tokens/{id}",
            "/api/v1/tokens/{id}/rotation",
            "/api/v1/blobs/{hash}",
        ];
        if elsewhere.contains(&path.as_str()) {
            continue;
        }
        let paths = naming_a_report(path);
        let paths = paths.unwrap_or_else(|| panic!("{path}: is anything hidden behind it?"));
        let asked = ["get", "post"].into_iter();
        for method in asked.filter(|method| methods.get(method).is_some()) {
            let body = (method == "post").then(|| json!({}));
            for path in &paths {
                for conditions in [&[][..], &[("if-none-match", "*")]] {
                    let mut answers = Vec::new();
                    for id in [HIDDEN, ABSENT] {
                        let filled = path.replace("{}", id);
                        let answer = us
                            .ask(Some("all"), method, &filled, conditions, body.as_ref())
                            .await;
                        answers.push(shown(&answer, id));
                    }
                    assert_eq!(answers[0], answers[1], "{method} {path}");
                    assert!((400..500).contains(&answers[0].0), "{method} {path}");
                    assert!(method == "post" || answers[0].0 == 404, "{path}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared >= 10, "{compared}");
    let listed = us.read("/api/v1/reports").await;
    assert!(!listed.to_string().contains(HIDDEN), "{listed}");
    matters.close().await;
}

/// Acts that name a report, in every way in which one can be named.
fn acts(matters: &Matters, id: &str) -> Vec<Value> {
    let about = |kind: &str, role: &str, body: Value| json!({"kind": kind, "subject": id, "role": role, "body": body});
    vec![
        about("report_received", "watch_officer", json!({})),
        about(
            "report_graded",
            "inquiry",
            json!({"grade": {"reliability": "B", "credibility": "2"}}),
        ),
        about(
            "onward_requested",
            "release_officer",
            json!({"recipients": ["UN"], "reason": "needed there"}),
        ),
        about(
            "onward_decided",
            "release_officer",
            json!({"requester": "RU", "granted": true}),
        ),
        about(
            "report_recalled",
            "release_officer",
            json!({"reason": "released by mistake"}),
        ),
        about("recall_acknowledged", "watch_officer", json!({})),
        // Derived from it, to the very recipients its marking allows.
        matters.derived(id),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_act_tells_a_hidden_report_from_an_absent_one() {
    let matters = Matters::open().await;
    let us = matters.us();
    for (hidden, absent) in acts(&matters, HIDDEN)
        .into_iter()
        .zip(acts(&matters, ABSENT))
    {
        for conditions in [&[][..], &[("if-match", "*")], &[("if-none-match", "*")]] {
            let mut answers = Vec::new();
            for (act, id) in [(&hidden, HIDDEN), (&absent, ABSENT)] {
                let answer = us
                    .ask(Some("all"), "post", "/api/v1/acts", conditions, Some(act))
                    .await;
                answers.push(shown(&answer, id));
            }
            assert_eq!(answers[0], answers[1], "{hidden}");
            assert!(matches!(answers[0].0, 409 | 412 | 422), "{:?}", answers[0]);
        }
    }
    // The recipient's own acts about it are as possible as ever.
    let received = json!({
        "kind": "report_received", "subject": HIDDEN, "role": "watch_officer", "body": {},
    });
    let (status, said) = matters.un().submit(&received, &[]).await;
    assert_eq!(status, 201, "{said}");
    matters.close().await;
}

/// Another's token, and one that never was; content that is here, for those who may not read any.
#[tokio::test(flavor = "multi_thread")]
async fn foreign_tokens_and_content_are_as_absent_as_none() {
    let matters = Matters::open().await;
    let us = matters.us();
    let foreign = matters.foreign_token().to_owned();
    let rotation = json!({"days": 1});
    for (method, verb, body) in [
        ("get", "", None),
        ("delete", "", None),
        ("post", "/rotation", Some(&rotation)),
    ] {
        let mut answers = Vec::new();
        for id in [foreign.as_str(), "000000000000"] {
            let path = format!("/api/v1/tokens/{id}{verb}");
            let answer = us.ask(Some("consenter"), method, &path, &[], body).await;
            answers.push(shown(&answer, id));
        }
        assert_eq!(answers[0], answers[1], "{method}");
        assert_eq!(answers[0].0, 404);
    }
    let mut answers = Vec::new();
    for stand_in in matters.stand_ins("/api/v1/blobs/{hash}") {
        let answer = us
            .ask(Some("planner"), "get", &stand_in.filled, &[], None)
            .await;
        answers.push(shown(&answer, "ID"));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, 403);
    matters.close().await;
}

/// Looks at the record until a refused act is on it; it is written behind the answer.
const LOOKS_MAX: usize = 500;

/// How many refused attempts are on record.
async fn attempts(matters: &Matters) -> usize {
    let us = matters.us();
    let origin = us.card.origin.as_str();
    let size = us.house.handle().view().ledgers[origin].size;
    let mut count = 0;
    for index in 0..size {
        let path = format!("/api/v1/records/{}/{index}", origin.replace('/', "%2F"));
        let record = us.read(&path).await;
        count += usize::from(record.to_string().contains("attempt_refused"));
    }
    count
}

/// A refusal that is put on record grows the ledger, which everybody can see.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_act_leaves_the_same_record_whatever_it_names() {
    let matters = Matters::open().await;
    for id in [HIDDEN, ABSENT] {
        let before = attempts(&matters).await;
        let act = json!({
            "kind": "operation_cancelled", "subject": id, "role": "planner",
            "body": {"reason": "not needed any more"},
        });
        let (status, said) = matters.us().submit(&act, &[]).await;
        assert_eq!(status, 409, "{said}");
        let mut after = before;
        for _ in 0..LOOKS_MAX {
            after = attempts(&matters).await;
            if after > before {
                break;
            }
        }
        assert_eq!(after, before + 1, "{id}");
    }
    matters.close().await;
}
