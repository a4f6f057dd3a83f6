import { describe, expect, it } from 'vitest';
import { draftKey, dropDraft, keepDraft, readDraft } from './drafts';

class Memory implements Storage {
  #kept = new Map<string, string>();
  get length(): number { return this.#kept.size; }
  clear(): void { this.#kept.clear(); }
  getItem(key: string): string | null { return this.#kept.get(key) ?? null; }
  key(index: number): string | null { return [...this.#kept.keys()][index] ?? null; }
  removeItem(key: string): void { this.#kept.delete(key); }
  setItem(key: string, value: string): void { this.#kept.set(key, value); }
}

describe('drafts', () => {
  it('are kept for one user of one participant, and dropped', () => {
    const storage = new Memory();
    const key = draftKey({ participant: 'US', name: 'us-planner' }, 'operation');
    expect(keepDraft(key, { id: 'x' }, storage)).toBe(true);
    expect(readDraft<{ id: string }>(key, storage)?.value.id).toBe('x');
    expect(readDraft(draftKey({ participant: 'RU', name: 'us-planner' }, 'operation'), storage)).toBeNull();
    dropDraft(key, storage);
    expect(readDraft(key, storage)).toBeNull();
  });
  it('that cannot be read are forgotten', () => {
    const storage = new Memory();
    storage.setItem('k', '{');
    expect(readDraft('k', storage)).toBeNull();
    expect(storage.length).toBe(0);
  });
  it('that cannot be kept say so', () => {
    const full = new Memory();
    full.setItem = () => { throw new DOMException('full'); };
    expect(keepDraft('k', 1, full)).toBe(false);
  });
});
