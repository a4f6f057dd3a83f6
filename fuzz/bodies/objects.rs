//! The body of the fuzz target for sheets of protected objects, also run by the tests of the crate.

use std::collections::BTreeMap;

use detente_formats::read_objects;

/// Reads any bytes as a sheet: every problem has a way out, a row is refused with a reason or has a notice, and refused rows
/// can be given again.
pub(crate) fn run(bytes: &[u8]) {
    let sheet = read_objects("sheet", bytes, None);
    for problem in &sheet.problems {
        assert!(problem.help.is_some(), "{problem}");
    }
    let mut refused = BTreeMap::new();
    for (index, row) in sheet.rows.iter().enumerate() {
        assert_eq!(
            row.notice.is_none(),
            row.problems.has_errors(),
            "{}",
            row.problems
        );
        for problem in &row.problems {
            assert!(problem.help.is_some(), "{problem}");
        }
        if let Some(notice) = &row.notice {
            assert!(notice.body.contains_key("feature") && notice.body.contains_key("consent"));
        } else {
            refused.insert(index, "refused".to_owned());
        }
    }
    if !refused.is_empty() {
        let again = read_objects("mended", sheet.mended(&refused).as_bytes(), None);
        assert_eq!(again.rows.len(), refused.len(), "{}", again.problems);
    }
}
