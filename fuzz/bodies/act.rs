//! The body of the fuzz target for acts, also run by the tests of the crate.

use detente_records::{Act, ActContext, Severity};
use serde_json::Value;

/// Reads any JSON `{"kind": …, "body": {…}}` as an act; nothing may panic, a body is an act or has
/// errors, every error says what to do, and what is read is written and read back as the same act.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(document) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    let (Some(kind), Some(body)) = (
        document.get("kind").and_then(Value::as_str),
        document.get("body").and_then(Value::as_object),
    ) else {
        return;
    };
    let context = ActContext {
        document: "fuzz".into(),
        agreement: None,
    };
    let (act, problems) = Act::parse(kind, body, &context);
    assert_eq!(act.is_some(), !problems.has_errors());
    for problem in &problems {
        assert!(
            problem.help.is_some() || problem.severity != Severity::Error,
            "{problem}"
        );
        assert!(problem.place.span.is_none(), "{problem}");
    }
    if let Some(act) = act {
        let (again, problems) = Act::parse(kind, &act.to_body(), &context);
        assert_eq!(again.as_ref(), Some(&act), "{problems}");
    }
}
