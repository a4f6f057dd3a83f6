/** Alerts as the watch reads them: what several nodes raise about one event is one row. */
import type { Schemas } from '../api/client';

type Matter = Schemas['MatterView'];

/** Alerts of different holders that tell the same. */
export interface AlertGroup {
  key: string;
  /** The oldest first, one of each holder. */
  alerts: Matter[];
  /** Who raised them, in order. */
  holders: string[];
  /** `overdue` as soon as one of them is. */
  state: string;
}

/** What an alert tells, whoever raised it. */
function told(alert: Matter): string {
  const body = (alert.lines[0]?.body ?? {}) as Record<string, unknown>;
  return JSON.stringify([body['text'] ?? alert.id, body['about'] ?? null, body['subjects'] ?? [], body['articles'] ?? [], body['owed_by'] ?? null]);
}

/** The alerts nobody took note of, by what they tell: a holder that tells it again tells of another event. */
export function grouped(alerts: readonly Matter[]): AlertGroup[] {
  const groups: AlertGroup[] = [];
  const open = alerts.filter((one) => one.state !== 'acknowledged').sort((a, b) => a.opened_at.localeCompare(b.opened_at) || a.id.localeCompare(b.id));
  const byTold = new Map<string, AlertGroup[]>();
  for (const alert of open) {
    const same = byTold.get(told(alert)) ?? [];
    const joined = same.find((group) => !group.holders.includes(alert.opened_by));
    if (joined) {
      joined.alerts.push(alert);
      joined.holders = [...joined.holders, alert.opened_by].sort();
      if (alert.state === 'overdue') joined.state = alert.state;
      continue;
    }
    const group = { key: `alert/${alert.id}`, alerts: [alert], holders: [alert.opened_by], state: alert.state };
    groups.push(group);
    byTold.set(told(alert), [...same, group]);
  }
  return groups;
}
