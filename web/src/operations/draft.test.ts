import { describe, expect, it } from 'vitest';
import { actOf, emptyDraft, faults, type Draft } from './draft';

const NOW = Date.parse('2016-09-13T10:00:00Z');
const whole = (): Draft => ({ ...emptyDraft(NOW, 'US'), id: 'us-transit-1', force: 'us-air', shape: { type: 'polygon', places: [[36, 35], [36, 36], [37, 36]] } });

describe('a draft', () => {
  it('says what is missing', () => {
    expect(faults(emptyDraft(NOW, 'US'), NOW)).toEqual({ id: 'required', force: 'required', shape: 'required' });
    expect(faults(whole(), NOW)).toEqual({});
  });
  it('says what is wrong', () => {
    const wrong = { ...whole(), id: 'a b', upper: { value: '10', unit: 'm' as const, reference: 'MSL' as const }, end: '2016-01-01T00:00', expires: '2016-01-01T00:00' };
    expect(faults(wrong, NOW)).toEqual({ id: 'badId', upper: 'upperAbove', end: 'endAfter', expires: 'inPast' });
  });
  it('becomes a proposal of the profile', () => {
    const act = actOf(whole());
    expect(act.kind).toBe('operation_proposed');
    const [feature] = act.body['features'] as { geometry: unknown; properties: Record<string, unknown> }[];
    // The ring is closed and runs counter-clockwise.
    expect(feature?.geometry).toEqual({ type: 'Polygon', coordinates: [[[36, 35], [37, 36], [36, 36], [36, 35]]] });
    expect(feature?.properties).toMatchObject({ kind: 'operation', lower: { value: 3000, unit: 'm', reference: 'MSL' }, start: '2016-09-14T10:00:00Z' });
  });
  it('becomes a revision with the next version', () => {
    const act = actOf({ ...whole(), revises: { id: 'us-transit-1', version: 2 }, shape: { type: 'circle', centre: [36, 35], radius: 5000 }, upper: { value: '', unit: 'm', reference: 'UNL' } });
    expect(act).toMatchObject({ kind: 'operation_revised', body: { version: 2 } });
    const [feature] = act.body['features'] as { properties: Record<string, unknown> }[];
    expect(feature?.properties).toMatchObject({ radius_m: 5000, upper: { reference: 'UNL' } });
  });
});
