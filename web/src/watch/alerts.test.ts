import { describe, expect, it } from 'vitest';
import type { Schemas } from '../api/client';
import { grouped } from './alerts';

type Matter = Schemas['MatterView'];
const alert = (id: string, by: string, at: string, body: Record<string, unknown>, state = 'raised'): Matter => ({
  id, workflow: 'alert', state, since: at, is_over: false, opened_by: by, opened_at: at,
  lines: [{ origin: by, index: 0, holder: by, author: 'node', role: 'system', at, kind: 'alert_raised', body }],
});
const late = { text: 'Operation op-1 is flown outside what it declared', about: 'op-1' };

describe('alerts', () => {
  it('of several nodes about one event are one row with those who raised it', () => {
    const rows = grouped([
      alert('a-us', 'US', '2030-01-01T10:00:02Z', late),
      alert('a-ru', 'RU', '2030-01-01T10:00:01Z', late, 'overdue'),
      alert('a-un', 'UN', '2030-01-01T10:00:03Z', late),
      alert('b-us', 'US', '2030-01-01T10:00:02Z', { ...late, about: 'op-2' }),
    ]);
    expect(rows.map((row) => [row.holders, row.alerts.map((one) => one.id), row.state])).toEqual([
      [['RU', 'UN', 'US'], ['a-ru', 'a-us', 'a-un'], 'overdue'],
      [['US'], ['b-us'], 'raised'],
    ]);
  });
  it('that a node raises again tell of another event', () => {
    const rows = grouped([
      alert('1-us', 'US', '2030-01-01T10:00:00Z', late),
      alert('1-ru', 'RU', '2030-01-01T10:00:01Z', late),
      alert('2-ru', 'RU', '2030-01-01T12:00:00Z', late),
      alert('2-us', 'US', '2030-01-01T12:00:01Z', late),
    ]);
    expect(rows.map((row) => row.alerts.map((one) => one.id))).toEqual([['1-us', '1-ru'], ['2-ru', '2-us']]);
  });
  it('that were taken note of wait for nobody', () => {
    expect(grouped([alert('a', 'US', '2030-01-01T10:00:00Z', late, 'acknowledged')])).toEqual([]);
  });
});
