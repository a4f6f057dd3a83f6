//! One Latin spelling for names in Arabic, Cyrillic and Latin letters, and the skeleton of its sounds.

use detente_records::characters::plain_letter;

/// The Arabic article before its noun, as it is written in Latin letters; its last letter follows
/// that of the noun.
const ARTICLES: [&str; 22] = [
    "al", "el", "ul", "il", "ar", "er", "as", "es", "ash", "esh", "ad", "ed", "an", "en", "at",
    "et", "az", "ez", "аль", "эль", "ат", "аш",
];

/// Returns the name in lower-case Latin letters: one for every way of writing the same letters.
///
/// Vowel signs, hamza, taa marbuta, tatweel, Latin accents and apostrophes, hyphens, spaces and
/// articles make no difference.
pub fn spelled(name: &str) -> String {
    let lowered: String = name.chars().flat_map(char::to_lowercase).collect();
    let words = lowered.split(|letter: char| {
        letter.is_whitespace() || matches!(letter, '-' | '‐' | '‑' | '–' | '_' | '/' | ',' | '.')
    });
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut spelled = String::new();
    for (index, word) in words.iter().enumerate() {
        let is_article = ARTICLES.contains(word) && index + 1 < words.len();
        if !is_article {
            latin(without_article(word), &mut spelled);
        }
    }
    spelled
}

/// An Arabic article is one with its word.
fn without_article(word: &str) -> &str {
    match word.strip_prefix("ال") {
        Some(rest) if rest.chars().count() >= 2 => rest,
        _ => word,
    }
}

fn latin(word: &str, spelled: &mut String) {
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_last = letters.peek().is_none();
        match letter {
            'ة' | 'ه' if is_last => spelled.push('a'),
            'ى' => spelled.push('a'),
            _ => match arabic(letter).or_else(|| cyrillic(letter)) {
                Some(latin) => spelled.push_str(latin),
                None => {
                    let plain = letter.is_ascii_alphanumeric().then_some(letter);
                    let plain = plain.or_else(|| accented(letter));
                    spelled.extend(plain);
                }
            },
        }
    }
}

/// A Latin letter without its marks.
fn accented(letter: char) -> Option<char> {
    let known = match letter {
        'ā' | 'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ă' => 'a',
        'ī' | 'í' | 'ì' | 'î' | 'ï' | 'ı' => 'i',
        'ū' | 'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ē' | 'é' | 'è' | 'ê' | 'ë' | 'ə' => 'e',
        'ō' | 'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ḥ' | 'ḫ' | 'ẖ' | 'ħ' => 'h',
        'ṣ' | 'š' | 'ş' | 'ś' => 's',
        'ḍ' | 'ḏ' | 'đ' => 'd',
        'ṭ' | 'ṯ' | 'ţ' => 't',
        'ẓ' | 'ž' | 'ż' | 'ẕ' => 'z',
        'ġ' | 'ğ' | 'ǧ' | 'ģ' => 'g',
        'ç' | 'č' | 'ć' => 'c',
        'ñ' | 'ń' => 'n',
        'ř' => 'r',
        'ł' => 'l',
        _ => return plain_letter(letter).filter(char::is_ascii_lowercase),
    };
    Some(known)
}

fn arabic(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ا' | 'أ' | 'إ' | 'آ' | 'ٱ' => "a",
        'ب' => "b",
        'پ' => "p",
        'ت' => "t",
        'ث' => "th",
        'ج' | 'چ' => "j",
        'ح' => "h",
        'خ' => "kh",
        'د' => "d",
        'ذ' => "dh",
        'ر' => "r",
        'ز' => "z",
        'س' => "s",
        'ش' => "sh",
        'ص' => "s",
        'ض' => "d",
        'ط' => "t",
        'ظ' => "z",
        'غ' => "gh",
        'ف' | 'ڤ' => "f",
        'ق' => "q",
        'ك' | 'ک' | 'گ' => "k",
        'ل' => "l",
        'م' => "m",
        'ن' => "n",
        'ه' | 'ة' => "h",
        'و' | 'ؤ' => "u",
        'ي' | 'ی' | 'ئ' => "i",
        // Ain and hamza are heard by those who know them and written by few; signs of vowels,
        // doubling and stretching by fewer.
        'ع' | 'ء' | 'ـ' | '\u{064b}'..='\u{065f}' | '\u{0670}' => "",
        _ => return None,
    })
}

fn cyrillic(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' => "g",
        'д' => "d",
        'е' | 'э' | 'ё' => "e",
        'ж' => "j",
        'з' => "z",
        'и' | 'й' | 'ы' => "i",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' | 'щ' => "sh",
        'ю' => "iu",
        'я' => "ia",
        'ь' | 'ъ' => "",
        _ => return None,
    })
}

/// Returns the sounds of a name that survive a bad line and a foreign ear: consonants by how they
/// are made, without vowels; a final h, which is mostly an unheard feminine ending, falls away.
///
/// Lips: b p f v. Tongue against the teeth: t d. Hissing: s z. Back of the mouth: k q g, and
/// apart from it the breathed h kh.
pub fn skeleton(name: &str) -> String {
    let spelled = spelled(name);
    let mut letters = spelled.chars().peekable();
    let mut sounds = String::new();
    while let Some(letter) = letters.next() {
        let follows_h = letters.peek() == Some(&'h');
        let follows_lip = matches!(letters.peek(), Some('b' | 'p'));
        let (sound, takes_h) = match letter {
            'b' | 'p' | 'f' | 'v' => ('b', false),
            't' | 'd' => ('t', follows_h),
            's' | 'c' if follows_h => ('S', true),
            's' | 'z' | 'c' => ('s', false),
            'x' => ('k', false),
            'k' if follows_h => ('h', true),
            'g' if follows_h => ('k', true),
            'k' | 'q' | 'g' => ('k', false),
            'j' => ('j', false),
            'h' => ('h', false),
            'l' => ('l', false),
            'r' => ('r', false),
            'm' => ('m', false),
            // Before b it is spoken as m.
            'n' if follows_lip => ('m', false),
            'n' => ('n', false),
            _ => continue,
        };
        if takes_h {
            letters.next();
        }
        sounds.push(sound);
    }
    if sounds.chars().count() > 1 && sounds.ends_with('h') {
        sounds.pop();
    }
    sounds
}
