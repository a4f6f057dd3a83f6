/**
 * What the judge found, in words: by the kind and the effect of a finding, which are data.
 *
 * English has the judge's own sentence, which says more. The other languages have a sentence of their own for the kind and
 * show the judge's below it, because names, distances and instants are in that one.
 */
import { word } from './domain';
import { dictionary, language } from './language.svelte';

export interface Finding {
  kind: string;
  effect: string;
  message: string;
}

/** Every kind that the judge has beside the sorts of areas (`FindingKind::wire_name`); what depends on the effect has it after a colon. */
const reasons = dictionary({
  en: {
    inside: (area: string) => `Inside an area: ${area}.`,
    // English has the judge's own sentences.
    kinds: {} as Record<string, string>,
  },
  ru: {
    inside: (area) => `Внутри зоны: ${area}.`,
    kinds: {
      not_evaluated: 'Не рассмотрено: не видно, что предложивший прочёл действующие ограничения.',
      unknown: 'Сторона или силы соглашению неизвестны.',
      not_in_force: 'Соглашение не охватывает этого времени или больше не распространяется на эту сторону.',
      protected_object: 'Внутри зоны, закрытой вокруг охраняемого объекта: никакое согласие этого не разрешит.',
      'protected_object:warn': 'Внутри зоны, закрытой вокруг охраняемого объекта; для этого действия есть исключение.',
      humanitarian_movement: 'Пересекается с гуманитарным движением.',
      operation: 'Пересекается с другой заявленной операцией.',
      'operation:warn': 'Пересекается с операцией той же стороны.',
      notice: 'Уведомлено слишком поздно или не уведомлено вовсе.',
      'notice:warn': 'Уведомление не засчитывается.',
      article: 'Так решает статья об операции в целом.',
      not_permitted: 'Ни одна статья этого не разрешает.',
      indeterminate: 'Статьи не удалось применить, а сомнительное запрещено.',
      consent: 'Одно из названных согласий не засчитывается.',
    },
  },
  ar: {
    inside: (area) => `داخل منطقة: ${area}.`,
    kinds: {
      not_evaluated: 'لم يُنظر فيها: لا شيء يدل على أن المقترِح قرأ القيود السارية.',
      unknown: 'الطرف أو القوة غير معروف في الاتفاق.',
      not_in_force: 'الاتفاق لا يشمل هذا الوقت أو لم يعد يشمل هذا الطرف.',
      protected_object: 'داخل ما يُبعد عنه حول موقع محمي: لا موافقة تسمح بهذا.',
      'protected_object:warn': 'داخل ما يُبعد عنه حول موقع محمي، وهذا النشاط مستثنى.',
      humanitarian_movement: 'تلتقي بحركة إنسانية.',
      operation: 'تلتقي بعملية أخرى معلنة.',
      'operation:warn': 'تلتقي بعملية للطرف نفسه.',
      notice: 'كان الإخطار متأخرًا أو لم يكن إخطار.',
      'notice:warn': 'لا يُحتسب الإخطار.',
      article: 'تقرر ذلك مادة تتناول العملية كلها.',
      not_permitted: 'لا مادة تسمح بها.',
      indeterminate: 'تعذر تطبيق المواد، والمشكوك فيه ممنوع.',
      consent: 'إحدى الموافقات المذكورة لا تُحتسب.',
    },
  },
});

/** Sorts of areas (`AreaRecordKind`), whose names are words of the domain. */
const AREAS = ['designated_area', 'prohibited_area', 'restricted_operations_zone', 'no_fire_area', 'corridor', 'demilitarised_zone'];

/** The finding's sentence in the language in use, and the judge's own where that is another. */
export function reasonWords(finding: Finding): { words: string; own: string | null } {
  if (language.current === 'en') return { words: finding.message, own: null };
  const { kinds, inside } = reasons();
  const words = AREAS.includes(finding.kind) ? inside(word(finding.kind)) : (kinds[`${finding.kind}:${finding.effect}`] ?? kinds[finding.kind]);
  // A kind of a newer node: its own sentence is better than none.
  return words === undefined ? { words: finding.message, own: null } : { words, own: finding.message };
}
