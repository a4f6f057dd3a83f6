//! The words of pages in three languages.

/// A word: its key, then English, Russian, Arabic.
type Word = (&'static str, [&'static str; 3]);

/// Returns a word.
pub(super) fn word(key: &str, tag: &str) -> &'static str {
    let place = match tag {
        "ru" => 1,
        "ar" => 2,
        _ => 0,
    };
    let found = WORDS.iter().find(|(known, _)| *known == key);
    found.map_or("?", |(_, words)| words.get(place).copied().unwrap_or("?"))
}

const WORDS: &[Word] = &[
    (
        "daily_report",
        ["Daily report", "Ежедневный отчёт", "التقرير اليومي"],
    ),
    ("cut_off", ["Cut-off", "Время закрытия", "وقت الإقفال"]),
    (
        "closed",
        [
            "This report is closed.",
            "Отчёт закрыт.",
            "أُقفل هذا التقرير.",
        ],
    ),
    (
        "not_closed",
        [
            "This report is not closed yet: its figures may still grow.",
            "Отчёт ещё не закрыт: показатели могут вырасти.",
            "لم يُقفل هذا التقرير بعد: قد تزداد أرقامه.",
        ],
    ),
    (
        "the_day",
        [
            "The day, beside the day before",
            "Сутки в сравнении с предыдущими",
            "اليوم مقارنةً باليوم السابق",
        ],
    ),
    (
        "the_week",
        [
            "The week, beside the week before",
            "Неделя в сравнении с предыдущей",
            "الأسبوع مقارنةً بالأسبوع السابق",
        ],
    ),
    (
        "quiet_by_day",
        [
            "Quiet hours by day",
            "Часы тишины по дням",
            "ساعات الهدوء بحسب اليوم",
        ],
    ),
    ("quiet", ["Quiet hours", "Часы тишины", "ساعات الهدوء"]),
    (
        "quiet_says",
        [
            "Hours that have passed in which nothing is alleged to have happened, by each account on its own. The line marks the period before.",
            "Прошедшие часы, о которых не поступало сообщений о нарушениях; данные каждой стороны отдельно. Черта отмечает предыдущий период.",
            "الساعات المنقضية التي لم يُزعم وقوع شيء فيها، بحسب رواية كل طرف على حدة. يشير الخط إلى الفترة السابقة.",
        ],
    ),
    (
        "anybody",
        [
            "by anybody's account",
            "по любому сообщению",
            "بحسب أي رواية",
        ],
    ),
    (
        "divergent",
        [
            "Counted differently: both counts stand",
            "Подсчёты расходятся: действительны оба",
            "أعداد مختلفة: يبقى كلاهما قائمًا",
        ],
    ),
    (
        "harm",
        [
            "Alleged civilian casualties",
            "Сообщения о пострадавших среди гражданских лиц",
            "مزاعم الإصابات بين المدنيين",
        ],
    ),
    (
        "harm_says",
        [
            "Low, best and high as each source states them; never averaged and never added up.",
            "Нижняя, наиболее вероятная и верхняя оценка каждого источника; оценки не усредняются и не складываются.",
            "الحد الأدنى والأرجح والأعلى كما يذكره كل مصدر؛ لا يُحسب متوسط ولا مجموع.",
        ],
    ),
    (
        "access",
        [
            "Restrictions of access",
            "Ограничения доступа",
            "قيود الوصول",
        ],
    ),
    ("figures", ["Figures", "Показатели", "الأرقام"]),
    ("measure", ["Measure", "Показатель", "المقياس"]),
    (
        "whose",
        [
            "By whom / of whom / where",
            "Кем / о ком / где",
            "مِن مَن / عن مَن / أين",
        ],
    ),
    ("count", ["Count", "Число", "العدد"]),
    ("before", ["Before", "Ранее", "سابقًا"]),
    ("records", ["Entries", "Записи", "القيود"]),
    ("source", ["Source", "Источник", "المصدر"]),
    (
        "killed",
        [
            "Killed (low / best / high)",
            "Погибшие (ниж. / вероятн. / верх.)",
            "القتلى (أدنى / أرجح / أعلى)",
        ],
    ),
    (
        "injured",
        [
            "Injured (low / best / high)",
            "Раненые (ниж. / вероятн. / верх.)",
            "الجرحى (أدنى / أرجح / أعلى)",
        ],
    ),
    (
        "operations_proposed",
        [
            "Operations proposed",
            "Предложенные операции",
            "العمليات المقترحة",
        ],
    ),
    (
        "flights_noticed",
        [
            "Excepted flights announced",
            "Объявленные полёты по исключению",
            "الرحلات المستثناة المعلنة",
        ],
    ),
    (
        "flights_noticed_late",
        [
            "Excepted flights announced late",
            "Из них с опозданием",
            "الرحلات المستثناة المعلنة متأخرةً",
        ],
    ),
    (
        "objects_notified",
        [
            "Protected objects notified",
            "Уведомления о защищаемых объектах",
            "إخطارات المواقع المحمية",
        ],
    ),
    (
        "movements_notified",
        [
            "Humanitarian movements notified",
            "Уведомления о гуманитарных перевозках",
            "إخطارات التحركات الإنسانية",
        ],
    ),
    ("consents", ["Consents", "Согласия", "الموافقات"]),
    (
        "conditional_consents",
        [
            "Consents on conditions",
            "Согласия с условиями",
            "الموافقات المشروطة",
        ],
    ),
    ("objections", ["Objections", "Возражения", "الاعتراضات"]),
    (
        "proposals_expired",
        [
            "Proposals unanswered, so not agreed",
            "Предложения без ответа — не согласованы",
            "المقترحات غير المجاب عنها، أي غير المتفق عليها",
        ],
    ),
    (
        "operations_activated",
        ["Operations begun", "Начатые операции", "العمليات التي بدأت"],
    ),
    (
        "operations_suspended",
        [
            "Operations suspended by a restraint",
            "Операции, приостановленные ограничением",
            "العمليات التي علّقها قيد",
        ],
    ),
    (
        "operations_stopped",
        [
            "Operations stopped",
            "Остановленные операции",
            "العمليات التي أُوقفت",
        ],
    ),
    (
        "violations_alleged",
        [
            "Violations reported",
            "Сообщения о нарушениях",
            "الانتهاكات المبلَّغ عنها",
        ],
    ),
    (
        "violations_counted",
        [
            "Violations by this account",
            "Нарушения по данным этой стороны",
            "الانتهاكات بحسب هذه الرواية",
        ],
    ),
    (
        "findings_confirm",
        [
            "Findings: confirmed",
            "Выводы: подтверждено",
            "الاستنتاجات: مؤكَّد",
        ],
    ),
    (
        "findings_cannot_confirm",
        [
            "Findings: cannot be confirmed",
            "Выводы: подтвердить невозможно",
            "الاستنتاجات: يتعذر التأكيد",
        ],
    ),
    (
        "findings_deny",
        ["Findings: denied", "Выводы: отрицается", "الاستنتاجات: نفي"],
    ),
    (
        "findings_no_access",
        [
            "Findings: no access",
            "Выводы: нет доступа",
            "الاستنتاجات: لا وصول",
        ],
    ),
    (
        "incidents",
        [
            "Incidents reported",
            "Сообщения об инцидентах",
            "الحوادث المبلَّغ عنها",
        ],
    ),
    (
        "harm_accounts",
        [
            "Accounts of civilian casualties",
            "Сообщения о пострадавших",
            "روايات عن إصابات المدنيين",
        ],
    ),
    (
        "access_restrictions",
        [
            "Restrictions of access",
            "Ограничения доступа",
            "قيود الوصول",
        ],
    ),
    (
        "calls_rung",
        [
            "Calls over a line",
            "Вызовы по линии связи",
            "مكالمات على الخط",
        ],
    ),
    (
        "calls_unanswered",
        ["Calls not answered", "Вызовы без ответа", "مكالمات بلا رد"],
    ),
    (
        "suspensions",
        [
            "Suspensions announced",
            "Объявленные приостановления",
            "إعلانات التعليق",
        ],
    ),
    (
        "attempts_refused",
        [
            "Attempts refused",
            "Отклонённые попытки",
            "المحاولات المرفوضة",
        ],
    ),
    ("announcement", ["Announcement", "Сообщение", "إعلان"]),
    ("document", ["Document", "Документ", "الوثيقة"]),
    ("as_of", ["As of", "По состоянию на", "اعتبارًا من"]),
    ("state", ["State", "Состояние", "الحالة"]),
    ("day_d", ["Day D", "День Д", "اليوم د"]),
    (
        "text_sha256",
        [
            "SHA-256 of the signed text",
            "SHA-256 подписанного текста",
            "بصمة SHA-256 للنص الموقَّع",
        ],
    ),
    ("signatures", ["Signatures", "Подписи", "التوقيعات"]),
    (
        "agreement_initialled",
        ["initialled", "парафировал", "وقّع بالأحرف الأولى"],
    ),
    ("agreement_adopted", ["adopted", "принял", "اعتمد"]),
    (
        "published",
        [
            "Published by all participants",
            "Опубликовано всеми участниками",
            "نشره جميع المشاركين",
        ],
    ),
    (
        "disclosed",
        ["What is disclosed", "Что раскрыто", "ما كُشف عنه"],
    ),
    (
        "whole_dossier",
        [
            "The whole text as it was signed is on this page.",
            "На этой странице приведён весь подписанный текст.",
            "تتضمن هذه الصفحة النص الموقَّع كاملًا.",
        ],
    ),
    (
        "part_of_dossier",
        [
            "Parts of the signed text; the participants named below vouch for the excerpts.",
            "Части подписанного текста; за выдержки ручаются участники.",
            "أجزاء من النص الموقَّع؛ ويضمن المشاركون صحة المقتطفات.",
        ],
    ),
    (
        "withheld",
        ["What is withheld", "Что не раскрыто", "ما لم يُكشف عنه"],
    ),
    (
        "withheld_unsaid",
        [
            "The participants have not agreed to say how much is withheld.",
            "Участники не договорились сообщать, сколько не раскрыто.",
            "لم يتفق المشاركون على بيان مقدار ما لم يُكشف عنه.",
        ],
    ),
    ("concerns", ["Concerns", "Возражения ведомств", "التحفظات"]),
    (
        "meetings",
        [
            "Technical meetings",
            "Технические встречи",
            "الاجتماعات الفنية",
        ],
    ),
    (
        "readings",
        [
            "Readings of articles",
            "Толкования статей",
            "تفسيرات المواد",
        ],
    ),
    (
        "preconditions",
        ["Preconditions", "Предварительные условия", "الشروط المسبقة"],
    ),
    ("timeline", ["Timeline", "Сроки", "الجدول الزمني"]),
    (
        "withdrawals",
        ["Withdrawals", "Выход участников", "الانسحابات"],
    ),
    (
        "channels",
        [
            "Channels: answered / calls",
            "Каналы: отвечено / вызовов",
            "القنوات: المجاب / المكالمات",
        ],
    ),
    (
        "outcomes",
        [
            "Outcome measures",
            "Показатели выполнения",
            "مقاييس النتائج",
        ],
    ),
    ("proofs", ["Proofs", "Доказательства", "البراهين"]),
    (
        "proofs_say",
        [
            "Whoever has the participants' public keys can check every byte of this page without any node.",
            "Имея открытые ключи участников, можно проверить каждый байт этой страницы без какого-либо узла.",
            "يستطيع من يملك المفاتيح العامة للمشاركين التحقق من كل بايت في هذه الصفحة دون أي عقدة.",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_words_in_every_language() {
        for measure in detente_node::outcomes::Measure::ALL {
            for tag in ["en", "ru", "ar"] {
                assert_ne!(
                    word(measure.wire_name(), tag),
                    "?",
                    "{}",
                    measure.wire_name()
                );
            }
        }
    }

    #[test]
    fn no_word_is_there_twice_or_empty() {
        for (place, (key, words)) in WORDS.iter().enumerate() {
            assert!(words.iter().all(|word| !word.is_empty()), "{key}");
            assert!(
                WORDS.iter().skip(place + 1).all(|(other, _)| other != key),
                "{key}"
            );
        }
    }
}
