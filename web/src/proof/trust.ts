/**
 * What a reader trusts: keys of their own, or a policy (C2SP tlog-policy), read as the ledger reads them.
 *
 * Keys alone ask for no cosignature; a `quorum` line does.
 */

/** A public key as C2SP writes it: `name+id+base64`. */
export interface Vkey {
  name: string;
  id: string;
  /** 1 signs the note, 4 cosigns it with a time; others are kept and never verify anything. */
  kind: number;
  key: Uint8Array<ArrayBuffer>;
  text: string;
}

export interface Trust {
  logs: Vkey[];
  witnesses: { name: string; vkey: Vkey }[];
  /** In the order of the text: a member always comes before its group. */
  groups: { name: string; threshold: number; members: string[] }[];
  /** Null when no cosignature is asked for. */
  quorum: string | null;
}

export const SIGNED = 1;
export const COSIGNED = 4;
const KEY_BYTES = 32;
const NAME_BYTES_MAX = 255;
/** As the ledger's own reader: most logs, witnesses and groups, each, and the longest text. */
const ITEMS_MAX = 256;
const TEXT_BYTES_MAX = 1 << 20;

/** Bytes of a base64 text that is written as it would be written again; null for any other. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return null;
  const binary = atob(text);
  return btoa(binary) === text ? Uint8Array.from(binary, (character) => character.charCodeAt(0)) : null;
}

/** Base64 of bytes, in pieces, because a call takes no million arguments. */
export function toBase64(bytes: Uint8Array): string {
  const PIECE = 1 << 14;
  let binary = '';
  for (let at = 0; at < bytes.length; at += PIECE) binary += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(binary);
}

export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
export const same = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && one.every((byte, at) => byte === other[at]);

export async function sha256(...parts: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}

/** Whether a text can name a key: no white space, no `+`, no control characters. */
export const isName = (text: string): boolean => text !== '' && bytesOf(text).length <= NAME_BYTES_MAX && !/[\s+\p{Cc}]/u.test(text);

async function readKey(text: string): Promise<Vkey | null> {
  const [, name, id, encoded] = /^([^+]*)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const typed = fromBase64(encoded ?? '');
  if (!name || !id || !typed || !isName(name)) return null;
  const vkey = { name, id, kind: typed[0] ?? 0, key: typed.slice(1), text };
  // Ids of other kinds are computed otherwise.
  if (vkey.kind !== SIGNED && vkey.kind !== COSIGNED) return vkey;
  const computed = (await sha256(bytesOf(`${name}\n`), typed)).slice(0, 4);
  return vkey.key.length === KEY_BYTES && hex(computed) === id ? vkey : null;
}

/** Reads keys, one a line, or a policy; null when a line is neither. Lines that begin with # and empty ones are passed over. */
export async function readTrust(text: string): Promise<Trust | null> {
  if (bytesOf(text).length > TEXT_BYTES_MAX) return null;
  const trust: Trust = { logs: [], witnesses: [], groups: [], quorum: null };
  /** Every name, and whether a group has taken it as a member. */
  const names = new Map<string, boolean>();
  let asksForQuorum = false;
  const define = (name: string): boolean => name !== 'none' && !names.has(name) && Boolean(names.set(name, false));
  const known = (vkey: Vkey, among: Vkey[]): boolean => among.some(({ key }) => same(key, vkey.key));
  const log = (vkey: Vkey): boolean => !known(vkey, trust.logs) && trust.logs.push(vkey) <= ITEMS_MAX;
  const witness = (name: string, vkey: Vkey): boolean => {
    const listed = trust.witnesses.map((one) => one.vkey);
    return vkey.kind !== SIGNED && !known(vkey, listed) && define(name) && trust.witnesses.push({ name, vkey }) <= ITEMS_MAX;
  };
  for (const line of text.split('\n')) {
    const words = line.replace(/\r$/, '').split(/[ \t]+/).filter((word) => word !== '');
    const [form, first, second, ...more] = words;
    // eslint-disable-next-line no-control-regex
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(line.replace(/\r$/, ''))) return null;
    if (form === undefined || form.startsWith('#')) continue;
    const isMember = (name: string): boolean => names.get(name) === false && Boolean(names.set(name, true));
    if (words.length === 1 && form.includes('+')) {
      const vkey = await readKey(form);
      if (!vkey) return null;
      // People paste a key twice.
      if ([...trust.logs, ...trust.witnesses.map((one) => one.vkey)].some((one) => one.text === vkey.text)) continue;
      if (!(vkey.kind === SIGNED ? log(vkey) : witness(vkey.text, vkey))) return null;
    } else if (form === 'log' && first !== undefined && words.length <= 3) {
      const vkey = await readKey(first);
      if (!vkey || !log(vkey)) return null;
    } else if (form === 'witness' && first !== undefined && second !== undefined && words.length <= 4) {
      const vkey = await readKey(second);
      if (!vkey || !witness(first, vkey)) return null;
    } else if (form === 'group' && first !== undefined && second !== undefined && more.length > 0) {
      const threshold = second === 'all' ? more.length : second === 'any' ? 1 : /^[1-9]\d{0,3}$/.test(second) ? Number(second) : 0;
      if (threshold < 1 || threshold > more.length || !more.every(isMember) || !define(first)) return null;
      if (trust.groups.push({ name: first, threshold, members: more }) > ITEMS_MAX) return null;
    } else if (form === 'quorum' && first !== undefined && words.length === 2 && !asksForQuorum) {
      if (first !== 'none' && !names.has(first)) return null;
      asksForQuorum = true;
      trust.quorum = first === 'none' ? null : first;
    } else {
      return null;
    }
  }
  return trust;
}

/** Whether the keys that cosigned are as many as the policy asks for. */
export function reachesQuorum(trust: Trust, cosigned: readonly Vkey[]): boolean {
  if (trust.quorum === null) return true;
  const reached = new Set(trust.witnesses.filter(({ vkey }) => cosigned.includes(vkey)).map(({ name }) => name));
  for (const { name, threshold, members } of trust.groups) if (members.filter((member) => reached.has(member)).length >= threshold) reached.add(name);
  return reached.has(trust.quorum);
}
