/** First what is moved, then the place: a box with all in it, or stock items. */
import { Button, Group, Stack } from '@mantine/core';
import type { Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kind } from '@/app/registry';
import { failed, succeeded } from '@/shared/notify';
import { useContext } from '@/shared/refresh';
import { RelatedInput } from '@/shared/RelatedInput';
import type { Scan } from '@/shared/scan';
import { moveItems, moveLocation } from './changes';
import { EntryList, Heading, rowOf, useEntries, useStationScans } from './entries';
import { sound } from './sound';
import { closeStation, type Station } from './station';

export function Move({ station }: { station: Station }) {
  const { t } = useTranslation();
  const context = useContext();
  const entries = useEntries();
  const waiting = entries.list.filter((entry) => entry.state === 'waits');

  const moveTo = async (location: number) => {
    const undos: (() => Promise<unknown>)[] = [];
    const rows: Row[] = [];
    for (const { scan } of waiting) {
      const row = await rowOf(scan);
      if (row && scan.model === 'stocklocation') undos.push(await moveLocation(row, location));
      else if (row) rows.push(row);
    }
    const back = rows.length > 0 ? await moveItems(rows, location) : undefined;
    if (back) undos.push(back);
    const place = await rowOf({ code: '', model: 'stocklocation', pk: location });
    await context.refresh();
    sound('done');
    const name = place ? kind('stocklocation').title(place) : '';
    for (const { id } of waiting) entries.change(id, { state: 'done', text: t('Moved to {{place}}', { place: name }) });
    const undo = async () => {
      for (const undo of undos) await undo();
      await context.refresh();
    };
    succeeded(t('{{count}} moved to {{place}}', { count: waiting.length, place: name }), undos.length > 0 ? undo : undefined);
  };
  const tryTo = (location: number) =>
    void moveTo(location).catch((error: unknown) => {
      sound('wrong');
      failed(error);
    });

  const take = (scan: Scan) => {
    if (scan.command) return closeStation();
    if (scan.error) return entries.refuse(scan, t(scan.error));
    if (waiting.some((entry) => entry.scan.model === scan.model && entry.scan.pk === scan.pk)) {
      return entries.refuse(scan, t('This has already been scanned.'));
    }
    if (scan.model === 'stocklocation' && scan.pk && waiting.length > 0) return tryTo(scan.pk);
    if (scan.model !== 'stockitem' && scan.model !== 'stocklocation') return entries.refuse(scan, t('Only stock items and locations can be moved.'));
    void entries.add(scan, async (row) => {
      const from = scan.model === 'stockitem' ? (row?.location_detail as { pathstring?: string } | null)?.pathstring : undefined;
      return { state: 'waits', text: from ? t('From {{place}}', { place: from }) : t('With contents') };
    });
  };
  const root = useStationScans(station, take);

  return (
    <Stack gap="sm" ref={root}>
      <Heading count={waiting.length}>{waiting.length === 0 ? t('Scan the items to move') : t('Scan more items, or scan the destination')}</Heading>
      {waiting.length > 0 && (
        <RelatedInput aria-label={t('Location')} model="stocklocation" value={null} onChange={(pk) => tryTo(Number(pk))} placeholder={t('Or choose a location')} />
      )}
      <EntryList entries={entries} empty={t('If you scan a location first, it is moved with all its contents.')} />
      {entries.list.length > 0 && (
        <Group justify="flex-end">
          <Button variant="default" onClick={entries.clear}>
            {t('Start over')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
