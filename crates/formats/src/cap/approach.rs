//! That something may arrive at a place, told to the people there in English, Russian and Arabic.
//!
//! What is told is the place and the time. There is no room here for what is coming, from where, how high or how many.

use detente_spacetime::{Instant, Span};

use super::{
    Area, AreaShape, CapMessage, Certainty, Info, MessageKind, Reference, Response, Scope,
    Severity, Status, Urgency,
};

/// Everything a message about an approach says.
#[derive(Clone, Debug)]
pub struct ApproachNotice<'a> {
    /// Names the message.
    pub identifier: String,
    /// Names the sender in the world.
    pub sender: &'a str,
    /// Who speaks, for people.
    pub sender_name: &'a str,
    /// When it is sent.
    pub sent: Instant,
    /// How it is to be handled.
    pub status: Status,
    /// Who may read it.
    pub scope: Scope,
    /// What it does.
    pub kind: MessageKind,
    /// The messages that it takes the place of or withdraws.
    pub references: Vec<Reference>,
    /// The name of the place, in each of [`LANGUAGES`].
    pub place: [&'a str; 3],
    /// Where the place is.
    pub shape: Option<AreaShape>,
    /// Not before.
    pub earliest: Instant,
    /// Most likely.
    pub expected: Instant,
    /// Not after, if at all.
    pub latest: Instant,
}

const MINUTE_MICROS: i64 = 60_000_000;
/// The languages of the text, in their order.
pub const LANGUAGES: [&str; 3] = ["en", "ru", "ar"];

impl ApproachNotice<'_> {
    /// Makes the message.
    #[must_use]
    pub fn message(&self) -> CapMessage {
        CapMessage {
            identifier: self.identifier.clone(),
            sender: self.sender.to_owned(),
            sent: self.sent,
            status: self.status,
            kind: self.kind,
            scope: self.scope.clone(),
            references: self.references.clone(),
            infos: LANGUAGES
                .iter()
                .zip(self.place)
                .map(|(language, place)| self.info(language, place))
                .collect(),
        }
    }

    fn info(&self, language: &str, place: &str) -> Info {
        let is_over = self.kind == MessageKind::Cancel;
        let words = Words::of(language, place, self);
        Info {
            language: language.to_owned(),
            event: words.event,
            response: if is_over {
                Response::AllClear
            } else {
                Response::Shelter
            },
            urgency: if is_over {
                Urgency::Past
            } else {
                Urgency::Immediate
            },
            severity: if is_over {
                Severity::Unknown
            } else {
                Severity::Severe
            },
            certainty: if is_over {
                Certainty::Unlikely
            } else {
                Certainty::Possible
            },
            onset: (!is_over).then_some(self.earliest),
            expires: Some(self.latest.max(self.sent)),
            sender_name: self.sender_name.to_owned(),
            headline: words.headline,
            description: words.description,
            instruction: words.instruction,
            parameters: if is_over { Vec::new() } else { self.figures() },
            areas: vec![Area {
                description: place.to_owned(),
                shape: self.shape.clone(),
            }],
        }
    }

    fn figures(&self) -> Vec<(String, String)> {
        let times = [
            ("earliest", self.earliest),
            ("expected", self.expected),
            ("latest", self.latest),
        ];
        let figure = |(name, instant): (&str, Instant)| (name.to_owned(), instant.to_string());
        times.map(figure).into()
    }
}

/// The words of one language.
struct Words {
    event: String,
    headline: String,
    description: String,
    instruction: Option<String>,
}

impl Words {
    fn of(language: &str, place: &str, notice: &ApproachNotice<'_>) -> Self {
        let earliest = minute(notice.earliest, 0);
        let expected = minute(notice.expected, MINUTE_MICROS / 2);
        let latest = minute(notice.latest, MINUTE_MICROS - 1);
        let is_over = notice.kind == MessageKind::Cancel;
        match (language, is_over) {
            ("ru", false) => Self {
                event: "Приближается воздушное судно".to_owned(),
                headline: format!("{place}: воздушное судно может прибыть около {expected} UTC"),
                description: format!(
                    "Воздушное судно направляется к месту «{place}». Оно может прибыть между {earliest} и {latest} UTC, \
                     вероятнее всего в {expected} UTC. Время рассчитано по курсу и скорости и может измениться."
                ),
                instruction: Some(
                    "Оставайтесь в укрытии, пока предупреждение не будет отменено или не истечёт."
                        .to_owned(),
                ),
            },
            ("ru", true) => Self {
                event: "Воздушное судно больше не ожидается".to_owned(),
                headline: format!("{place}: предупреждение отменено"),
                description: format!(
                    "Предупреждение для места «{place}» отменено: воздушное судно туда больше не направляется."
                ),
                instruction: None,
            },
            ("ar", false) => Self {
                event: "طائرة تقترب".to_owned(),
                headline: format!("{place}: قد تصل طائرة حوالي الساعة {expected} بالتوقيت العالمي"),
                description: format!(
                    "تتجه طائرة نحو {place}. قد تصل بين الساعة {earliest} والساعة {latest} بالتوقيت العالمي، \
                     والأرجح عند الساعة {expected}. الوقت مقدَّر من المسار والسرعة وقد يتغيّر."
                ),
                instruction: Some(
                    "ابقوا في الملاجئ إلى أن يُلغى هذا التحذير أو تنتهي مدته.".to_owned(),
                ),
            },
            ("ar", true) => Self {
                event: "لم تعد طائرة متوقعة".to_owned(),
                headline: format!("{place}: أُلغي التحذير"),
                description: format!("أُلغي التحذير الخاص بـ {place}: لم تعد أي طائرة متجهة إليه."),
                instruction: None,
            },
            (_, false) => Self {
                event: "Aircraft approaching".to_owned(),
                headline: format!("{place}: an aircraft may arrive at about {expected} UTC"),
                description: format!(
                    "An aircraft is heading for {place}. It may arrive between {earliest} and {latest} UTC, most likely at \
                     {expected} UTC. The time is estimated from course and speed and may change."
                ),
                instruction: Some(
                    "Stay in shelter until this warning is withdrawn or has expired.".to_owned(),
                ),
            },
            (_, true) => Self {
                event: "Aircraft no longer expected".to_owned(),
                headline: format!("{place}: the warning is withdrawn"),
                description: format!(
                    "The warning for {place} is withdrawn: no aircraft is heading there any more."
                ),
                instruction: None,
            },
        }
    }
}

/// The time of day, to the minute: what people can act on. What is added first decides to which side it is rounded.
fn minute(instant: Instant, added_micros: i64) -> String {
    let rounded = instant.plus(Span::from_micros(added_micros));
    let shown = rounded.unwrap_or(instant).to_string();
    let time = shown.chars().skip("2016-09-13T".len());
    time.take("09:00".len()).collect()
}
