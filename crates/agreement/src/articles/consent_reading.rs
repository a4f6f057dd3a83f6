//! The direction in which a clause reads consents: the lack of one may never help.

use cedar_policy::pst::{BinaryOp, Clause as Part, Expr, UnaryOp, Var};
use detente_records::finding::Problems;
use detente_records::place::Place;

use super::Clause;

/// Reports a clause that would let something through because a consent is missing.
///
/// A permit may only grow, and a forbid only shrink, as consents come in. That makes silence
/// harmless whatever the articles say, and "whose consent is missing" a question with an answer.
pub(super) fn check(clause: &Clause, problems: &mut Problems) {
    let Ok(policy) = clause.policy.to_pst() else {
        return;
    };
    let helps_with_more = if clause.forbids() {
        Direction::Shrinks
    } else {
        Direction::Grows
    };
    let sound = policy.body().clauses().iter().all(|part| match part {
        Part::When(condition) => reads(condition, helps_with_more),
        Part::Unless(condition) => reads(condition, helps_with_more.turned()),
    });
    if !sound {
        let at = clause.text.find("context.consents");
        let span = at.map_or(clause.span.clone(), |at| {
            clause.span.start + at..clause.span.start + at + "context.consents".len()
        });
        problems
            .error(
                "consent_read_backwards",
                Place::of_span(span),
                "the clause can let an operation through because a consent is missing",
            )
            .help("silence never counts as consent: use `context.consents.contains…` to permit, or under `unless` to forbid");
    }
}

/// What a condition may do as the set of consents grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Grows,
    Shrinks,
}

impl Direction {
    fn turned(self) -> Self {
        match self {
            Self::Grows => Self::Shrinks,
            Self::Shrinks => Self::Grows,
        }
    }
}

/// Whether `condition` can only move in `direction` as consents are added. Conservative: a
/// reading it does not understand counts as wrong.
fn reads(condition: &Expr, direction: Direction) -> bool {
    if !mentions_consents(condition) {
        return true;
    }
    match condition {
        Expr::UnaryOp {
            op: UnaryOp::Not,
            expr,
        } => reads(expr, direction.turned()),
        Expr::UnaryOp {
            op: UnaryOp::IsEmpty,
            expr,
        } => is_consents(expr) && direction == Direction::Shrinks,
        Expr::BinaryOp {
            op: BinaryOp::And | BinaryOp::Or,
            left,
            right,
        } => reads(left, direction) && reads(right, direction),
        Expr::BinaryOp {
            op: BinaryOp::Contains,
            left,
            right,
        } => is_consents(left) && !mentions_consents(right) && direction == Direction::Grows,
        Expr::BinaryOp {
            op: BinaryOp::ContainsAny,
            left,
            right,
        } => one_side(left, right) && direction == Direction::Grows,
        Expr::BinaryOp {
            op: BinaryOp::ContainsAll,
            left,
            right,
        } => one_side(left, right) && (direction == Direction::Grows) == is_consents(left),
        Expr::IfThenElse {
            cond,
            then_expr,
            else_expr,
        } => !mentions_consents(cond) && reads(then_expr, direction) && reads(else_expr, direction),
        _ => false,
    }
}

/// Exactly one of the two is the set of consents, and the other does not depend on it.
fn one_side(left: &Expr, right: &Expr) -> bool {
    (is_consents(left) && !mentions_consents(right))
        || (is_consents(right) && !mentions_consents(left))
}

fn is_consents(expression: &Expr) -> bool {
    matches!(expression, Expr::GetAttr { expr, attr }
        if attr == "consents" && matches!(**expr, Expr::Var(Var::Context)))
}

fn mentions_consents(expression: &Expr) -> bool {
    let any = |parts: &[&Expr]| parts.iter().any(|part| mentions_consents(part));
    match expression {
        Expr::Var(Var::Context) => true,
        Expr::Literal(_) | Expr::Var(_) | Expr::Slot(_) => false,
        Expr::GetAttr { expr, attr } => match &**expr {
            Expr::Var(Var::Context) => attr == "consents",
            inner => mentions_consents(inner),
        },
        Expr::HasAttr { expr, .. } => !matches!(**expr, Expr::Var(_)) && mentions_consents(expr),
        Expr::UnaryOp { expr, .. } | Expr::Like { expr, .. } => mentions_consents(expr),
        Expr::BinaryOp { left, right, .. } => any(&[left, right]),
        Expr::Is { expr, in_expr, .. } => {
            mentions_consents(expr) || in_expr.as_deref().is_some_and(mentions_consents)
        }
        Expr::IfThenElse {
            cond,
            then_expr,
            else_expr,
        } => any(&[cond, then_expr, else_expr]),
        Expr::Set(items) => items.iter().any(|item| mentions_consents(item)),
        Expr::Record(fields) => fields.values().any(|field| mentions_consents(field)),
        _ => true,
    }
}
