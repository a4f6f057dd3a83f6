//! The facts a clause reads, so that a finding can tell them.

use std::collections::BTreeSet;

use cedar_policy::Policy;
use cedar_policy::pst::{Clause as Part, Expr, Var};

/// Returns the facts `policy` reads, as `context.leadTime` or `principal.party.suspended`.
pub(super) fn reads(policy: &Policy) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Ok(policy) = policy.to_pst() {
        for part in policy.body().clauses() {
            let (Part::When(condition) | Part::Unless(condition)) = part;
            collect(condition, &mut found);
        }
    }
    found
}

fn collect(expression: &Expr, found: &mut BTreeSet<String>) {
    if let Some(path) = path(expression) {
        found.insert(path);
        return;
    }
    match expression {
        Expr::UnaryOp { expr, .. } | Expr::Like { expr, .. } | Expr::GetAttr { expr, .. } => {
            collect(expr, found);
        }
        Expr::HasAttr { expr, attrs } => {
            if let Some(path) = path_of(expr) {
                found.insert(format!(
                    "{path}.{}",
                    attrs
                        .iter()
                        .map(|attr| attr.as_str())
                        .collect::<Vec<_>>()
                        .join(".")
                ));
            }
        }
        Expr::BinaryOp { left, right, .. } => {
            collect(left, found);
            collect(right, found);
        }
        Expr::Is { expr, in_expr, .. } => {
            collect(expr, found);
            if let Some(parent) = in_expr {
                collect(parent, found);
            }
        }
        Expr::IfThenElse {
            cond,
            then_expr,
            else_expr,
        } => {
            for part in [cond, then_expr, else_expr] {
                collect(part, found);
            }
        }
        Expr::Set(items) => items.iter().for_each(|item| collect(item, found)),
        Expr::Record(fields) => fields.values().for_each(|field| collect(field, found)),
        _ => {}
    }
}

/// The dotted path of an attribute, if the expression is one.
fn path(expression: &Expr) -> Option<String> {
    let Expr::GetAttr { expr, attr } = expression else {
        return None;
    };
    Some(format!("{}.{attr}", path_of(expr)?))
}

fn path_of(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Var(Var::Context) => Some("context".to_owned()),
        Expr::Var(Var::Principal) => Some("principal".to_owned()),
        Expr::Var(Var::Resource) => Some("resource".to_owned()),
        other => path(other),
    }
}
