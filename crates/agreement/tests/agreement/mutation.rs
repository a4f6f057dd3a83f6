//! A bounded run of the fuzz target's body: seeded mutations of sound articles.
//!
//! The same body runs for as long as one likes under `fuzz/`.

#[path = "../../../../fuzz/bodies/articles.rs"]
mod body;
#[path = "../../../../fuzz/bodies/mutation.rs"]
mod mutations;

use crate::dossier::ARTICLES;

/// Mutations of the articles; a few seconds.
const ROUNDS: u64 = 1_500;

/// Fragments that articles go wrong with.
const FRAGMENTS: [&[u8]; 32] = [
    b"(",
    b")",
    b"{",
    b"}",
    b"[",
    b"\"",
    b";",
    b"//",
    b"\\u{110000}",
    b"@id(\"\")",
    b"@disputed(\"\xd0\xb4\xd0\xb0\")\n",
    b"forbid (principal, action, resource);",
    b"permit (principal, action, resource);",
    b"?principal",
    b" unless { true }",
    b" when { context }",
    b" has guarantor",
    b" like \"*\\*\"",
    b" in Detente::Force::\"a-air\"",
    b" is Detente::Area in ",
    b"if true then ",
    b" else ",
    b"datetime(\"9999-12-31T23:59:59.999Z\")",
    b"duration(\"-9223372036854775808ms\")",
    b".offset(",
    b" + 9223372036854775807",
    b" * -9223372036854775808",
    b"!!!!",
    b"((((((((((((((((((((",
    b"\xe2\x80\xae",
    b"\xff",
    b"\n//// schema.cedarschema\nnamespace A { entity B in [C] = { d?: Set<E> }; }",
];

#[test]
fn no_bytes_break_the_reader_of_articles_or_relax_the_rules_of_the_product() {
    let with_schema = format!(
        "{ARTICLES}{}namespace Civil {{ entity Agency = {{ lead: Bool }}; type Call = {{ at: datetime }}; }}\n",
        body::SCHEMA_FOLLOWS
    );
    mutations::run(
        0x6365_6461_7200,
        ROUNDS,
        &[ARTICLES, &with_schema],
        &FRAGMENTS,
        body::run,
    );
}
