import { describe, expect, it } from 'vitest';
import { onwardOf, undecided } from './onward';

const line = (kind: string, holder: string, body: Record<string, unknown>) => ({ kind, holder, at: '2016-09-15T00:00:00Z', body }) as never;
const asked = line('onward_requested', 'RU', { recipients: ['UN'], reason: 'x' });

describe('letting a report go further', () => {
  it('is asked until its originator decides', () => {
    expect(undecided([asked])).toHaveLength(1);
    expect(undecided([asked, line('onward_decided', 'US', { requester: 'RU', granted: false })])).toEqual([]);
    expect(undecided([asked, line('onward_decided', 'US', { requester: 'RU', granted: false }), asked])).toHaveLength(1);
  });
  it('is granted to those named in the request, until it is asked anew', () => {
    const granted = [asked, line('onward_decided', 'US', { requester: 'RU', granted: true })];
    expect(onwardOf(granted, 'RU').granted).toEqual(['UN']);
    expect(onwardOf(granted, 'UN').granted).toEqual([]);
    expect(onwardOf([...granted, line('onward_requested', 'RU', { recipients: ['IR'] })], 'RU').granted).toEqual([]);
  });
});
