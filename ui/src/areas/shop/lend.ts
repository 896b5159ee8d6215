/** What the shop floor mode does with stock: things that are taken lie in a place of whoever took them. */
import { get, page, post, type Row } from '@/api/client';
import { translate } from '@/app/i18n';
import { fullName, type User } from '@/app/session';
import { kind } from '@/app/registry';

const LOCATIONS = '/api/stock/location/';
/** The location with a place for each person, as the server calls it. */
export const IN_USE = 'In use';
const MOST = 200;
export const OK = 10;

export interface Location extends Row {
  name: string;
  parent: number | null;
  pathstring: string;
}

export interface Who {
  pk: number;
  name: string;
  username: string;
}
export const whoOf = (user: User): Who => ({ pk: user.pk, name: fullName(user), username: user.username });

/** Whether a place is that of somebody; one of two people of the same name has their user name in it. */
export const isPlaceOf = (who: Who, place: Row | null | undefined) => place?.name === who.name || place?.name === `${who.name} (${who.username})`;

async function placeNamed(name: string, parent: number | null): Promise<Location | undefined> {
  const { results } = await page<Location>(LOCATIONS, { search: name, limit: MOST, ...(parent === null ? { top_level: true } : { parent }) });
  return results.find((place) => place.name === name && place.parent === parent);
}

export const rootOfUse = () => placeNamed(IN_USE, null);

const SHOP = '/api/stock/shop-floor/';
const note = (what: string, project: Row | null) => [translate(what), project?.code].filter(Boolean).join(' · ');
const taken = (item: Row, amount: string, who: Who, project: Row | null) => ({ person: who.pk, items: [{ pk: item.pk, quantity: amount }], ...(project && { project_code: project.pk }) });

export const take = (item: Row, amount: string, who: Who, project: Row | null) => post(`${SHOP}take/`, { ...taken(item, amount, who, project), notes: note('Taken', project) });

export const consume = (item: Row, amount: string, who: Who, project: Row | null) => post(`${SHOP}use/`, { ...taken(item, amount, who, project), notes: note('Consumed', project) });

/** What somebody has of a scanned thing: itself, or what was taken out of the bag. */
export async function lentOf(item: Row): Promise<Row[]> {
  const root = await rootOfUse();
  if (!root) return [];
  const { results } = await page('/api/stock/', { ...kind('stockitem').query, part: Number(item.part), location: root.pk, cascade: true, in_stock: true, limit: MOST });
  const itself = results.filter((row) => row.pk === item.pk);
  return itself.length > 0 ? itself : results.filter((row) => !row.serial);
}

/** Where a thing was before it was taken. */
export async function homeOf(item: Row, scanned: Row): Promise<number | null> {
  const root = await rootOfUse();
  const isLent = (location: Row | null | undefined) => String(location?.pathstring ?? '').split('/')[0] === IN_USE;
  if (scanned.pk !== item.pk && scanned.location && !isLent(scanned.location_detail as Row)) return Number(scanned.location);
  const { results } = await page('/api/stock/track/', { item: item.pk, ordering: '-date', limit: MOST });
  for (const entry of results) {
    const deltas = entry.deltas as { location?: number; location_detail?: Row; taken_from?: number } | null;
    if (deltas?.taken_from) return deltas.taken_from;
    if (!deltas?.location || deltas.location === root?.pk) continue;
    const place = deltas.location_detail ?? (await get<Row>(`${LOCATIONS}${deltas.location}/`).catch(() => null));
    if (place && !isLent(place)) return deltas.location;
  }
  return ((item.part_detail as { default_location?: number } | undefined)?.default_location ?? null) as number | null;
}

export const bringBack = (item: Row, amount: string, location: number | null, status: number, who: Who, words: string) =>
  post(`${SHOP}return/`, {
    person: who.pk,
    location,
    // the condition is told where it is another one: what comes back as it was goes into its pack
    items: [{ pk: item.pk, quantity: amount, ...(status !== Number(item.status_custom_key ?? item.status) && { status }) }],
    notes: [note('Returned', null), words].filter(Boolean).join(' · '),
  });
