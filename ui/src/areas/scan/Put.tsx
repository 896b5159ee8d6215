/** First the place, then what goes into it: stock, boxes with all in them, and new stock by the label of its part. */
import { Button, Group, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get, type Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kind, resourceOf } from '@/app/registry';
import { openCreate } from '@/shared/actions';
import { succeeded } from '@/shared/notify';
import { useContext } from '@/shared/refresh';
import { RelatedInput } from '@/shared/RelatedInput';
import type { Scan } from '@/shared/scan';
import { moveItems, moveLocation } from './changes';
import { EntryList, Heading, useEntries, useStationScans } from './entries';
import { sound } from './sound';
import { closeStation, type Station } from './station';

export function Put({ station }: { station: Station }) {
  const { t } = useTranslation();
  const context = useContext();
  const entries = useEntries();
  const [target, setTarget] = useState<number | null>(station.location ?? null);
  const place = useQuery({
    queryKey: ['choice', '/api/stock/location/', 'pk', target],
    queryFn: () => get<Row>(`/api/stock/location/${target}/`),
    enabled: target !== null,
  });

  const done = () => {
    if (target === null) return closeStation();
    sound('done');
    if (entries.count > 0) succeeded(t('{{count}} put into {{place}}', { count: entries.count, place: String(place.data?.pathstring ?? '') }));
    entries.clear();
    setTarget(null);
  };

  /** A part's label on an empty bag: there is more of it from now on. */
  const addStock = async (values: Record<string, unknown>) => {
    sound('taken');
    openCreate(await resourceOf(kind('stockitem')), { ...context, go: async () => {} }, values, true);
  };

  const take = (scan: Scan) => {
    const { model } = scan;
    if (scan.command === 'cancel') return closeStation();
    if (scan.command === 'done') return done();
    if (scan.error) return entries.refuse(scan, t(scan.error));
    if (target === null) {
      if (model !== 'stocklocation' || !scan.pk) return entries.refuse(scan, t('Scan the location first.'));
      sound('taken');
      return setTarget(scan.pk);
    }
    if (model === 'part') return void addStock({ part: scan.pk, location: target });
    if (model === 'supplierpart') return void addStock({ part: scan.row?.part, supplier_part: scan.pk, location: target });
    if (model === 'stocklocation' && scan.pk === target) return entries.refuse(scan, t('This is the current location.'));
    if (model !== 'stockitem' && model !== 'stocklocation') return entries.refuse(scan, t('This item cannot be moved to a location.'));
    void entries.add(scan, async (row) => {
      if (!row) return { state: 'wrong' };
      const undo = model === 'stockitem' ? await moveItems([row], target) : await moveLocation(row, target);
      await context.refresh();
      if (!undo && row.location === target) return { text: t('It is already here.') };
      const both = undo && { undo: () => undo().then(context.refresh) };
      return { ...both, text: model === 'stockitem' ? t('Put here') : t('Put here with contents') };
    });
  };
  const root = useStationScans(station, take);

  return (
    <Stack gap="sm" ref={root}>
      <Heading {...(target !== null && { count: entries.count })}>
        {target === null ? t('Scan the location') : t('Into {{place}}', { place: String(place.data?.pathstring ?? '…') })}
      </Heading>
      {target === null ? (
        <RelatedInput aria-label={t('Location')} model="stocklocation" filters={{}} value={null} onChange={(pk) => setTarget(Number(pk))} placeholder={t('Or choose a location')} />
      ) : (
        <>
          <EntryList entries={entries} empty={t('Scan stock items, boxes, or a part label for new stock. Scan "done" to finish.')} />
          <Group justify="flex-end">
            <Button onClick={done}>{t('Done')}</Button>
          </Group>
        </>
      )}
    </Stack>
  );
}
