/** All areas, found by their folders; kinds of records and pages by their paths. */
import type { Area, Kind, PageEntry, Resource, Verb } from '@/shared/description';

const found = import.meta.glob<{ area: Area }>('../areas/*/index.ts', { eager: true });

export const areas: Area[] = Object.values(found)
  .map((module) => module.area)
  .sort((a, b) => (a.order ?? 1000) - (b.order ?? 1000));

export const kinds: Kind[] = areas.flatMap((area) => area.kinds ?? []);
export const pages: PageEntry[] = areas.flatMap((area) => area.pages ?? []);

const byModel = new Map(kinds.map((kind) => [kind.model, kind]));
const byPath = new Map(kinds.map((kind) => [kind.path, kind]));

export const kindOf = (model: string | undefined): Kind | undefined => (model ? byModel.get(model) : undefined);
export const kindAt = (path: string): Kind | undefined => byPath.get(path);

/** The kind of that name, which has to be there. */
export function kind(model: string): Kind {
  const found = byModel.get(model);
  if (!found) throw new Error(`No area has the kind ${model}.`);
  return found;
}

const loaded = new Map<string, Promise<Resource>>();
const ready = new Map<string, Resource>();

/** The description of a kind, where it is loaded. */
export const readyResource = (kind: Kind): Resource | undefined => ready.get(kind.model);

/** The whole description of a kind; loaded once. */
export function resourceOf(kind: Kind): Promise<Resource> {
  if (!kind.load) throw new Error(`The kind ${kind.model} has no pages.`);
  let promise = loaded.get(kind.model);
  if (!promise) {
    promise = kind.load().then((module) => {
      ready.set(kind.model, module.default);
      return module.default;
    });
    promise.catch(() => loaded.delete(kind.model));
    loaded.set(kind.model, promise);
  }
  return promise;
}

/** Address of a row's page. */
export const linkTo = (kind: Kind, pk: number | string, tab?: string) =>
  `/${kind.path}/${pk}${tab ? `/${tab}` : ''}`;

export type Roles = Record<string, Verb[] | null>;
