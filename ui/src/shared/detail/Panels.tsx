/** Fields of a record, in groups. */
import { Card, SimpleGrid, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import type { Resource } from '../description';
import { valueAt } from '../format';
import { useFields } from '../resource';
import { columnsOf, type TableColumn } from '../table/columns';
import classes from './Panels.module.css';

interface Props {
  resource: Resource;
  row: Row;
  /** Below the groups. */
  children?: ReactNode;
}

const isEmpty = (value: unknown) => value === null || value === undefined || value === '';

export function Panels({ resource, row, children }: Props) {
  const fields = useFields(resource.kind.api);
  const named = resource.panels?.flatMap((panel) => panel.fields);
  const { all } = columnsOf(named ? { ...resource, columns: named } : resource, fields);
  const byId = new Map(all.map((column) => [column.id, column]));
  const groups = resource.panels ?? [{ title: 'Details', fields: all.filter(({ id }) => !id.includes('.')).map(({ id }) => id) }];
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: groups.length > 1 ? 2 : 1 }} spacing="sm">
        {groups
          .map(({ title, fields }) => ({ title, columns: fields.flatMap((field) => byId.get(typeof field === 'string' ? field : field.name) ?? []) }))
          // a group of which nothing is known says nothing
          .filter(({ columns }, at) => at === 0 || columns.some(({ id }) => !isEmpty(valueAt(row, id))))
          .map(({ title, columns }) => (
            <Group key={title} title={title} row={row} columns={columns} />
          ))}
      </SimpleGrid>
      {children}
    </>
  );
}

function Group({ title, columns, row }: { title: string; columns: TableColumn[]; row: Row }) {
  const { t } = useTranslation();
  return (
    <Card withBorder padding="sm" radius="md">
      <Text fw={600} size="sm" mb={4} component="h3">
        {t(title)}
      </Text>
      <Table verticalSpacing={5} horizontalSpacing={0} layout="fixed">
        <Table.Tbody>
          {columns.map((column) => (
            <Table.Tr key={column.id} className={classes.line}>
              <Table.Th w="40%" pr={8} fw={400} c="dimmed" fz="sm" style={{ verticalAlign: 'top' }}>
                {column.label}
              </Table.Th>
              <Table.Td fz="sm" style={{ overflowWrap: 'anywhere' }}>
                {column.render(row)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
