/** What happens to areas and objects, in the words of the reader: the node says it in English. */
import { dictionary } from '../language/language.svelte';

export const groundWords = dictionary({
  en: {
    title: 'On the ground', map: 'What changes on the ground', show: 'Show on the map', nothing: 'Nothing changes on the ground.',
    note: 'Dashed: the outline as it stands. Solid: the outline in the other text. ▽ is ground that would no longer be covered, ▲ ground that would be, ≠ the same ground on other terms.',
    said: {} as Record<string, string>,
  },
  ru: {
    title: 'На местности', map: 'Что меняется на местности', show: 'Показать на карте', nothing: 'На местности ничего не меняется.',
    note: 'Пунктир – нынешняя граница, сплошная линия – граница в другом тексте. ▽ – местность, которая больше не будет покрыта, ▲ – которая будет покрыта вновь, ≠ – то же место на других условиях.',
    said: {
      added: 'добавлено', removed: 'удалено', grown: 'стало больше', shrunk: 'стало меньше', redrawn: 'проведено иначе', moved: 'перемещено',
      'valid for longer': 'действует дольше', 'valid for shorter': 'действует меньше', 'valid at another time': 'действует в другое время', 'more heights': 'больше высот', 'fewer heights': 'меньше высот', 'other heights': 'другие высоты',
      'kind changes': 'меняется вид', 'area kind changes': 'меняется вид района', 'whose consent it asks changes': 'меняется, чьё согласие нужно', 'presence of groups changes': 'меняются присутствующие группы', 'category changes': 'меняется категория',
      'who it applies to: more': 'относится к большему числу сторон', 'who it applies to: fewer': 'относится к меньшему числу сторон', 'who it applies to: others': 'относится к другим сторонам',
      'activities it applies to: more': 'относится к большему числу действий', 'activities it applies to: fewer': 'относится к меньшему числу действий', 'activities it applies to: others': 'относится к другим действиям',
      'stand-off grows': 'удаление растёт', 'stand-off shrinks': 'удаление сокращается', 'stand-off is stated or left to the policy': 'удаление названо или оставлено правилам',
      'accuracy grows': 'погрешность растёт', 'accuracy shrinks': 'погрешность сокращается', 'accuracy is stated or left to the policy': 'погрешность названа или оставлена правилам',
    },
  },
  ar: {
    title: 'على الأرض', map: 'ما يتغير على الأرض', show: 'أظهر على الخريطة', nothing: 'لا يتغير شيء على الأرض.',
    note: 'المتقطع هو الحد القائم، والمتصل هو الحد في النص الآخر. ▽ أرض لن تبقى مشمولة، ▲ أرض ستصير مشمولة، ≠ الأرض نفسها بشروط أخرى.',
    said: {
      added: 'أضيف', removed: 'أزيل', grown: 'اتسع', shrunk: 'ضاق', redrawn: 'أعيد رسمه', moved: 'نُقل',
      'valid for longer': 'يسري مدة أطول', 'valid for shorter': 'يسري مدة أقصر', 'valid at another time': 'يسري في وقت آخر', 'more heights': 'ارتفاعات أكثر', 'fewer heights': 'ارتفاعات أقل', 'other heights': 'ارتفاعات أخرى',
      'kind changes': 'يتغير نوعه', 'area kind changes': 'يتغير نوع المنطقة', 'whose consent it asks changes': 'يتغير من تُطلب موافقته', 'presence of groups changes': 'تتغير الجماعات الموجودة', 'category changes': 'تتغير فئته',
      'who it applies to: more': 'ينطبق على أطراف أكثر', 'who it applies to: fewer': 'ينطبق على أطراف أقل', 'who it applies to: others': 'ينطبق على أطراف أخرى',
      'activities it applies to: more': 'ينطبق على أنشطة أكثر', 'activities it applies to: fewer': 'ينطبق على أنشطة أقل', 'activities it applies to: others': 'ينطبق على أنشطة أخرى',
      'stand-off grows': 'تزيد مسافة الإبعاد', 'stand-off shrinks': 'تنقص مسافة الإبعاد', 'stand-off is stated or left to the policy': 'مسافة الإبعاد محددة أو متروكة للسياسة',
      'accuracy grows': 'يزيد هامش الموضع', 'accuracy shrinks': 'ينقص هامش الموضع', 'accuracy is stated or left to the policy': 'هامش الموضع محدد أو متروك للسياسة',
    },
  },
});

/** Several changes as one list of words. */
export function changeWords(changes: readonly string[]): string {
  return changes.map((change) => groundWords().said[change] ?? change).join(', ');
}
