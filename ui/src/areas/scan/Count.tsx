/** Counts a shelf: scan the place, then each thing in it; what is not scanned is told. */
import { Alert, Badge, Button, Group, ScrollArea, Stack, Switch, Table, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { page, post, type Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kind } from '@/app/registry';
import { quantity } from '@/shared/format';
import { failed, succeeded } from '@/shared/notify';
import { useContext } from '@/shared/refresh';
import { RelatedInput } from '@/shared/RelatedInput';
import type { Scan } from '@/shared/scan';
import { undoCount } from '../stock/undo';
import { moveItems } from './changes';
import { Heading, rowOf, useStationScans } from './entries';
import { sound } from './sound';
import { closeStation, type Station } from './station';

const MOST = 500;

interface Line {
  row: Row;
  counted: string;
  isSeen: boolean;
  /** It stands here, although it belongs somewhere else. */
  isStray: boolean;
}

export function Count({ station }: { station: Station }) {
  const { t } = useTranslation();
  const context = useContext();
  const [place, setPlace] = useState<Row | null>(null);
  const [lines, setLines] = useState<Line[]>([]);
  const [zero, setZero] = useState(false);
  const [isSending, setIsSending] = useState(false);
  const seen = lines.filter((line) => line.isSeen);
  const missing = lines.filter((line) => !line.isSeen);

  const begin = async (location: number) => {
    const row = await rowOf({ code: '', model: 'stocklocation', pk: location });
    const found = await page('/api/stock/', { ...kind('stockitem').query, location, cascade: false, in_stock: true, limit: MOST });
    setPlace(row ?? null);
    setLines(found.results.map((row) => ({ row, counted: String(row.quantity), isSeen: false, isStray: false })));
    sound('taken');
  };

  const see = (pk: number, counted?: string) =>
    setLines((lines) =>
      lines.map((line) => (line.row.pk === pk ? { ...line, isSeen: true, ...(counted !== undefined && { counted }) } : line)),
    );

  const done = async () => {
    if (!place) return closeStation();
    setIsSending(true);
    try {
      const strays = seen.filter((line) => line.isStray);
      const unmove = strays.length > 0 ? await moveItems(strays.map((line) => line.row), place.pk) : undefined;
      const gone = zero ? missing.filter((line) => !line.row.serial) : [];
      const items = [
        ...seen.filter((line) => !line.row.serial).map((line) => ({ pk: line.row.pk, quantity: line.counted || '0' })),
        ...gone.map((line) => ({ pk: line.row.pk, quantity: '0' })),
      ];
      if (items.length > 0) await post('/api/stock/count/', { items, notes: t('Counted by scanning') });
      await context.refresh();
      sound('done');
      const uncount = items.length > 0 ? undoCount([...seen, ...gone].map((line) => line.row), { items }) : async () => {};
      const back = uncount && (strays.length === 0 || unmove) ? () => uncount().then(unmove).then(context.refresh) : undefined;
      succeeded(t('{{count}} counted in {{place}}', { count: items.length, place: kind('stocklocation').title(place) }), back);
      setPlace(null);
      setLines([]);
    } catch (error) {
      sound('wrong');
      failed(error);
    } finally {
      setIsSending(false);
    }
  };

  const wrong = (text: string) => {
    sound('wrong');
    failed(new Error(text));
  };
  const take = (scan: Scan) => {
    if (scan.command === 'cancel') return closeStation();
    if (scan.command === 'done') return void done();
    if (scan.error) return wrong(t(scan.error));
    if (scan.model === 'stocklocation' && scan.pk) {
      if (seen.length > 0) return wrong(t('Finish counting this location first.'));
      return void begin(scan.pk).catch(failed);
    }
    if (!place) return wrong(t('Scan the location first.'));
    if (scan.model !== 'stockitem' || !scan.pk) return wrong(t('Only stock items can be counted.'));
    const { pk } = scan;
    if (lines.some((line) => line.row.pk === pk)) {
      see(pk);
      sound('taken');
      // a place can be scanned again and again: the input of the last one is ready for another number
      requestAnimationFrame(() => root.current?.querySelector<HTMLInputElement>(`[data-item="${pk}"]`)?.select());
    } else {
      rowOf(scan)
        .then((row) => {
          if (!row) return;
          setLines((lines) => [{ row, counted: String(row.quantity), isSeen: true, isStray: true }, ...lines.filter((line) => line.row.pk !== pk)]);
          sound('taken');
        })
        .catch(failed);
    }
  };
  const root = useStationScans(station, take);

  if (!place) {
    return (
      <Stack gap="sm" ref={root}>
        <Heading>{t('Scan the location to count')}</Heading>
        <RelatedInput aria-label={t('Location')} model="stocklocation" value={null} onChange={(pk) => void begin(Number(pk)).catch(failed)} placeholder={t('Or choose a location')} />
      </Stack>
    );
  }
  return (
    <Stack gap="sm" ref={root}>
      <Heading count={seen.length}>{t('{{place}}: {{count}} expected', { place: kind('stocklocation').title(place), count: lines.length - seen.filter((line) => line.isStray).length })}</Heading>
      {lines.length === 0 && <Text c="dimmed">{t('No stock is expected here. Scan what you find.')}</Text>}
      <ScrollArea.Autosize mah="46vh" type="auto">
        <Table verticalSpacing={4} stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('Item')}</Table.Th>
              <Table.Th ta="right">{t('Expected')}</Table.Th>
              <Table.Th w={110}>{t('Counted')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map(({ row, counted, isSeen, isStray }) => (
              <Table.Tr key={row.pk} style={{ opacity: isSeen ? 1 : 0.75 }}>
                <Table.Td>
                  <Text size="sm">{kind('stockitem').title({ ...row, quantity: row.serial ? row.quantity : '' }).replace(/ × –$/, '')}</Text>
                  <Group gap={6}>
                    {row.batch ? <Text size="xs" c="dimmed">{String(row.batch)}</Text> : null}
                    {isStray && <Badge size="xs" color="orange" tt="none">{t('Expected elsewhere. Will be moved here')}</Badge>}
                  </Group>
                </Table.Td>
                <Table.Td ta="right">{quantity(row.quantity)}</Table.Td>
                <Table.Td>
                  <TextInput
                    size="xs"
                    aria-label={t('Counted')}
                    data-item={row.pk}
                    inputMode="decimal"
                    disabled={Boolean(row.serial)}
                    value={isSeen ? counted : ''}
                    placeholder={t('not seen')}
                    onChange={(event) => see(row.pk, event.currentTarget.value.replace(',', '.'))}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
      {missing.length > 0 && seen.length > 0 && (
        <Alert color="yellow" p="xs">
          <Group justify="space-between">
            <Text size="sm">{t('{{count}} not counted yet', { count: missing.length })}</Text>
            <Switch size="xs" label={t('Count them as zero')} checked={zero} onChange={(event) => setZero(event.currentTarget.checked)} />
          </Group>
        </Alert>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={() => { setPlace(null); setLines([]); }}>
          {t('Cancel')}
        </Button>
        <Button onClick={() => void done()} loading={isSending} disabled={seen.length === 0}>
          {t('Done')}
        </Button>
      </Group>
    </Stack>
  );
}
