/** Cedar taken apart for showing: comments, texts, annotations, words of the language, and the rest. */
import { harmless } from '../language/harmless';

export interface Token {
  kind: 'note' | 'text' | 'annotation' | 'keyword' | 'plain';
  text: string;
}

const PART = /(?<note>\/\/[^\n]*)|(?<text>"(?:[^"\\]|\\.)*")|(?<annotation>@\w+)|(?<keyword>\b(?:permit|forbid|when|unless|principal|action|resource|context|if|then|else|in|is|like|has|true|false)\b)/g;

export function tokens(cedar: string): Token[] {
  const found: Token[] = [];
  const put = (kind: Token['kind'], text: string): void => {
    // Line ends stay; what shows nothing or turns the line around is shown as what it is.
    if (text) found.push({ kind, text: text.split('\n').map(harmless).join('\n') });
  };
  let at = 0;
  for (const match of cedar.matchAll(PART)) {
    put('plain', cedar.slice(at, match.index));
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0] as Token['kind'];
    put(kind, match[0]);
    at = match.index + match[0].length;
  }
  put('plain', cedar.slice(at));
  return found;
}

/** What an article says beside its rule, by the annotations of its Cedar. */
export function annotation(cedar: string, name: string): string | null {
  const found = new RegExp(`@${name}\\("((?:[^"\\\\]|\\\\.)*)"\\)`).exec(cedar);
  return found ? (found[1] ?? '').replace(/\\(.)/g, '$1') : null;
}
