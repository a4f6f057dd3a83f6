//! Tracks in every format, sound and broken.

use std::fmt::Write as _;

use detente_formats::tracks::{
    LINE_BYTES_MAX, Tally, TrackFormat, TrackStream, canonical_identity, detect, read_tracks,
    read_tracks_ahead,
};

pub(crate) const READSB: &str = r#"{"now": 1474182010.5, "messages": 9, "aircraft": [
 {"hex": "~a00001", "type": "adsb_other", "alt_baro": 20000, "lat": 36.5, "lon": 40.72, "seen_pos": 0.5},
 {"hex": "~a00002", "alt_baro": "ground", "lat": 36.49, "lon": 40.7},
 {"hex": "~a00003", "alt_geom": 1250, "lat": 36.49, "lon": 40.7, "seen_pos": 1},
 {"hex": "~a00004", "alt_baro": 35000},
 {"lat": 36.49, "lon": 40.7}
]}
{"now": 1474182020, "aircraft": [{"hex": "~a00001", "lat": 96.5, "lon": 40.7}]}
"#;

pub(crate) const SBS: &str = "\
MSG,3,1,1,A00001,1,2016/09/18,07:00:10.250,2016/09/18,07:00:10.300,,20000,,,36.500000,40.720000,,,0,0,0,0
MSG,2,1,1,A00002,1,2016/09/18,07:00:11,2016/09/18,07:00:11,,,,,36.49,40.7,,,0,0,0,-1
MSG,8,1,1,A00002,1,2016/09/18,07:00:11,2016/09/18,07:00:11,,,,,,,,,0,0,0,0
STA,,1,1,A00002,1,2016/09/18,07:00:11,2016/09/18,07:00:11,RM
MSG,3,1,1,A00003,1,2016/09/18
MSG,3,1,1,A00003,1,2016/13/18,07:00:11,2016/09/18,07:00:11,,100,,,36.49,40.7,,,0,0,0,0
hello
";

pub(crate) const OPENSKY: &str = r#"{"time": 1474182010, "states": [
 ["a00001", "", "X", 1474182009, 1474182010, 40.72, 36.5, 6096, false, 130, 90, 0, null, 6200, null, false, 0],
 ["a00002", "", "X", 1474182009, 1474182010, 40.7, 36.49, null, true, 0, 0, 0, null, null, null, false, 0],
 ["a00003", "", "X", null, 1474182010, null, null, null, false],
 [null, "", "X", 1474182009, 1474182010, 40.7, 36.49]
]}"#;

pub(crate) const JSON_LINES: &str = r#"{"t": "2016-09-13T09:00:00Z", "id": "syaf-101", "lat": 36.1808, "lon": 37.2244, "alt_m": 2500.0, "reference": "MSL", "source": "spotter-post-3"}
{"t": "2016-09-13T09:00:10.5+03:00", "id": "two", "lat": 36.2, "lon": 37.2}

