/** What can be written at a place of a template: names of variables and fields, filters, tags. */
export interface Name {
  name: string;
  /** Kind of record behind it. */
  model: string | null;
  list: boolean;
}

/** What templates of a kind know, as the server tells it. */
export interface Names {
  variables: Name[];
  records: Record<string, Name[]>;
  tags: string[];
  filters: string[];
}

export interface Offer {
  label: string;
  type: 'variable' | 'property' | 'function' | 'keyword';
  detail?: string;
}
export interface Offers {
  /** Where the word begins that is being written. */
  from: number;
  offers: Offer[];
}

/** What lists have beside their records. */
const OF_LISTS = ['all', 'count', 'first', 'last'];
const OF_LOOPS = ['counter', 'counter0', 'revcounter', 'revcounter0', 'first', 'last', 'parentloop'];

type Target = { model: string | null; list: boolean } | undefined;
type Scope = Map<string, Target>;

/** The record or list behind a path. */
function follow(path: string, names: Names, scope: Scope): Target {
  const [first = '', ...rest] = path.split('.');
  let target: Target = scope.has(first) ? scope.get(first) : names.variables.find(({ name }) => name === first);
  for (const step of rest) {
    if (!target?.model) return undefined;
    if (target.list) {
      if (step === 'all') continue;
      if (step === 'first' || step === 'last' || /^\d+$/.test(step)) target = { model: target.model, list: false };
      else return undefined;
    } else target = names.records[target.model]?.find(({ name }) => name === step);
  }
  return target;
}

/** Names that loops and `with` give, where they are still in force at the end of the text. */
function scopeOf(text: string, names: Names): Scope {
  const stack: Scope[] = [new Map()];
  const top = () => stack.at(-1) ?? new Map<string, Target>();
  for (const [, tag = '', inner = ''] of text.matchAll(/\{%-?\s*(for|endfor|with|endwith)\b([^%]*)%\}/g)) {
    if (tag === 'endfor' || tag === 'endwith') {
      if (stack.length > 1) stack.pop();
      continue;
    }
    const scope: Scope = new Map(top());
    if (tag === 'for') {
      const [, name, path] = /^\s*(\w+)\s+in\s+([\w.]+)/.exec(inner) ?? [];
      const target = path ? follow(path, names, top()) : undefined;
      if (name) scope.set(name, target?.model ? { model: target.model, list: false } : undefined);
      scope.set('forloop', undefined);
    } else {
      for (const [, name = '', path = ''] of inner.matchAll(/(\w+)\s*=\s*([\w.]+)/g)) scope.set(name, follow(path, names, top()));
      const [, path, name] = /([\w.]+)\s+as\s+(\w+)/.exec(inner) ?? [];
      if (name && path) scope.set(name, follow(path, names, top()));
    }
    stack.push(scope);
  }
  return top();
}

const isInString = (text: string) => (text.match(/"/g)?.length ?? 0) % 2 === 1 || (text.match(/'/g)?.length ?? 0) % 2 === 1;

const described = ({ name, model, list }: Name, type: Offer['type']): Offer => ({
  label: name,
  type,
  ...(model && { detail: list ? `${model} …` : model }),
});

export function offersAt(text: string, at: number, names: Names): Offers | null {
  const before = text.slice(0, at);
  const open = Math.max(before.lastIndexOf('{{'), before.lastIndexOf('{%'));
  if (open < 0 || Math.max(before.lastIndexOf('}}'), before.lastIndexOf('%}')) > open) return null;
  const inner = before.slice(open + 2);
  if (isInString(inner)) return null;
  const [word = ''] = /[\w.]*$/.exec(inner) ?? [];
  const rest = inner.slice(0, inner.length - word.length);
  if (/\|\s*$/.test(rest)) {
    return { from: at - word.length, offers: names.filters.map((label) => ({ label, type: 'function' })) };
  }
  if (before[open + 1] === '%' && rest.trim() === '') {
    return { from: at - word.length, offers: names.tags.map((label) => ({ label, type: 'keyword' })) };
  }
  // an argument of a filter, or a number
  if (/:$/.test(rest) || /^\d/.test(word)) return null;
  const scope = scopeOf(before.slice(0, open), names);
  const dot = word.lastIndexOf('.');
  const from = at - (word.length - dot - 1);
  if (dot < 0) {
    const own = [...scope].map(([name, target]) => described({ name, model: target?.model ?? null, list: target?.list ?? false }, 'variable'));
    const others = names.variables.filter(({ name }) => !scope.has(name)).map((name) => described(name, 'variable'));
    return { from, offers: [...own, ...others] };
  }
  const path = word.slice(0, dot);
  if (path === 'forloop' && scope.has('forloop')) return { from, offers: OF_LOOPS.map((label) => ({ label, type: 'property' })) };
  const target = follow(path, names, scope);
  if (!target?.model) return null;
  if (target.list) return { from, offers: OF_LISTS.map((label) => ({ label, type: 'property' })) };
  return { from, offers: (names.records[target.model] ?? []).map((name) => described(name, 'property')) };
}
