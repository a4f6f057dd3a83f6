//! Amendments in text and in effect.

use crate::dossier::*;
use detente_agreement::prove::Change;
use detente_agreement::{Amendment, amend};

fn amended(from: &str, to: &str) -> Amendment {
    assert!(ARTICLES.contains(from), "{from}");
    amend(&rulebook(ARTICLES), &rulebook(&ARTICLES.replace(from, to))).unwrap()
}

fn told(amendment: &Amendment) -> String {
    let mut lines = vec![amendment.effect.wire_name().to_owned()];
    for request in &amendment.requests {
        lines.push(format!(
            "{} about {}: {}",
            request.activity,
            request.about,
            request.change.wire_name()
        ));
    }
    lines.join("\n")
}

#[test]
fn the_same_articles_in_another_order_and_wording_are_equivalent() {
    let mut parts: Vec<&str> = ARTICLES.split_inclusive("\n};\n").collect();
    parts.reverse();
    let turned = amend(&rulebook(ARTICLES), &rulebook(&parts.concat())).unwrap();
    assert_eq!(turned.effect, Change::Equivalent);
    let said_twice = amended(
        "resource is Detente::Movement\n) unless { context.consents.containsAll(context.participants) }",
        "resource is Detente::Movement\n) when { !(context.consents.containsAll(context.participants)) }",
    );
    assert_eq!(said_twice.effect, Change::Equivalent);
    assert_eq!(said_twice.articles.len(), 1);
}

