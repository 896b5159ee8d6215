/** Scanning as a page of its own, for a tablet that does nothing else. */
import { Anchor, Group, Paper, Stack, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from '@/app/i18n';
import type { Station } from './station';
import { StationBody } from './StationDialog';

export default function ScanPage() {
  const { t } = useTranslation();
  const [station, setStation] = useState<Station>({ mode: 'move' });
  return (
    <Stack gap="sm" maw={720} w="100%">
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('Scan')}
        </Title>
        <Anchor component={Link} to={'/labels' as never} search={{ model: 'command' } as never} size="sm">
          {t('Print command barcodes')}
        </Anchor>
      </Group>
      <Paper withBorder p="md">
        <StationBody station={station} onChange={setStation} />
      </Paper>
    </Stack>
  );
}
