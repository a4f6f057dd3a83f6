/** How a state is coloured: what it asks of whoever looks at it. */
export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'accent';

/** States by what they ask; a state that is not listed is calm. */
const TONES: Record<Exclude<Tone, 'calm'>, readonly string[]> = {
  good: ['consented', 'active', 'clear', 'validated', 'live', 'in_force', 'acknowledged', 'normal', 'confirmed', 'accepted', 'departed', 'disseminated', 'noticed', 'standing', 'action_confirmed', 'read_back_confirmed'],
  warn: ['proposed', 'conditions_open', 'consent_required', 'submitted', 'returned', 'loosening_proposed', 'end_proposed', 'unknown', 'ringing', 'raised', 'assigned', 'received', 'tabled', 'technical_review', 'initialling', 'adopting', 'maintained', 'declared', 'claimed', 'consent', 'warn', 'revoked_with_grace'],
  bad: ['prohibited', 'objected', 'stopped', 'recheck_required', 'recheck_in_flight', 'stopped_in_flight', 'nonconforming', 'contingent', 'overdue', 'down', 'unanswered', 'escalated', 'refused', 'not_confirmed_in_time', 'read_back_wrong', 'action_overdue', 'forbid', 'review_overdue', 'close_out_overdue', 'suspended', 'in_effect', 'recalled'],
  accent: ['answered', 'adopted', 'initialled', 'on_record', 'ended', 'closed_out'],
};

export function toneOf(state: string): Tone {
  for (const [tone, states] of Object.entries(TONES)) if (states.includes(state)) return tone as Tone;
  return 'calm';
}
