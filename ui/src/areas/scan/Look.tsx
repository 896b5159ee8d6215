/** Shows what a code names, with what can be done with it. */
import { Box, Skeleton, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Suspense, useState } from 'react';
import { useTranslation } from '@/app/i18n';
import { kind, kindOf, resourceOf } from '@/app/registry';
import { useMay } from '@/app/session';
import { ActionBar } from '@/shared/ActionButtons';
import { actionsFor, openCreate } from '@/shared/actions';
import type { Action } from '@/shared/description';
import { useResource } from '@/shared/resource';
import type { Row } from '@/api/client';
import { EntryList, Heading, useEntries, useStationScans } from './entries';
import { closeStation, openStation, type Station } from './station';

function Actions({ model, row }: { model: string; row: Row }) {
  const resource = useResource(model);
  const may = useMay();
  const addsStock: Action = {
    name: 'add-stock',
    label: 'Add stock of this part',
    icon: IconPlus,
    role: 'stock',
    needs: 'add',
    on: ['row'],
    isMain: true,
    run: async ([part], context) => openCreate(await resourceOf(kind('stockitem')), { ...context, go: async () => {} }, { part: part?.pk }, true),
  };
  const isNew = model === 'part' && may('stock', 'add') && !row.virtual;
  // a label is what one often wants of what is in the hand
  const others = actionsFor(resource, 'row', [row], may).map((action) => (action.prints?.printing === 'label' ? { ...action, isMain: true } : action));
  return <ActionBar actions={[...(isNew ? [addsStock] : []), ...others]} rows={[row]} most={4} />;
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
      return { text: (row && kindOf(scan.model)?.subtitle?.(row)) ?? '' };
    });
  });
  return (
    <Stack gap="sm" ref={root}>
      <Heading>{t('Scan a barcode')}</Heading>
      <EntryList
        entries={entries}
        empty={t('Scanners also work on every other page: a code opens its record or fills the matching field.')}
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
