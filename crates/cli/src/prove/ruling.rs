//! What two provers say, as one ruling: they agree, one stands alone, or they contradict each other.

use detente_agreement::prove::Proof;
#[cfg(feature = "symbolic")]
pub(super) use detente_agreement::prove::symbolic::Opinion;

/// What nobody says where there is no second prover.
#[cfg(not(feature = "symbolic"))]
pub(super) enum Opinion {}

/// The name of the built-in analysis among those who proved.
pub(super) const BUILT_IN: &str = "built-in analysis";

/// What became of a property, and by whom.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ruling {
    /// The result that stands.
    pub(super) proof: Proof,
    /// Who shows it.
    pub(super) by: Vec<String>,
    /// Why others could not.
    pub(super) doubts: Vec<String>,
    /// Who contradicts whom, if somebody does: a defect of Detente or of a solver.
    pub(super) disagreement: Option<String>,
}

impl Ruling {
    /// Joins what the built-in analysis found with what solvers say.
    ///
    /// An operation that breaks the property was judged for real, whoever found it; a proof stands
    /// only if nobody found one.
    pub(super) fn of(first: Proof, opinions: Vec<(String, Opinion)>) -> Self {
        let mut ruling = Self {
            by: match first {
                Proof::Proved | Proof::Refuted(_) => vec![BUILT_IN.to_owned()],
                Proof::Unknown { .. } | Proof::NotStated => Vec::new(),
            },
            proof: first,
            doubts: Vec::new(),
            disagreement: None,
        };
        #[cfg(feature = "symbolic")]
        for (who, opinion) in opinions {
            ruling.hear(who, opinion);
        }
        #[cfg(not(feature = "symbolic"))]
        drop(opinions);
        ruling
    }

    #[cfg(feature = "symbolic")]
    fn hear(&mut self, who: String, opinion: Opinion) {
        match (&mut self.proof, opinion) {
            (_, Opinion::Undecided { reason }) => self.doubts.push(format!("{who}: {reason}")),
            (Proof::Proved, Opinion::Proved) | (Proof::Refuted(_), Opinion::Refuted(_)) => {
                self.by.push(who);
            }
            (Proof::Proved, Opinion::Refuted(case)) => {
                self.disagreement = Some(format!(
                    "{} proved it, and {who} found this operation that breaks it",
                    self.by.join(" and ")
                ));
                self.proof = Proof::Refuted(case);
                self.by = vec![who];
            }
            (Proof::Refuted(_), Opinion::Proved) => {
                self.disagreement = Some(format!(
                    "{who} proved it, and {} found an operation that breaks it",
                    self.by.join(" and ")
                ));
            }
            (unknown @ Proof::Unknown { .. }, opinion) => {
                if let Proof::Unknown { reason } = unknown {
                    self.doubts.push(format!("{BUILT_IN}: {reason}"));
                }
                *unknown = match opinion {
                    Opinion::Refuted(case) => Proof::Refuted(case),
                    Opinion::Proved | Opinion::Undecided { .. } => Proof::Proved,
                };
                self.by.push(who);
            }
            (Proof::NotStated, _) => {}
        }
    }
}

#[cfg(all(test, feature = "symbolic"))]
mod tests {
    use super::*;

    fn unknown() -> Proof {
        Proof::Unknown {
            reason: "sums".to_owned(),
        }
    }

    fn ruled(first: Proof, opinion: Opinion) -> Ruling {
        Ruling::of(first, vec![("cvc5 1".to_owned(), opinion)])
    }

    #[test]
    fn two_that_agree_are_both_named_and_one_alone_is_named_alone() {
        let both = ruled(Proof::Proved, Opinion::Proved);
        assert_eq!(both.by, [BUILT_IN, "cvc5 1"]);
        let alone = ruled(unknown(), Opinion::Proved);
        assert_eq!(
            (alone.proof, alone.by),
            (Proof::Proved, vec!["cvc5 1".to_owned()])
        );
        assert_eq!(alone.doubts, ["built-in analysis: sums"]);
        let late = Opinion::Undecided {
            reason: "too late".to_owned(),
        };
        let first = ruled(Proof::Proved, late.clone());
        assert_eq!(
            (first.by, first.doubts),
            (
                vec![BUILT_IN.to_owned()],
                vec!["cvc5 1: too late".to_owned()]
            )
        );
        let neither = ruled(unknown(), late);
        assert!(neither.by.is_empty() && matches!(neither.proof, Proof::Unknown { .. }));
    }
}
