//! From cvc5's SMT-LIB to z3's, and z3's models back.
//!
//! The operators on sets that symcc uses map one to one to the finite sets of z3 5.

/// Options that keep z3's models free of abbreviations.
pub(super) const Z3_OPTIONS: &str =
    "(set-option :pp.min_alias_size 1000000)\n(set-option :pp.max_depth 1000000)\n";

/// The deepest nesting read; what is deeper is not a model that symcc could use.
const DEPTH_MAX: usize = 10_000;

/// An expression in parentheses.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Atom(String),
    List(Vec<Term>),
}

/// Rewrites a script for z3; `None` when it is no sequence of balanced expressions.
pub(super) fn to_z3(script: &str) -> Option<String> {
    let terms = read(script)?;
    let mut text = String::new();
    for term in terms {
        show(&sets_to_z3(term), &mut text);
        text.push('\n');
    }
    Some(text)
}

/// Rewrites a model of z3's as cvc5 writes models; `None` when it cannot be read.
pub(super) fn from_z3(model: &str) -> Option<String> {
    let mut text = String::from("(\n");
    for term in read(model)? {
        let Term::List(definitions) = term else {
            return None;
        };
        for definition in definitions {
            if matches!(&definition, Term::List(parts) if parts.first().is_some_and(|head| is(head, "declare-datatypes")))
            {
                continue;
            }
            show(&model_from_z3(definition), &mut text);
            text.push('\n');
        }
    }
    text.push_str(")\n");
    Some(text)
}

fn read(text: &str) -> Option<Vec<Term>> {
    let mut open: Vec<Vec<Term>> = vec![Vec::new()];
    let mut rest = text.char_indices().peekable();
    while let Some((start, character)) = rest.next() {
        match character {
            '(' if open.len() < DEPTH_MAX => open.push(Vec::new()),
            '(' => return None,
            ')' => {
                let list = Term::List(open.pop()?);
                open.last_mut()?.push(list);
            }
            ';' => while rest.next_if(|(_, next)| *next != '\n').is_some() {},
            '"' | '|' => {
                // In a string, a quotation mark is written twice.
                loop {
                    let (_, next) = rest.next()?;
                    if next == character
                        && (character == '|' || rest.next_if(|(_, next)| *next == '"').is_none())
                    {
                        break;
                    }
                }
                let end = rest.peek().map_or(text.len(), |(at, _)| *at);
                open.last_mut()?
                    .push(Term::Atom(text.get(start..end)?.to_owned()));
            }
            space if space.is_whitespace() => {}
            _ => {
                while rest
                    .next_if(|(_, next)| !next.is_whitespace() && *next != '(' && *next != ')')
                    .is_some()
                {}
                let end = rest.peek().map_or(text.len(), |(at, _)| *at);
                open.last_mut()?
                    .push(Term::Atom(text.get(start..end)?.to_owned()));
            }
        }
    }
    let terms = open.pop()?;
    open.is_empty().then_some(terms)
}

fn show(term: &Term, text: &mut String) {
    match term {
        Term::Atom(atom) => text.push_str(atom),
        Term::List(parts) => {
            text.push('(');
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    text.push(' ');
                }
                show(part, text);
            }
            text.push(')');
        }
    }
}

fn atom(text: &str) -> Term {
    Term::Atom(text.to_owned())
}

fn is(term: &Term, text: &str) -> bool {
    matches!(term, Term::Atom(found) if found == text)
}

fn sets_to_z3(term: Term) -> Term {
    let Term::List(parts) = term else { return term };
    let parts: Vec<Term> = parts.into_iter().map(sets_to_z3).collect();
    match parts.as_slice() {
        [head, of] if is(head, "Set") => Term::List(vec![atom("FiniteSet"), of.clone()]),
        [head, member, set] if is(head, "set.member") => {
            Term::List(vec![atom("set.in"), member.clone(), set.clone()])
        }
        [head, one, other] if is(head, "set.inter") => {
            Term::List(vec![atom("set.intersect"), one.clone(), other.clone()])
        }
        [head, members @ .., set] if is(head, "set.insert") => {
            members.iter().rev().fold(set.clone(), |set, member| {
                let single = Term::List(vec![atom("set.singleton"), member.clone()]);
                Term::List(vec![atom("set.union"), single, set])
            })
        }
        _ => Term::List(parts),
    }
}

