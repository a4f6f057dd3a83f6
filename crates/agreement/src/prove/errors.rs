//! Which expressions Cedar may fail to evaluate.

use cedar_policy::pst::{BinaryOp, Clause as Part, Expr, Literal, Policy, UnaryOp, Var};
use detente_spacetime::Instant;

use super::encode::type_name;
use super::literal;
use super::world::{METRES_MAX, millis};

/// Whether evaluating `policy` can fail on some request.
///
/// Strict validation and the closed store leave arithmetic, which can overflow, and attributes of
/// an entity named outright that the request's world does not hold. Arithmetic whose operands are
/// bounded so that it cannot leave what a `Long` holds is sound.
pub(super) fn may_err(policy: &Policy) -> bool {
    policy.body().clauses().iter().any(|part| {
        let (Part::When(condition) | Part::Unless(condition)) = part;
        expression(condition)
    })
}

pub(super) fn expression(part: &Expr) -> bool {
    match part {
        Expr::Literal(_) | Expr::Var(_) => false,
        Expr::GetAttr { expr, .. } | Expr::HasAttr { expr, .. } => {
            !present(expr) || expression(expr)
        }
        Expr::UnaryOp { op, expr } => {
            (arithmetic(*op) && range(part).is_none()) || expression(expr)
        }
        Expr::Like { expr, .. } => expression(expr),
        Expr::BinaryOp { op, left, right } => {
            (fails(*op) && range(part).is_none()) || expression(left) || expression(right)
        }
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

/// Whether the world of every request holds whatever entity `part` is, so that its attributes can
/// be read: what the request is about, what that refers to, and parties and forces by name.
fn present(part: &Expr) -> bool {
    match part {
        Expr::Var(_) => true,
        Expr::Literal(Literal::EntityUID(entity)) => {
            matches!(type_name(&entity.ty).as_str(), "Party" | "Force")
        }
        Expr::GetAttr { expr, .. } => present(expr),
        Expr::IfThenElse {
            then_expr,
            else_expr,
            ..
        } => present(then_expr) && present(else_expr),
        _ => false,
    }
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

/// Milliseconds in a day.
const DAY: i128 = 86_400_000;

/// The least and the greatest value of a number, a datetime or a duration, the last two in
/// milliseconds; `None` when that is not known, or when evaluating it may fail.
fn range(part: &Expr) -> Option<(i128, i128)> {
    let (first, last) = (millis(Instant::MIN), millis(Instant::MAX));
    let found = match part {
        Expr::Literal(Literal::Long(value)) => (i128::from(*value), i128::from(*value)),
        Expr::GetAttr { expr, attr } => match (&**expr, attr.as_str()) {
            (Expr::Var(Var::Context), "enters" | "leaves")
            | (Expr::Var(Var::Resource), "validFrom" | "validUntil") => (first, last),
            (Expr::Var(Var::Context), "leadTime") => (0, last - first),
            (Expr::Var(Var::Context), "distanceM" | "nearestProtectedM")
            | (Expr::Var(Var::Resource), "standoffM" | "keepOutM") => (0, METRES_MAX),
            _ => return None,
        },
        Expr::UnaryOp { op, expr } => match (op, &**expr) {
            (UnaryOp::Datetime, Expr::Literal(Literal::String(text))) => {
                let value = literal::datetime(text)?;
                (value, value)
            }
            (UnaryOp::Duration, Expr::Literal(Literal::String(text))) => {
                let value = literal::duration(text)?;
                (value, value)
            }
            (UnaryOp::Neg, inner) => {
                let (low, high) = range(inner)?;
                (-high, -low)
            }
            (UnaryOp::ToMilliseconds, inner) => range(inner)?,
            (
                UnaryOp::ToSeconds | UnaryOp::ToMinutes | UnaryOp::ToHours | UnaryOp::ToDays,
                inner,
            ) => {
                // A whole part is never further from zero than the whole.
                let (low, high) = range(inner)?;
                (low.min(0), high.max(0))
            }
            (UnaryOp::ToDate, inner) => {
                let (low, high) = range(inner)?;
                (low - DAY, high)
            }
            (UnaryOp::ToTime, inner) => {
                range(inner)?;
                (0, DAY)
            }
            _ => return None,
        },
        Expr::BinaryOp { op, left, right } => {
            let ((a, b), (c, d)) = (range(left)?, range(right)?);
            match op {
                BinaryOp::Add | BinaryOp::Offset => (a + c, b + d),
                BinaryOp::Sub | BinaryOp::DurationSince => (a - d, b - c),
                BinaryOp::Mul => {
                    let products =
                        [(a, c), (a, d), (b, c), (b, d)].map(|(one, other)| one.checked_mul(other));
                    let [Some(one), Some(two), Some(three), Some(four)] = products else {
                        return None;
                    };
                    let products = [one, two, three, four];
                    (products.into_iter().min()?, products.into_iter().max()?)
                }
                _ => return None,
            }
        }
        Expr::IfThenElse {
            then_expr,
            else_expr,
            ..
        } => {
            let ((a, b), (c, d)) = (range(then_expr)?, range(else_expr)?);
            (a.min(c), b.max(d))
        }
        _ => return None,
    };
    let holds = |value: i128| i64::try_from(value).is_ok();
    (holds(found.0) && holds(found.1)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails_somewhere(condition: &str) -> bool {
        let text = format!("forbid (principal, action, resource) when {{ {condition} }};");
        let policy: cedar_policy::Policy = text.parse().unwrap();
        may_err(&policy.to_pst().unwrap())
    }

    #[test]
    fn arithmetic_within_bounds_is_sound_and_beyond_them_is_not() {
        for sound in [
            "context.distanceM - 500 < resource.keepOutM",
            "context.distanceM * 1000 < 1",
            "context.leaves.durationSince(context.enters) > duration(\"2h\")",
            "context.enters.offset(duration(\"1h\")) < datetime(\"2016-09-12\")",
            "(if context.notified then context.distanceM else 7) + 1 == -(3)",
            "context.enters.toDate() == datetime(\"2016-09-12\")",
            "context.enters.toTime() < duration(\"6h\") && context.leadTime.toHours() > 3",
        ] {
            assert!(!fails_somewhere(sound), "{sound}");
        }
        for unsound in [
            "context.distanceM + 9223372036854775807 < 0",
            "context.distanceM * context.distanceM * context.distanceM > 0",
            "context.enters.offset(duration(\"-9223372036854775808ms\")) < context.leaves",
            "Detente::Area::\"east\".measure == resource.measure",
            "(if context.notified then resource else Detente::Area::\"east\").measure == resource.measure",
            "-(-9223372036854775808) == 1",
            "{ place: Detente::Area::\"east\" }.place.measure == resource.measure",
        ] {
            assert!(fails_somewhere(unsound), "{unsound}");
        }
    }
}
