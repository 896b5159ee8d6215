/** What lines of the kinds of orders share. */
import type { Row } from '@/api/client';

/** Values for a copy of a line. */
export const copied = (names: string[]) => (row: Row) => Object.fromEntries(names.map((name) => [name, row[name]]));
