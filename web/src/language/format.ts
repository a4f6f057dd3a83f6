/** How times, spans and numbers are written. Every time is UTC and says so. */
import { language } from './language.svelte';

const cache = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>();

function dates(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language.locale} ${name}`;
  let format = cache.get(key) as Intl.DateTimeFormat | undefined;
  if (!format) {
    format = new Intl.DateTimeFormat(language.locale, { timeZone: 'UTC', hourCycle: 'h23', ...options });
    cache.set(key, format);
  }
  return format;
}

/** A number with the digits of the language. */
export function number(value: number, decimals = 0): string {
  const key = `${language.locale} number ${decimals}`;
  let format = cache.get(key) as Intl.NumberFormat | undefined;
  if (!format) {
    format = new Intl.NumberFormat(language.locale, { maximumFractionDigits: decimals, minimumFractionDigits: 0 });
    cache.set(key, format);
  }
  return format.format(value);
}

/** Text with its digits written as the language has them; for coordinates and times of day. */
export function digits(text: string): string {
  if (language.current !== 'ar' || !language.nativeDigits) return text;
  return text.replace(/[0-9]/g, (digit) => String.fromCharCode(0x0660 + Number(digit)));
}

const isTime = (at: Date): boolean => !Number.isNaN(at.getTime());

/** Day and time: `12 Sep 2016, 16:00Z`. */
export function moment(at: string | number | Date): string {
  const date = new Date(at);
  if (!isTime(date)) return String(at);
  const day = dates('day', { day: 'numeric', month: 'short', year: 'numeric' }).format(date);
  // A comma of another script would be put on the wrong side of what runs from right to left.
  return `${day}${language.current === 'ar' ? '،' : ','} ${clock(date)}`;
}

/** The time of day: `16:00Z`, with seconds where they matter. */
export function clock(at: string | number | Date, seconds = false): string {
  const date = new Date(at);
  if (!isTime(date)) return String(at);
  const text = date.toISOString().slice(11, seconds ? 19 : 16);
  return `${digits(text)}Z`;
}

/** The day alone. */
export function day(at: string | number | Date): string {
  return dates('short day', { day: 'numeric', month: 'short' }).format(new Date(at));
}

/** From when to when: the day of the end is left out where it is that of the start. */
export function period(start: string, end: string | null | undefined, untilFurtherNotice: string): string {
  if (!end || end === 'UFN') return `${moment(start)} – ${untilFurtherNotice}`;
  const same = start.slice(0, 10) === end.slice(0, 10);
  return `${moment(start)} – ${same ? clock(end) : moment(end)}`;
}

/** A span of time in its two largest units: `2 h 05 min`. */
export function span(milliseconds: number): string {
  const unit = (value: number, name: 'day' | 'hour' | 'minute' | 'second'): string =>
    new Intl.NumberFormat(language.locale, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value);
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const [d, h, m, s] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  if (d > 0) return h > 0 ? `${unit(d, 'day')} ${unit(h, 'hour')}` : unit(d, 'day');
  if (h > 0) return m > 0 ? `${unit(h, 'hour')} ${unit(m, 'minute')}` : unit(h, 'hour');
  if (m > 0) return s > 0 && m < 10 ? `${unit(m, 'minute')} ${unit(s, 'second')}` : unit(m, 'minute');
  return unit(s, 'second');
}

function measured(value: number, unit: 'kilometer' | 'meter', decimals = 0): string {
  return new Intl.NumberFormat(language.locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: decimals }).format(value);
}

/** Metres, as kilometres from where those read better. */
export function distance(metres: number, kilometresFrom = 10_000): string {
  return metres >= kilometresFrom ? measured(metres / 1000, 'kilometer', 1) : measured(metres, 'meter', metres < 10 ? 1 : 0);
}

/** An altitude as its author gave it. */
export interface Altitude {
  value?: number | null;
  unit?: string | null;
  reference: string;
}

/** As it is written in the air in every language: `5,000 m MSL`. */
export function altitude(limit: Altitude | null | undefined): string {
  if (!limit) return '–';
  if (limit.reference === 'SFC' || limit.reference === 'UNL') return limit.reference;
  if (limit.unit === 'FL') return `FL${digits(String(limit.value ?? '').padStart(3, '0'))}`;
  return `${number(limit.value ?? 0)} ${limit.unit ?? 'm'} ${limit.reference}`;
}
