/** A table of a list whose rows have no pages of their own. */
import { Alert, Box, Card, Center, Group, Pagination, ScrollArea, Skeleton, Stack, Table, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { IconArrowDown, IconArrowUp, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { page, type Query, type Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { quantity } from '@/shared/format';
import { rowsKey } from '@/shared/resource';

const SIZE = 50;
/** Names of the buttons between pages. */
export const PAGE_CONTROLS = { first: 'First page', last: 'Last page', next: 'Next page', previous: 'Previous page' };

export interface RowsColumn<T> {
  label: string;
  render: (row: T) => ReactNode;
  /** Name to sort by. */
  sort?: string;
  width?: number | string;
}

interface Props<T> {
  label: string;
  api: string;
  query?: Query;
  columns: RowsColumn<T>[];
  keyOf: (row: T) => string | number;
  sort?: string;
  hasSearch?: boolean;
  /** Beside the search. */
  filters?: ReactNode;
  buttons?: ReactNode;
  menu?: (row: T) => ReactNode;
  onOpen?: (row: T) => void;
  empty: string;
  /** Rows of several lines: their cells begin at the same height. */
  isTall?: boolean;
}

export function Rows<T = Row>(props: Props<T>) {
  const { t } = useTranslation();
  const [sort, setSort] = useState(props.sort ?? '');
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text, 200);
  // another selection begins with its first page
  const selection = JSON.stringify([props.query, search]);
  const [place, setPlace] = useState({ selection, at: 1 });
  const at = place.selection === selection ? place.at : 1;
  const query: Query = { ...props.query, search: search || undefined, ordering: sort || undefined, limit: SIZE, offset: (at - 1) * SIZE };
  const { data, error, isPending } = useQuery({
    queryKey: rowsKey(props.api, query),
    queryFn: ({ signal }) => page<T>(props.api, query, signal),
    placeholderData: keepPreviousData,
  });
  // some lists come whole
  const rows = Array.isArray(data) ? (data as T[]) : (data?.results ?? []);
  const count = Array.isArray(data) ? data.length : (data?.count ?? 0);
  const pages = Math.ceil(count / SIZE);
  const isPhone = useMediaQuery('(max-width: 40em)', false, { getInitialValueInEffect: false });
  return (
    <Stack gap={8} style={{ minWidth: 0 }}>
      {(props.hasSearch || props.filters || props.buttons) && (
        <Group justify="space-between" gap={8}>
          <Group gap={8}>
            {props.hasSearch && (
              <TextInput
                size="xs"
                w={{ base: 150, xs: 220 }}
                placeholder={t('Search')}
                aria-label={t('Search this table')}
                leftSection={<IconSearch size={15} />}
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
            )}
            {props.filters}
          </Group>
          <Group gap={8}>{props.buttons}</Group>
        </Group>
      )}
      {error ? (
        <Alert color="red">{error.message}</Alert>
      ) : isPending ? (
        <Skeleton height={160} />
      ) : isPhone && rows.length > 0 ? (
        <Cards {...props} rows={rows} />
      ) : (
        <ScrollArea type="auto" offsetScrollbars="x">
          <Table highlightOnHover={Boolean(props.onOpen)} verticalSpacing={6} fz="sm" {...(props.isTall && { styles: { td: { verticalAlign: 'top' } } })} miw={props.columns.length * 110} aria-label={t(props.label)}>
            <Table.Thead>
              <Table.Tr>
                {props.columns.map((column) => (
                  <Table.Th key={column.label} w={column.width} aria-sort={sorted(sort, column.sort)}>
                    {column.sort ? (
                      <UnstyledButton fz="sm" fw={700} onClick={() => setSort(sort === column.sort ? `-${column.sort}` : (column.sort ?? ''))}>
                        <Group gap={4} wrap="nowrap">
                          {t(column.label)}
                          {sort === column.sort && <IconArrowUp size={13} />}
                          {sort === `-${column.sort}` && <IconArrowDown size={13} />}
                        </Group>
                      </UnstyledButton>
                    ) : (
                      t(column.label)
                    )}
                  </Table.Th>
                ))}
                {props.menu && <Table.Th w={40} aria-label={t('Actions')} />}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr
                  key={props.keyOf(row)}
                  {...(props.onOpen && {
                    tabIndex: 0,
                    style: { cursor: 'pointer' },
                    onClick: () => props.onOpen?.(row),
                    onKeyDown: (event: React.KeyboardEvent) => event.key === 'Enter' && event.target === event.currentTarget && props.onOpen?.(row),
                  })}
                >
                  {props.columns.map((column) => (
                    <Table.Td key={column.label} style={{ overflowWrap: 'anywhere' }}>
                      {column.render(row)}
                    </Table.Td>
                  ))}
                  {props.menu && (
                    <Table.Td onClick={(event) => event.stopPropagation()} ta="end">
                      {props.menu(row)}
                    </Table.Td>
                  )}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {rows.length === 0 && (
            <Center py={36} px="md">
              <Text size="sm" c="dimmed" ta="center">
                {search ? t('No matches for this search and these filters.') : t(props.empty)}
              </Text>
            </Center>
          )}
        </ScrollArea>
      )}
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {data ? t('{{count}} rows', { count }).replace(String(count), quantity(count)) : ''}
        </Text>
        {pages > 1 ? <Pagination size="sm" total={pages} value={at} onChange={(at) => setPlace({ selection, at })} getControlProps={(control) => ({ 'aria-label': t(PAGE_CONTROLS[control]) })} getItemProps={(page) => ({ 'aria-label': t('Page {{page}}', { page }) })} /> : <Box />}
      </Group>
    </Stack>
  );
}

const sorted = (sort: string, name: string | undefined) =>
  name && sort === name ? 'ascending' : name && sort === `-${name}` ? 'descending' : undefined;

/** Rows below each other, for narrow screens. */
function Cards<T>({ columns, rows, keyOf, menu, onOpen }: Props<T> & { rows: T[] }) {
  const { t } = useTranslation();
  return (
    <Stack gap={8}>
      {rows.map((row) => (
        <Card key={keyOf(row)} withBorder padding="xs" {...(onOpen && { onClick: () => onOpen(row), style: { cursor: 'pointer' } })}>
          {columns.map((column) => (
            <Group key={column.label} gap={8} wrap="nowrap" align="baseline">
              <Text size="xs" c="dimmed" w={84} style={{ flex: 'none' }}>
                {t(column.label)}
              </Text>
              <Box fz="sm" miw={0} style={{ overflowWrap: 'anywhere' }}>
                {column.render(row)}
              </Box>
            </Group>
          ))}
          {menu && (
            <Group justify="flex-end" mt={4} onClick={(event) => event.stopPropagation()}>
              {menu(row)}
            </Group>
          )}
        </Card>
      ))}
    </Stack>
  );
}
