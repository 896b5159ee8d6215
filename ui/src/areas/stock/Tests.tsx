/** Test results as a matrix: the tests of an item with each attempt, or many items with their last results. */
import { ActionIcon, Badge, Box, Card, Group, SegmentedControl, Skeleton, Stack, Table, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { post, remove, type Row } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { kind } from '@/app/registry';
import { useMay } from '@/app/session';
import { openCreate } from '@/shared/actions';
import { dateTime, quantity } from '@/shared/format';
import { failed, succeeded } from '@/shared/notify';
import { RecordLink } from '@/shared/RecordLink';
import { useContext } from '@/shared/refresh';
import { readRows, useResource } from '@/shared/resource';
import { ResourceTable } from '@/shared/table/ResourceTable';

const TESTS = 100;
const RESULTS = 500;
const ITEMS = 50;

const useTests = (part: number) =>
  useQuery(readRows('/api/part/test-template/', { part, enabled: true, include_inherited: true, limit: TESTS, ordering: 'test_name' }));

function Result({ result }: { result: Row | undefined }) {
  const { t } = useTranslation();
  if (!result) {
    return (
      <Text span size="sm" c="dimmed">
        –
      </Text>
    );
  }
  const user = (result.user_detail as { username?: string } | null)?.username;
  const words = [dateTime(result.date), user, result.test_station, result.notes].filter(Boolean).join(' · ');
  const value = result.value ? String(result.value) : '';
  return (
    <Tooltip label={words} multiline maw={320}>
      <Badge color={result.result ? 'green' : 'red'} variant="light" radius="sm" tt="none" tabIndex={0}>
        {[result.result ? t('Passed') : t('Failed'), value].filter(Boolean).join(' · ')}
      </Badge>
    </Tooltip>
  );
}

/** Buttons that write a result; a form where the test asks for a value or a file. */
function Add({ item, test }: { item: number; test: Row }) {
  const { t } = useTranslation();
  const resource = useResource('stockitemtestresult');
  const context = useContext();
  const name = String(test.test_name);
  const write = (result: boolean) =>
    post<Row>('/api/stock/test/', { stock_item: item, template: test.pk, result }).then(async (made) => {
      await context.refresh();
      succeeded(translate('{{name}} kept', { name }), () => remove(`/api/stock/test/${made.pk}/`).then(context.refresh));
    }, failed);
  const open = () => openCreate(resource, context, { stock_item: item, template: test.pk }, true);
  const needsMore = Boolean(test.requires_value || test.requires_attachment);
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      {!needsMore && (
        <>
          <ActionIcon variant="light" color="green" aria-label={t('{{name}} passed', { name })} onClick={() => void write(true)}>
            <IconCheck size={16} />
          </ActionIcon>
          <ActionIcon variant="light" color="red" aria-label={t('{{name}} failed', { name })} onClick={() => void write(false)}>
            <IconX size={16} />
          </ActionIcon>
        </>
      )}
      <ActionIcon variant="default" aria-label={t('New result for {{name}}', { name })} onClick={open}>
        <IconPlus size={16} />
      </ActionIcon>
    </Group>
  );
}

function Empty() {
  const { t } = useTranslation();
  return (
    <Text size="sm" c="dimmed">
      {t('This part has no tests yet.')}
    </Text>
  );
}

function Matrix({ row }: { row: Row }) {
  const { t } = useTranslation();
  const may = useMay();
  const { data: tests } = useTests(Number(row.part));
  const { data: results } = useQuery(readRows('/api/stock/test/', { stock_item: row.pk, user_detail: true, limit: RESULTS, ordering: 'date' }));
  if (!tests || !results) return <Skeleton height={160} />;
  if (tests.results.length === 0) return <Empty />;
  const of = (test: Row) => results.results.filter((result) => result.template === test.pk);
  const attempts = Math.max(1, ...tests.results.map((test) => of(test).length));
  const open = tests.results.filter((test) => test.required && !of(test).at(-1)?.result).length;
  return (
    <Card withBorder padding="sm">
      <Text size="sm" mb={6} fw={600} {...(open > 0 ? { c: 'orange' } : { c: 'green' })}>
        {open > 0 ? t('Required tests not passed: {{number}}', { number: open }) : t('All required tests passed')}
      </Text>
      <Table.ScrollContainer minWidth={420 + attempts * 110}>
        <Table verticalSpacing={6} fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('Test')}</Table.Th>
              {Array.from({ length: attempts }, (_, index) => (
                <Table.Th key={index}>{t('Attempt {{number}}', { number: index + 1 })}</Table.Th>
              ))}
              <Table.Th w={130} aria-label={t('New result')} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {tests.results.map((test) => {
              const done = of(test);
              return (
                <Table.Tr key={test.pk}>
                  <Table.Td>
                    {String(test.test_name)}
                    {test.required ? (
                      <Text span size="xs" c="dimmed" ml={6}>
                        {t('required')}
                      </Text>
                    ) : null}
                  </Table.Td>
                  {Array.from({ length: attempts }, (_, index) => (
                    <Table.Td key={index}>
                      <Result result={done[index]} />
                    </Table.Td>
                  ))}
                  <Table.Td>{may(kind('stockitemtestresult'), 'add') && <Add item={row.pk} test={test} />}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

/** The tests of one item. */
export function ItemTests({ row }: { row: Row }) {
  const { t } = useTranslation();
  const [form, setForm] = useState('matrix');
  return (
    <Stack gap={8} style={{ flex: 1, minHeight: 0 }}>
      <Box>
        <SegmentedControl size="xs" value={form} onChange={setForm} data={[{ value: 'matrix', label: t('Matrix') }, { value: 'list', label: t('List') }]} aria-label={t('View')} />
      </Box>
      {form === 'matrix' ? <Matrix row={row} /> : <ResourceTable model="stockitemtestresult" fixed={{ stock_item: row.pk }} />}
    </Stack>
  );
}

/** The items of a part with the last result of each test. */
export function PartTests({ part }: { part: number }) {
  const { t } = useTranslation();
  const { data: tests } = useTests(part);
  const { data: items } = useQuery(readRows('/api/stock/', { part, part_detail: true, location_detail: true, include_variants: true, limit: ITEMS, ordering: '-pk' }));
  const { data: results } = useQuery(readRows('/api/stock/test/', { part, user_detail: true, limit: RESULTS, ordering: '-date' }));
  if (!tests || !items || !results) return <Skeleton height={200} />;
  if (tests.results.length === 0) return <Empty />;
  return (
    <Card withBorder padding="sm">
      <Table.ScrollContainer minWidth={260 + tests.results.length * 140}>
        <Table verticalSpacing={6} fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('Stock item')}</Table.Th>
              {tests.results.map((test) => (
                <Table.Th key={test.pk}>{String(test.test_name)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.results.map((item) => (
              <Table.Tr key={item.pk}>
                <Table.Td>
                  <RecordLink model="stockitem" pk={item.pk} tab="tests">
                    {item.serial ? `# ${String(item.serial)}` : kind('stockitem').title(item)}
                  </RecordLink>
                </Table.Td>
                {tests.results.map((test) => (
                  <Table.Td key={test.pk}>
                    <Result result={results.results.find((result) => result.stock_item === item.pk && result.template === test.pk)} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {items.count > ITEMS && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('Latest {{shown}} of {{total}}', { shown: ITEMS, total: quantity(items.count) })}
        </Text>
      )}
    </Card>
  );
}
