/** Parts that belong together, whichever of the two was named first. */
import type { Row } from '@/api/client';
import type { Column, TabProps } from '@/shared/description';
import { RecordLink } from '@/shared/RecordLink';
import { SmallTable } from '@/shared/table/SmallTable';
import { useMemo } from 'react';

export default function Related({ row }: TabProps) {
  const columns = useMemo<Column[]>(() => {
    const other = (relation: Row) => (relation.part_1 === row.pk ? relation.part_2_detail : relation.part_1_detail) as Row | undefined;
    return [
      {
        name: 'part_2',
        label: 'Part',
        render: (relation) => {
          const part = other(relation);
          return part ? (
            <RecordLink model="part" pk={part.pk}>
              {String(part.full_name ?? part.name)}
            </RecordLink>
          ) : (
            '–'
          );
        },
      },
      { name: 'description', label: 'Description', render: (relation) => String(other(relation)?.description ?? '') },
      'note',
    ];
  }, [row.pk]);
  return <SmallTable model="partrelated" title="Related parts" fixed={{ part: row.pk }} columns={columns} newValues={{ part_1: row.pk }} />;
}
