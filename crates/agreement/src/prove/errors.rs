//! Which expressions Cedar may fail to evaluate.

use cedar_policy::pst::{BinaryOp, Clause as Part, Expr, Literal, Policy, UnaryOp};

/// Whether evaluating `policy` can fail on some request.
///
/// Strict validation and the closed store leave arithmetic, which can overflow, and attributes of
/// an entity named outright that the request's world does not hold.
pub(super) fn may_err(policy: &Policy) -> bool {
    policy.body().clauses().iter().any(|part| {
        let (Part::When(condition) | Part::Unless(condition)) = part;
        expression(condition)
    })
}

fn expression(part: &Expr) -> bool {
    match part {
        Expr::Literal(_) | Expr::Var(_) => false,
        Expr::GetAttr { expr, .. } | Expr::HasAttr { expr, .. } => absent(expr) || expression(expr),
        Expr::UnaryOp { op, expr } => arithmetic(*op) || expression(expr),
        Expr::Like { expr, .. } => expression(expr),
        Expr::BinaryOp { op, left, right } => fails(*op) || expression(left) || expression(right),
        Expr::Is { expr, in_expr, .. } => {
            expression(expr) || in_expr.as_deref().is_some_and(expression)
        }
        Expr::IfThenElse {
            cond,
            then_expr,
            else_expr,
        } => [cond, then_expr, else_expr]
            .into_iter()
            .any(|part| expression(part)),
        Expr::Set(items) => items.iter().any(|item| expression(item)),
        Expr::Record(fields) => fields.values().any(|field| expression(field)),
        _ => true,
    }
}

/// An entity named outright, of a kind of which a request's world holds only the one touched.
fn absent(part: &Expr) -> bool {
    matches!(part, Expr::Literal(Literal::EntityUID(entity))
        if !matches!(entity.ty.0.id.as_str(), "Party" | "Force"))
}

fn arithmetic(op: UnaryOp) -> bool {
    !matches!(
        op,
        UnaryOp::Not | UnaryOp::IsEmpty | UnaryOp::Datetime | UnaryOp::Duration
    )
}

fn fails(op: BinaryOp) -> bool {
    !matches!(
        op,
        BinaryOp::Eq
            | BinaryOp::NotEq
            | BinaryOp::Less
            | BinaryOp::LessEq
            | BinaryOp::Greater
            | BinaryOp::GreaterEq
            | BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::In
            | BinaryOp::Contains
            | BinaryOp::ContainsAll
            | BinaryOp::ContainsAny
    )
}
