//! Pages in the three working languages: English, Russian, Arabic; each a section with its own direction.

mod words;

use crate::daily::escape;

/// A language of pages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tongue {
    /// Its tag.
    pub(crate) tag: &'static str,
    /// Its own name for itself.
    name: &'static str,
    /// `ltr` or `rtl`.
    direction: &'static str,
}

/// The languages, in the order of pages.
pub(crate) const TONGUES: [Tongue; 3] = [
    Tongue {
        tag: "en",
        name: "English",
        direction: "ltr",
    },
    Tongue {
        tag: "ru",
        name: "Русский",
        direction: "ltr",
    },
    Tongue {
        tag: "ar",
        name: "العربية",
        direction: "rtl",
    },
];

const STYLE: &str = "body{font:17px/1.55 sans-serif;max-width:66em;margin:0 auto;padding:1em;color:#1c1c1c;background:#fff}\
h1{font-size:1.6em}h2{font-size:1.3em;border-bottom:1px solid #999}table{border-collapse:collapse;margin:1em 0;width:100%}\
caption{text-align:start;font-weight:bold;padding:.3em 0}th,td{border:1px solid #bbb;padding:.3em .5em;text-align:start;vertical-align:top}\
code,pre{font-family:monospace;font-size:.85em;overflow-wrap:anywhere}pre{white-space:pre-wrap;background:#f3f3f3;padding:.8em}\
svg{max-width:100%;height:auto}a{color:#123f73}nav a{padding:.5em;display:inline-block}\
a:focus{outline:3px solid #b3541e}section{margin:2em 0}\
@media print{nav{display:none}}";

/// Returns a word of pages; the key itself where the language has none, so that a gap shows.
pub(crate) fn word(key: &str, tag: &str) -> &'static str {
    words::word(key, tag)
}

/// Opens a section in a language.
pub(crate) fn open(tongue: &Tongue) -> String {
    format!(
        "<section id=\"{0}\" lang=\"{0}\" dir=\"{1}\" aria-label=\"{2}\">\n",
        tongue.tag, tongue.direction, tongue.name
    )
}

/// Makes a page of sections, one a language.
///
/// It loads nothing: its policy forbids every request.
pub(crate) fn document(title: &str, sections: &str) -> String {
    let links: String = TONGUES
        .iter()
        .map(|tongue| {
            format!(
                "<a href=\"#{0}\" lang=\"{0}\" hreflang=\"{0}\">{1}</a>\n",
                tongue.tag, tongue.name
            )
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header><h1>{title}</h1>\n\
         <nav aria-label=\"Languages\">\n{links}</nav></header>\n<main>\n{sections}</main>\n</body>\n</html>\n",
        title = escape(title),
    )
}