{"t": "2016-09-13T09:00:20Z", "id": "two", "lat": 36.2, "lon": 37.2, "alt_m": 100}
{"t": "2016-09-13T09:00:20Z", "id": "two"}
{"t": "soon", "id": "two", "lat": 36.2, "lon": 37.2}
{"t": "2016-09-13T09:00:20Z", "id": "a\u202eb", "lat": 36.2, "lon": 37.2}
{"t": "2016-09-13T09:00:20Z", "id": "two", "lat": 36.2, "lon":
"#;

pub(crate) const GPX: &str = r#"<?xml version="1.0"?>
<!DOCTYPE gpx [<!ENTITY lol "lol">
]>
<gpx version="1.1"><metadata><name>not this</name></metadata>
<trk><name>Car 1 &amp; driver</name><trkseg>
 <trkpt lat="36.10" lon='37.20'><ele>410.5</ele><time>2016-09-19T06:00:00Z</time></trkpt>
 <trkpt lat="36.11" lon="37.21"/>
 <trkpt lat="36.12" lon="37.22"><!-- <ele>1</ele> --><time>2016-09-19T06:02:00Z</time></trkpt>
</trkseg></trk>
<trk><trkseg><gpx:trkpt lat="x" lon="37.2"><time>2016-09-19T06:02:00Z</time></gpx:trkpt>
 <trkpt lat="36.2" lon="37.2"><time>&lol;</time></trkpt>
 <trkpt lat="36.2" lon="37.2"><time>2016-09-19T06:04:00Z</time></trkpt></trkseg></trk></gpx>
"#;

fn read(format: TrackFormat, text: &str) -> (String, Tally) {
    let mut shown = String::new();
    let tally = read_tracks(format, &mut text.as_bytes(), &mut |report| {
        let altitude = report
            .altitude
            .map_or("-".to_owned(), |altitude| altitude.to_string());
        let (latitude, longitude) = (
            report.position.latitude_deg(),
            report.position.longitude_deg(),
        );
        let source = report.source.as_deref().unwrap_or("-");
        let (at, track) = (report.at, &report.track);
        writeln!(
            shown,
            "{at} {track} {latitude} {longitude} {altitude} {source}"
        )
        .expect("a string");
    })
    .expect("bytes in memory");
    writeln!(
        shown,
        "{} reports, {} without position, {} without reference, {} refused",
        tally.reports, tally.without_position, tally.without_reference, tally.refused
    )
    .expect("a string");
    for refused in &tally.first_refused {
        writeln!(shown, "line {}: {}", refused.line, refused.reason).expect("a string");
    }
    (shown, tally)
}

#[test]
fn snapshots_of_a_receiver_are_read() {
    insta::assert_snapshot!(read(TrackFormat::Readsb, READSB).0);
}

#[test]
fn lines_of_the_basestation_socket_are_read() {
    insta::assert_snapshot!(read(TrackFormat::Sbs, SBS).0);
}

#[test]
fn state_vectors_are_read() {
    insta::assert_snapshot!(read(TrackFormat::OpenSky, OPENSKY).0);
}

#[test]
fn json_lines_are_read() {
    insta::assert_snapshot!(read(TrackFormat::JsonLines, JSON_LINES).0);
}

#[test]
fn points_of_a_gpx_track_are_read() {
    insta::assert_snapshot!(read(TrackFormat::Gpx, GPX).0);
}

#[test]
fn a_format_is_known_by_how_it_begins() {
    assert_eq!(detect(READSB.as_bytes()), Some(TrackFormat::Readsb));
    assert_eq!(detect(SBS.as_bytes()), Some(TrackFormat::Sbs));
    assert_eq!(detect(OPENSKY.as_bytes()), Some(TrackFormat::OpenSky));
    assert_eq!(detect(JSON_LINES.as_bytes()), Some(TrackFormat::JsonLines));
    assert_eq!(detect(GPX.as_bytes()), Some(TrackFormat::Gpx));
    assert_eq!(detect(b"time,lat,lon"), None);
    assert_eq!(detect(b""), None);
}

#[test]
fn a_line_without_end_costs_one_line() {
    let good = JSON_LINES.lines().next().expect("a line");
    let text = format!("{good}\n{}\n{good}\n", "x".repeat(3 * LINE_BYTES_MAX));
    let (_, tally) = read(TrackFormat::JsonLines, &text);
    assert_eq!((tally.reports, tally.refused), (2, 1));
    assert_eq!(
        tally.first_refused.first().map(|refused| refused.line),
        Some(2)
    );
}

#[test]
fn a_byte_order_mark_costs_nothing() {
    let sources = [
        (TrackFormat::Readsb, READSB),
        (TrackFormat::Sbs, SBS),
        (TrackFormat::OpenSky, OPENSKY),
        (TrackFormat::JsonLines, JSON_LINES),
        (TrackFormat::Gpx, GPX),
    ];
    for (format, text) in sources {
        let marked = format!("\u{feff}{text}");
        assert_eq!(read(format, &marked), read(format, text), "{format:?}");
        let mut shown = Vec::new();
        let tally = read_tracks_ahead(format, &mut marked.as_bytes(), 3, &mut |report| {
            shown.push(report);
        });
        assert_eq!(tally.expect("bytes in memory"), read(format, text).1);
        let mut live = Vec::new();
        let mut stream = TrackStream::new(None);
        for byte in marked.as_bytes() {
            stream.push(&[*byte], &mut |report| live.push(report));
        }
        stream.finish(&mut |report| live.push(report));
        assert_eq!(live, shown, "{format:?}");
        assert_eq!(*stream.tally(), read(format, text).1, "{format:?}");
    }
}

#[test]
fn a_receiver_may_call_heights_otherwise_and_be_a_little_behind() {
    let text = r#"{"now": 1474182010.5, "aircraft": [
 {"hex": "old", "altitude": 20000, "lat": 36.5, "lon": 40.7, "seen_pos": 0.5},
 {"hex": "parked", "altitude": "ground", "lat": 36.5, "lon": 40.7, "seen_pos": 0.5},
 {"hex": "null", "alt_baro": null, "altitude": null, "alt_geom": 1250, "lat": 36.5, "lon": 40.7, "seen_pos": null},
 {"hex": "ahead", "alt_baro": 20000, "altitude": "ground", "lat": 36.5, "lon": 40.7, "seen_pos": -0.25},
 {"hex": "tomorrow", "lat": 36.5, "lon": 40.7, "seen_pos": -86400}
]}"#;
    let (shown, tally) = read(TrackFormat::Readsb, text);
    let begins = [
        "2016-09-18T07:00:10Z old 36.5 40.7 20 000 ft STD",
        "2016-09-18T07:00:10Z parked 36.5 40.7 0 m AGL",
        "2016-09-18T07:00:10.5Z null 36.5 40.7 1 250 ft W84",
        "2016-09-18T07:00:10.75Z ahead 36.5 40.7 20 000 ft STD",
        "4 reports, 0 without position, 0 without reference, 1 refused",
    ];
    for (line, begin) in shown.lines().zip(begins) {
        assert!(
            line.starts_with(begin),
            "{line} begins otherwise than {begin}"
        );
    }
    assert_eq!(tally.refused, 1);
}

