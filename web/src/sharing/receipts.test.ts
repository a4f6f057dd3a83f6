import { describe, expect, it } from 'vitest';
import { owed } from './receipts';

const object = (id: string, state: string, since: string, isOver = false) => ({ matter: { id, is_over: isOver }, deliveries: [{ recipient: 'RU', state, since }] }) as never;

describe('who has not taken note', () => {
  it('is listed longest first, reports and objects together', () => {
    const reports = [{ title: 'x', view: { report: 'r', not_acknowledged_by: [{ recipient: 'RU', what: 'recall', since: '2016-09-02' }] } as never }];
    expect(owed(reports, [object('h', 'received', '2016-09-01')]).map(({ subject, what }) => `${what} ${subject}`)).toEqual(['object h', 'recall r']);
  });
  it('leaves out whoever has passed it on, and what is over', () => {
    expect(owed([], [object('a', 'disseminated', '1'), object('b', 'loaded', '2', true)])).toEqual([]);
  });
});
