/** Names and texts of others, made harmless for showing: nothing invisible, nothing that turns the line around. */

/** Characters that show nothing or change the direction of what follows. */
const SLY = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]/g;

/** Characters of a name that are shown at once; the rest is a click away. */
export const SHOWN_MAX = 120;

/** Replaces every sly character by its code, in brackets, so that it is seen and does nothing. */
export function harmless(text: string): string {
  return text.replace(SLY, (sly) => `⟦U+${(sly.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟧`);
}

/** Cuts a long text between characters, not inside one. */
export function cut(text: string, most = SHOWN_MAX): { shown: string; rest: number } {
  const characters = Array.from(text);
  if (characters.length <= most) return { shown: text, rest: 0 };
  return { shown: `${characters.slice(0, most).join('').trimEnd()}…`, rest: characters.length - most };
}

const MIRRORS: Record<string, string> = { '(': ')', ')': '(', '[': ']', ']': '[', '«': '»', '»': '«' };

/** Turns brackets around in text that runs from right to left, for the map, which orders letters and does not mirror them. */
export function mirrored(text: string): string {
  return /[\u0590-\u08FF]/.test(text) ? text.replace(/[()[\]«»]/g, (bracket) => MIRRORS[bracket] ?? bracket) : text;
}

/** A name without its remarks in brackets, for a map, where they would break the line; whoever looks closer reads all of it. */
export function withoutRemarks(text: string): string {
  const bare = text.replace(/\s*[([][^()[\]]*[)\]]/g, '').trim();
  return bare || text;
}

/** A short harmless name, for a map or a title. */
export function label(text: string, most = 60): string {
  return cut(harmless(text).replace(/\s+/g, ' ').trim(), most).shown;
}