#[test]
fn longer_notice_is_stricter_and_nothing_else() {
    let amendment = amended("duration(\"6h\")", "duration(\"12h\")");
    insta::assert_snapshot!(told(&amendment), @r#"
    stricter
    strike about Airspace: stricter
    "#);
    let witness = amendment.requests[0].stricter.as_ref().unwrap();
    insta::assert_snapshot!(witness.story, @r#"a strike by north-air-force of N from 2030-01-02T00:00:00Z until 2030-01-02T01:00:00Z; notified 2030-01-01T12:00:00.001Z; without anyone's recorded consent: prohibited: a strike by north-air-force: forbidden by article 10 (Combat operations are notified six hours before they begin)"#);
    assert!(amendment.requests[0].looser.is_none());
}

#[test]
fn an_exemption_is_looser_where_it_applies() {
    let amendment = amended(
        ") when { context.distanceM < 3000 };",
        ") when { context.distanceM < 3000 && !(resource in Detente::ObjectCategory::\"school\") };",
    );
    insta::assert_snapshot!(told(&amendment), @r#"
    looser
    strike about ProtectedObject: looser
    "#);
    insta::assert_snapshot!(amendment.requests[0].looser.as_ref().unwrap().story, @r#"a strike by north-air-force of N from 2030-01-02T00:00:00Z until 2030-01-02T01:00:00Z; 2999 m from the school there, entered 2030-01-02T00:00:00Z; notified 2029-12-31T00:00:00Z; without anyone's recorded consent: clear, by article 1"#);
}

#[test]
fn an_exchange_is_different_both_ways() {
    let amendment = amended(
        ") when { context.distanceM < 3000 };",
        ") when { context.distanceM > 1000 && context.distanceM < 4000 };",
    );
    assert_eq!(amendment.effect, Change::Different);
    let request = &amendment.requests[0];
    let metres = |witness: &Option<Box<detente_agreement::prove::Counterexample>>| {
        witness.as_ref().unwrap().operation.touches[0].distance_m
    };
    assert!(metres(&request.looser) <= 1000.0);
    assert!((3000.0..4000.0).contains(&metres(&request.stricter)));
}

#[test]
fn articles_are_compared_line_by_line_with_their_languages() {
    let titled = ARTICLES.replace("@title(\"No one enters a prohibited area\")", "@title(\"No one enters a prohibited area\")\n@title_ru(\"Никто не входит в запретный район\")");
    let changed = titled.replace("@title(\"No one enters a prohibited area\")", "@title(\"Only aid enters a prohibited area\")")
        .replace(") when { resource.measure == Detente::MeasureKind::\"prohibited_area\" };", ") when { resource.measure == Detente::MeasureKind::\"prohibited_area\" } unless { action == Detente::Action::\"humanitarian\" };");
    let amendment = amend(&rulebook(&titled), &rulebook(&changed)).unwrap();
    assert_eq!(amendment.effect, Change::Looser);
    let [article] = amendment.articles.as_slice() else {
        panic!("{:?}", amendment.articles)
    };
    assert_eq!(article.article.as_str(), "6");
    assert_eq!(article.titles_unchanged, ["ru"]);
    assert!(!article.consequence_changed);
    insta::assert_debug_snapshot!(article.lines.iter().filter(|line| !matches!(line, detente_agreement::amend::LineChange::Kept(_))).collect::<Vec<_>>(), @r#"
    [
        Removed(
            "@title(\"No one enters a prohibited area\")",
        ),
        Added(
            "@title(\"Only aid enters a prohibited area\")",
        ),
        Removed(
            ") when { resource.measure == Detente::MeasureKind::\"prohibited_area\" };",
        ),
        Added(
            ") when { resource.measure == Detente::MeasureKind::\"prohibited_area\" } unless { action == Detente::Action::\"humanitarian\" };",
        ),
    ]
    "#);
}

/// The test agreement with a precondition, whose article forbids: holding it back changes no answer.
const ASKING: &str = r#"
[[preconditions]]
id = "calm"
text = { en = "A quiet week", ru = "Тихая неделя" }
article = "1"
quiet = "7d"
after = "7d"
due = "30d"
opens = ["10"]

[[preconditions]]
id = "maps"
text = "Both hold the map"

[[observers]]
id = "UN"
functions = ["notifier"]

[[disputes]]
article = "10"
readings = [{ participant = "A", text = "A day" }]

[[parameters.clocks]]
id = "answer"
owner = "A"
duration = "1d"
article = "1"

[parameters]
notices_unvalidated_max = 10

[parameters.private_check]
separation_m = 1000

[parameters.daily_report]
cut_off = "19:30"

[parameters.vertical]
terrain_min_m = 0
terrain_max_m = 2200
qnh_min_hpa = 940
qnh_max_hpa = 1060
isa_deviation_min_k = -30
isa_deviation_max_k = 30
"#;

fn asking(from: &str, to: &str) -> detente_agreement::Rulebook {
    let text = format!("{AGREEMENT}{ASKING}");
    assert!(text.contains(from), "{from}");
    let (rulebook, problems) = load(&text.replacen(from, to, 1), ARTICLES);
    rulebook.unwrap_or_else(|| panic!("{problems}"))
}

/// What an amendment of the document alone says, one way and back.
fn both_ways(from: &str, to: &str) -> String {
    let (old, new) = (asking("", ""), asking(from, to));
    let mut lines = Vec::new();
    for (old, new) in [(&old, &new), (&new, &old)] {
        let amendment = amend(old, new).unwrap();
        assert!(!amendment.parameters.is_empty(), "{from} becomes {to}");
        for change in &amendment.parameters {
            let told = |value: &Option<String>| value.clone().unwrap_or("none".to_owned());
            lines.push(format!(
                "{}: {}: {} becomes {}",
                change.effect.wire_name(),
                change.subject,
                told(&change.before),
                told(&change.after)
            ));
        }
    }
    lines.join("\n")
}

#[test]
fn every_member_of_a_precondition_is_compared() {
    let told = [
        ("quiet = \"7d\"", "quiet = \"1h\""),
        ("quiet = \"7d\"", ""),
        ("after = \"7d\"", "after = \"1h\""),
        ("after = \"7d\"", ""),
        ("due = \"30d\"", "due = \"60d\""),
        ("due = \"30d\"", ""),
        ("opens = [\"10\"]", "opens = [\"10\", \"6\"]"),
        ("opens = [\"10\"]", "opens = [\"6\"]"),
        // Held back as nothing else is, and counted from another time.
        ("after = \"7d\"\ndue = \"30d\"\nopens = [\"10\"]", ""),
        (
            "text = \"Both hold the map\"",
            "text = \"Both hold the map\"\nopens = [\"10\"]",
        ),
        ("opens = [\"10\"]", "opens = [\"10\"]\nholds = true"),
        ("Тихая неделя", "Тихий день"),
        ("article = \"1\"\nquiet", "article = \"6\"\nquiet"),
    ];
    let told: Vec<String> = told.map(|(from, to)| both_ways(from, to)).into();
    insta::assert_snapshot!(told.join("\n"), @r#"
    looser: quiet of precondition calm: 7 d becomes 1 h
    stricter: quiet of precondition calm: 1 h becomes 7 d
    looser: quiet of precondition calm: 7 d becomes none
    stricter: quiet of precondition calm: none becomes 7 d
    looser: earliest time after Day D of precondition calm: 7 d becomes 1 h
    stricter: earliest time after Day D of precondition calm: 1 h becomes 7 d
    looser: earliest time after Day D of precondition calm: 7 d becomes none
    stricter: earliest time after Day D of precondition calm: none becomes 7 d
    looser: latest time after Day D of precondition calm: 30 d becomes 60 d
    stricter: latest time after Day D of precondition calm: 60 d becomes 30 d
    looser: latest time after Day D of precondition calm: 30 d becomes none
    stricter: latest time after Day D of precondition calm: none becomes 30 d
    stricter: what is held back of precondition calm: articles 10 becomes articles 10, 6
    looser: what is held back of precondition calm: articles 10, 6 becomes articles 10
    different: what is held back of precondition calm: articles 10 becomes articles 6
    different: what is held back of precondition calm: articles 6 becomes articles 10
    different: what is held back of precondition calm: articles 10 becomes Day D
    looser: earliest time after Day D of precondition calm: 7 d becomes none
    looser: latest time after Day D of precondition calm: 30 d becomes none
    different: what is held back of precondition calm: Day D becomes articles 10
    stricter: earliest time after Day D of precondition calm: none becomes 7 d
    stricter: latest time after Day D of precondition calm: none becomes 30 d
    looser: what is held back of precondition maps: Day D becomes articles 10
    stricter: what is held back of precondition maps: articles 10 becomes Day D
    looser: precondition calm by the dossier's own word: does not hold becomes holds
    stricter: precondition calm by the dossier's own word: holds becomes does not hold
    different: precondition calm: en: A quiet week; ru: Тихая неделя becomes en: A quiet week; ru: Тихий день
    different: precondition calm: en: A quiet week; ru: Тихий день becomes en: A quiet week; ru: Тихая неделя
    equivalent: article of precondition calm: 1 becomes 6
    equivalent: article of precondition calm: 6 becomes 1
    "#);
}

#[test]
fn every_figure_and_name_is_compared() {
    let told = [
        ("separation_m = 1000", "separation_m = 1"),
        (
            "separation_m = 1000",
            "separation_m = 1000\nvertical_m = 299",
        ),
        ("separation_m = 1000", "separation_m = 1000\ntime_s = 61"),
        (
            "separation_m = 1000",
            "separation_m = 1000\nsessions_per_day = 7",
        ),
        ("cut_off = \"19:30\"", "cut_off = \"20:00\""),
        ("terrain_min_m = 0", "terrain_min_m = 200"),
        ("terrain_max_m = 2200", "terrain_max_m = 2300"),
        ("qnh_min_hpa = 940", "qnh_min_hpa = 950"),
        ("isa_deviation_max_k = 30", "isa_deviation_max_k = 40"),
        ("[\"notifier\"]", "[\"monitor\"]"),
        ("text = \"A day\"", "text = \"An hour\""),
        (
            "id = \"answer\"\nowner = \"A\"\nduration = \"1d\"\narticle = \"1\"",
            "id = \"answer\"\nowner = \"A\"\nduration = \"1d\"\narticle = \"6\"",
        ),
        ("id = \"north-2030\"", "id = \"south-2030\""),
        (
            "title = \"Arrangement for the north\"",
            "title = \"Arrangement\"",
        ),
        ("languages = [\"en\"]", "languages = [\"en\", \"ru\"]"),
        (
            "status = \"in_force\"",
            "status = \"in_force\"\nas_of = 2030-01-01T00:00:00Z",
        ),
        (
            "id = \"moderate\"",
            "id = \"moderate\"\nname = \"Moderates\"",
        ),
    ];
    let told: Vec<String> = told.map(|(from, to)| both_ways(from, to)).into();
    insta::assert_snapshot!(told.join("\n"), @r#"
    looser: least distance on the ground in private checks: 1000 m becomes 1 m
    stricter: least distance on the ground in private checks: 1 m becomes 1000 m
    looser: least vertical distance in private checks: 300 m becomes 299 m
    stricter: least vertical distance in private checks: 299 m becomes 300 m
    stricter: least time between plans in private checks: 60 s becomes 61 s
    looser: least time between plans in private checks: 61 s becomes 60 s
    different: sessions a day in private checks at most: 6 becomes 7
    different: sessions a day in private checks at most: 7 becomes 6
    different: time daily reports close: 19:30 +00:00 becomes 20:00 +00:00
    different: time daily reports close: 20:00 +00:00 becomes 19:30 +00:00
    looser: assumed least height of the ground: 0 m becomes 200 m, which is narrower
    stricter: assumed least height of the ground: 200 m becomes 0 m, which is wider
    stricter: assumed greatest height of the ground: 2200 m becomes 2300 m, which is wider
    looser: assumed greatest height of the ground: 2300 m becomes 2200 m, which is narrower
    looser: assumed least air pressure at mean sea level: 940 hPa becomes 950 hPa, which is narrower
    stricter: assumed least air pressure at mean sea level: 950 hPa becomes 940 hPa, which is wider
    stricter: assumed greatest departure from the standard temperature: 30 K becomes 40 K, which is wider
    looser: assumed greatest departure from the standard temperature: 40 K becomes 30 K, which is narrower
    different: observer UN: notifier becomes monitor
    different: observer UN: monitor becomes notifier
    equivalent: dispute about article 10: A reads it: A day becomes A reads it: An hour
    equivalent: dispute about article 10: A reads it: An hour becomes A reads it: A day
    equivalent: article of clock answer: 1 becomes 6
    equivalent: article of clock answer: 6 becomes 1
    different: id: north-2030 becomes south-2030
    different: id: south-2030 becomes north-2030
    equivalent: title: Arrangement for the north becomes Arrangement
    equivalent: title: Arrangement becomes Arrangement for the north
    equivalent: languages: en becomes en, ru
    equivalent: languages: en, ru becomes en
    different: as of: none becomes 2030-01-01T00:00:00Z
    different: as of: 2030-01-01T00:00:00Z becomes none
    equivalent: name of moderate: none becomes Moderates
    equivalent: name of moderate: Moderates becomes none
    "#);
}

#[test]
fn what_is_loosened_in_the_document_alone_is_looser_in_all() {
    for (from, to) in [
        ("quiet = \"7d\"", ""),
        ("after = \"7d\"", ""),
        ("opens = [\"10\"]", "opens = [\"10\"]\nholds = true"),
        ("separation_m = 1000", "separation_m = 1"),
        ("terrain_max_m = 2200", "terrain_max_m = 100"),
    ] {
        let amendment = amend(&asking("", ""), &asking(from, to)).unwrap();
        assert_eq!(amendment.effect, Change::Looser, "{from} becomes {to}");
    }
}
