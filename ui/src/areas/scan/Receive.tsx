/** Bags of suppliers go into stock: what a label does not say is asked for. */
import { Button, Group, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError, call, page } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { useContext } from '@/shared/refresh';
import { RelatedInput } from '@/shared/RelatedInput';
import type { Scan } from '@/shared/scan';
import { type Entry, EntryList, Heading, useEntries, useStationScans } from './entries';
import { closeStation, type Station } from './station';
import { sound } from './sound';

const PLACED = 20;

interface Line {
  pk: number;
  quantity: number;
  purchase_order: number;
  supplier_part: number;
  location: number | null;
}
interface Answer {
  lineitem?: Line;
  success?: string;
  action_required?: string;
  error?: string;
  supplier_matches?: { purchase_order: string | null; supplier_part: string | null; supplier: string };
}
interface Said {
  location?: number | null;
  purchase_order?: number | null;
  quantity?: string;
  line_item?: number;
  allow_over_receipt?: boolean;
}

async function receive(code: string, said: Said): Promise<Answer> {
  const body = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined && value !== null && value !== ''));
  return call<Answer>('POST', '/api/barcode/po-receive/', { body: { barcode: code, ...body } });
}

/** The stock item that came of a bag. */
async function newest({ purchase_order, supplier_part }: Line): Promise<number | undefined> {
  const { results } = await page('/api/stock/', { purchase_order, supplier_part, ordering: '-creation_date', limit: 1 });
  return results[0]?.pk;
}

/** What is missing for one bag. */
function Question({ order, said, onSend }: { order: number | null; said: Said; onSend: (said: Said) => void }) {
  const { t } = useTranslation();
  const [values, setValues] = useState<Said>({ purchase_order: order, ...said });
  const set = (change: Said) => setValues((values) => ({ ...values, ...change }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        onSend(values);
      }}
    >
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt={6}>
        <RelatedInput size="xs" label={t('Purchase order')} model="purchaseorder" filters={{ status: PLACED }} value={values.purchase_order} onChange={(pk) => set({ purchase_order: pk as number | null })} />
        <TextInput size="xs" label={t('Packs')} inputMode="decimal" value={values.quantity ?? ''} onChange={(event) => set({ quantity: event.currentTarget.value.replace(',', '.') })} />
        <RelatedInput size="xs" label={t('Location')} model="stocklocation" value={values.location} onChange={(pk) => set({ location: pk as number | null })} />
        <Group justify="space-between" align="flex-end">
          <Switch size="xs" label={t('More than ordered')} checked={values.allow_over_receipt ?? false} onChange={(event) => set({ allow_over_receipt: event.currentTarget.checked })} />
          <Button type="submit" size="xs">
            {t('Receive')}
          </Button>
        </Group>
      </SimpleGrid>
    </form>
  );
}

export function Receive({ station }: { station: Station }) {
  const { t } = useTranslation();
  const context = useContext();
  const entries = useEntries();
  const [location, setLocation] = useState<number | null>(station.location ?? null);
  const [order, setOrder] = useState<number | null>(null);
  const [answers, setAnswers] = useState<Record<string, Answer>>({});

  const send = async (code: string, said: Said): Promise<Partial<Entry>> => {
    try {
      const answer = await receive(code, said);
      setAnswers((answers) => ({ ...answers, [code]: answer }));
      if (answer.success) {
        await context.refresh();
        const made = answer.lineitem && (await newest(answer.lineitem).catch(() => undefined));
        return { state: 'done', ...(made && { made: { model: 'stockitem', pk: made } }), text: t('{{count}} packs received', { count: Number(answer.lineitem?.quantity) }) };
      }
      const isPlaceless = answer.lineitem && !answer.lineitem.location;
      return { state: 'waits', text: isPlaceless ? t('Scan the destination.') : t(answer.action_required ?? '') };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setAnswers((answers) => ({ ...answers, [code]: { error: error.message } }));
      return { state: 'wrong', text: error.message };
    }
  };

  const again = async (entry: Entry, said: Said) => {
    const line = answers[entry.scan.code]?.lineitem;
    entries.change(entry.id, { state: 'busy' });
    const news = await send(entry.scan.code, { ...(line && { line_item: line.pk }), ...said });
    entries.change(entry.id, news);
    sound(news.state === 'done' ? 'taken' : 'wrong');
  };

  const setPlace = (pk: number | null) => {
    setLocation(pk);
    if (!pk) return;
    // bags that waited for their place get it
    for (const entry of entries.list) {
      const line = answers[entry.scan.code]?.lineitem;
      if (entry.state === 'waits' && line && !line.location) void again(entry, { location: pk, purchase_order: line.purchase_order });
    }
  };

  const take = (scan: Scan) => {
    if (scan.command) return closeStation();
    if (scan.model === 'stocklocation' && scan.pk) {
      sound('taken');
      return setPlace(scan.pk);
    }
    if (scan.model === 'purchaseorder' && scan.pk && !scan.isSupplier) {
      sound('taken');
      return setOrder(scan.pk);
    }
    if (scan.model === 'stockitem') return entries.refuse(scan, t('This has already been received.'));
    void entries.add(scan, () => send(scan.code, { location, purchase_order: order ?? scan.all?.purchaseorder ?? null }));
  };
  const root = useStationScans(station, take);

  return (
    <Stack gap="sm" ref={root}>
      <Heading count={entries.list.filter((entry) => entry.state === 'done').length}>{t('Scan the packs')}</Heading>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
        <RelatedInput label={t('Location')} model="stocklocation" value={location} onChange={(pk) => setPlace(pk as number | null)} placeholder={t('Default of the order or part')} />
        <RelatedInput label={t('Purchase order')} model="purchaseorder" filters={{ status: PLACED }} value={order} onChange={(pk) => setOrder(pk as number | null)} placeholder={t('As stated on the label')} />
      </SimpleGrid>
      <EntryList
        entries={entries}
        empty={t('Scan a supplier label or the barcode of a supplier part. Scan a location to set the destination.')}
        actions={(entry) => {
          if ((entry.state !== 'wrong' && entry.state !== 'waits') || entry.scan.model === 'stockitem') return null;
          const line = answers[entry.scan.code]?.lineitem;
          return (
            <Question
              order={line?.purchase_order ?? order}
              said={{ location: line?.location ?? location, ...(line && { quantity: String(line.quantity) }) }}
              onSend={(said) => void again(entry, said)}
            />
          );
        }}
      />
    </Stack>
  );
}
