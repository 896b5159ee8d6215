/** Words that do not tell more than the name of a field does: of sentences, and of the records that fields belong to. */
const EMPTY = new Set(
  (
    'a an the of for by in on to is be can that this which with who it its has have will used using new whether ' +
    'part parts order orders line lines company build record records category location list template group user users contact supplier manufacturer stock item items shipment machine test parameter'
  ).split(' '),
);
const words = (text: string) => text.toLowerCase().match(/[\p{L}\d]+/gu) ?? [];
const stem = (word: string) => word.replace(/(ies|y|es|s|d|ed)$/, '');

/** Whether a help text says more than the label above it: "Name of the part." below "Name" does not. */
export function saysMore(help: string, label: string): boolean {
  if (/[`,;:(]|\. \S/.test(help)) return true;
  const known = new Set(words(label).map(stem));
  return words(help).some((word) => !EMPTY.has(word) && !known.has(stem(word)));
}
