/** Scan one item after the other, then the place where they go: no button in between. */
import { ActionIcon, Alert, Badge, Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconBarcode, IconListNumbers, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { get, post, type Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kind } from '@/app/registry';
import { openCreate } from '@/shared/actions';
import { useRun } from '@/shared/ActionButtons';
import { failed, succeeded } from '@/shared/notify';
import { RecordLink } from '@/shared/RecordLink';
import { useContext } from '@/shared/refresh';
import { useResource } from '@/shared/resource';
import { beep, lookUp, type Scan, useScans } from '@/shared/scanner';
import { stockActions } from '../stock/actions';

export default function ScanPage() {
  const { t } = useTranslation();
  const [items, setItems] = useState<Row[]>([]);
  const [text, setText] = useState('');
  const [unknown, setUnknown] = useState<string | null>(null);
  const context = useContext();
  const run = useRun();
  const stock = useResource('stockitem');
  const count = stockActions.find((action) => action.name === 'count');

  /** Moves all items to a place; back again where that was a mistake. */
  const moveTo = async (location: number, name: string) => {
    const moved = items;
    const body = (to: number, rows: Row[]) => ({ location: to, items: rows.map((row) => ({ pk: row.pk, quantity: row.quantity })) });
    await post('/api/stock/transfer/', body(location, moved));
    setItems([]);
    await context.refresh();
    succeeded(t('{{count}} items moved to {{name}}', { count: moved.length, name }), async () => {
      for (const row of moved) {
        if (row.location) await post('/api/stock/transfer/', body(Number(row.location), [row]));
      }
    });
  };

  const take = (scan: Scan): boolean => {
    setUnknown(null);
    if (scan.model === 'stockitem') {
      void get<Row>(`/api/stock/${scan.pk}/`, kind('stockitem').query)
        .then((row) => setItems((items) => (items.some((item) => item.pk === row.pk) ? items : [row, ...items])))
        .catch(failed);
      return true;
    }
    if (scan.model === 'stocklocation' && items.length > 0) {
      void moveTo(scan.pk, String(scan.row?.pathstring ?? scan.pk)).catch(failed);
      return true;
    }
    if (scan.model === 'part') {
      // the label of a part, on an empty bag
      openCreate(stock, context, { part: scan.pk }, true);
      return true;
    }
    if (scan.model === null) {
      setUnknown(scan.barcode);
      return true;
    }
    return false;
  };
  useScans(take);

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    const scan = await lookUp(text.trim());
    beep(scan.model !== null);
    if (!take(scan) && scan.model) context.go(`/${kind(scan.model).path}/${scan.pk}`);
    setText('');
  };

  return (
    <Stack maw={720}>
      <Group gap="xs">
        <Title order={1} size="h3">
          {t('Scan')}
        </Title>
        <Badge size="lg" variant="light">
          {items.length}
        </Badge>
      </Group>
      <Text c="dimmed" size="sm">
        {t('Scan items one after the other, then the location where they go. A scanned part adds new stock of it.')}
      </Text>
      <form onSubmit={(event) => void submit(event).catch(failed)}>
        <Group gap="xs">
          <TextInput
            style={{ flex: 1 }}
            leftSection={<IconBarcode size={18} />}
            placeholder={t('Or type a code')}
            aria-label={t('Code')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit">{t('Look up')}</Button>
        </Group>
      </form>
      {unknown && <Alert color="orange">{t('Nothing is known of the code {{code}}.', { code: unknown })}</Alert>}
      {items.map((row) => (
        <Card key={row.pk} withBorder padding="xs">
          <Group justify="space-between" wrap="nowrap">
            <div style={{ minWidth: 0 }}>
              <RecordLink model="stockitem" pk={row.pk}>
                {kind('stockitem').title(row)}
              </RecordLink>
              <Text size="xs" c="dimmed" truncate>
                {kind('stockitem').subtitle?.(row)}
              </Text>
            </div>
            <ActionIcon variant="subtle" color="gray" aria-label={t('Leave this one out')} onClick={() => setItems(items.filter((item) => item !== row))}>
              <IconX size={16} />
            </ActionIcon>
          </Group>
        </Card>
      ))}
      {items.length > 0 && (
        <Group>
          {count && (
            <Button variant="default" leftSection={<IconListNumbers size={16} />} onClick={() => run(count, items)}>
              {t('Count')}
            </Button>
          )}
          <Button variant="subtle" color="gray" onClick={() => setItems([])}>
            {t('Start again')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
