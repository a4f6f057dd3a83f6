//! Audits of sessions that nodes held: what a side discloses, against what one's own node has on record.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use detente_ledger::hash::Hash;
use detente_sharing::private_check::{
    Commitment, Complaint, Disclosure, Leg, Message, Role, Sent, Terms, audit,
};
use serde_json::Value;

use super::replay;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::file;
use crate::node::{Asker, escaped};
use crate::printer::Printer;

/// Writes what one's own side discloses of a session.
pub(super) fn disclose(
    asker: &Asker,
    check: &str,
    out: &Path,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let path = format!("/api/v1/private-checks/{}/disclosure", escaped(check));
    let shown = asker.read(&path)?;
    let mut bytes =
        serde_json::to_vec_pretty(&shown).map_err(|error| Failure::new(FailureKind::Bug, error))?;
    bytes.push(b'\n');
    file::write(out, &bytes)?;
    printer.answer(&format!(
        "{}\n  the seed and every plan of the session: for whoever audits it, and nobody else\n",
        out.display()
    ))?;
    Ok(Exit::Favourable)
}

/// Replays the side that disclosed; gives how many things it said, and the complaint.
pub(super) fn audited(
    asker: &Asker,
    check: &str,
    disclosed: &Path,
    plans: Option<&Path>,
    (printer, json): (&mut Printer, bool),
) -> Result<Result<(usize, Option<Complaint>), Exit>, Failure> {
    let path = format!("/api/v1/private-checks/{}/record", escaped(check));
    let record = asker.read(&path)?;
    let shown: Value = serde_json::from_slice(&file::read_bytes(disclosed)?)
        .map_err(|error| unreadable(disclosed, &error.to_string()))?;
    let secret = &shown["secret"];
    if secret["check"].as_str() != Some(check) {
        return Err(unreadable(disclosed, "it is of another session"));
    }
    // The plans that were declared: as the auditor knows them, or else as they are disclosed.
    let (name, bytes) = match plans {
        Some(path) => (path.to_owned(), file::read_bytes(path)?),
        None => (
            disclosed.to_owned(),
            secret["plans"].to_string().into_bytes(),
        ),
    };
    let declared = match replay::plans(&name, &bytes, printer, json)? {
        Ok(plans) => plans.legs.into_iter().map(|leg| vec![leg]).collect(),
        Err(exit) => return Ok(Err(exit)),
    };
    let disclosure = disclosure(&shown, declared);
    let disclosure = disclosure.ok_or_else(|| unreadable(disclosed, "it is no disclosure"))?;
    let role = disclosure.role;
    let recorded = recorded(&record, role).ok_or_else(|| {
        Failure::new(
            FailureKind::InvalidInput,
            "the record of the session is not complete",
        )
    })?;
    let (terms, commitments, transcript) = recorded;
    let heard = transcript
        .iter()
        .filter(|sent| matches!(sent, Sent::Audited(_)))
        .count();
    let complaint = audit(
        &disclosure,
        &terms,
        (&commitments.0, &commitments.1),
        &transcript,
    );
    Ok(Ok((heard + 1, complaint)))
}

fn unreadable(path: &Path, why: &str) -> Failure {
    Failure::new(
        FailureKind::InvalidInput,
        format!("{}: {why}", path.display()),
    )
    .hint("`detente deconflict disclose` writes what a side shows to be audited")
}

fn disclosure(shown: &Value, declared: Vec<Vec<Leg>>) -> Option<Disclosure> {
    let bytes = |value: &Value| STANDARD.decode(value.as_str()?).ok();
    let secret = &shown["secret"];
    let leg = |value: &Value| Leg::from_bytes(&bytes(value)?);
    let plan = |legs: &Value| legs.as_array()?.iter().map(leg).collect();
    Some(Disclosure {
        role: match shown["role"].as_str()? {
            "initiator" => Role::Initiator,
            "responder" => Role::Responder,
            _ => return None,
        },
        seed: bytes(&secret["seed"])?.try_into().ok()?,
        plans: secret["legs"]
            .as_array()?
            .iter()
            .map(plan)
            .collect::<Option<_>>()?,
        declared: Some(declared),
    })
}

/// The record as the audit takes it: the audited side's commitment first.
fn recorded(record: &Value, audited: Role) -> Option<(Terms, (Commitment, Commitment), Vec<Sent>)> {
    let terms = &record["terms"];
    let number = |name: &str| u32::try_from(terms[name].as_u64()?).ok();
    let terms = Terms {
        agreement: Hash::from_hex(terms["agreement_sha256"].as_str()?)?,
        separation_m: number("separation_m")?,
        vertical_m: number("vertical_m")?,
        time_s: number("time_s")?,
        cells_max: number("cells_max")?,
        finest: u8::try_from(number("finest")?).ok()?,
    };
    let name = match audited {
        Role::Initiator => "initiator",
        Role::Responder => "responder",
    };
    let (mut own, mut other, mut transcript) = (None, None, Vec::new());
    for said in record["said"].as_array()? {
        let is_audited = said["by"].as_str()? == name;
        let bytes = match said["bytes"].as_str() {
            Some(text) => STANDARD.decode(text).ok()?,
            None => Message::Consent.to_bytes(),
        };
        if said["what"].as_str()? == "commitment" {
            let commitment = Commitment::from_bytes(&bytes)?;
            match is_audited {
                true => own = Some(commitment),
                false => other = Some(commitment),
            }
            continue;
        }
        let message = Message::from_bytes(&bytes).ok()?;
        transcript.push(match is_audited {
            true => Sent::Audited(message),
            false => Sent::Other(message),
        });
    }
    Some((terms, (own?, other?), transcript))
}
