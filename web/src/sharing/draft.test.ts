import { describe, expect, it } from 'vitest';
import { documentOf, draftOf, emptyDraft, emptyPortion, estimate, faults, strictest, termsOf } from './draft';

const whole = () => ({ ...emptyDraft(), id: 'r-1', title: 'Movements', to: ['RU'], portions: [{ ...emptyPortion(), text: 'Nine trucks.', to: ['RU'] }] });

describe('a report', () => {
  it('goes to nobody until somebody is named', () => {
    const document = documentOf({ ...emptyDraft(), id: 'r-1', title: 'x' });
    expect(document['marking']).toMatchObject({ releasable_to: [], originator_control: true });
    expect(strictest('RU')).toEqual({ recipient: 'RU', place: 'withheld', time: 'withheld', detail: 'tearline', without: [] });
  });
  it('says everything that is missing at once', () => {
    expect(faults({ ...emptyDraft(), portions: [{ ...emptyPortion(), position: 'nowhere', killed: ['3', '1', ''] }] })).toEqual({ id: 'required', title: 'required', '0.text': 'required', '0.position': 'badPlace', '0.killed': 'badFigures' });
    expect(faults(whole())).toEqual({});
  });
  it('leaves out what was not written', () => {
    const [portion] = documentOf(whole())['portions'] as Record<string, unknown>[];
    expect(Object.keys(portion ?? {}).sort()).toEqual(['marking', 'text']);
  });
  it('reads a place in any notation, and keeps what was said', () => {
    const [portion] = documentOf({ ...whole(), portions: [{ ...emptyPortion(), text: 'x', position: '36.5, 37.25' }] })['portions'] as { place: { position: unknown } }[];
    expect(portion?.place.position).toEqual({ said: '36.5, 37.25', latitude_deg: 36.5, longitude_deg: 37.25 });
  });
  it('comes back from the node as it was written', () => {
    const draft = { ...whole(), expires: '2016-10-01T12:00', control: false, portions: [{ ...emptyPortion(), level: 'secret' as const, to: ['UN'], text: 'a', tearline: 'b', settlement: 'Azaz', area: 'da-1', position: '36.5, 37.25', at: '2016-09-15T08:47', killed: ['1', '2', '3'] as [string, string, string], grade: 'B2', source: 's', method: 'm' }] };
    expect(draftOf(documentOf(draft))).toEqual(draft);
  });
  it('has estimates of whole numbers that do not fall', () => {
    expect(estimate(['', '', ''])).toBeUndefined();
    expect(estimate(['1', '', '4'])).toEqual({ low: 1, high: 4 });
    expect(estimate(['', '2', ''])).toBeNull();
    expect(estimate(['1.5', '', ''])).toBeNull();
    expect(estimate(['-1', '', ''])).toBeNull();
  });
  it('has terms that say no more than was chosen', () => {
    expect(termsOf([strictest('UN'), { ...strictest('RU'), without: ['harm'] }])).toEqual([{ recipient: 'UN', place: 'withheld', time: 'withheld', detail: 'tearline' }, { recipient: 'RU', place: 'withheld', time: 'withheld', detail: 'tearline', without: ['harm'] }]);
  });
});