#[test]
fn a_message_that_does_not_say_when_it_was_made_was_made_when_it_was_logged() {
    let line = "MSG,3,1,1,A00001,1,,,2016/09/18,07:00:10.300,,20000,,,36.5,40.72,,,0,0,0,0";
    let (shown, tally) = read(TrackFormat::Sbs, line);
    assert!(
        shown.starts_with("2016-09-18T07:00:10.3Z a00001 "),
        "{shown}"
    );
    assert_eq!(tally.reports, 1);
}

/// What was read, without the lines that sum it up.
fn reports(format: TrackFormat, text: &str) -> Vec<String> {
    let (shown, tally) = read(format, text);
    let count = usize::try_from(tally.reports).expect("few");
    shown.lines().take(count).map(str::to_owned).collect()
}

#[test]
fn a_snapshot_of_a_service_is_read_like_one_of_a_receiver() {
    // The list may stand before the time or behind it, and blanks or none between them.
    let list = r#"[{"hex":"~a1","alt_baro":20000,"lat":36.5,"lon":40.72,"seen_pos":0.5},{"hex":"~a2","lat":1,"lon":2}]"#;
    let expected = [
        "2016-09-18T07:00:10Z ~a1 36.5 40.72 20 000 ft STD -",
        "2016-09-18T07:00:10.5Z ~a2 1 2 - -",
    ];
    for text in [
        format!(r#"{{"ac":{list},"msg":"No error","now":1474182010500,"total":2}}"#),
        format!(r#"{{"now":1474182010.500, "aircraft":{list}}}"#),
        format!(r#"{{"\u0061c":{list},"now":1474182010500}}"#),
        format!("{{ \"ac\" : {list},\n\"now\" : 1474182010.5 }}"),
    ] {
        assert_eq!(reports(TrackFormat::Readsb, &text), expected, "{text}");
    }
    let text = format!(r#"{{"ac":{list},"msg":"No error","now":1474182010500}}"#);
    let many = format!("{{\"ac\":[{{\"hex\":\"~a3\",\n{text}\n");
    assert_eq!(reports(TrackFormat::Readsb, &many), expected);
    assert_eq!(detect(text.as_bytes()), Some(TrackFormat::Readsb));
    assert_eq!(
        detect(br#"{"ac":[],"msg":"No error","now":1474182010500}"#),
        Some(TrackFormat::Readsb)
    );
}

#[test]
fn a_recording_may_begin_inside_a_line() {
    for (text, format) in [
        (SBS, TrackFormat::Sbs),
        (JSON_LINES, TrackFormat::JsonLines),
    ] {
        let first = text.lines().next().expect("a line");
        let cut = format!("{}\n{text}", first.get(20..).expect("more"));
        assert_eq!(detect(cut.as_bytes()), Some(format));
        let (whole, broken) = (read(format, text).1, read(format, &cut).1);
        assert_eq!(broken.reports, whole.reports);
        assert_eq!(broken.refused, whole.refused + 1);
        let mut stream = TrackStream::new(None);
        stream.push(cut.as_bytes(), &mut |_| {});
        stream.finish(&mut |_| {});
        assert_eq!(*stream.tally(), broken);
    }
    assert_eq!(detect(b"# Pages\n<p>of something else</p>"), None);
}

#[test]
fn what_is_written_finer_than_a_microsecond_is_read() {
    let line = r#"{"t": "2016-09-13T12:00:00.123456789+03:00", "id": "a", "lat": 1, "lon": 2}"#;
    let read = [
        reports(TrackFormat::JsonLines, line),
        reports(
            TrackFormat::Sbs,
            "MSG,3,,,a,,2016/09/13,09:00:00.1234567,,,,,,,1,2,,,,,,",
        ),
        reports(
            TrackFormat::Gpx,
            "<gpx><trk><name>a</name><trkpt lat='1' lon='2'><time>2016-09-13T09:00:00.1234567Z</time></trkpt></trk></gpx>",
        ),
    ];
    for shown in read {
        assert_eq!(shown, ["2016-09-13T09:00:00.123456Z a 1 2 - -"]);
    }
}

#[test]
fn what_extensions_of_a_point_hold_is_not_the_point_s() {
    let text = r#"<gpx xmlns:x="urn:x"><trk><name>car</name><link href="http://example.org/a?b>c"/>
<extensions><x:name>colour</x:name></extensions><trkseg>
<trkpt lat="36.1" lon="37.2"><ele>410</ele><time>2016-09-19T06:00:00Z</time><name>bend</name>
<extensions><x:ele>1</x:ele><x:time>2011-01-01T00:00:00Z</x:time></extensions></trkpt></trkseg></trk>
<rte><name>way</name><rtept lat="1" lon="2"><time>2016-09-19T06:00:00Z</time></rtept></rte></gpx>"#;
    let (shown, tally) = read(TrackFormat::Gpx, text);
    assert!(
        shown.starts_with("2016-09-19T06:00:00Z car 36.1 37.2 410 m MSL -\n"),
        "{shown}"
    );
    assert_eq!((tally.reports, tally.refused), (1, 0));
    let cut = text.split("<rte>").next().expect("something");
    assert_eq!(read(TrackFormat::Gpx, cut).1.refused, 1);
    let wide: String = text.chars().flat_map(|c| [c, '\0']).collect();
    assert_eq!(read(TrackFormat::Gpx, &wide).1.refused, 1);
}

#[test]
fn a_place_found_by_several_receivers_is_a_place() {
    let line = "MLAT,3,1,1,~48B5CF,1,2024/05/18,12:13:09.187,2024/05/18,12:13:09.190,,1687,97,295,51.7608,21.0416,200,,,,,,4,,12";
    assert_eq!(
        reports(TrackFormat::Sbs, line),
        ["2024-05-18T12:13:09.187Z ~48b5cf 51.7608 21.0416 1 687 ft STD -"]
    );
    assert_eq!(detect(line.as_bytes()), Some(TrackFormat::Sbs));
}

#[test]
fn a_gpx_file_is_read_in_the_encoding_it_declares_or_not_at_all() {
    let track = |name: &[u8], declared: &str| {
        let mut bytes = declared.as_bytes().to_vec();
        bytes.extend(b"<gpx><trk><name>");
        bytes.extend(name);
        bytes.extend(b"</name><trkseg><trkpt lat='1' lon='2'>");
        bytes.extend(b"<time>2016-09-13T09:00:00Z</time></trkpt></trkseg></trk></gpx>");
        let mut shown = Vec::new();
        let tally = read_tracks(TrackFormat::Gpx, &mut bytes.as_slice(), &mut |report| {
            shown.push(report.track.to_string());
        });
        let refused = tally.unwrap().first_refused.into_iter();
        (
            shown,
            refused.map(|refused| refused.reason).collect::<Vec<_>>(),
        )
    };
    let latin = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>";
    let windows = "<?xml version='1.0' encoding = 'windows-1252' ?>";
    let cyrillic = "<?xml version=\"1.0\" encoding=\"koi8-r\"?>";
    for (name, declared, read) in [
        (&b"Caf\xe9"[..], latin, "Caf\u{e9}"),
        (b"Caf\xe8", windows, "Caf\u{e8}"),
        (b"\xc4\xc1", cyrillic, "\u{434}\u{430}"),
        (
            "Caf\u{e9}".as_bytes(),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
            "Caf\u{e9}",
        ),
        ("Caf\u{e9}".as_bytes(), "", "Caf\u{e9}"),
    ] {
        assert_eq!(
            track(name, declared),
            (vec![read.to_owned()], vec![]),
            "{declared}"
        );
    }
    for (declared, reason) in [
        ("", "not UTF-8, and no other encoding is declared"),
        (
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "not in the encoding it declares, `UTF-8`",
        ),
        (
            "<?xml version=\"1.0\" encoding=\"x-own\"?>",
            "the encoding `x-own` is not read; save it as UTF-8",
        ),
    ] {
        assert_eq!(
            track(b"Caf\xe9", declared),
            (vec![], vec![reason.to_owned()])
        );
    }
}

#[test]
fn an_address_goes_by_small_letters_in_every_format() {
    let texts = [
        (TrackFormat::Sbs, SBS.replace("A00001", "A0000f")),
        (TrackFormat::Readsb, READSB.replace("~a00001", "~A0000F")),
        (TrackFormat::OpenSky, OPENSKY.replace("a00001", "A0000F")),
        (
            TrackFormat::JsonLines,
            JSON_LINES.replace("syaf-101", "A0000F"),
        ),
    ];
    for (format, text) in texts {
        let (shown, _) = read(format, &text);
        assert!(!shown.contains("A0000"), "{shown}");
    }
    for (written, told) in [
        ("4CA1FA", "4ca1fa"),
        ("~4CA1FA", "~4ca1fa"),
        ("4ca1fa", "4ca1fa"),
        ("SYAF-1", "SYAF-1"),
        ("ABCDEF0", "ABCDEF0"),
        ("CAR 12", "CAR 12"),
    ] {
        assert_eq!(canonical_identity(written), told);
    }
}

#[test]
fn what_is_no_document_at_all_is_no_gpx() {
    assert_eq!(read(TrackFormat::Gpx, JSON_LINES).1.refused, 1);
    assert_eq!(read(TrackFormat::Gpx, " \n").1.refused, 0);
}