fn model_from_z3(term: Term) -> Term {
    let parts = match term {
        Term::Atom(text) => {
            return Term::Atom(match text.strip_prefix("#x") {
                Some(digits) => binary(digits).unwrap_or(text),
                None => text,
            });
        }
        Term::List(parts) => parts,
    };
    let parts: Vec<Term> = parts.into_iter().map(model_from_z3).collect();
    match parts.as_slice() {
        [head, texts @ ..] if is(head, "str.++") && texts.iter().all(quoted) => {
            let joined: String = texts.iter().map(unquoted).collect();
            Term::Atom(format!("\"{joined}\""))
        }
        [head, first, second, more @ ..] if is(head, "set.union") && !more.is_empty() => {
            let start = Term::List(vec![head.clone(), first.clone(), second.clone()]);
            more.iter().fold(start, |joined, set| {
                Term::List(vec![head.clone(), joined, set.clone()])
            })
        }
        [head, of] if is(head, "FiniteSet") => Term::List(vec![atom("Set"), of.clone()]),
        [head, Term::List(character)] if is(head, "seq.unit") => match character.as_slice() {
            [_, kind, Term::Atom(number)] if is(kind, "Char") => match number.parse::<u32>() {
                Ok(number) => Term::Atom(format!("\"\\u{{{number:x}}}\"")),
                Err(_) => Term::List(parts),
            },
            _ => Term::List(parts),
        },
        _ => Term::List(parts),
    }
}

/// Hexadecimal digits as the binary literal that cvc5 writes.
fn binary(digits: &str) -> Option<String> {
    let mut text = String::from("#b");
    for digit in digits.chars() {
        text.push_str(&format!("{:04b}", digit.to_digit(16)?));
    }
    Some(text)
}

fn quoted(term: &Term) -> bool {
    matches!(term, Term::Atom(text) if text.len() >= 2 && text.starts_with('"'))
}

fn unquoted(term: &Term) -> &str {
    match term {
        Term::Atom(text) => text.get(1..text.len().saturating_sub(1)).unwrap_or(""),
        Term::List(_) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_put_in_z3s_words() {
        let script = "; a (comment\n(assert (set.member \"a\"\"(b\" (set.insert x y (as set.empty (Set String)))))\n(assert (= z (set.inter a |odd ( name|)))";
        assert_eq!(
            to_z3(script).unwrap(),
            "(assert (set.in \"a\"\"(b\" (set.union (set.singleton x) (set.union (set.singleton y) (as set.empty (FiniteSet String))))))\n(assert (= z (set.intersect a |odd ( name|)))\n"
        );
    }

    #[test]
    fn models_are_put_in_cvc5s_words() {
        let model = "((declare-datatypes ((E 0)) ((e))) (define-fun s () (FiniteSet String) (set.union a b c)) (define-fun n () (_ BitVec 8) #x0f) (define-fun t () String (str.++ \"a\" (seq.unit (_ Char 955)))))";
        assert_eq!(
            from_z3(model).unwrap(),
            "(\n(define-fun s () (Set String) (set.union (set.union a b) c))\n(define-fun n () (_ BitVec 8) #b00001111)\n(define-fun t () String \"a\\u{3bb}\")\n)\n"
        );
    }

    #[test]
    fn what_is_not_balanced_is_refused() {
        for text in ["(", ")", "(a))", "(\"a)", "(|a)"] {
            assert_eq!(to_z3(text), None, "{text}");
        }
    }
}
