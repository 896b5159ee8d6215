import { kind, linkTo } from '@/app/registry';

/** Links to the rows above a row of a tree; its answer has them as `path`. */
export function trailOf(row: Record<string, unknown>, model: string) {
  const path = (row.path as { pk: number; name: string }[] | undefined) ?? [];
  return path.slice(0, -1).map(({ pk, name }) => ({ label: name, to: linkTo(kind(model), pk) }));
}
