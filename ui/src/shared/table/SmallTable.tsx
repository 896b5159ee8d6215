/** A short table of a kind, for pages with several: the rows that fit, their actions and "New", without the rest of a list's page. */
import { Button, Card, Group, Skeleton, Table, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import type { Query } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { useMay } from '@/app/session';
import { RowMenu } from '../ActionButtons';
import { actionsFor, openCreate } from '../actions';
import type { Column } from '../description';
import { quantity } from '../format';
import { useContext } from '../refresh';
import { readRows, useFields, useResource } from '../resource';
import { columnsOf } from './columns';

const MOST = 100;

interface Props {
  model: string;
  title: string;
  /** What the list is narrowed by. */
  fixed: Query;
  query?: Query;
  /** Columns instead of those of the description. */
  columns?: Column[];
  hides?: string[];
  sort?: string;
  /** Values of a new row; there is "New" where they are given. */
  newValues?: Record<string, unknown>;
  empty?: string;
  children?: ReactNode;
}

/** Nothing where the kind is not there, or the user may not see it. */
export function SmallTable(props: Props) {
  const may = useMay();
  const kind = kindOf(props.model);
  return kind?.load && may(kind, 'view') ? <Loaded {...props} /> : null;
}

function Loaded({ model, title, fixed, query, columns: chosen, hides, sort, newValues, empty, children }: Props) {
  const { t } = useTranslation();
  const resource = useResource(model);
  const { kind } = resource;
  const may = useMay();
  const context = useContext();
  const fields = useFields(kind.api);
  const columns = useMemo(() => {
    const { all, first } = columnsOf(chosen ? { ...resource, columns: chosen } : resource, fields);
    return first.filter((id) => !hides?.includes(id)).flatMap((id) => all.find((column) => column.id === id) ?? []);
  }, [resource, fields, chosen, hides]);
  const { data, error } = useQuery(
    readRows(kind.api, { ...resource.query, ...query, ...fixed, ordering: sort ?? resource.sort, limit: MOST }),
  );
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between" mb={6} mih={30}>
        <Text fw={600} size="sm" component="h3">
          {t(title)}
        </Text>
        {newValues && may(kind, 'add') && (
          <Button size="compact-sm" variant="light" leftSection={<IconPlus size={15} />} onClick={() => openCreate(resource, context, newValues, true)}>
            {t('New')}
          </Button>
        )}
      </Group>
      {error ? (
        <Text c="red" size="sm">
          {error.message}
        </Text>
      ) : !data ? (
        <Skeleton height={60} />
      ) : data.results.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t(empty ?? resource.empty ?? 'Nothing here yet.')}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={columns.length * 110}>
          <Table verticalSpacing={5} fz="sm">
            <Table.Thead>
              <Table.Tr>
                {columns.map(({ id, label, align }) => (
                  <Table.Th key={id} ta={align}>
                    {label}
                  </Table.Th>
                ))}
                <Table.Th w={40} aria-label={t('Actions')} />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.results.map((row) => (
                <Table.Tr key={row.pk}>
                  {columns.map(({ id, align, render }) => (
                    <Table.Td key={id} ta={align}>
                      {render(row)}
                    </Table.Td>
                  ))}
                  <Table.Td>
                    <RowMenu actions={actionsFor(resource, 'row', [row], may)} rows={[row]} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {data && data.count > MOST && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('First {{shown}} of {{total}}', { shown: MOST, total: quantity(data.count) })}
        </Text>
      )}
      {children}
    </Card>
  );
}
