import { dictionary } from '../language/language.svelte';

export const proof = dictionary({
  en: {
    ledger: 'Ledger', entries: 'Entries', presence: 'Its owner', cosigned: 'Cosigned by', root: 'Root',
    record: 'A record', index: 'Number of the entry', indexHint: 'counted from 0', show: 'Show', wrote: 'Written', counts: 'Counts from', author: 'Author', kind: 'Kind', effect: 'Effect', hadEffect: 'took effect', noEffect: 'without effect', body: 'What it says',
    knew: 'Who knew it, by when', nobody: 'Nobody else provably yet.', how: { written: 'wrote it', entry: 'wrote an entry that cites it', cosignature: 'cosigned a ledger that holds it' } as Record<string, string>,
    verify: 'Verify in this browser', keys: 'Keys you trust', keysHint: 'One a line, as in the policy of your agreement’s folder. They stay in this browser; the node is not asked for them.', badKeys: 'A line is not a key whose id is right.',
    verdict: {
      ok: 'Verified here: the entry is in the ledger its owner signed.',
      not_included: 'Not verified: the entry is not in the ledger it is said to be in.',
      no_key: 'Not verified: none of your keys is that of this ledger.',
      bad_signature: 'Not verified: a signature does not hold, that of',
      quorum: 'Not verified: your policy asks for cosignatures that are missing. Its quorum is',
      not_evidence: 'Not verified: the node gave no evidence file.',
      broke_off: 'Not verified: the check broke off before it found anything.',
    } as Record<string, string>,
    checkedBy: {
      ledger: 'Checked in this page by the ledger crate (WebAssembly): the same checks as those of the node and of the command.',
      script: 'Checked in this page by its own script: this node’s console has no WebAssembly of the ledger crate, or this browser does not take it.',
    },
    file: 'Evidence file', mayNot: 'Records are read here by those who inquire or audit.',
  },
  ru: {
    ledger: 'Журнал', entries: 'Записей', presence: 'Его владелец', cosigned: 'Заверили', root: 'Корень',
    record: 'Запись', index: 'Номер записи', indexHint: 'считая с 0', show: 'Показать', wrote: 'Написано', counts: 'Действует с', author: 'Автор', kind: 'Вид', effect: 'Последствия', hadEffect: 'вступила в силу', noEffect: 'без последствий', body: 'Содержание',
    knew: 'Кто и когда знал', nobody: 'Пока доказуемо никто другой.', how: { written: 'написал', entry: 'сделал запись со ссылкой на неё', cosignature: 'заверил журнал, где она есть' },
    verify: 'Проверить в этом браузере', keys: 'Ключи, которым вы доверяете', keysHint: 'По одному в строке, как в политике из папки соглашения. Они остаются в этом браузере; у узла их не спрашивают.', badKeys: 'Одна из строк — не ключ с верным идентификатором.',
    verdict: {
      ok: 'Проверено здесь: запись есть в журнале, подписанном его владельцем.',
      not_included: 'Не подтверждено: записи нет в журнале, где она будто бы есть.',
      no_key: 'Не подтверждено: среди ваших ключей нет ключа этого журнала.',
      bad_signature: 'Не подтверждено: неверна подпись, сделанная от имени',
      quorum: 'Не подтверждено: ваша политика требует заверений, которых нет. Её кворум —',
      not_evidence: 'Не подтверждено: узел не дал файла доказательства.',
      broke_off: 'Не подтверждено: проверка прервалась, ничего не установив.',
    },
    checkedBy: {
      ledger: 'Проверено на этой странице крейтом ledger (WebAssembly): теми же проверками, что в узле и в команде.',
      script: 'Проверено на этой странице её собственным скриптом: в консоли этого узла нет WebAssembly крейта ledger, или браузер его не принимает.',
    },
    file: 'Файл доказательства', mayNot: 'Записи здесь читают те, кто расследует или проверяет.',
  },
  ar: {
    ledger: 'السجل', entries: 'القيود', presence: 'صاحبه', cosigned: 'صادق عليه', root: 'الجذر',
    record: 'قيد', index: 'رقم القيد', indexHint: 'العدّ من 0', show: 'عرض', wrote: 'كُتب', counts: 'يسري من', author: 'الكاتب', kind: 'النوع', effect: 'الأثر', hadEffect: 'نفذ', noEffect: 'دون أثر', body: 'ما يقوله',
    knew: 'من علم به ومتى', nobody: 'لا أحد غيره بإثبات حتى الآن.', how: { written: 'كتبه', entry: 'كتب قيدًا يستشهد به', cosignature: 'صادق على سجل يحويه' },
    verify: 'تحقق في هذا المتصفح', keys: 'المفاتيح التي تثق بها', keysHint: 'مفتاح في كل سطر، كما في سياسة مجلد الاتفاق. تبقى في هذا المتصفح ولا تُطلب من العقدة.', badKeys: 'أحد الأسطر ليس مفتاحًا بمعرّف صحيح.',
    verdict: {
      ok: 'تم التحقق هنا: القيد في السجل الذي وقّعه صاحبه.',
      not_included: 'لم يتم التحقق: القيد ليس في السجل المذكور.',
      no_key: 'لم يتم التحقق: ليس بين مفاتيحك مفتاح هذا السجل.',
      bad_signature: 'لم يتم التحقق: توقيع لا يصح، وهو باسم',
      quorum: 'لم يتم التحقق: تطلب سياستك مصادقات غير موجودة. نصابها',
      not_evidence: 'لم يتم التحقق: لم تُعطِ العقدة ملف إثبات.',
      broke_off: 'لم يتم التحقق: انقطع الفحص قبل أن يجد شيئًا.',
    },
    checkedBy: {
      ledger: 'جرى الفحص في هذه الصفحة بوحدة ledger نفسها (WebAssembly)، بالفحوص ذاتها التي في العقدة وفي الأمر.',
      script: 'جرى الفحص في هذه الصفحة بنصها البرمجي: ليس في وحدة تحكم هذه العقدة WebAssembly من وحدة ledger، أو لا يقبله هذا المتصفح.',
    },
    file: 'ملف الإثبات', mayNot: 'يقرأ القيود هنا من يحقق أو يدقق.',
  },
});
