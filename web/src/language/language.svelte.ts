/** The languages of the console, the one in use, and how times and numbers are written in it. */

export const LANGUAGES = ['en', 'ru', 'ar'] as const;
export type Language = (typeof LANGUAGES)[number];

export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', ru: 'Русский', ar: 'العربية' };

/** What a text of the dictionary may be: words, words with something put in, or a group of texts. */
type Text = string | ((...args: never[]) => string) | { [key: string]: Text };

/** The same texts in another language: every key, and functions of the same parameters. */
export type Same<T> = T extends string ? string : T extends (...args: infer A) => string ? (...args: A) => string : { [K in keyof T]: Same<T[K]> };

const KEY = 'detente.language';
const DIGITS_KEY = 'detente.digits';

function preferred(): Language {
  const stored = globalThis.localStorage?.getItem(KEY);
  const wanted = [stored, ...(globalThis.navigator?.languages ?? [])];
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => tag === language || tag?.startsWith(`${language}-`));
    if (found) return found;
  }
  return 'en';
}

class LanguageChoice {
  current: Language = $state(preferred());
  /** Whether Arabic is written with the digits ٠١٢٣٤٥٦٧٨٩. */
  nativeDigits: boolean = $state(globalThis.localStorage?.getItem(DIGITS_KEY) === 'native');

  get direction(): 'ltr' | 'rtl' {
    return this.current === 'ar' ? 'rtl' : 'ltr';
  }

  /** The BCP 47 tag for Intl, digits included. */
  get locale(): string {
    const digits = this.current === 'ar' && this.nativeDigits ? 'arab' : 'latn';
    return `${this.current === 'en' ? 'en-GB' : this.current}-u-nu-${digits}`;
  }

  choose(language: Language): void {
    this.current = language;
    globalThis.localStorage?.setItem(KEY, language);
  }

  chooseDigits(native: boolean): void {
    this.nativeDigits = native;
    globalThis.localStorage?.setItem(DIGITS_KEY, native ? 'native' : 'latin');
  }
}

export const language = new LanguageChoice();

/**
 * Makes a room's dictionary: the compiler refuses one that is not complete in every language.
 *
 * Returns a function that gives the texts in the language in use; calling it in a template or in
 * `$derived` keeps what is shown up to date when the language changes.
 */
export function dictionary<T extends { [key: string]: Text }>(all: { en: T; ru: Same<T>; ar: Same<T> }): () => Same<T> {
  return () => all[language.current] as Same<T>;
}

/** Chooses the form of a word that goes with a number; each language names the forms it has. */
export function plural(count: number, forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }): string {
  const rule = new Intl.PluralRules(language.current).select(count);
  return forms[rule] ?? forms.other;
}

/** A text given by language, or in one language; the reader's first, then English, then any. */
export type LocalText = string | { readonly [tag: string]: string };

export function inLanguage(text: LocalText | null | undefined): string {
  if (text === null || text === undefined) return '';
  if (typeof text === 'string') return text;
  return text[language.current] ?? text['en'] ?? Object.values(text)[0] ?? '';
}
