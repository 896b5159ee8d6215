/** Shows what a code names, with what can be done with it. */
import { Box, Skeleton, Stack } from '@mantine/core';
import { Suspense, useState } from 'react';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { useMay } from '@/app/session';
import { ActionBar } from '@/shared/ActionButtons';
import { actionsFor } from '@/shared/actions';
import { useResource } from '@/shared/resource';
import type { Row } from '@/api/client';
import { EntryList, Heading, useEntries, useStationScans } from './entries';
import { closeStation, openStation, type Station } from './station';

function Actions({ model, row }: { model: string; row: Row }) {
  const resource = useResource(model);
  const may = useMay();
  return <ActionBar actions={actionsFor(resource, 'row', [row], may)} rows={[row]} />;
}

export function Look({ station }: { station: Station }) {
  const { t } = useTranslation();
  const entries = useEntries();
  const [rows, setRows] = useState<Record<string, Row>>({});
  const root = useStationScans(station, (scan) => {
    if (scan.command) return closeStation();
    if (scan.isSupplier) return openStation({ ...station, mode: 'receive', first: scan });
    if (scan.error) return entries.refuse(scan, t(scan.error));
    void entries.add(scan, async (row) => {
      if (row) setRows((rows) => ({ ...rows, [`${scan.model}/${scan.pk}`]: row }));
      const kind = kindOf(scan.model);
      return { text: row && kind?.subtitle ? kind.subtitle(row) : '' };
    });
  });
  return (
    <Stack gap="sm" ref={root}>
      <Heading>{t('Scan anything')}</Heading>
      <EntryList
        entries={entries}
        empty={t('Scanners work on every page, too: a code opens what it names, or fills the field that takes it.')}
        actions={(entry) => {
          const row = rows[`${entry.scan.model}/${entry.scan.pk}`];
          const isNewest = entries.list[0] === entry;
          if (!row || !isNewest || !kindOf(entry.scan.model)?.load) return null;
          return (
            <Box mt={6}>
              {/* by itself, so that the next scan is taken while it is loaded */}
              <Suspense fallback={<Skeleton height={30} />}>
                <Actions model={entry.scan.model ?? ''} row={row} />
              </Suspense>
            </Box>
          );
        }}
      />
    </Stack>
  );
}
