import { describe, expect, it } from 'vitest';
import { actOf, emptyDraft, faults, oddities, sheetOf, steps, validation } from './objects';

const whole = () => ({ ...emptyDraft(), id: 'clinic-9', en: 'Clinic', place: '35.775, 36.37', accuracy: '50', consentBy: 'Its director' });
const object = (state: string, rung: string, contested: string[] = []) => ({ matter: { state, opened_by: 'UN' }, deliveries: [{ recipient: 'RU', state: rung, since: '' }], contested_by: contested }) as never;
const offered = (of: never, participant: string, ...roles: string[]) => steps(of, { participant, roles: roles as never }).map(({ step }) => step.kind);

describe('a protected object', () => {
  it('is notified with a place, its exactness and the consent of those who run it', () => {
    expect(faults(emptyDraft())).toEqual({ id: 'required', en: 'required', place: 'required', accuracy: 'required', consentBy: 'required' });
    expect(faults({ ...whole(), place: 'there', radius: '-1', accuracy: 'x' })).toEqual({ place: 'badPlace', radius: 'badFigures', accuracy: 'badFigures' });
    expect(faults(whole())).toEqual({});
  });
  it('is protected from the moment it is notified, until further notice', () => {
    const { body } = actOf(whole(), 'UN', Date.parse('2016-09-15T08:00:00Z')) as unknown as { body: { feature: { geometry: unknown; properties: Record<string, unknown> } } };
    expect(body.feature.geometry).toEqual({ type: 'Point', coordinates: [36.37, 35.775] });
    expect(body.feature.properties).toMatchObject({ start: '2016-09-15T08:00:00.000Z', end: 'UFN', name: { en: 'Clinic' }, submitted_by: 'UN' });
    expect(body).not.toHaveProperty('explicit_end');
  });
  it('is looked at by the node first, as a sheet of one row with the consent it was given by', async () => {
    const sheet = JSON.parse(await sheetOf(whole(), 'UN', Date.parse('2016-09-15T08:00:00Z')).text());
    expect(sheet.features).toHaveLength(1);
    expect(sheet.features[0].properties).toMatchObject({ id: 'clinic-9', consent_by: 'Its director', consent_at: '2016-09-15T08:00:00.000Z', measured_how: 'handheld' });
    const problem = (severity: string) => ({ code: 'far', severity, message: severity });
    expect(oddities({ rows: [{ problems: [problem('note'), problem('warning'), problem('error')] }] } as never).map((one) => one.message)).toEqual(['warning', 'error']);
  });
  it('is validated with every warning accepted, and says nothing of warnings where there are none', () => {
    expect(validation({ version: 2, warnings: [] }, ['datum'])).toEqual({ version: 2, checks: ['datum'] });
    expect(validation({ version: 1, warnings: [{}, {}] as never }, ['datum'])).toEqual({ version: 1, checks: ['datum'], warnings_accepted: 2 });
  });
  it('is kept by its submitter and climbs the ladder of each recipient', () => {
    expect(offered(object('submitted', 'not_sent'), 'UN', 'notifier')).toEqual(['object_validated', 'object_released', 'object_reviewed', 'object_returned', 'object_revoked']);
    expect(offered(object('live', 'sent'), 'RU', 'watch_officer')).toEqual(['object_received', 'object_returned', 'object_contested']);
    expect(offered(object('live', 'loaded'), 'RU', 'watch_officer')).toContain('object_disseminated');
    expect(offered(object('live', 'not_sent'), 'RU', 'watch_officer')).toEqual([]);
    expect(offered(object('live', 'sent'), 'RU', 'planner')).toEqual([]);
  });
  it('has a contest to answer only when there is one', () => {
    expect(offered(object('live', 'sent', ['RU']), 'UN', 'notifier')).toContain('contest_answered');
    expect(offered(object('live', 'sent'), 'UN', 'notifier')).not.toContain('contest_answered');
  });
});
