/** Requests to the node, typed by its OpenAPI document. */
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** What every request to the node shares: the second secret of the session, and who is told when there is none or no answer. */
export const credentials: { csrf: string | null; lost: (() => void) | null; unreached: (() => void) | null } = { csrf: null, lost: null, unreached: null };

type Body<R> = R extends { content: infer C } ? C[keyof C] : undefined;
type Success<O> = O extends { responses: infer R } ? Body<R[Extract<keyof R, 200 | 201>]> : never;
type GetPath = { [P in keyof paths]: paths[P] extends { get: object } ? P : never }[keyof paths];
type PostPath = { [P in keyof paths]: paths[P] extends { post: object } ? P : never }[keyof paths];
type Values = Record<string, string | number | undefined>;

/** What a problem document says (RFC 9457), with the members the node adds. */
export interface ProblemDocument {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  refusal?: { attempted?: string; subject?: string; state?: string; rule?: string; says?: string; who_could_act?: unknown };
  problems?: { code: string; severity: string; pointer?: string; message: string; help?: string }[];
}

/** The node answered with a problem, or could not be reached (`status` 0). */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly document: ProblemDocument,
  ) {
    super(document.detail ?? document.title ?? `status ${status}`);
  }

  get isUnreachable(): boolean {
    return this.status === 0;
  }

  /** The name of the kind of problem, such as `refused`. */
  get kind(): string {
    return this.document.type?.split('#')[1] ?? '';
  }
}

/** Milliseconds after which a node that does not answer counts as out of reach. */
const PATIENCE_MS = 30_000;

function unreached(): ApiProblem {
  credentials.unreached?.();
  return new ApiProblem(0, { title: 'unreachable' });
}

function filled(path: string, params: Values, query: Values): string {
  const at = path.replace(/\{\*?(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name] ?? '')));
  const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const tail = new URLSearchParams(asked.map(([name, value]) => [name, String(value)])).toString();
  return tail ? `${at}?${tail}` : at;
}

export async function ask(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (credentials.csrf && method !== 'GET') headers['x-csrf-token'] = credentials.csrf;
  const limit = AbortSignal.timeout(PATIENCE_MS);
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreached();
  }
  if (response.ok) return response;
  if (response.status === 401) credentials.lost?.();
  const document: ProblemDocument = await response.json().catch(() => ({}));
  throw new ApiProblem(response.status, document);
}

/** Sends a file as it is; it may take as long as it takes, since a large one is put on record row by row. */
export async function upload<T>(url: string, bytes: Blob, type: string, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { 'content-type': type };
  if (credentials.csrf) headers['x-csrf-token'] = credentials.csrf;
  let response: Response;
  try {
    response = await fetch(url, { method: 'POST', headers, body: bytes, credentials: 'same-origin', signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreached();
  }
  if (response.ok) return response.json();
  if (response.status === 401) credentials.lost?.();
  throw new ApiProblem(response.status, await response.json().catch(() => ({})));
}

/** Reads from the node. */
export async function get<P extends GetPath>(path: P, options: { params?: Values; query?: Values; signal?: AbortSignal } = {}): Promise<Success<paths[P] extends { get: infer O } ? O : never>> {
  const response = await ask('GET', filled(path, options.params ?? {}, options.query ?? {}), undefined, options.signal);
  return response.json();
}

/** Null where the node has nothing of the kind. */
export async function orNone<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (problem) {
    if (problem instanceof ApiProblem && problem.status === 404) return null;
    throw problem;
  }
}

/** Sends to the node. */
export async function post<P extends PostPath>(path: P, body: unknown, options: { signal?: AbortSignal } = {}): Promise<Success<paths[P] extends { post: infer O } ? O : never>> {
  const response = await ask('POST', path, body, options.signal);
  return response.json();
}

/** The largest page the node gives. */
const PAGE_ITEMS = 1000;

/** Reads every page of a list. */
export async function all<P extends GetPath>(path: P, params: Values = {}, signal?: AbortSignal): Promise<Success<paths[P] extends { get: infer O } ? O : never> extends { items: infer I } ? I : never> {
  const items: unknown[] = [];
  let after: string | undefined;
  for (;;) {
    const response = await ask('GET', filled(path, params, { after, limit: PAGE_ITEMS }), undefined, signal);
    const page: { items: unknown[]; next: string | null } = await response.json();
    items.push(...page.items);
    if (page.next === null) return items as never;
    after = page.next;
  }
}

/** Puts an act on the record; the same key makes a repeated request one act. */
export async function act(wish: { kind: string; subject: string; role?: string; body?: Record<string, unknown> }, key: string): Promise<Schemas['Recorded']> {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'idempotency-key': key };
  if (credentials.csrf) headers['x-csrf-token'] = credentials.csrf;
  let response: Response;
  try {
    response = await fetch('/api/v1/acts', { method: 'POST', headers, body: JSON.stringify(wish), credentials: 'same-origin', signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw unreached();
  }
  if (response.ok) return response.json();
  if (response.status === 401) credentials.lost?.();
  throw new ApiProblem(response.status, await response.json().catch(() => ({})));
}
